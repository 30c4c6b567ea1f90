import { expect, test } from "vitest";
import { scalarRecords, type ScalarName } from "../../../ir/ops/index.ts";
import type { DType } from "../../../ir/types/index.ts";
import { elements, vector } from "./evaluate.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** The op on each column of operands. */
const on = (op: ScalarName, dtype: DType, ...operands: number[][]): number[] => elements(op, operands.map((x) => vector(dtype, x)), {});

test.each<[ScalarName, number[][], number[]]>([
  ["add", [[1, inf, -0], [2, -inf, -0]], [3, nan, -0]],
  ["sub", [[1, inf], [2, inf]], [-1, nan]],
  ["mul", [[0, -2, 0], [inf, 3, -1]], [nan, -6, -0]],
  ["div", [[1, 0, -1, 7], [0, 0, 0, 2]], [inf, nan, -inf, 3.5]],
  ["floorDivide", [[7, -7, 7, -7, 1, 0], [2, 2, -2, -2, 0, -3]], [3, -4, -4, 3, inf, 0]],
  ["remainder", [[7, -7, 7, -7, 5.5], [3, 3, -3, -3, 2]], [1, 2, -2, -1, 1.5]],
  ["fmod", [[7, -7, 7, -7, 5.5, 1], [3, 3, -3, -3, 2, 0]], [1, -1, 1, -1, 1.5, nan]],
  ["pow", [[2, 0, 0, 1, -1, -8, nan], [10, 0, -1, nan, inf, 1 / 3, 0]], [1024, 1, inf, 1, 1, nan, 1]],
  ["maximum", [[1, nan, 1, -0], [2, 1, nan, 0]], [2, nan, nan, 0]],
  ["minimum", [[1, nan, 1, 0], [2, 1, nan, -0]], [1, nan, nan, -0]],
  ["atan2", [[0, 0, 1, -1], [1, -1, 0, 0]], [0, Math.PI, Math.PI / 2, -Math.PI / 2]],
  ["hypot", [[3, 1e200, inf], [4, 1e200, nan]], [5, Math.SQRT2 * 1e200, inf]],
  ["copysign", [[1, -1, 2, -2, 3], [-1, 1, -0, 0, nan]], [-1, 1, -2, 2, 3]],
  ["logaddexp", [[-inf, inf, 1000, 0, nan], [-inf, 1, 1000, 0, 1]], [-inf, inf, 1000 + Math.LN2, Math.LN2, nan]],
  ["sign", [[3, -2, 0, -0, nan]], [1, -1, 0, 0, 0]],
  ["round", [[0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, inf, nan]], [0, 2, 2, -0, -2, 0, inf, nan]],
  ["trunc", [[1.7, -1.7, -0.5]], [1, -1, -0]],
  ["floor", [[1.7, -1.2, -0]], [1, -2, -0]],
  ["ceil", [[1.2, -1.7]], [2, -1]],
  ["sigmoid", [[0, 100, -100, 800, -800, nan]], [0.5, 1, Math.exp(-100), 1, 0, nan]],
  ["softplus", [[0, 100, -100, 800, -inf, nan]], [Math.LN2, 100, Math.exp(-100), 800, 0, nan]],
  ["rsqrt", [[4, 0, -1]], [0.5, inf, nan]],
  ["reciprocal", [[4, 0, -0]], [0.25, inf, -inf]],
  ["exp2", [[10, -1, 0.5]], [1024, 0.5, Math.SQRT2]],
  ["isNan", [[nan, inf, 0]], [1, 0, 0]],
  ["isFinite", [[nan, inf, -inf, 0]], [0, 0, 0, 1]],
  ["eq", [[1, nan, 0], [1, nan, -0]], [1, 0, 1]],
  ["ne", [[1, nan, 0], [1, nan, -0]], [0, 1, 0]],
  ["lt", [[1, nan, 2], [2, 1, 2]], [1, 0, 0]],
  ["le", [[1, 1, 2], [2, nan, 2]], [1, 0, 1]],
  ["gt", [[3, nan, 2], [2, 1, 2]], [1, 0, 0]],
  ["ge", [[3, 1, 2], [2, nan, 2]], [1, 0, 1]],
])("%s on floats", (op, operands, want) => {
  const got = on(op, "f64", ...operands);
  expect(got.length).toBe(want.length);
  for (const [i, x] of want.entries())
    if (Number.isFinite(x) && x !== 0) expect(Math.abs(got[i] - x), `element ${i}: ${got[i]}, not ${x}`).toBeLessThanOrEqual(1e-15 * Math.abs(x));
    else expect(got[i]).toBe(x);
});

