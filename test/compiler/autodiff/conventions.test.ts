import { expect, test } from "vitest";
import { emit, type Value } from "../../../ir/graph/index.ts";
import { wrap, type Tensor } from "../../../ir/tensor/tensor.ts";
import { add, array, constant, evaluate, grad, mul, numbers, op, sumAll, vjp, type Arrays } from "./support.ts";

/** Gradients of the sum of what `build` makes of the arguments. */
function gradients(args: Arrays, build: (...xs: Value[]) => Value): number[][] {
  return evaluate(args, (...xs) => grad(sumAll(build(...xs)), ...xs)).map(numbers);
}
const gradient = (data: number[], build: (x: Value) => Value): number[] => gradients([array([data.length], data)], build)[0];
/** n-th derivatives of a function of each element by itself. */
function derivative(n: number, data: number[], build: (x: Value) => Value): number[] {
  const [out] = evaluate([array([data.length], data)], (x) => {
    let y = build(x);
    for (let i = 0; i < n; i++) [y] = grad(sumAll(y), x);
    return [y];
  });
  return numbers(out);
}
const tensor = (f: (x: Tensor) => Tensor) => (x: Value): Value => f(wrap(x)).value;
const like = (x: Value, value: number): Value => wrap(x).zerosLike().add(value).value;

// ---- stability

test("softplus and sigmoid are finite and right far out, to second order", () => {
  const far = [-100, -30, 0, 30, 100];
  const sigmoid = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
  const slope = (x: number) => Math.exp(-Math.abs(x)) / (1 + Math.exp(-Math.abs(x))) ** 2;
  const relative = (got: number[], want: number[]) => {
    for (const [i, g] of got.entries()) expect(Math.abs(g - want[i]), `at ${far[i]}: ${g}, not ${want[i]}`).toBeLessThanOrEqual(1e-12 * Math.abs(want[i]) + 1e-15);
  };
  relative(derivative(1, far, (x) => op("softplus", [x])), far.map(sigmoid));
  relative(derivative(1, far, (x) => op("sigmoid", [x])), far.map(slope));
  relative(derivative(2, far, (x) => op("softplus", [x])), far.map(slope));
  // the negative tail keeps its digits, not only its size
  expect(derivative(1, [-100], (x) => op("sigmoid", [x]))[0]).toBeCloseTo(Math.exp(-100), 50);
});

test("logsumexp: shifted far out, of some −∞, and of nothing but −∞", () => {
  // the usual composition, with a sum of nothing kept out of the logarithm
  const lse = tensor((x) => {
    const top = x.amax(), shift = wrap(op("isFinite", [top.value])).where(top, 0).stopGradient();
    const total = x.sub(shift).exp().sum(), empty = total.eq(0);
    return empty.where(-Infinity, empty.where(1, total).log().add(shift));
  });
  for (const g of [gradient([1000, 1000], lse), gradient([-1000, -1000], lse)]) expect(g).toEqual([0.5, 0.5]);
  expect(gradient([-Infinity, 0, 0], lse)).toEqual([0, 0.5, 0.5]);
  const [value] = evaluate([array([2], [-Infinity, -Infinity])], (x) => [lse(x)]);
  expect(numbers(value)).toEqual([-Infinity]);
  // PyTorch's is NaN here; a probability of nothing is better no gradient than a broken one
  expect(gradient([-Infinity, -Infinity], lse)).toEqual([0, 0]);
});

test("pow at base 0", () => {
  const to = (p: number) => (x: Value): Value => op("pow", [x, like(x, p)]);
  expect(derivative(1, [0, -2, 3], to(2))).toEqual([0, -4, 6]);
  expect(derivative(2, [0, -2, 3], to(2))).toEqual([2, 2, 2]);
  expect(derivative(3, [0, -2, 3], to(2))).toEqual([0, 0, 0]);
  expect(derivative(1, [0, 2], to(0))).toEqual([0, 0]);
  expect(derivative(1, [0], to(1))).toEqual([1]);
  expect(derivative(1, [0], to(0.5))).toEqual([Infinity]);
  const exponent = gradients([array([3], [0, 0, 2]), array([3], [2, 0, 3])], (x, y) => op("pow", [x, y]))[1];
  expect(exponent).toEqual([0, 0, 8 * Math.LN2]);
});

