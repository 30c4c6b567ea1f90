import { expect, test } from "vitest";
import { defineModel, f32, grad, losses, nn, optim, type InputSpecs, type Tensor } from "chainrule";
import { expectClose } from "../../conformance/compare.ts";
import { readTensor, type Json, type OptimizerCase, type ProgramStep } from "../../conformance/format.ts";
import { inputOf } from "../../conformance/inputs.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";
import { torchCases } from "../torch.ts";

type Kwargs = Readonly<Record<string, Json>>;
const camel = (name: string): string => name.replace(/_(.)/g, (_, c: string) => c.toUpperCase());
const camelKeys = (kwargs: Kwargs): Record<string, Json> => Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [camel(k), v]));

const optimizers: Record<string, (options: never) => optim.Optimizer> = {
  SGD: optim.sgd, Adam: optim.adam, AdamW: optim.adamw, RMSprop: optim.rmsprop, Adagrad: optim.adagrad, Adadelta: optim.adadelta,
  Adamax: optim.adamax, NAdam: optim.nadam, RAdam: optim.radam, ASGD: optim.asgd,
};

/** The steps of a case's program, on tensors. */
function loss(program: readonly ProgramStep[], given: Record<string, Tensor>): Tensor {
  const env = { ...given };
  for (const { out, op, args } of program) {
    const [x, y, z] = args.map((a) => env[(a as { ref: string }).ref]);
    switch (op) {
      case "torch.matmul": env[out] = x.matmul(y); break;
      case "torch.add": env[out] = x.add(y); break;
      case "torch.sub": env[out] = x.sub(y); break;
      case "torch.square": env[out] = x.square(); break;
      case "torch.mean": env[out] = x.mean(); break;
      case "torch.tanh": env[out] = x.tanh(); break;
      case "torch.nn.functional.mse_loss": env[out] = losses.mse(x, y); break;
      case "torch.nn.functional.linear": env[out] = nn.functional.linear(x, y, z); break;
      case "torch.nn.functional.cross_entropy": env[out] = losses.crossEntropy(x, y); break;
      default: throw new Error(`the test does not know ${op}`);
    }
  }
  return env.loss;
}

function optimizerOf(c: OptimizerCase): optim.Optimizer {
  const kwargs = camelKeys(c.kwargs);
  if (c.scheduler) {
    expect(c.scheduler.name).toBe("torch.optim.lr_scheduler.StepLR");
    kwargs.lr = optim.stepLR(kwargs.lr as number, camelKeys(c.scheduler.kwargs) as never) as never;
  }
  const groups = c.groups?.map((g) => ({ params: g.params, ...camelKeys(g.kwargs) }));
  return optimizers[c.optimizer.replace("torch.optim.", "")]({ ...kwargs, ...(groups && { groups }) } as never);
}

torchCases<OptimizerCase>("optimizers", (all) => {
  // NAdam and ASGD keep a scalar in f32 beside parameters in f64, and their cases in f64 show its rounding; the
  // interpreter does not round, so the conformance run on a compiled target checks those
  const rounds = (c: OptimizerCase): boolean => /NAdam|ASGD/.test(c.optimizer) && Object.values(c.params)[0].dtype === "float64";
  const cases = all.filter((c) => !rounds(c));
  test.each(cases.map((c) => [c.id, c] as const))("%s follows PyTorch's trajectory", (_, c) => {
    const inputs = Object.fromEntries(Object.entries(c.inputs).map(([name, t]) => [name, readTensor(t)]));
    const specs: InputSpecs = Object.fromEntries(Object.entries(inputs).map(([name, a]) => [name, inputOf(a.dtype, a.shape)]));
    const s = new Session(defineModel("case", (m) => {
      const params = Object.fromEntries(Object.entries(c.params).map(([name, t]) => [name, m.param(name, t.shape, { dtype: readTensor(t).dtype, init: Array.from(readTensor(t).data) })]));
      const clip = c.clip && optim.clipGradNorm(c.clip.kwargs.max_norm as number, { normType: (c.clip.kwargs.norm_type ?? 2) as number });
      m.trainStep("train", specs, (given: Record<string, Tensor>) => loss(c.program, { ...params, ...given }), optimizerOf(c), clip ? { clip } : {});
    }));
    const want = readTensor(c.losses);
    for (let i = 0; i < c.steps; i++) {
      const { loss: got } = s.call("train", inputs);
      expectClose(`loss ${i}`, got, { dtype: want.dtype, shape: [], data: want.data.slice(i, i + 1) }, c.tol);
      for (const [name, t] of Object.entries(c.trajectory)) {
        const all = readTensor(t), size = all.data.length / c.steps;
        expectClose(`${name} after step ${i}`, s.variables[name], { dtype: all.dtype, shape: all.shape.slice(1), data: all.data.slice(i * size, (i + 1) * size) }, c.tol);
      }
    }
  });
});

