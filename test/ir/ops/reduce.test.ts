import { expect, test } from "vitest";
import { ndarray } from "../../../ir/interpret/index.ts";
import type { Reducer } from "../../../ir/ops/index.ts";
import type { DType } from "../../../ir/types/index.ts";
import { counting, elements, evaluate, f64, vector } from "./evaluate.ts";

const fold = (reducer: Reducer, dtype: DType, ...x: number[]): number => elements("reduce", [vector(dtype, x)], { reducer, axes: [0] })[0];

test("reduce folds its axes and keeps the others in order", () => {
  expect(elements("reduce", [counting(2, 3)], { reducer: "sum", axes: [0] })).toEqual([3, 5, 7]);
  expect(elements("reduce", [counting(2, 3)], { reducer: "sum", axes: [1] })).toEqual([3, 12]);
  expect(elements("reduce", [counting(2, 3)], { reducer: "max", axes: [0, 1] })).toEqual([5]);
  expect(elements("reduce", [counting(2, 2, 2)], { reducer: "prod", axes: [0, 2] })).toEqual([0, 42 * 6]);
  expect(elements("reduce", [counting(2)], { reducer: "sum", axes: [] })).toEqual([0, 1]);
});

test("folding nothing gives the identity", () => {
  expect([fold("sum", "f64"), fold("prod", "f64"), fold("max", "f64"), fold("min", "f64")]).toEqual([0, 1, -Infinity, Infinity]);
  expect([fold("max", "i32"), fold("min", "i32"), fold("max", "u8"), fold("min", "u32")]).toEqual([-2147483648, 2147483647, 0, 4294967295]);
  expect([fold("any", "bool"), fold("all", "bool")]).toEqual([0, 1]);
});

test("NaN stays, infinities and wrapping are as in the dtype", () => {
  expect([fold("max", "f64", 1, NaN, 2), fold("min", "f64", NaN, 1), fold("max", "f64", 1, 2, NaN)]).toEqual([NaN, NaN, NaN]);
  expect(fold("sum", "f64", Infinity, -Infinity)).toBeNaN();
  expect([fold("sum", "i32", 2147483647, 1), fold("sum", "u8", 200, 100), fold("prod", "i32", 65537, 65537)]).toEqual([-2147483648, 44, 131073]);
  expect([fold("any", "bool", 0, 1), fold("all", "bool", 0, 1), fold("any", "bool", 0, 0)]).toEqual([1, 0, 0]);
});

test("argReduce gives the first of equals, and a NaN wins", () => {
  const arg = (reducer: "max" | "min", ...x: number[]) => elements("argReduce", [vector("f64", x)], { reducer, axis: 0 })[0];
  expect([arg("max", 1, 3, 3), arg("min", 2, 1, 1), arg("max", 1, NaN, 3, NaN), arg("min", NaN, -1), arg("max", -Infinity, -Infinity)]).toEqual([1, 1, 1, 0, 0]);
  expect(elements("argReduce", [f64([2, 3], 5, 1, 2, 0, 1, 7)], { reducer: "max", axis: 1 })).toEqual([0, 2]);
  expect(elements("argReduce", [f64([2, 3], 5, 1, 2, 0, 1, 7)], { reducer: "max", axis: 0 })).toEqual([0, 0, 1]);
  expect(() => evaluate("argReduce", [vector("f64", [])], { reducer: "max", axis: 0 })).toThrow(/empty/);
});

test("any and all fold bool, the others numbers", () => {
  expect(() => fold("any", "f64", 1)).toThrow(/any and all fold bool/);
  expect(() => fold("sum", "bool", 1)).toThrow(/any and all fold bool/);
});

test("dot sums over contracted pairs for every batch index", () => {
  const a = counting(2, 3), b = counting(3, 2);
  expect(elements("dot", [a, b], { batch: [], contract: [[1, 0]] })).toEqual([10, 13, 28, 40]);
  expect(elements("dot", [a, a], { batch: [], contract: [[0, 0], [1, 1]] })).toEqual([55]);
  expect(elements("dot", [f64([2], 1, 2), f64([2], 3, 4)], { batch: [], contract: [] })).toEqual([3, 4, 6, 8]);
  expect(elements("dot", [a, counting(3, 2)], { batch: [[0, 1]], contract: [[1, 0]] })).toEqual([0 * 0 + 1 * 2 + 2 * 4, 3 * 1 + 4 * 3 + 5 * 5]);
  const [batched] = evaluate("dot", [counting(2, 1, 3), counting(2, 3, 2)], { batch: [[0, 0]], contract: [[2, 1]] });
  expect(batched.shape).toEqual([2, 1, 2]);
  expect([...batched.data]).toEqual([10, 13, 3 * 6 + 4 * 8 + 5 * 10, 3 * 7 + 4 * 9 + 5 * 11]);
});

test("dot over nothing is zero, and integers wrap", () => {
  expect(elements("dot", [ndarray("f64", [2, 0], []), ndarray("f64", [0, 1], [])], { batch: [], contract: [[1, 0]] })).toEqual([0, 0]);
  expect(elements("dot", [vector("i32", [65537, 1]), vector("i32", [65537, -1])], { batch: [], contract: [[0, 0]] })).toEqual([131072]);
  expect(() => evaluate("dot", [counting(2, 3), counting(2, 3)], { batch: [], contract: [[1, 0]] })).toThrow(/contract axis 1 of the first is 3, axis 0 of the second is 2/);
});