test("prod with no, one and several zeros, exactly", () => {
  const prod = (x: Value): Value => op("reduce", [x], { reducer: "prod", axes: [0] });
  expect(gradient([2, 3, 4], prod)).toEqual([12, 8, 6]);
  expect(gradient([2, 0, 4], prod)).toEqual([0, 8, 0]);
  expect(gradient([2, 0, 0], prod)).toEqual([0, 0, 0]);
  // the second derivative between the two zeros is the product of the others
  const [hessianRow] = evaluate([array([3], [5, 0, 0]), array([3], [0, 1, 0])], (x, v) => vjp(grad(prod(x), x), [v], [x]));
  expect(numbers(hessianRow)).toEqual([0, 0, 5]);
});

test("cumprod with zeros, exactly", () => {
  const cumprod = (x: Value): Value => op("cumulative", [x], { reducer: "prod", axis: 0, reverse: false });
  expect(gradient([2, 0, 3], cumprod)).toEqual([1, 8, 0]); // 2 + 2·0 + 2·0·3
  expect(gradient([0, 0, 3], cumprod)).toEqual([1, 0, 0]);
});

test("a derivative of a sum of rows at a table in many places adds up in one table", () => {
  const rows = (x: Value, at: number[]): Value => op("gather", [x, constant("i32", [at.length], at)], { axes: [0], batch: [] });
  const [g] = gradients([array([4, 1], [1, 2, 3, 4])], (x) => add(sumAll(rows(x, [0, 0, 2])), sumAll(rows(x, [2, 3]))));
  expect(g).toEqual([2, 0, 2, 1]);
});

// ---- kinks and ties

test("relu, abs and sign have derivative 0 at 0", () => {
  expect(gradient([-1, 0, 2], tensor((x) => x.relu()))).toEqual([0, 0, 1]);
  expect(gradient([-1, 0, 2], (x) => op("abs", [x]))).toEqual([-1, 0, 1]);
  expect(gradient([-1, 0, 2], (x) => op("sign", [x]))).toEqual([0, 0, 0]);
});

test("rounding has derivative 0", () => {
  for (const name of ["floor", "ceil", "round", "trunc"] as const) expect(gradient([-1.5, 0, 2.2], (x) => op(name, [x])), name).toEqual([0, 0, 0]);
});

test("sqrt is infinitely steep at 0", () => {
  expect(gradient([0, 4], (x) => op("sqrt", [x]))).toEqual([Infinity, 0.25]);
});

test("equal operands of maximum and minimum get half each; with a NaN, both get all", () => {
  for (const name of ["maximum", "minimum"] as const) {
    const [a, b] = gradients([array([3], [1, 2, NaN]), array([3], [1, 2, 0])], (x, y) => op(name, [x, y]));
    expect([a, b], name).toEqual([[0.5, 0.5, 1], [0.5, 0.5, 1]]);
  }
});

test("a max or min over axes spreads over ties", () => {
  const over = (reducer: "max" | "min", axes: number[]) => (x: Value): Value => op("reduce", [x], { reducer, axes });
  const x = array([2, 3], [1, 3, 3, 5, 5, 5]);
  expect(gradients([x], over("max", [1]))[0]).toEqual([0, 0.5, 0.5, 1 / 3, 1 / 3, 1 / 3]);
  expect(gradients([x], over("max", [0, 1]))[0]).toEqual([0, 0, 0, 1 / 3, 1 / 3, 1 / 3]);
  expect(gradients([x], over("min", [0]))[0]).toEqual([1, 1, 1, 0, 0, 0]);
});