/** One parameter descending on a linear loss with slope `g`. */
const train = (optimizer: optim.Optimizer, options = {}) => new Session(defineModel("net", (m) => {
  const w = m.param("w", [2], { init: [1, -1] });
  m.trainStep("train", { g: f32(2) }, ({ g }) => g.mul(w).sum(), optimizer, options);
}));
const stateNames = (s: Session): string[] => s.model.variables.filter((v) => v.role === "state").map((v) => v.name);

test("state has PyTorch's names, and is there only where it is needed", () => {
  expect(stateNames(train(optim.sgd()))).toEqual([]);
  expect(stateNames(train(optim.sgd({ momentum: 0.9 })))).toEqual(["sgd.w.momentum_buffer"]);
  expect(stateNames(train(optim.sgd({ momentum: 0.9, dampening: 0.5 })))).toEqual(["sgd.w.momentum_buffer", "sgd.step"]);
  expect(stateNames(train(optim.adam({ amsgrad: true, name: "a" })))).toEqual(["a.w.exp_avg", "a.w.exp_avg_sq", "a.w.max_exp_avg_sq", "a.step"]);
  expect(stateNames(train(optim.rmsprop({ centered: true, momentum: 0.5 })))).toEqual(["rmsprop.w.square_avg", "rmsprop.w.grad_avg", "rmsprop.w.momentum_buffer"]);
});

test("lion steps by the sign of its momentum", () => {
  const s = train(optim.lion({ lr: 0.1, weightDecay: 0.5 }));
  s.call("train", { g: [3, -0.001] });
  expect([...s.variables.w.data].map((v) => Number(v.toFixed(6)))).toEqual([1 - 0.1 * (1 + 0.5), -1 - 0.1 * (-1 - 0.5)]);
  expect(s.variables["lion.w.exp_avg"].data[0]).toBeCloseTo(0.03);
});

test("clipping by value and by norm", () => {
  const after = (clip: unknown, g: number[]) => {
    const s = train(optim.sgd({ lr: 1 }), { clip });
    s.call("train", { g });
    return [...s.variables.w.data].map((v, i) => Number(([1, -1][i] - v).toFixed(5)));
  };
  expect(after(optim.clipGradValue(2), [3, -0.5])).toEqual([2, -0.5]);
  expect(after(optim.clipGradNorm(1), [3, 4])).toEqual([0.6, 0.8]);
  expect(after(optim.clipGradNorm(10), [3, 4])).toEqual([3, 4]);
  expect(after(optim.clipGradNorm(1, { normType: Infinity }), [3, 4])).toEqual([0.75, 1]);
  expect(after(optim.clipGradNorm(1, { normType: 3 }), [3, 4]).reduce((s, v) => s + v ** 3, 0)).toBeCloseTo(1, 3);
});

test("groups select by tensor, name and expression", () => {
  const s = new Session(defineModel("net", (m) => {
    const fc = m.use("fc", nn.linear(1, 1, { weightInit: 0, biasInit: 0 })), w = m.param("w", [], { init: 0 }), v = m.param("v", [], { init: 0 });
    m.trainStep("train", { x: f32(1) }, ({ x }) => fc(x).sum().add(w).add(v), optim.sgd({ lr: 1, groups: [{ params: [/bias$/, w], lr: 10 }, { params: ["v"], lr: 100 }] }));
  }));
  s.call("train", { x: [1] });
  expect(Object.fromEntries(Object.entries(s.variables).map(([k, a]) => [k, a.data[0]]))).toEqual({ "fc.weight": -1, "fc.bias": -10, w: -10, v: -100 });
  expect(mistake(() => train(optim.sgd({ groups: [{ params: ["x"] }] })))).toMatch(/sgd: group 0 names "x", which is none of the parameters trained\n {2}they are: w/);
  expect(mistake(() => train(optim.sgd({ groups: [{ params: ["w"] }, { params: [/w/] }] })))).toMatch(/sgd: "w" is in the groups 0 and 1/);
});

test("step by hand; mistakes", () => {
  const optimizer = optim.sgd({ lr: 1 });
  const s = new Session(defineModel("net", (m) => {
    const w = m.param("w", [], { init: 2 });
    m.fn("train", { x: f32() }, ({ x }) => {
      const loss = w.mul(x);
      optimizer.step([w], [grad(loss, w)]);
      return { loss };
    });
  }));
  s.call("train", { x: 3 });
  expect(s.variables.w.data[0]).toBe(-1);
  expect(mistake(() => optimizer.step([], []))).toMatch(/sgd: no function of a model is being traced/);
  expect(mistake(() => train(optim.sgd({ nesterov: true })))).toMatch(/sgd: nesterov needs a momentum, and no dampening/);
  expect(mistake(() => defineModel("m", (m) => {
    const w = m.param("w", [2]);
    m.fn("f", { x: f32(3) }, ({ x }) => { optimizer.step([w], [x]); return { x }; });
  }))).toMatch(/sgd: the gradient of "w", f32\[2\] \(optim\.test\.ts:\d+\), is f32\[3\]/);
});