test.each<[ScalarName, DType, number[][], number[]]>([
  ["add", "i32", [[2147483647, 1], [1, 2]], [-2147483648, 3]],
  ["add", "u8", [[255], [2]], [1]],
  ["sub", "u32", [[0], [1]], [4294967295]],
  ["mul", "i32", [[65537, -3], [65537, 4]], [131073, -12]],
  ["mul", "u32", [[4294967295], [4294967295]], [1]],
  ["neg", "u8", [[1]], [255]],
  ["neg", "i32", [[-2147483648, 0]], [-2147483648, 0]],
  ["div", "i32", [[7, -7, 5, -2147483648], [2, 2, 0, -1]], [3, -3, 0, -2147483648]],
  ["floorDivide", "i32", [[7, -7, 5], [2, 2, 0]], [3, -4, 0]],
  ["remainder", "i32", [[7, -7, 7, 5], [3, 3, -3, 0]], [1, 2, -2, 0]],
  ["fmod", "i32", [[7, -7, 7, 5], [3, 3, -3, 0]], [1, -1, 1, 0]],
  ["pow", "i32", [[2, -3, 2, -1, 1, 0, 3], [31, 3, -1, -3, -5, 0, 21]], [-2147483648, -27, 0, -1, 1, 1, 1870418611]],
  ["pow", "u8", [[3], [6]], [217]],
  ["bitAnd", "u32", [[0xffffffff], [0xf0000000]], [0xf0000000]],
  ["bitOr", "i32", [[5, -1], [2, 0]], [7, -1]],
  ["bitXor", "bool", [[1, 1, 0], [1, 0, 0]], [0, 1, 0]],
  ["bitNot", "u8", [[0b1010]], [0b11110101]],
  ["bitNot", "u32", [[0]], [0xffffffff]],
  ["shiftLeft", "i32", [[1, 1, 1], [31, 32, -1]], [-2147483648, 0, 0]],
  ["shiftLeft", "u8", [[255], [4]], [0xf0]],
  ["shiftRight", "i32", [[-8, -8, 8], [1, 40, 40]], [-4, -1, 0]],
  ["shiftRight", "u32", [[0x80000000], [31]], [1]],
  ["maximum", "u32", [[0xffffffff], [1]], [0xffffffff]],
  ["minimum", "bool", [[1, 1], [0, 1]], [0, 1]],
  ["abs", "i32", [[-5, -2147483648]], [5, -2147483648]],
  ["logicalNot", "bool", [[0, 1]], [1, 0]],
])("%s on %s", (op, dtype, operands, want) => {
  expect(on(op, dtype, ...operands).map((x) => x + 0)).toEqual(want);
});

test("select takes nothing of the other branch; convert rounds to the dtype", () => {
  expect(elements("select", [vector("bool", [1, 0]), vector("f64", [1, nan]), vector("f64", [nan, 2])], {})).toEqual([1, 2]);
  const x = vector("f64", [1.9, -1.9, nan, inf, 2 ** 32 + 5, 0]);
  expect(elements("convert", [x], { dtype: "i32" })).toEqual([1, -1, 0, 0, 5, 0]);
  expect(elements("convert", [x], { dtype: "u8" })).toEqual([1, 255, 0, 0, 5, 0]);
  expect(elements("convert", [x], { dtype: "bool" })).toEqual([1, 1, 1, 1, 1, 0]);
  expect(elements("convert", [vector("f64", [0.1])], { dtype: "f32" })).toEqual([0.1]); // the oracle does not round floats
});

test("every scalar op takes empty tensors and says which dtypes it does not take", () => {
  for (const [name, { scalar, infer }] of Object.entries(scalarRecords)) {
    const dtype: DType = scalar.domain === "float" ? "f64" : scalar.domain === "bool" ? "bool" : name === "threefry" ? "u32" : "i32";
    const empty = Array.from({ length: scalar.arity }, () => vector(dtype, []));
    expect(elements(name as ScalarName, empty, {})).toEqual([]);
    const other: DType | undefined = scalar.domain === "float" ? "i32" : scalar.domain === "any" ? undefined : scalar.domain === "number" ? "bool" : "f32";
    if (other) expect(() => infer(Array.from({ length: scalar.arity }, () => ({ dtype: other, shape: [2] })), {}, []), name).toThrow(/takes/);
  }
});
