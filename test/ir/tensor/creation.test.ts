import { expect, test } from "vitest";
import { arange, eye, full, linspace, logspace, ones, scalar, tensor, trilIndices, triuIndices, zeros, type Dim } from "chainrule";
import { mistake } from "../mistake.ts";
import { evaluate, input, valueOf } from "./graph.ts";

test("constants, and what dtype data have", () => {
  expect([tensor([1, 2]), tensor([1.5]), tensor([true]), tensor([true, 1]), tensor([]), tensor(new Float64Array(2)), tensor(new Uint8Array(2))].map((t) => t.dtype))
    .toEqual(["i32", "f32", "bool", "i32", "f32", "f64", "u8"]);
  expect(tensor([[1, 2, 3], [4, 5, 6]]).shape).toEqual([2, 3]);
  expect(tensor([[], []]).shape).toEqual([2, 0]);
  expect(valueOf(tensor([[1, 2], [3, 4]], "f64"))).toEqual([[1, 2], [3, 4]]);
  expect(valueOf(tensor([0, 2, -1], "bool"))).toEqual([0, 1, 1]);
  expect([full([2], 1), full([2], 0.5), full([2], true), full([2], scalar(1, "float")), full([2], 1, "f64")].map((t) => t.dtype)).toEqual(["i32", "f32", "bool", "f32", "f64"]);
  expect(valueOf(full([2], 2.7, "i32"))).toEqual([2, 2]);
  expect(valueOf(ones([]))).toBe(1);
  expect(zeros(["B", 2], "u8").shape).toEqual(["B", 2]);
  expect(zeros(["B*2"]).shape).toEqual(["2*B"]);
  expect(mistake(() => tensor([[1, 2], [3]]))).toContain("the arrays are ragged");
  expect(mistake(() => tensor([1, [2]]))).toContain("the arrays are ragged");
  expect(mistake(() => zeros([2, -1]))).toContain("zeros: -1 in [2,-1] is not a size");
});

test("tensors like another", () => {
  const x = tensor([[1, 2]], "u8");
  expect([x.zerosLike(), x.onesLike("f64"), x.fullLike(7)].map((t) => [t.dtype, valueOf(t)])).toEqual([["u8", [[0, 0]]], ["f64", [[1, 1]]], ["u8", [[7, 7]]]]);
  expect([x.float(), x.double(), x.int(), x.byte(), x.bool(), x.to(zeros([], "u32")), x.typeAs(zeros([], "f64"))].map((t) => t.dtype)).toEqual(["f32", "f64", "i32", "u8", "bool", "u32", "f64"]);
  expect(x.clone()).toBe(x);
  expect([x.numel(), x.ndim, x.dim(), x.size(), x.size(-1)]).toEqual([2, 2, 2, [1, 2], 2]);
  expect(input("s", ["B", 3]).numel()).toBe("3*B");
});

/** The elements of a sequence whose size is symbolic, for T = `t`. */
const withT = (make: (t: Dim) => ReturnType<typeof arange>, t: number): unknown => [...evaluate({ y: make("T").add(input("x", ["T"]).mul(0)) }, { x: { dtype: "f64", shape: [t], data: new Float64Array(t) } }).y.data];

test("arange counts, in whole numbers and fractions, and over symbols", () => {
  expect(valueOf(arange(4))).toEqual([0, 1, 2, 3]);
  expect(valueOf(arange(2, 7, 2))).toEqual([2, 4, 6]);
  expect(valueOf(arange(1, 0, -0.5))).toEqual([1, 0.5]);
  expect([arange(4), arange(0, 1, 0.5), arange(2, { dtype: "f64" }), arange(0, 2, 1, "u8")].map((t) => t.dtype)).toEqual(["i32", "f32", "f64", "u8"]);
  expect(arange("T").shape).toEqual(["T"]);
  expect(arange("T", "2*T+1", 2).shape).toEqual(["((T+2)//(2))"]);
  expect(withT((t) => arange(t), 3)).toEqual([0, 1, 2]);
  expect(withT((t) => arange(t, `2*${t}`), 3)).toEqual([3, 4, 5]);
  expect(mistake(() => arange(3, 1))).toContain("arange from 3 to 1 by 1 never arrives");
  expect(mistake(() => arange("T", 3))).toContain("the end may lie before the start");
  expect(mistake(() => arange(0, "T", 0.5))).toContain("the step is a whole number");
});

test("linspace has both ends exactly, logspace is its power", () => {
  expect(valueOf(linspace(0, 1, 5, "f64"))).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect((valueOf(linspace(0.1, 0.7, 7, "f64")) as number[]).at(-1)).toBe(0.7);
  expect(valueOf(linspace(3, 5, 1))).toEqual([3]);
  expect(linspace(0, 1, 3).dtype).toBe("f32");
  expect(withT((t) => linspace(1, 2, t, "f64"), 3)).toEqual([1, 1.5, 2]);
  expect(withT((t) => linspace(1, 2, t, "f64"), 1)).toEqual([1]);
  expect(valueOf(logspace(-1, 1, 3, 10, "f64"))).toEqual([0.1, 1, 10]);
  expect(valueOf(logspace(0, 3, 4, 2, "f64"))).toEqual([1, 2, 4, 8]);
});

test("eye and triangles", () => {
  expect(valueOf(eye(2, 3))).toEqual([[1, 0, 0], [0, 1, 0]]);
  expect(eye("N").shape).toEqual(["N", "N"]);
  expect(eye(2, 2, "bool").dtype).toBe("bool");
  expect(valueOf(trilIndices(2, 2))).toEqual([[0, 1, 1], [0, 0, 1]]);
  expect(valueOf(triuIndices(2, 3, 1))).toEqual([[0, 0, 1], [1, 2, 2]]);
});
