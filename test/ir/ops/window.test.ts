import fc from "fast-check";
import { expect, test } from "vitest";
import { reversedWindows, windowCount, withCount, type WindowAxis } from "../../../ir/ops/index.ts";
import { dims } from "../../../ir/types/index.ts";
import { counting, elements, evaluate, f64, i32, vector } from "./evaluate.ts";

const unit = (n: number) => Array.from({ length: n }, () => 1), none = (n: number) => Array.from({ length: n }, () => 0);
const conv = (n: number) => ({ stride: unit(n), low: none(n), high: none(n), lhsDilation: unit(n), rhsDilation: unit(n) });
const windows = (...window: number[]) => ({
  window, stride: unit(window.length), low: none(window.length), high: none(window.length), baseDilation: unit(window.length), windowDilation: unit(window.length),
});
const axis: WindowAxis = { size: 5, window: 3, stride: 1, low: 0, high: 0, baseDilation: 1, windowDilation: 1 };

test("how many windows there are", () => {
  expect(windowCount(axis)).toBe(3);
  expect(windowCount({ ...axis, stride: 2, low: 1, high: 1 })).toBe(3);
  expect(windowCount({ ...axis, windowDilation: 2 })).toBe(1);
  expect(windowCount({ ...axis, windowDilation: 3 })).toBe(0);
  expect(windowCount({ ...axis, baseDilation: 3 })).toBe(11);
  expect(windowCount({ ...axis, low: -1, high: -1 })).toBe(1);
  expect(windowCount({ ...axis, size: 0, low: 4 })).toBe(2);
  expect(windowCount({ ...axis, size: "T", low: 1, high: 1 })).toBe("T");
  expect(windowCount({ ...axis, size: "2*T", window: 2, stride: 2 })).toBe("T");
  expect(windowCount({ ...axis, size: "T", stride: 2, low: 1, high: 1 })).toBe("((T-1)//(2))+1");
});

test("the windows that lead back are as many as there are elements, and lead back again", () => {
  const whole = (min: number, max: number) => fc.integer({ min, max });
  fc.assert(fc.property(fc.record({
    size: fc.oneof<fc.Arbitrary<number | string>[]>(whole(1, 9), fc.constantFrom("T", "2*T+1")), window: whole(1, 4), stride: whole(1, 3), low: whole(-1, 3), high: whole(0, 3), baseDilation: whole(1, 3), windowDilation: whole(1, 2),
  }), (a) => {
    const count = windowCount(a);
    if (typeof count === "number" && count < 1) return;
    const back = reversedWindows(a);
    expect(windowCount(back)).toBe(dims.dim(a.size));
    expect(reversedWindows(back)).toEqual({ ...withCount(a, count), size: dims.dim(a.size) });
  }));
});

test("conv correlates, group by group, with padding, gaps and cropping", () => {
  expect(elements("conv", [f64([1, 1, 1, 4], 1, 2, 3, 4), f64([1, 1, 1, 2], 1, 10)], conv(1))).toEqual([21, 32, 43]);
  expect(elements("conv", [f64([1, 1, 1, 3], 1, 2, 3), f64([1, 1, 1, 2], 1, 10)], { ...conv(1), low: [1], high: [2] })).toEqual([10, 21, 32, 3, 0]);
  expect(elements("conv", [f64([1, 1, 1, 4], 1, 2, 3, 4), f64([1, 1, 1, 2], 1, 10)], { ...conv(1), low: [-1], high: [-1] })).toEqual([32]);
  expect(elements("conv", [f64([1, 1, 1, 5], 1, 2, 3, 4, 5), f64([1, 1, 1, 2], 1, 10)], { ...conv(1), stride: [2], rhsDilation: [2] })).toEqual([31, 53]);
  expect(elements("conv", [f64([1, 1, 1, 2], 1, 2), f64([1, 1, 1, 3], 1, 10, 100)], { ...conv(1), lhsDilation: [2], low: [2], high: [2] })).toEqual([100, 10, 201, 20, 2]);
  // two groups of one channel, two batches, two outputs
  const [y] = evaluate("conv", [counting(2, 2, 1, 2), f64([2, 2, 1, 1], 1, 10, 100, 1000)], conv(1));
  expect([y.shape, [...y.data]]).toEqual([[2, 2, 2, 2], [0, 1, 0, 10, 2, 3, 20, 30, 400, 500, 4000, 5000, 600, 700, 6000, 7000]]);
  // channels are summed; no spatial axis is a product of matrices
  expect(elements("conv", [f64([1, 1, 2], 3, 4), f64([1, 1, 2], 5, 6)], conv(0))).toEqual([39]);
  expect(elements("conv", [i32([1, 1, 1], 65537), i32([1, 1, 1], 65537)], conv(0))).toEqual([131073]); // wraps
});

