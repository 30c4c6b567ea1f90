import { expect, test } from "vitest";
import { tensor, type Tensor } from "chainrule";
import { mistake } from "../mistake.ts";
import { flat, gradients, valueOf } from "./graph.ts";

/** Kinks, and PyTorch's derivatives there. */
test.each<[string, (x: Tensor) => Tensor, number[], number[]]>([
  ["relu", (x) => x.relu(), [-1, 0, 1], [0, 0, 1]],
  ["relu6", (x) => x.relu6(), [0, 3, 6], [0, 1, 0]],
  ["leakyRelu", (x) => x.leakyRelu(0.1), [-1, 0, 1], [0.1, 0.1, 1]],
  ["elu", (x) => x.elu(0.5), [0, 1], [0.5, 1]],
  ["celu", (x) => x.celu(2), [0, 1], [1, 1]],
  ["hardtanh", (x) => x.hardtanh(), [-1, 0, 1], [0, 1, 0]],
  ["hardswish", (x) => x.hardswish(), [-4, -3, 0, 3, 4], [0, -0.5, 0.5, 1.5, 1]],
  ["softshrink", (x) => x.softshrink(), [-0.5, 0, 0.5, 2], [0, 0, 0, 1]],
  ["hardshrink", (x) => x.hardshrink(), [-0.5, 0, 0.5, 2], [0, 0, 0, 1]],
  ["threshold", (x) => x.threshold(1, 5), [0, 1, 2], [0, 0, 1]],
  ["gelu", (x) => x.gelu(), [0], [0.5]],
  ["silu", (x) => x.silu(), [0], [0.5]],
])("the derivative of %s at its kinks", (_, f, at, want) => {
  expect(gradients([at], f)).toEqual([want]);
});

const all: [string, (x: Tensor) => Tensor][] = [
  ["relu", (x) => x.relu()], ["relu6", (x) => x.relu6()], ["leakyRelu", (x) => x.leakyRelu()], ["elu", (x) => x.elu()], ["selu", (x) => x.selu()], ["celu", (x) => x.celu()],
  ["gelu", (x) => x.gelu()], ["gelu tanh", (x) => x.gelu("tanh")], ["silu", (x) => x.silu()], ["mish", (x) => x.mish()], ["hardtanh", (x) => x.hardtanh()],
  ["hardswish", (x) => x.hardswish()], ["hardsigmoid", (x) => x.hardsigmoid()], ["softsign", (x) => x.softsign()], ["tanhshrink", (x) => x.tanhshrink()],
  ["softshrink", (x) => x.softshrink()], ["hardshrink", (x) => x.hardshrink()], ["logSigmoid", (x) => x.logSigmoid()], ["softplus", (x) => x.softplus()], ["softplus 2", (x) => x.softplus(2, 5)],
];
test.each(all)("%s and its derivative stay finite at ±1000", (_, f) => {
  for (const y of [...flat(valueOf(f(tensor([-1000, 1000], "f64")))), ...flat(gradients([[-1000, 1000]], f))]) expect(Number.isFinite(y)).toBe(true);
});

test("softplus is linear above its threshold", () => {
  expect(valueOf(tensor([21, 20], "f64").softplus())).toEqual([21, expect.closeTo(20 + Math.log1p(Math.exp(-20)), 15)]);
  expect(valueOf(tensor([3], "f64").softplus(2, 5))).toEqual([3]);
});

test("hardsigmoid of f64 is exact, with the f32 slope that PyTorch's kernel has", () => {
  expect(valueOf(tensor([1], "f64").hardsigmoid())).toEqual([4 / 6]);
  expect(gradients([[1, -3, 3]], (x) => x.hardsigmoid())).toEqual([[Math.fround(1 / 6), 0, 0]]);
});

test("glu halves an axis, softmin is softmax turned around", () => {
  expect(valueOf(tensor([2, 3, 0, 0], "f64").glu())).toEqual([1, 1.5]);
  expect(mistake(() => tensor([1, 2, 3]).glu())).toContain("axis 0 must have an even size");
  expect(valueOf(tensor([0, 0], "f64").softmin(0))).toEqual([0.5, 0.5]);
});

test("mistakes", () => {
  expect(mistake(() => tensor([1.5]).gelu("erf" as "none"))).toContain('it can be "none" or "tanh"');
  expect(mistake(() => tensor([1, 2], "i32").hardtanh(-0.5, 1))).toContain("hardtanh of i32[2]: -0.5 does not fit in i32");
});
