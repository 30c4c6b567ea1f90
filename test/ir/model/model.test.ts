import { expect, test } from "vitest";
import { bool, defineModel, f32, f64, grad, i32, nn, optim, u8, type Model, type Scope, type Tensor } from "chainrule";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

const inputsOf = (model: Model, fn: string): string[] =>
  model.functions.find((f) => f.name === fn)!.inputs.map((v) => `${v.type.dtype}[${v.type.shape.join(",")}]`);

test("a model has its functions, with inputs, outputs and updates, and its variables", () => {
  const model = defineModel("counter", (m) => {
    const count = m.state("count", [], { dtype: "i32" });
    const w = m.param("w", [2], { init: [1, 2] });
    m.fn("step", { x: f32("B", 2), by: i32() }, ({ x, by }) => ({ outputs: { y: x.mul(w) }, updates: [[count, count.add(by)]] }));
    m.fn("mask", { ok: bool("B"), raw: u8("B"), d: f64(3) }, ({ ok, d }) => ({ ok, d }));
  });
  expect(model.name).toBe("counter");
  expect(model.variables.map(({ name, role, type, init }) => ({ name, role, type, init }))).toEqual([
    { name: "count", role: "state", type: { dtype: "i32", shape: [] }, init: { kind: "constant", value: 0 } },
    { name: "w", role: "parameter", type: { dtype: "f32", shape: [2] }, init: { kind: "data", data: [1, 2] } },
  ]);
  expect(inputsOf(model, "step")).toEqual(["f32[B,2]", "i32[]"]);
  expect(inputsOf(model, "mask")).toEqual(["bool[B]", "u8[B]", "f64[3]"]);

  const s = new Session(model);
  expect(s.numbers("step", { x: [[1, 1], [3, 4]], by: 5 })).toEqual({ y: [1, 2, 3, 8] });
  s.call("step", { x: [[0, 0]], by: 2 });
  expect([...s.variables.count.data]).toEqual([7]);
});

test("updates are computed from the old values, all of them", () => {
  const s = new Session(defineModel("swap", (m) => {
    const a = m.state("a", [], { init: 1 }), b = m.state("b", [], { init: 2 });
    m.fn("swap", {}, () => ({ updates: [[a, b], [b, a]] }));
  }));
  s.call("swap");
  expect([s.variables.a.data[0], s.variables.b.data[0]]).toEqual([2, 1]);
});

test("parts prefix the names of their parameters, nested parts too", () => {
  const block = (width: number) => (scope: Scope) => {
    const fc = scope.use("fc", nn.linear(width, width, { bias: false }));
    const gain = scope.param("gain", [width]);
    return (x: Tensor) => fc(x).mul(gain);
  };
  class Regression {
    readonly w: Tensor<[3]>;
    readonly b: Tensor<[]>;
    constructor(scope: Scope) {
      this.w = scope.param("w", [3]);
      this.b = scope.param("b", []);
    }
    forward(x: Tensor): Tensor { return x.matmul(this.w).add(this.b); }
  }
  const model = defineModel("net", (m) => {
    m.use("encoder", (scope) => [scope.use("a", block(2)), scope.use("b", block(3))]);
    m.use("head", (scope) => new Regression(scope));
    m.use("mlp", nn.sequential(nn.linear(4, 8), nn.relu(), nn.linear(8, 2)));
  });
  expect(model.variables.map((v) => v.name)).toEqual([
    "encoder.a.fc.weight", "encoder.a.gain", "encoder.b.fc.weight", "encoder.b.gain", "head.w", "head.b",
    "mlp.0.weight", "mlp.0.bias", "mlp.2.weight", "mlp.2.bias",
  ]);
});

test("a function can call the body of another", () => {
  const s = new Session(defineModel("net", (m) => {
    const w = m.param("w", [2], { init: [3, 4] });
    const score = m.fn("score", { x: f32("B", 2) }, ({ x }) => ({ y: x.matmul(w) }));
    m.fn("best", { x: f32("B", 2) }, ({ x }) => ({ best: score({ x }).y.amax() }));
  }));
  expect(s.numbers("best", { x: [[1, 0], [0, 1]] })).toEqual({ best: [4] });
});

test("ranges of symbols; derived dimensions", () => {
  const model = defineModel("net", (m) => {
    m.symbol("B", { min: 2, max: 64 });
    m.fn("f", { x: f32("B", 3), y: f32("B*2") }, ({ x, y }) => ({ s: x.sum().add(y.sum()) }));
  });
  expect(model.symbols).toEqual({ B: { min: 2, max: 64 } });
  expect(inputsOf(model, "f")).toEqual(["f32[B,3]", "f32[2*B]"]);
  expect(new Session(model).numbers("f", { x: [[1, 1, 1]], y: [2, 3] })).toEqual({ s: [8] });
});

test("a model in f64", () => {
  const model = defineModel("net", { dtype: "f64" }, (m) => {
    const fc = m.use("fc", nn.linear(2, 1));
    const y = m.fn("f", { x: f64("B", 2) }, ({ x }) => ({ y: fc(x) }));
    m.trainStep("train", { x: f64("B", 2) }, ({ x }) => y({ x }).y.mean(), optim.adam());
  });
  expect(new Set(model.variables.filter((v) => v.name !== "adam.step").map((v) => v.type.dtype))).toEqual(new Set(["f64"]));
  expect(new Session(model).call("f", { x: [[1, 2]] }).y.dtype).toBe("f64");
});