test("conv of operands that do not fit", () => {
  const of = (a: number[], b: number[], attrs = conv(1)) => () => evaluate("conv", [counting(...a), counting(...b)], attrs);
  expect(of([1, 1, 2, 3], [1, 1, 3, 1])).toThrow(/conv of f64\[1,1,2,3\] with f64\[1,1,3,1\]: 2 channels against 3/);
  expect(of([2, 1, 2, 3], [1, 1, 2, 1])).toThrow(/2 groups against 1/);
  expect(of([1, 1, 1, 3], [1, 1, 1, 1, 1])).toThrow(/the operands are \[G, B, C, …S\] and \[G, O, C, …K\]/);
  expect(of([1, 1, 1, 3], [1, 1, 1, 1], { ...conv(1), stride: [0] })).toThrow(/stride 0 along window axis 0/);
  expect(() => evaluate("conv", [counting(1, 1, 1, 1), i32([1, 1, 1, 1], 1)], conv(1))).toThrow(/the dtypes must be equal numbers/);
});

test("windows fold what lies in them: padding is the identity", () => {
  const x = counting(2, 4);
  expect(elements("reduceWindow", [x], { reducer: "sum", ...windows(1, 2) })).toEqual([1, 3, 5, 9, 11, 13]);
  expect(elements("reduceWindow", [x], { reducer: "max", ...windows(2, 2), stride: [1, 2] })).toEqual([5, 7]);
  expect(elements("reduceWindow", [x], { reducer: "min", ...windows(1, 3), low: [0, 2], stride: [1, 3] })).toEqual([0, 1, 4, 5]);
  expect(elements("reduceWindow", [f64([2], 3, 4)], { reducer: "sum", ...windows(2), baseDilation: [3], low: [1], high: [1] })).toEqual([3, 3, 0, 4, 4]);
  expect(elements("reduceWindow", [f64([3], 1, NaN, 2)], { reducer: "max", ...windows(2) })).toEqual([NaN, NaN]);
  expect(elements("reduceWindow", [vector("u8", [200, 100])], { reducer: "sum", ...windows(2) })).toEqual([44]);
  expect(() => evaluate("reduceWindow", [x], { reducer: "sum", ...windows(0, 1) })).toThrow(/a window has one element or more/);
});

test("positions are counted in the window, and never in the padding", () => {
  const at = (data: number[], reducer: "max" | "min", attrs: ReturnType<typeof windows>) => elements("argReduceWindow", [vector("f64", data)], { reducer, ...attrs });
  expect(at([1, 3, 3, 0], "max", { ...windows(2), stride: [2] })).toEqual([1, 0]);
  expect(at([1, 3, 3, 0], "min", { ...windows(3), low: [1] })).toEqual([1, 0, 2]);
  expect(at([-Infinity, -Infinity], "max", { ...windows(3), low: [2] })).toEqual([2, 1]);
  expect(at([1, NaN, NaN, 5], "max", windows(3))).toEqual([1, 0]);
  expect(elements("argReduceWindow", [counting(3, 3)], { reducer: "max", ...windows(2, 2) })).toEqual([3, 3, 3, 3]);
});

test("unpooling gives each window's update to the element at its position", () => {
  expect(elements("unpool", [f64([2], 10, 20), i32([2], 1, 0)], { shape: [4], ...windows(2), stride: [2] })).toEqual([0, 10, 20, 0]);
  expect(elements("unpool", [f64([3], 1, 10, 100), i32([3], 1, 0, 0)], { shape: [4], ...windows(2) })).toEqual([0, 11, 100, 0]);
  expect(() => evaluate("unpool", [f64([2], 1, 2), i32([2], 0, 0)], { shape: [4], ...windows(2) })).toThrow(/unpool of f64\[2\] to f64\[4\], which has \[3\] windows/);
});
