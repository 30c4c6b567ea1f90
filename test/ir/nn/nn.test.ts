import { expect, test } from "vitest";
import { defineModel, f32, grad, i32, nn, vjp, type Float, type InputSpecs, type Layer, type Tensor } from "chainrule";
import { expectClose } from "../../conformance/compare.ts";
import { readTensor, type Json, type TensorCase } from "../../conformance/format.ts";
import { inputOf } from "../../conformance/inputs.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";
import { torchCases } from "../torch.ts";

type Kwargs = Readonly<Record<string, unknown>>;
const running = (k: Kwargs, mean: unknown, variance: unknown, training: unknown) => ({
  ...k, runningMean: mean as Tensor | null, runningVar: variance as Tensor | null, training: training as boolean,
}) as Parameters<typeof nn.functional.batchNorm>[1];

/** What each op of PyTorch's is here, and its results. */
const ops: Record<string, (args: unknown[], k: Kwargs) => (Tensor | null)[]> = {
  batch_norm: ([x, mean, variance], { training, ...k }) => {
    const r = nn.functional.batchNorm(x as Tensor, running(k, mean, variance, training));
    return [r.output, r.runningMean, r.runningVar];
  },
  instance_norm: ([x], { running_mean, running_var, use_input_stats, ...k }) => {
    const r = nn.functional.instanceNorm(x as Tensor, running(k, running_mean, running_var, use_input_stats));
    return [r.output, r.runningMean, r.runningVar];
  },
  layer_norm: ([x, shape, weight, bias], k) => [nn.functional.layerNorm(x as Tensor, shape as number[], { ...k, weight: weight as Tensor, bias: bias as Tensor })],
  rms_norm: ([x, shape, weight], k) => [nn.functional.rmsNorm(x as Tensor, shape as number[], { ...k, weight: weight as Tensor })],
  group_norm: ([x, groups, weight, bias], k) => [nn.functional.groupNorm(x as Tensor, groups as number, { ...k, weight: weight as Tensor, bias: bias as Tensor })],
};

torchCases<TensorCase>("norm", (cases) => {
  const known = cases.filter((c) => ops[c.op.replace("torch.nn.functional.", "")]);
  test.each(known.map((c) => [c.id, c] as const))("%s", (_, c) => {
    const arrays = Object.fromEntries(Object.entries(c.inputs).map(([name, t]) => [name, readTensor(t)]));
    const cotangent = readTensor(c.cotangents[0]!);
    const specs: InputSpecs = Object.fromEntries(Object.entries({ ...arrays, cotangent }).map(([name, a]) => [name, inputOf(a.dtype, a.shape)]));
    const wrt = Object.keys(c.grads);
    const s = new Session(defineModel("case", (m) => {
      m.fn("f", specs, (given: Record<string, Tensor>) => {
        const resolve = (a: Json): unknown => (typeof a === "object" && a !== null && "ref" in a ? given[a.ref as string] : a);
        const results = ops[c.op.replace("torch.nn.functional.", "")](c.args.map(resolve), Object.fromEntries(Object.entries(c.kwargs).map(([k, v]) => [k, resolve(v)])));
        return {
          ...Object.fromEntries(results.slice(0, c.outputs.length).map((y, i) => [`y${i}`, y!])),
          ...(wrt.length > 0 && vjp(results[0]!, Object.fromEntries(wrt.map((name) => [`d_${name}`, given[name]])), given.cotangent)),
        };
      });
    }));
    const got = s.call("f", { ...arrays, cotangent });
    for (const [i, want] of c.outputs.entries()) expectClose(`output ${i}`, got[`y${i}`], readTensor(want), c.tol);
    for (const name of wrt) expectClose(`the gradient of ${name}`, got[`d_${name}`], readTensor(c.grads[name]), c.tol);
  });

  test("BatchNorm1d keeps the mean of all batches where the momentum is null", () => {
    const c = cases.find((c) => c.op === "torch.nn.BatchNorm1d")!;
    const xs = c.args.map((a) => readTensor(c.inputs[(a as { ref: string }).ref]));
    const s = new Session(defineModel("net", (m) => {
      const bn = m.use("bn", nn.batchNorm1d(3, { momentum: null }));
      m.fn("train", { x: f32("B", 3) }, ({ x }) => ({ y: bn(x) }), { train: true });
      m.fn("eval", { x: f32("B", 3) }, ({ x }) => ({ y: bn(x) }));
    }));
    for (const x of xs) s.call("train", { x });
    const results = [s.variables["bn.running_mean"], s.variables["bn.running_var"], s.call("eval", { x: xs[0] }).y];
    for (const [i, want] of c.outputs.entries()) expectClose(`result ${i}`, results[i], readTensor(want), c.tol);
    expect(s.variables["bn.num_batches_tracked"].data[0]).toBe(3);
  });
});

