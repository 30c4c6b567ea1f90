import { expect, test } from "vitest";
import { tensor, zeros, type Tensor } from "chainrule";
import { mistake } from "../mistake.ts";
import { array, gradients, input, valueOf } from "./graph.ts";

const m = tensor([[1, 5, 3], [4, 2, 6]], "f64");

test("axes from either end, lists of them, and keepdim in both spellings", () => {
  expect(valueOf(m.sum())).toBe(21);
  expect(valueOf(m.sum(0))).toEqual([5, 7, 9]);
  expect(valueOf(m.sum(-1, true))).toEqual([[9], [12]]);
  expect(valueOf(m.sum([0, 1], { keepdim: true }))).toEqual([[21]]);
  expect(m.sum([]).shape).toEqual([2, 3]);
  expect(valueOf(m.mean(1))).toEqual([3, 4]);
  expect(valueOf(m.prod(0))).toEqual([4, 10, 18]);
  expect(valueOf(m.amax(-1))).toEqual([5, 6]);
  expect(valueOf(m.gt(3).any(0))).toEqual([1, 1, 1]);
  expect(valueOf(m.gt(3).all(0))).toEqual([0, 0, 0]);
  expect(valueOf(m.countNonzero())).toBe(6);
  expect(valueOf(tensor(3, "f64").sum(0))).toBe(3);
});

test("dtypes: integers and bool sum to i32, extremes keep theirs", () => {
  expect(tensor([1, 2], "u8").sum().dtype).toBe("i32");
  expect(tensor([1, 2], "u32").sum().dtype).toBe("u32");
  expect(valueOf(tensor([true, true]).sum())).toBe(2);
  expect(tensor([1, 2], "u8").amax().dtype).toBe("u8");
  expect(valueOf(tensor([true, false]).amax())).toBe(1);
});

test("of nothing", () => {
  const none = zeros([0, 3], "f64");
  expect(valueOf(none.sum(0))).toEqual([0, 0, 0]);
  expect(valueOf(none.prod(0))).toEqual([1, 1, 1]);
  expect(valueOf(none.mean(0))).toEqual([NaN, NaN, NaN]);
  expect(valueOf(none.logsumexp(0))).toEqual([-Infinity, -Infinity, -Infinity]);
  expect(mistake(() => none.amax(0))).toContain("amax of f64[0,3] over an axis of size 0: there is no element");
  expect(valueOf(none.amax(1))).toEqual([]);
});

test("max of all shares its derivative, max along an axis gives it to the element returned", () => {
  expect(gradients([[3, 1, 3]], (x) => x.max())).toEqual([[0.5, 0, 0.5]]);
  expect(gradients([[3, 1, 3]], (x) => x.max(0).values)).toEqual([[1, 0, 0]]);
  expect(valueOf(m.max(1).indices)).toEqual([1, 2]);
  expect(valueOf(m.min(0, true).values)).toEqual([[1, 2, 3]]);
  expect(valueOf(m.argmax())).toBe(5);
  expect(valueOf(m.argmax(undefined, true))).toEqual([[5]]);
  expect(valueOf(tensor([1, NaN, 3]).max(0).values)).toBe(NaN);
  expect(valueOf(tensor(4).max(0).indices)).toBe(0);
});

test("variance: corrections, symbolic counts, and the derivative of std at 0", () => {
  expect(valueOf(m.var(1))).toEqual([4, 4]);
  expect(valueOf(m.var(1, { unbiased: false }))).toEqual([8 / 3, 8 / 3]);
  expect(valueOf(m.var(1, { correction: 0, keepdim: true }))).toEqual([[8 / 3], [8 / 3]]);
  expect(valueOf(m.std(1))).toEqual([2, 2]);
  expect(m.varMean(0).map((t) => valueOf(t))).toEqual([[4.5, 4.5, 4.5], [2.5, 3.5, 4.5]]);
  expect(valueOf(tensor([5], "f64").var())).toBe(NaN);
  expect(gradients([[2, 2]], (x) => x.std())).toEqual([[0, 0]]);
  const x = input("x", ["B", 3]);
  expect(valueOf(x.var(0), { x: array([[1, 5, 3], [4, 2, 6]]) })).toEqual([4.5, 4.5, 4.5]);
  expect(valueOf(x.mean(), { x: array([[1, 5, 3], [4, 2, 6]]) })).toBe(3.5);
  expect(mistake(() => tensor([1, 2]).mean())).toContain("mean of i32[2]: it takes a float");
});