test("two variables of a name: both lines, and what to do", () => {
  const message = mistake(() => defineModel("net", (m) => {
    m.param("w", [2]);
    m.state("w", [3]);
  }));
  expect(message).toMatch(/two variables "w": parameter f32\[2\] at model\.test\.ts:\d+, and state f32\[3\] here/);
  expect(message).toMatch(/at .*model\.test\.ts:\d+:\d+$/);
  expect(mistake(() => defineModel("net", (m) => {
    m.use("fc", nn.linear(2, 2));
    m.use("fc", nn.linear(2, 2));
  }))).toMatch(/"fc" is used twice: model\.test\.ts:\d+, and here/);
});

test("a tensor of one function used in another: both lines", () => {
  const message = mistake(() => defineModel("net", (m) => {
    let leaked: Tensor | undefined;
    m.fn("a", { x: f32("B") }, ({ x }) => { leaked = x.mul(2); return { y: leaked }; });
    m.fn("b", { z: f32("B") }, ({ z }) => ({ y: z.add(leaked!) }));
  }));
  expect(message).toMatch(/b uses the input "x" of another function, declared at model\.test\.ts:\d+/);
  expect(message).toMatch(/at .*model\.test\.ts:\d+:\d+$/);
  const lineOf = (text: string, at: RegExp) => Number(at.exec(text)![1]);
  expect(lineOf(message, /test\.ts:(\d+):\d+$/)).toBe(lineOf(message, /declared at model\.test\.ts:(\d+)/) + 1);

  let foreign: Tensor | undefined;
  defineModel("one", (m) => { foreign = m.param("w", [2]); });
  expect(mistake(() => defineModel("two", (m) => { m.fn("f", {}, () => ({ y: foreign!.mul(2) })); })))
    .toMatch(/f uses the variable "w" of another model, declared at model\.test\.ts:\d+/);
});

test("symbols that no input gives a size to, and shapes that cannot be", () => {
  expect(mistake(() => defineModel("net", (m) => { m.fn("f", { x: f32("2*B") }, ({ x }) => ({ x })); })))
    .toMatch(/f: no input gives a size to "B" \(its inputs are f32\[2\*B\]\)\n {2}declare an input with a dimension that is "B" alone/);
  expect(mistake(() => defineModel("net", (m) => { m.param("w", ["B" as unknown as number, 2]); })))
    .toMatch(/parameter "w" has the symbolic dimension "B"/);
  expect(mistake(() => f32("B*"))).toMatch(/f32\(B\*\): "B\*" is not a dimension/);
  expect(mistake(() => f32(1.5))).toMatch(/1.5 is not a dimension/);
});

test("what a body may return", () => {
  const define = (body: (x: Tensor) => unknown) => mistake(() => defineModel("net", (m) => {
    m.state("s", [2]);
    m.fn("f", { x: f32("B") }, (({ x }: { x: Tensor }) => body(x)) as never);
  }));
  expect(define((x) => x)).toMatch(/f returns a tensor without a name\n {2}return its results by name/);
  expect(define(() => undefined)).toMatch(/f returns undefined/);
  expect(define((x) => ({ y: [x] }))).toMatch(/f: the output "y" is no tensor/);
  expect(define((x) => ({ "a b": x }))).toMatch(/f: "a b" is no name for an output/);
});

test("updates that cannot be", () => {
  const define = (update: (x: Tensor, s: Tensor) => [Tensor, Tensor][]) => mistake(() => defineModel("net", (m) => {
    const s = m.state("s", [2]);
    m.fn("f", { x: f32(3) }, ({ x }) => ({ updates: update(x, s) }));
  }));
  expect(define((x, s) => [[s, x]])).toMatch(/f updates "s", f32\[2\] \(model\.test\.ts:\d+\), with f32\[3\]/);
  expect(define((_, s) => [[s, s.add(1)], [s, s]])).toMatch(/f updates "s" twice/);
  expect(define((x, s) => [[x, s]])).toMatch(/a variable of the model is needed here; this is the result of input, f32\[3\]/);
});

test("names that cannot be", () => {
  expect(mistake(() => defineModel("a b", () => {}))).toMatch(/"a b" is no name for a model/);
  expect(mistake(() => defineModel("m", (m) => { m.param("a..b", []); }))).toMatch(/"a\.\.b" is no name for a variable/);
  expect(mistake(() => defineModel("m", (m) => { m.fn("a-b", {}, () => ({})); }))).toMatch(/"a-b" is no name for a function/);
  expect(mistake(() => defineModel("m", (m) => { m.fn("f", {}, () => ({})); m.fn("f", {}, () => ({})); }))).toMatch(/two functions "f": model\.test\.ts:\d+, and here/);
});

test("an update by hand equals gradient descent", () => {
  const s = new Session(defineModel("net", (m) => {
    const w = m.param("w", [2], { init: [1, -1] });
    const loss = (x: Tensor, y: Tensor) => x.matmul(w).sub(y).square().mean();
    m.fn("byHand", { x: f32("B", 2), y: f32("B") }, ({ x, y }) => {
      const l = loss(x, y), [g] = grad(l, [w]);
      return { outputs: { l }, updates: [[w, w.sub(g.mul(0.1))]] };
    });
    m.trainStep("sgd", { x: f32("B", 2), y: f32("B") }, ({ x, y }) => loss(x, y), optim.sgd({ lr: 0.1 }));
  }));
  const batch = { x: [[1, 2], [3, -1]], y: [1, 0] };
  const byHand = s.numbers("byHand", batch), after = [...s.variables.w.data];
  s.set("w", [1, -1]);
  expect(s.numbers("sgd", batch)).toEqual({ loss: byHand.l });
  expect([...s.variables.w.data]).toEqual(after);
});
