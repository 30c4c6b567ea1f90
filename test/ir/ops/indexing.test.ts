import { expect, test } from "vitest";
import { ndarray } from "../../../ir/interpret/index.ts";
import { counting, elements, evaluate, f64, i32, vector } from "./evaluate.ts";

test("gather: an embedding, torch.gather, and elements by all their axes", () => {
  const x = counting(3, 2);
  const [rows] = evaluate("gather", [x, i32([2, 2], 2, 0, 1, 2)], { axes: [0], batch: [] });
  expect(rows.shape).toEqual([2, 2, 2]);
  expect([...rows.data]).toEqual([4, 5, 0, 1, 2, 3, 4, 5]);
  expect(elements("gather", [x, i32([3, 2], 1, 0, 0, 0, 1, 1)], { axes: [1], batch: [[0, 0]] })).toEqual([1, 0, 2, 2, 5, 5]);
  expect(elements("gather", [x, i32([2], 0, 2), i32([2], 1, 0)], { axes: [0, 1], batch: [] })).toEqual([1, 4]);
  expect(elements("gather", [x, i32([2], 1, 0)], { axes: [1], batch: [] })).toEqual([1, 3, 5, 0, 2, 4]);
  expect(elements("gather", [x, i32([0])], { axes: [0], batch: [] })).toEqual([]);
});

test("an index out of range is an error, negative ones too", () => {
  expect(() => evaluate("gather", [counting(3), i32([1], 3)], { axes: [0], batch: [] })).toThrow(/index 3 is out of range for axis 0 of size 3/);
  expect(() => evaluate("gather", [counting(3), i32([1], -1)], { axes: [0], batch: [] })).toThrow(/index -1 is out of range/);
});

const into = (reducer: "set" | "sum" | "prod" | "max" | "min") =>
  elements("scatter", [f64([3], 10, 20, 30), f64([4], 1, 2, 3, NaN), i32([4], 0, 0, 2, 1)], { reducer, axes: [0], batch: [] });

test("scatter applies its updates in order", () => {
  expect(into("set")).toEqual([2, NaN, 3]);
  expect(into("sum")).toEqual([13, NaN, 33]);
  expect(into("prod")).toEqual([20, NaN, 90]);
  expect(into("max")).toEqual([10, NaN, 30]);
  expect(into("min")).toEqual([1, NaN, 3]);
});

test("scatter of rows, and along with a batch", () => {
  const zeros = ndarray("f64", [3, 2], 0);
  expect(elements("scatter", [zeros, f64([2, 2], 1, 2, 3, 4), i32([2], 2, 2)], { reducer: "sum", axes: [0], batch: [] })).toEqual([0, 0, 0, 0, 4, 6]);
  expect(elements("scatter", [zeros, f64([3], 1, 2, 3), i32([3], 1, 0, 1)], { reducer: "set", axes: [1], batch: [[0, 0]] })).toEqual([0, 1, 2, 0, 0, 3]);
  expect(elements("scatter", [vector("u8", [250]), vector("u8", [10]), i32([1], 0)], { reducer: "sum", axes: [0], batch: [] })).toEqual([4]);
});

test("cumulative folds run either way", () => {
  const x = f64([2, 3], 1, 3, 2, 4, 0, 5);
  expect(elements("cumulative", [x], { reducer: "sum", axis: 1, reverse: false })).toEqual([1, 4, 6, 4, 4, 9]);
  expect(elements("cumulative", [x], { reducer: "sum", axis: 0, reverse: true })).toEqual([5, 3, 7, 4, 0, 5]);
  expect(elements("cumulative", [x], { reducer: "max", axis: 1, reverse: false })).toEqual([1, 3, 3, 4, 4, 5]);
  expect(elements("cumulative", [x], { reducer: "prod", axis: 1, reverse: true })).toEqual([6, 6, 2, 0, 0, 5]);
  expect(elements("cumulative", [f64([3], 1, NaN, 0)], { reducer: "min", axis: 0, reverse: false })).toEqual([1, NaN, NaN]);
  expect(elements("cumulative", [ndarray("f64", [0, 2], [])], { reducer: "sum", axis: 0, reverse: false })).toEqual([]);
});

test("sort is stable and puts NaN above every number", () => {
  const x = f64([6], 2, NaN, 1, Infinity, 2, -Infinity);
  const both = (descending: boolean) => evaluate("sort", [x], { axis: 0, descending }).map((a) => [...a.data]);
  expect(both(false)).toEqual([[-Infinity, 1, 2, 2, Infinity, NaN], [5, 2, 0, 4, 3, 1]]);
  expect(both(true)).toEqual([[NaN, Infinity, 2, 2, 1, -Infinity], [1, 3, 0, 4, 2, 5]]);
  expect(evaluate("sort", [f64([2, 2], 3, 1, 2, 4)], { axis: 0, descending: false }).map((a) => [...a.data])).toEqual([[2, 1, 3, 4], [1, 0, 0, 1]]);
  expect(elements("sort", [vector("bool", [1, 0, 1])], { axis: 0, descending: false })).toEqual([0, 1, 1]);
  expect(elements("sort", [f64([2], -0, 0)], { axis: 0, descending: true })).toEqual([-0, 0]);
});
