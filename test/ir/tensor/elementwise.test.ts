import { expect, test } from "vitest";
import { tensor, where, zeros, type Tensor } from "chainrule";
import { mistake } from "../mistake.ts";
import { flat, gradients, valueOf } from "./graph.ts";

const f64 = (x: readonly number[]) => tensor(x, "f64");

test.each<[string, (x: Tensor) => Tensor, number[]]>([
  ["sign", (x) => x.sign(), [-1, 0, 1, 0, 1]],
  ["frac", (x) => x.frac(), [-0.5, 0, 0.25, NaN, NaN]],
  ["isInf", (x) => x.isInf(), [0, 0, 0, 0, 1]],
  ["isFinite", (x) => x.isFinite(), [1, 1, 1, 0, 0]],
  ["signbit", (x) => x.signbit(), [1, 0, 0, 0, 0]],
  ["nanToNum", (x) => x.nanToNum(7, 8), [-2.5, 0, 1.25, 7, 8]],
  ["clamp", (x) => x.clamp(-1, 1), [-1, 0, 1, NaN, 1]],
  ["clamp above", (x) => x.clamp(null, 1), [-2.5, 0, 1, NaN, 1]],
  ["clampMin", (x) => x.clampMin(0), [0, 0, 1.25, NaN, Infinity]],
  ["fmax", (x) => x.fmax(0.5), [0.5, 0.5, 1.25, 0.5, Infinity]],
  ["fmin", (x) => x.fmin(0.5), [-2.5, 0, 0.5, 0.5, 0.5]],
  ["maximum", (x) => x.maximum(0.5), [0.5, 0.5, 1.25, NaN, Infinity]],
  ["heaviside", (x) => x.heaviside(0.5), [0, 0.5, 1, 0, 1]],
  ["rsub", (x) => x.rsub(1), [3.5, 1, -0.25, NaN, -Infinity]],
  ["rdiv", (x) => x.rdiv(1), [-0.4, Infinity, 0.8, NaN, 0]],
  ["rpow", (x) => x.rpow(2), [2 ** -2.5, 1, 2 ** 1.25, NaN, Infinity]],
  ["round", (x) => x.round({ decimals: 1 }), [-2.5, 0, 1.2, NaN, Infinity]],
  ["logicalNot", (x) => x.logicalNot(), [0, 1, 0, 0, 0]],
  ["logicalAnd", (x) => x.logicalAnd(2.5), [1, 0, 1, 1, 1]],
  ["logicalXor", (x) => x.logicalXor(1), [0, 1, 0, 0, 0]],
])("%s of -2.5, 0, 1.25, NaN and ∞", (_, f, want) => {
  const got = flat(valueOf(f(f64([-2.5, 0, 1.25, NaN, Infinity])))).map((v) => v + 0); // no -0
  expect(got).toEqual(want.map((w): number => (Number.isFinite(w) ? expect.closeTo(w, 12) : w)));
});

test("integers pass through roundings, and turn to f32 where a function needs it", () => {
  const x = tensor([-2, 3], "i32");
  for (const y of [x.floor(), x.ceil(), x.round(), x.trunc()]) expect([y.dtype, valueOf(y)]).toEqual(["i32", [-2, 3]]);
  expect(x.exp().dtype).toBe("f32");
  expect([x.isNan().dtype, valueOf(x.isNan())]).toEqual(["bool", [0, 0]]);
  expect(mistake(() => x.frac())).toContain("frac of i32[2]: it takes a float");
  expect(mistake(() => x.pow(-1))).toContain("integers have no negative powers");
});

test("bits", () => {
  const x = tensor([12, -1], "i32");
  expect(valueOf(x.bitwiseAnd(10))).toEqual([8, 10]);
  expect(valueOf(x.bitwiseOr(3))).toEqual([15, -1]);
  expect(valueOf(x.bitwiseXor(10))).toEqual([6, -11]);
  expect(valueOf(x.bitwiseNot())).toEqual([-13, 0]);
  expect(valueOf(x.bitwiseLeftShift(2))).toEqual([48, -4]);
  expect(valueOf(x.bitwiseRightShift(2))).toEqual([3, -1]);
  expect(valueOf(tensor([true, false]).bitwiseNot())).toEqual([0, 1]);
  expect(mistake(() => zeros([2]).bitwiseAnd(1))).toContain("bitAnd takes an integer dtype or bool, not f32[2]");
});

