import { describe, expect, test } from "vitest";
import { compileFunction } from "../../../compiler/pipeline.ts";
import type { Step } from "../../../compiler/plan/program.ts";
import { defineModel, f32, f64, nn, type Tensor } from "chainrule";
import { checkLayer, parametersOf } from "../layers.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

describe("derivatives by finite differences", () => {
  test("rnn: tanh, both directions, two layers", () => checkLayer(nn.rnn(2, 2, { numLayers: 2, bidirectional: true }), [[3, 1, 2], [4, 1, 2]], (f, x, h) => f(x, h)));
  test("rnn: relu", () => checkLayer(nn.rnn(2, 3, { nonlinearity: "relu" }), [[2, 2, 2]], (f, x) => f(x)));
  test("gru", () => checkLayer(nn.gru(2, 2), [[3, 2, 2], [1, 2, 2]], (f, x, h) => f(x, h)));
  test("lstm", () => checkLayer(nn.lstm(2, 2, { batchFirst: true }), [[1, 3, 2], [1, 1, 2], [1, 1, 2]], (f, x, h, c) => { const [y, [a, b]] = f(x, [h, c]); return [y, a, b]; }));
  test("lstm with a projection", () => checkLayer(nn.lstm(2, 3, { projSize: 2 }), [[2, 1, 2]], (f, x) => { const [y, [a, b]] = f(x); return [y, a, b]; }));
  test("cells", () => {
    checkLayer(nn.rnnCell(2, 3), [[2, 2], [2, 3]], (f, x, h) => f(x, h));
    checkLayer(nn.gruCell(2, 3), [[2, 2], [2, 3]], (f, x, h) => f(x, h));
    checkLayer(nn.lstmCell(2, 3), [[2, 2], [2, 3], [2, 3]], (f, x, h, c) => f(x, [h, c]));
  });
});

test("parameters have PyTorch's names, shapes and order", () => {
  expect([...parametersOf(nn.lstm(3, 4, { numLayers: 2, bidirectional: true, projSize: 2 }))].filter(([name]) => !name.includes("bias"))).toEqual([
    ["weight_ih_l0", [16, 3]], ["weight_hh_l0", [16, 2]], ["weight_hr_l0", [2, 4]],
    ["weight_ih_l0_reverse", [16, 3]], ["weight_hh_l0_reverse", [16, 2]], ["weight_hr_l0_reverse", [2, 4]],
    ["weight_ih_l1", [16, 4]], ["weight_hh_l1", [16, 2]], ["weight_hr_l1", [2, 4]],
    ["weight_ih_l1_reverse", [16, 4]], ["weight_hh_l1_reverse", [16, 2]], ["weight_hr_l1_reverse", [2, 4]],
  ]);
  expect([...parametersOf(nn.gru(3, 4)).keys()]).toEqual(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]);
  expect([...parametersOf(nn.rnn(3, 4, { bias: false })).keys()]).toEqual(["weight_ih_l0", "weight_hh_l0"]);
});

test("one artifact for every length: a layer over T steps is its cell, T times", () => {
  const weights = { weight_ih: [[0.5, -1], [1, 0.25], [0.3, 0.2]], weight_hh: [[0.1], [0.7], [-0.4]], bias_ih: [0.1, 0.2, 0.3], bias_hh: [-0.3, 0.2, 0.1] };
  const s = new Session(defineModel("net", { dtype: "f64" }, (m) => {
    const layer = m.use("layer", nn.gru(2, 1)), cell = m.use("cell", nn.gruCell(2, 1));
    m.fn("all", { x: f64("T", "B", 2) }, ({ x }) => { const [y, h] = layer(x); return { y, h }; });
    m.fn("step", { x: f64("B", 2), h: f64("B", 1) }, ({ x, h }) => ({ h: cell(x, h) }));
  }));
  for (const [name, value] of Object.entries(weights)) for (const at of ["layer", "cell"]) s.set(`${at}.${name}${at === "layer" ? "_l0" : ""}`, value);
  for (const length of [1, 2, 5]) {
    const x = Array.from({ length }, (_, t) => [[t / 3, 1 - t], [0.5, t % 2]]);
    const steps: number[] = [];
    let h = [[0], [0]];
    for (const row of x) {
      h = s.numbers("step", { x: row, h }).h.map((v) => [v]);
      steps.push(...h.flat());
    }
    const all = s.numbers("all", { x });
    expect(all.y).toEqual(steps);
    expect(all.h).toEqual(h.flat());
  }
});

