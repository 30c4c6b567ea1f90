import { expect, test } from "vitest";
import { ndarray } from "../../../ir/interpret/index.ts";
import { counting, elements, evaluate, f64 } from "./evaluate.ts";

test("reshape keeps row-major order", () => {
  expect(evaluate("reshape", [counting(2, 3)], { shape: [3, 2] })[0]).toEqual(counting(3, 2));
  expect(() => evaluate("reshape", [counting(2, 3)], { shape: [4] })).toThrow(/cannot reshape f64\[2,3\] \(6 elements\) to \[4\]/);
});

test("transpose: axis k of the result is axis perm[k] of the operand", () => {
  const [y] = evaluate("transpose", [counting(2, 3, 4)], { perm: [2, 0, 1] });
  expect(y.shape).toEqual([4, 2, 3]);
  expect([...y.data].slice(0, 7)).toEqual([0, 4, 8, 12, 16, 20, 1]);
});

test("broadcast repeats along the axes it does not name", () => {
  expect(elements("broadcast", [f64([2], 1, 2)], { shape: [2, 3], axes: [0] })).toEqual([1, 1, 1, 2, 2, 2]);
  expect(elements("broadcast", [f64([3], 1, 2, 3)], { shape: [2, 3], axes: [1] })).toEqual([1, 2, 3, 1, 2, 3]);
  expect(elements("broadcast", [f64([], 7)], { shape: [0, 3], axes: [] })).toEqual([]);
});

test("slice takes start, start+step, … below limit", () => {
  expect(elements("slice", [counting(10)], { start: [1], limit: [9], step: [3] })).toEqual([1, 4, 7]);
  expect(elements("slice", [counting(3, 4)], { start: [1, 2], limit: [3, 4], step: [1, 1] })).toEqual([6, 7, 10, 11]);
  expect(elements("slice", [counting(4)], { start: [2], limit: [2], step: [1] })).toEqual([]);
  expect(() => evaluate("slice", [counting(4)], { start: [2], limit: [5], step: [1] })).toThrow(/slice 2:5 is outside axis 0/);
});

test("pad puts its value around and between", () => {
  const value = f64([], 9);
  expect(elements("pad", [f64([2], 1, 2), value], { low: [1], high: [2], interior: [2] })).toEqual([9, 1, 9, 9, 2, 9, 9]);
  expect(elements("pad", [counting(2, 2), value], { low: [0, 1], high: [1, 0], interior: [0, 0] })).toEqual([9, 0, 1, 9, 2, 3, 9, 9, 9]);
  expect(elements("pad", [counting(0), value], { low: [1], high: [1], interior: [0] })).toEqual([9, 9]);
});

test("concat runs over its operands, empty ones too", () => {
  const empty = ndarray("f64", [2, 0], []);
  expect(elements("concat", [counting(2, 2), empty, f64([2, 1], 8, 9), empty], { axis: 1 })).toEqual([0, 1, 8, 2, 3, 9]);
  expect(elements("concat", [counting(1, 2), f64([1, 2], 8, 9)], { axis: 0 })).toEqual([0, 1, 8, 9]);
});

test("reverse turns each of its axes around", () => {
  expect(elements("reverse", [counting(2, 3)], { axes: [1] })).toEqual([2, 1, 0, 5, 4, 3]);
  expect(elements("reverse", [counting(2, 3)], { axes: [0, 1] })).toEqual([5, 4, 3, 2, 1, 0]);
});

test("sources: constants round to their dtype, iota counts along its axis", () => {
  expect(elements("constant", [], { dtype: "f32", shape: [2], data: 0.1 })).toEqual([Math.fround(0.1), Math.fround(0.1)]);
  expect(elements("constant", [], { dtype: "u8", shape: [2], data: Uint8Array.of(3, 4) })).toEqual([3, 4]);
  expect(elements("iota", [], { dtype: "i32", shape: [2, 3], axis: 1 })).toEqual([0, 1, 2, 0, 1, 2]);
  expect(elements("iota", [], { dtype: "i32", shape: [2, 3], axis: 0 })).toEqual([0, 0, 0, 1, 1, 1]);
  expect(elements("iota", [], { dtype: "u8", shape: [258], axis: 0 }).slice(255)).toEqual([255, 0, 1]);
});