test("isClose is relative to the second operand, and knows infinities and NaN", () => {
  const x = f64([1, 1, Infinity, Infinity, NaN]), y = f64([1.1, 1.3, Infinity, -Infinity, NaN]);
  expect(valueOf(x.isClose(y, { rtol: 0.1, atol: 0 }))).toEqual([1, 0, 1, 0, 0]);
  expect(valueOf(x.isClose(y, { rtol: 0.1, atol: 0, equalNan: true }))).toEqual([1, 0, 1, 0, 1]);
  expect(valueOf(x.allClose(x))).toEqual(0);
});

test("lerp is exact at both ends, for numbers and tensors", () => {
  const a = f64([1, 0.1]), b = f64([3, 0.3]);
  expect(valueOf(a.lerp(b, 0))).toEqual([1, 0.1]);
  expect(valueOf(a.lerp(b, 1))).toEqual([3, 0.3]);
  expect(valueOf(a.lerp(b, f64([0.25, 1])))).toEqual([1.5, 0.3]);
  expect(valueOf(a.addcmul(b, 2, { value: 0.5 }))).toEqual([4, 0.4]);
  expect(valueOf(a.addcdiv(b, 2))).toEqual([2.5, 0.25]);
});

test("xlogy is 0 where x is, whatever y but NaN", () => {
  expect(valueOf(f64([0, 0, 0, 2]).xlogy(f64([0, Infinity, NaN, 1])))).toEqual([0, 0, NaN, 0]);
  expect(gradients([[0, 0, 2], [0, 3, 3]], (x, y) => x.xlogy(y))).toEqual([[0, Math.log(3), Math.log(3)], [0, 0, 2 / 3]]);
});

test("derivatives: 1 on the bounds of clamp, all to the first of equals in fmax, none through the branch not taken", () => {
  expect(gradients([[-2, -1, 0, 1, 2]], (x) => x.clamp(-1, 1))).toEqual([[0, 1, 1, 1, 0]]);
  expect(gradients([[1, NaN, 2], [1, 3, NaN]], (x, y) => x.fmax(y))).toEqual([[1, 0, 1], [0, 1, 0]]);
  expect(gradients([[1, -1]], (x) => where(x.gt(0), x.square(), NaN))).toEqual([[2, 0]]);
  expect(gradients([[0, 1]], (x) => x.sinc())[0]).toEqual([0, expect.closeTo(-1, 12)]);
  expect(gradients([[0.01, 0.5]], (x) => x.logit(0.05))).toEqual([[0, 4]]);
  expect(gradients([[NaN, Infinity, 1]], (x) => x.nanToNum())).toEqual([[0, 0, 1]]);
});

test("shapes that do not meet are named, with what to do", () => {
  const said = mistake(() => (zeros(["B", 64]) as Tensor).add(zeros([63]) as Tensor));
  expect(said).toContain("add: cannot broadcast [B,64] with [63]: 64 against 63");
  expect(said).toContain("line the axes up with unsqueeze, reshape or transpose");
  expect(said).toMatch(/at .*elementwise\.test\.ts:\d+:\d+$/);
  expect(mistake(() => zeros([3]).where(1, 2))).toContain("where: the condition is f32[3]; it must be bool");
  expect(mistake(() => zeros([3]).clamp())).toContain("give min, max or both");
});

test("ops of a composition belong to the line that called it", () => {
  const y = zeros([3]).gelu().value;
  const lines = new Set<number | undefined>();
  for (let v = y; v.node.op !== "constant"; v = v.node.inputs[0]) lines.add(v.node.at?.line);
  expect(lines.size).toBe(1);
  expect(y.node.at?.file).toContain("elementwise.test.ts");
});

test("a tensor is no JavaScript number, but has a text", () => {
  const x: unknown = zeros(["B", 2]);
  expect(`${x as string}`).toBe("f32[B,2]");
  expect(mistake(() => (x as number) + 1)).toContain("a tensor f32[B,2] is used as a JavaScript value");
  expect(mistake(() => (x as number) > 0)).toContain("to branch, use where or cond");
});