test("the index of an extreme has no derivative; an element taken by it gets all", () => {
  const build = (x: Value): Value => {
    const at = op("argReduce", [x], { reducer: "max", axis: 0 });
    return add(op("gather", [x, at], { axes: [0], batch: [] }), op("convert", [at], { dtype: "f64" }));
  };
  expect(gradient([1, 3, 3], build)).toEqual([0, 1, 0]);
});

test("cumulative extremes give to the latest of equals, as PyTorch's cummax", () => {
  const running = (reducer: "max" | "min", reverse: boolean) => (x: Value): Value => op("cumulative", [x], { reducer, axis: 0, reverse });
  expect(gradient([1, 3, 3, 2, 3], running("max", false))).toEqual([1, 1, 2, 0, 1]);
  expect(gradient([3, 2, 3, 3, 1], running("max", true))).toEqual([1, 0, 2, 1, 1]);
  expect(gradient([2, 1, 1, 4], running("min", false))).toEqual([1, 1, 2, 0]);
});

test("equal elements of a sort keep their order, and so do their derivatives", () => {
  const weights = constant("f64", [3], [1, 10, 100]);
  expect(gradient([2, 1, 1], (x) => mul(op("sort", [x], { axis: 0, descending: false }), weights))).toEqual([100, 1, 10]);
  expect(gradient([2, 1, 1], (x) => mul(op("sort", [x], { axis: 0, descending: true }), weights))).toEqual([1, 10, 100]);
});

// ---- scatter

const at = constant("i32", [3], [1, 1, 0]);
const scatter = (reducer: "set" | "sum" | "prod" | "max" | "min") => (x: Value, u: Value): Value => op("scatter", [x, u, at], { axes: [0], batch: [], reducer });

test("of updates that set one element the last stays, and gets the derivative", () => {
  const [x, u] = gradients([array([3], [1, 2, 3]), array([3], [4, 5, 6])], scatter("set"));
  expect([x, u]).toEqual([[0, 0, 1], [0, 1, 1]]);
});

test("scatter of extremes spreads over ties, the operand's own element included", () => {
  const [x, u] = gradients([array([3], [1, 5, 3]), array([3], [5, 5, 6])], scatter("max"));
  expect([x, u]).toEqual([[0, 1 / 3, 1], [1 / 3, 1 / 3, 1]]);
  const [x2, u2] = gradients([array([3], [1, 5, 3]), array([3], [2, 7, 1])], scatter("min"));
  expect([x2, u2]).toEqual([[0.5, 0, 1], [1, 0, 0.5]]);
});

test("scatter of products with zeros is exact", () => {
  const [x, u] = gradients([array([3], [2, 3, 9]), array([3], [0, 5, 7])], scatter("prod"));
  expect([x, u]).toEqual([[7, 0, 1], [15, 0, 2]]);
});

// ---- nothing to differentiate

test("a gradient with respect to what the result does not depend on is zeros of its type", () => {
  const [g, h] = evaluate([array([2], [1, 2]), array([3], 0, "f32")], (x, y) => grad(sumAll(x), x, y));
  expect(numbers(g)).toEqual([1, 1]);
  expect(h).toEqual(array([3], 0, "f32"));
});

test("comparisons and integer casts pass nothing", () => {
  expect(gradient([1.5, -2], (x) => op("convert", [op("gt", [x, like(x, 0)])], { dtype: "f64" }))).toEqual([0, 0]);
  expect(gradient([1.5, -2], (x) => mul(x, op("convert", [op("convert", [x], { dtype: "i32" })], { dtype: "f64" })))).toEqual([1, -2]);
});

test("infinite results of a branch not taken do not reach the other's derivative", () => {
  const build = (x: Value): Value => {
    const positive = op("gt", [x, like(x, 0)]);
    const [safe] = emit("select", [positive, x, like(x, 1)], {});
    return op("select", [positive, op("log", [safe]), like(x, 0)]);
  };
  expect(gradient([2, 0, -1], build)).toEqual([0.5, 0, 0]);
});