test("exponentials are shifted: nothing overflows, and all -∞ is -∞ with derivative 0", () => {
  const big = tensor([1000, 1000], "f64");
  expect(valueOf(big.logsumexp(0))).toBe(1000 + Math.LN2);
  expect(valueOf(big.softmax(0))).toEqual([0.5, 0.5]);
  expect(valueOf(big.logSoftmax(0))).toEqual([-Math.LN2, -Math.LN2]);
  const none = [-Infinity, -Infinity];
  expect(valueOf(tensor(none, "f64").logsumexp(0))).toBe(-Infinity);
  expect(gradients([none], (x) => x.logsumexp(0))).toEqual([[0, 0]]);
  expect(valueOf(tensor([0, Infinity], "f64").logsumexp(0))).toBe(Infinity);
  expect(valueOf(tensor([0, -Infinity], "f64").softmax(0))).toEqual([1, 0]);
  expect(valueOf(tensor(2, "f64").softmax(0))).toBe(1);
});

test("norms, and their derivative 0 at the origin", () => {
  const v = tensor([3, -4, 0], "f64");
  expect([1, 2, Infinity, -Infinity, 0].map((p) => valueOf(v.norm(p)))).toEqual([7, 5, 4, 0, 2]);
  expect(valueOf(v.norm("fro"))).toBe(5);
  expect(valueOf(tensor([3, 4], "f64").norm(3))).toBeCloseTo(91 ** (1 / 3), 12);
  expect(valueOf(tensor([4, 0, 9], "f64").norm(0.5))).toBeCloseTo(25, 12);
  for (const p of [0, 0.5, 1, 2, 3, Infinity]) expect(gradients([[0, 0]], (x) => x.norm(p))).toEqual([[0, 0]]);
  expect(gradients([[4, 0]], (x) => x.norm(0.5))).toEqual([[1, 0]]);
  expect(valueOf(tensor([[1, -2], [3, 4]], "f64").matrixNorm(1))).toBe(6);
  expect(valueOf(tensor([[1, -2], [3, 4]], "f64").matrixNorm(-Infinity, [0, 1], true))).toEqual([[3]]);
  expect(valueOf(tensor([[3, 4], [0, 0]], "f64").normalize())).toEqual([[0.6, 0.8], [0, 0]]);
  expect(mistake(() => v.norm("nuc" as "fro"))).toContain('use a number, Infinity, -Infinity or "fro"');
});

test("nansum skips NaN, in the derivative too", () => {
  expect(valueOf(tensor([1, NaN, 2], "f64").nansum())).toBe(3);
  expect(gradients([[1, NaN, 2]], (x) => x.nansum())).toEqual([[1, 0, 1]]);
});

test("running folds: the last of equals, and NaN stays", () => {
  expect(valueOf(m.cumsum(1))).toEqual([[1, 6, 9], [4, 6, 12]]);
  expect(valueOf(m.cumprod(0))).toEqual([[1, 5, 3], [4, 10, 18]]);
  const x = tensor([1, 3, 3, 2, NaN, 5], "f64");
  expect(valueOf(x.cummax(0).values)).toEqual([1, 3, 3, 3, NaN, NaN]);
  expect(valueOf(x.cummax(0).indices)).toEqual([0, 1, 2, 2, 4, 4]);
  expect(valueOf(x.cummin(0).indices)).toEqual([0, 0, 0, 0, 4, 4]);
  expect(gradients([[1, 3, 3, 2]], (x) => x.cummax(0).values)).toEqual([[1, 1, 2, 0]]);
  expect(tensor([true, true]).cumsum(0).dtype).toBe("i32");
});

test("logcumsumexp keeps small terms before a large one, and symbolic sizes", () => {
  const x = tensor([[-1000, 0], [-Infinity, 2]], "f64");
  expect(valueOf(x.logcumsumexp(1))).toEqual([[-1000, 0], [-Infinity, 2]]);
  const s = input("s", ["B", 2]);
  const [[a, b], [c, d]] = valueOf(s.logcumsumexp(0), { s: array([[0, 1], [0, 1]]) }) as number[][];
  expect([a, b]).toEqual([0, 1]);
  expect([c, d]).toEqual([expect.closeTo(Math.LN2, 12), expect.closeTo(1 + Math.LN2, 12)]);
  expect(gradients([[0, 0]], (t) => t.logcumsumexp(0).sum())).toEqual([[1.5, 0.5]]);
});

test("mistakes name the axis and the shape", () => {
  const x: Tensor = zeros(["B", 64]);
  expect(mistake(() => x.sum(2))).toContain("axis 2 is outside f32[B,64]\n  use an axis from -2 to 1");
  expect(mistake(() => x.sum([0, -2]))).toContain("axes [0,-2] of f32[B,64] name an axis twice");
  expect(mistake(() => tensor([1, 2]).softmax(0))).toContain("softmax of i32[2]");
});