test("the other direction reads the steps from the end, and its last state is that of the first step", () => {
  const s = new Session(defineModel("net", (m) => {
    const both = m.use("both", nn.rnn(1, 1, { bidirectional: true, bias: false, nonlinearity: "relu" }));
    m.fn("f", { x: f32("T", 1) }, ({ x }) => { const [y, h] = both(x); return { y, h }; });
  }));
  for (const name of ["weight_ih_l0", "weight_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse"]) s.set(`both.${name}`, [[1]]);
  expect(s.numbers("f", { x: [[1], [2], [4]] })).toEqual({ y: [1, 7, 3, 6, 7, 4], h: [7, 7] });
});

test("dropout between layers in training functions only, and not behind the last", () => {
  const s = new Session(defineModel("net", (m) => {
    const two = m.use("two", nn.rnn(1, 64, { numLayers: 2, dropout: 0.5 })), one = m.use("one", nn.rnn(1, 64, { dropout: 0.5 }));
    const body = ({ x }: { x: Tensor<["T", 1]> }) => ({ two: two(x)[0], one: one(x)[0] });
    m.fn("train", { x: f32("T", 1) }, body, { train: true });
    m.fn("evaluate", { x: f32("T", 1) }, body);
  }));
  const [a, b, c] = [s.numbers("train", { x: [[1]] }), s.numbers("train", { x: [[1]] }), s.numbers("evaluate", { x: [[1]] })];
  expect(a.two).not.toEqual(b.two);
  expect(a.one).toEqual(b.one);
  expect(c).toEqual(s.numbers("evaluate", { x: [[1]] }));
});

test("the products with the inputs of all steps are one, outside the loop; a step has one product", () => {
  const model = defineModel("net", (m) => {
    const layer = m.use("layer", nn.lstm(8, 16));
    m.fn("f", { x: f32("T", "B", 8) }, ({ x }) => ({ y: layer(x)[0] }));
  });
  const { kernels, steps } = compileFunction(model.functions[0]).plan;
  const dots = (of: readonly Step[]): number => of.filter((s) => s.kind === "kernel" && kernels[s.kernel].name.includes("dot")).length;
  const loops = steps.filter((s) => s.kind === "for");
  expect([dots(steps), ...loops.map((loop) => dots(loop.body))]).toEqual([1, 1]);
});

test("widths are types: both directions are twice as wide", () => {
  defineModel("net", (m) => {
    const layer = m.use("layer", nn.lstm(8, 16, { bidirectional: true })), projected = m.use("projected", nn.lstm(8, 16, { projSize: 4 })), head = m.use("head", nn.linear(32, 2));
    m.fn("f", { x: f32("T", "B", 8) }, ({ x }) => {
      const y: Tensor<["T", "B", 32]> = layer(x)[0], z: Tensor<["T", "B", 4]> = projected(x)[0];
      // @ts-expect-error 7 is not the width that the layer takes
      const wrong = (): unknown => layer(x.narrow(2, 0, 7));
      expect(wrong).toThrow(/lstm of f32\[T,B,7\]: 7 against 8/);
      return { y: head(y), z };
    });
  });
});

test("mistakes name the shapes", () => {
  const layer = (run: (f: { rnn: nn.RnnMap<5, 4>; lstm: nn.LstmMap<5, 4> }, x: Tensor, h: Tensor) => unknown) => mistake(() => defineModel("net", (m) => {
    const f = { rnn: m.use("rnn", nn.rnn(5, 4)), lstm: m.use("lstm", nn.lstm(5, 4)) };
    m.fn("f", { x: f32("T", "B", 5), h: f32("B", 1, 4) }, ({ x, h }) => { run(f, x as Tensor, h as Tensor); return { x }; });
  }));
  expect(layer((f, x, h) => f.rnn(x, h))).toMatch(/rnn of f32\[T,B,5\]: h0 is f32\[B,1,4\]; it must be f32\[1,B,4\]\n {2}the layout is \[layers and directions, B, width\]/);
  expect(layer((f, x, h) => f.lstm(x, [h.transpose(0, 1), h]))).toMatch(/lstm of f32\[T,B,5\]: c0 is f32\[B,1,4\]/);
  expect(layer((f, x) => f.rnn(x.flatten(0, 2)))).toMatch(/rnn of f32\[5\*B\*T\]\n {2}it takes \[T, B, input\]/);
  expect(mistake(() => nn.lstm(3, 4, { projSize: 4 }))).toMatch(/projSize is 4, the hidden size 4/);
  expect(mistake(() => nn.rnn(3, 4, { nonlinearity: "sigmoid" as "tanh" }))).toMatch(/the nonlinearity is "sigmoid"/);
});
