import { expect, test } from "vitest";
import type { Value } from "../../../ir/graph/index.ts";
import { scalarRecords, type ScalarName } from "../../../ir/ops/index.ts";
import { array, checkDerivatives, evaluate, numbers, op, vjp, type Arrays } from "./support.ts";

/**
 * Points at which each scalar op that has a derivative is held against finite differences: a list for each
 * operand, away from kinks and poles. Every op of the table must be here, or have no derivative at all.
 */
const points: { readonly [K in ScalarName]: readonly (readonly number[])[] | null } = {
  neg: [[-1.5, 0, 2]], abs: [[-1.5, -0.2, 2]], sign: [[-1.5, -0.2, 2]], floor: [[-1.5, 0.3, 2.7]], ceil: [[-1.5, 0.3, 2.7]],
  round: [[-1.4, 0.3, 2.7]], trunc: [[-1.4, 0.3, 2.7]], roundF16: null, roundBF16: null,
  exp: [[-3, 0, 1.5]], exp2: [[-3, 0, 1.5]], expm1: [[-3, 1e-3, 1.5]], log: [[0.2, 1, 5]], log2: [[0.2, 1, 5]], log10: [[0.2, 1, 5]],
  log1p: [[-0.5, 1e-3, 5]], sqrt: [[0.3, 1, 9]], rsqrt: [[0.3, 1, 9]], reciprocal: [[-2, 0.5, 3]],
  sin: [[-2, 0, 1]], cos: [[-2, 0, 1]], tan: [[-1, 0, 0.7]], asin: [[-0.7, 0, 0.6]], acos: [[-0.7, 0, 0.6]], atan: [[-2, 0, 1]],
  sinh: [[-2, 0, 1]], cosh: [[-2, 0, 1]], tanh: [[-2, 0, 1]], asinh: [[-2, 0, 1]], acosh: [[1.3, 2, 4]], atanh: [[-0.7, 0, 0.6]],
  erf: [[-1.5, 0, 2.5]], erfc: [[-1.5, 0.1, 2.5]], erfinv: [[-0.8, 0, 0.6]], sigmoid: [[-4, 0, 3]], softplus: [[-4, 0, 3]],
  logicalNot: null, isNan: null, isFinite: null,
  add: [[1, -2], [3, 0.5]], sub: [[1, -2], [3, 0.5]], mul: [[1, -2], [3, 0]], div: [[1, -2, 0], [3, 0.5, -4]], floorDivide: [[5.5, -7.2], [2, 3]],
  remainder: [[5.5, -7.2, 3], [2, 3, -4.5]], fmod: [[5.5, -7.2, 3], [2, 3, -4.5]],
  pow: [[0.5, 2, 3], [2, 3, -1.5]], maximum: [[1, -2, 0], [0.5, 3, -1]], minimum: [[1, -2, 0], [0.5, 3, -1]],
  atan2: [[1, -2, 0.3, -1], [0.5, 3, -1, -2]], hypot: [[1, -2, 3], [0.5, 3, 0]], logaddexp: [[1, -2, 5], [0.5, 3, -5]], copysign: [[1, -2, 3], [-1, 2, 4]],
  bitAnd: null, bitOr: null, bitXor: null, bitNot: null, shiftLeft: null, shiftRight: null,
  eq: null, ne: null, lt: null, le: null, gt: null, ge: null, threefry: null,
};

const names = Object.keys(scalarRecords) as ScalarName[];

test("every scalar op of the table has its points, or no derivative", () => {
  for (const name of names) {
    const { partials, arity } = scalarRecords[name].scalar;
    expect(points[name] === null ? "none" : points[name]?.length, name).toBe(points[name] === null ? "none" : arity);
    if (points[name] === null) expect(partials, `${name} has a derivative and needs points`).toBeNull();
    if (partials) expect(partials.length, name).toBe(arity);
  }
});

for (const name of names) {
  const at = points[name];
  if (!at) continue;
  test(`${name} against finite differences`, () => {
    const args: Arrays = at.map((data) => array([data.length], [...data]));
    checkDerivatives({ args, build: (...xs: Value[]) => [op(name, xs)], tolerance: 2e-6 });
  });
}

test("ops of integers and bools have no derivative", () => {
  // through an i32 nothing passes, whatever is done with it
  const [g] = evaluate([array([2], [1.5, 2.5]), array([2], [1, 1])], (x, ct) => {
    const whole = op("convert", [x], { dtype: "i32" });
    return vjp([op("convert", [op("bitXor", [op("mul", [whole, whole]), whole])], { dtype: "f64" })], [ct], [x]);
  });
  expect(numbers(g)).toEqual([0, 0]);
});

test("select gives each branch the cotangent where it was taken, and zero elsewhere, even against infinity", () => {
  const args = [array([3], [1, -1, 2]), array([3], [1, 2, 3]), array([3], [4, 5, 6])];
  const build = (x: Value, a: Value, b: Value) => op("select", [op("gt", [x, op("sub", [x, x])]), a, b]);
  checkDerivatives({ args, build: (x, a, b) => [build(x, a, b)] });
  const [ga, gb] = evaluate([...args, array([3], [Infinity, NaN, 1])], (x, a, b, ct) => vjp([build(x, a, b)], [ct], [a, b]));
  expect(numbers(ga)).toEqual([Infinity, 0, 1]);
  expect(numbers(gb)).toEqual([0, NaN, 0]);
});

test("convert between floats carries the derivative, in the operand's dtype", () => {
  const build = (x: Value): Value => op("sin", [op("convert", [x], { dtype: "f32" })]);
  checkDerivatives({ args: [array([2], [0.5, -1])], build: (x) => [build(x)] });
  const [g] = evaluate([array([1], [0.5]), array([1], [1], "f32")], (x, ct) => vjp([build(x)], [ct], [x]));
  expect(g.dtype).toBe("f64");
  expect(g.data[0]).toBeCloseTo(Math.cos(0.5), 6);
});