test("linear: PyTorch's parameters and initial values", () => {
  const model = defineModel("net", (m) => {
    const fc = m.use("fc", nn.linear(3, 2)), plain = m.use("plain", nn.linear(3, 2, { bias: false }));
    m.fn("f", { x: f32("B", 3) }, ({ x }) => ({ y: fc(x), z: plain(x), row: fc(x.select(0, 0)) }));
  });
  expect(model.variables.map((v) => [v.name, v.type.shape, v.init.kind])).toEqual([["fc.weight", [2, 3], "uniform"], ["fc.bias", [2], "uniform"], ["plain.weight", [2, 3], "uniform"]]);
  for (const v of model.variables) expect((v.init as { high: number }).high).toBeCloseTo(1 / Math.sqrt(3), 12);
  const s = new Session(model);
  s.set("fc.weight", [[1, 2, 3], [4, 5, 6]]);
  s.set("fc.bias", [10, 20]);
  expect(s.numbers("f", { x: [[1, 0, 0], [0, 1, 1]] })).toMatchObject({ y: [11, 24, 15, 31], row: [11, 24] });
});

test("embedding, with a row that is not trained", () => {
  const s = new Session(defineModel("net", (m) => {
    const e = m.use("e", nn.embedding(3, 2, { paddingIdx: -1, init: [[1, 2], [3, 4], [5, 6]] }));
    m.fn("f", { i: i32("B", 2) }, ({ i }) => ({ y: e(i), g: grad(e(i).sum(), e.weight) }));
  }));
  expect(s.numbers("f", { i: [[0, 2], [2, 0]] })).toEqual({ y: [1, 2, 5, 6, 5, 6, 1, 2], g: [2, 2, 0, 0, 0, 0] });
});

test("batch norm: the batch in training, the running statistics otherwise, also when called twice", () => {
  const s = new Session(defineModel("net", (m) => {
    const bn = m.use("bn", nn.batchNorm1d(1, { momentum: 0.5 }));
    m.fn("train", { x: f32("B", 1) }, ({ x }) => ({ y: bn(x) }), { train: true });
    m.fn("twice", { x: f32("B", 1) }, ({ x }) => ({ y: bn(bn(x).mul(0).add(x)) }), { train: true });
    m.fn("eval", { x: f32("B", 1) }, ({ x }) => ({ y: bn(x) }));
  }));
  const { y } = s.numbers("train", { x: [[1], [3]] });
  expect(y[0]).toBeCloseTo(-1, 4);
  const statistics = () => ["running_mean", "running_var", "num_batches_tracked"].map((n) => s.variables[`bn.${n}`].data[0]);
  expect(statistics()).toEqual([1, 0.5 + 0.5 * 2, 1]);
  expect(s.numbers("eval", { x: [[1]] }).y[0]).toBeCloseTo(0, 6);
  s.call("twice", { x: [[1], [3]] });
  expect(statistics()).toEqual([1.75, 1.875, 3]);
  expect(s.model.functions[2].updates).toEqual([]);
});

test("sequential and list", () => {
  const s = new Session(defineModel("net", (m) => {
    const net = m.use("net", nn.sequential(nn.linear(2, 2, { weightInit: [[1, 0], [0, -1]], biasInit: 0 }), nn.relu(), (scope) => {
      const k = scope.param("k", [], { init: 10 });
      return { forward: (x: Tensor) => x.mul(k) };
    }));
    const gains = m.use("gains", nn.list([1, 2].map((init) => (scope) => scope.param("g", [], { init }))));
    m.fn("f", { x: f32("B", 2) }, ({ x }) => ({ y: net(x), z: gains.reduce<Tensor>((y, g) => y.mul(g), x) }));
  }));
  expect(Object.keys(s.variables)).toEqual(["net.0.weight", "net.0.bias", "net.2.k", "gains.0.g", "gains.1.g"]);
  expect(s.numbers("f", { x: [[1, 2], [3, -4]] })).toEqual({ y: [10, 0, 30, 40], z: [2, 4, 6, -8] });
});

test("every activation layer is the method of its name", () => {
  const names = ["relu", "relu6", "leakyRelu", "elu", "selu", "celu", "gelu", "silu", "mish", "tanh", "sigmoid", "logSigmoid", "softplus", "softsign", "hardtanh", "hardsigmoid", "hardswish"] as const;
  const s = new Session(defineModel("net", (m) => {
    const layers = names.map((name) => m.use(name, nn[name]()));
    const rest = [m.use("softmax", nn.softmax()), m.use("logSoftmax", nn.logSoftmax()), m.use("identity", nn.identity()), m.use("flatten", nn.flatten(0))];
    m.fn("f", { x: f32(2, 3) }, ({ x }: { x: Tensor }) => ({
      ...Object.fromEntries(names.flatMap((name, i) => [[`a_${name}`, layers[i](x)], [`b_${name}`, x[name]()]])),
      a_softmax: rest[0](x), b_softmax: x.softmax(1), a_log: rest[1](x), b_log: x.logSoftmax(1), a_same: rest[2](x), b_same: x, a_flat: rest[3](x), b_flat: x.reshape([6]),
    }));
  }));
  const got = s.call("f", { x: [[-2, -0.5, 0], [0.5, 1, 8]] });
  for (const name of Object.keys(got).filter((n) => n.startsWith("a_"))) expect(got[name], name).toEqual(got[name.replace("a_", "b_")]);
});

test("mistakes name the shapes", () => {
  const of = (body: (x: Tensor) => Tensor) => mistake(() => defineModel("net", (m) => { m.fn("f", { x: f32("B", 5) }, ({ x }) => ({ y: body(x as Tensor) })); }));
  const inModel = (layer: Layer<(x: Tensor) => Tensor, Float>) => mistake(() => defineModel("net", (m) => {
    const l = m.use("l", layer);
    m.fn("f", { x: f32("B", 5) }, ({ x }) => ({ y: l(x) }));
  }));
  expect(inModel(nn.linear(4, 2))).toMatch(/linear of f32\[B,5\] with a weight f32\[2,4\]: 5 against 4\n {2}the last dimension of the input is the second of the weight\n {2}at .*nn\.test\.ts/);
  expect(inModel(nn.layerNorm(4))).toMatch(/layerNorm over \[4\] of f32\[B,5\]/);
  expect(inModel(nn.batchNorm1d(4))).toMatch(/a vector over its channels is f32\[4\]\n {2}it must have shape \[5\]/);
  expect(of((x) => nn.functional.groupNorm(x, 2))).toMatch(/groupNorm of f32\[B,5\] in 2 groups/);
  expect(of((x) => nn.functional.dropout(x, { p: 2 }))).toMatch(/dropout: p = 2 is no probability/);
  expect(of((x) => nn.functional.batchNorm(x, {}).output)).toMatch(/batchNorm outside training needs running statistics/);
});
