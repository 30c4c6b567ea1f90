import { emit, type Value } from "../../../../ir/graph/index.ts";
import { add, array, constant, f64, mul, op, region, sin, sumAll, tanh, type Case } from "../support.ts";
import { some, type Cases } from "./shape.ts";

const i32 = { dtype: "i32", shape: [] } as const;
const flag = (x: Value): Value => op("gt", [sumAll(x), constant("f64", [], 0)]);
const matrixVector = (m: Value, v: Value): Value => op("dot", [m, v], { batch: [], contract: [[1, 0]] });

/** Branches that use different operands, one of them ignoring one. */
const branches = (sign: number): Case => ({
  args: [some([3]), some([3], 5)],
  build: (x, y) => emit("cond", [flag(constant("f64", [1], sign)), x, y], {}, [
    region([f64(3), f64(3)], (a, b) => [mul(sin(a), b), sumAll(a)]),
    region([f64(3), f64(3)], (a) => [mul(a, a), constant("f64", [], 2)]),
  ]),
});

/** h ← tanh(W·h + x[t]·u), stacking h·x[t]; `W` and `u` are captured. */
const recurrent = (reverse: boolean): Case => ({
  args: [some([2]), some([4, 2], 5), some([2, 2], 6), some([2], 8)],
  build: (h, xs, w, u) => emit("scan", [h, xs, w, u], { carries: 1, xs: 1, length: 4, reverse }, [
    region([i32, f64(2), f64(2), f64(2, 2), f64(2)], (_, c, x, m, v) => {
      const next = tanh(add(matrixVector(m, c), mul(x, v)));
      return [next, mul(next, x)];
    }),
  ]),
});

/** A layer and a bias in each step, read as they are, transposed and reshaped: sums of products over the steps, and of rows. */
const layered = (reverse: boolean): Case => ({
  args: [some([3, 2]), some([4, 3, 2], 5), some([2, 2], 6), some([2], 7), some([4], 8)],
  build: (h, xs, w, b, f) => emit("scan", [h, xs, w, b, f], { carries: 1, xs: 1, length: 4, reverse }, [
    region([i32, f64(3, 2), f64(3, 2), f64(2, 2), f64(2), f64(4)], (_, c, x, m, v, flat) => {
      const times = (a: Value, k: Value, axis: 0 | 1): Value => op("dot", [a, k], { batch: [], contract: [[1, axis]] });
      const bias = op("broadcast", [v], { shape: [3, 2], axes: [1] });
      const next = tanh(add(add(times(c, m, 0), times(x, m, 1)), add(times(c, op("transpose", [op("reshape", [flat], { shape: [2, 2] })], { perm: [1, 0] }), 0), bias)));
      return [next, mul(next, x)];
    }),
  ]),
});

/** Two carries where the second depends on the first one step later, an i32 carry, and a carry that nothing varies. */
const carries: Case = {
  args: [some([]), some([]), some([3], 5)],
  build: (a, b, xs) => emit("scan", [a, b, constant("i32", [], 0), constant("f64", [], 0.5), xs], { carries: 4, xs: 1, length: 3, reverse: false }, [
    region([i32, f64(), f64(), i32, f64(), f64()], (step, p, q, n, k, x) => {
      const weight = op("convert", [op("add", [n, step])], { dtype: "f64" });
      return [sin(add(mul(p, k), mul(x, weight))), mul(p, add(q, k)), op("add", [n, constant("i32", [], 1)]), k, op("convert", [n], { dtype: "f64" })];
    }),
  ]),
};

/** A scan in a scan: rows of a matrix, and the elements of a row. */
const nested: Case = {
  args: [some([]), some([3, 2], 5), some([], 7)],
  build: (s, xs, k) => emit("scan", [s, xs, k], { carries: 1, xs: 1, length: 3, reverse: false }, [
    region([i32, f64(), f64(2), f64()], (_, c, row, m) => {
      const [last, each] = emit("scan", [c, row, m], { carries: 1, xs: 1, length: 2, reverse: true }, [
        region([i32, f64(), f64(), f64()], (__, d, x, n) => [sin(add(mul(d, n), x)), mul(d, x)]),
      ]);
      return [last, mul(last, sumAll(each))];
    }),
  ]),
};

const condInScan: Case = {
  args: [some([]), array([4], [0.5, -0.7, 0.2, -0.4])],
  build: (s, xs) => emit("scan", [s, xs], { carries: 1, xs: 1, length: 4, reverse: false }, [
    region([i32, f64(), f64()], (_, c, x) => {
      const [next] = emit("cond", [op("gt", [x, constant("f64", [], 0)]), c, x], {}, [
        region([f64(), f64()], (a, b) => [sin(mul(a, b))]), region([f64(), f64()], (a, b) => [add(a, mul(b, b))]),
      ]);
      return [next, next];
    }),
  ]),
};

/** x ← sin(x·k) + x until it has been done `trips` times or more than its bound allows. */
const counted = (trips: number, maxTrips: number): Case => ({
  args: [some([2]), some([2], 5)],
  build: (x, k) => emit("while", [constant("i32", [], 0), x, k], { carries: 2, maxTrips }, [
    region([i32, f64(2), f64(2)], (n) => [op("lt", [n, constant("i32", [], trips)])]),
    region([i32, f64(2), f64(2)], (n, c, m) => [op("add", [n, constant("i32", [], 1)]), add(sin(mul(c, m)), c)]),
  ]),
});

/** Doubles until a norm is reached: how often depends on the data. */
const doubling: Case = {
  args: [array([3], [0.3, -0.8, 0.5])],
  build: (x) => emit("while", [x], { carries: 1, maxTrips: 12 }, [
    region([f64(3)], (c) => [op("lt", [sumAll(mul(c, c)), constant("f64", [], 1000)])]),
    region([f64(3)], (c) => [add(c, mul(c, op("sigmoid", [c])))]),
  ]),
};

const scanInWhile: Case = {
  args: [some([]), some([2], 5)],
  build: (s, xs) => emit("while", [constant("i32", [], 0), s, xs], { carries: 2, maxTrips: 3 }, [
    region([i32, f64(), f64(2)], (n) => [op("lt", [n, constant("i32", [], 2)])]),
    region([i32, f64(), f64(2)], (n, c, rows) => {
      const [last] = emit("scan", [c, rows], { carries: 1, xs: 1, length: 2, reverse: false }, [region([i32, f64(), f64()], (_, d, x) => [sin(add(d, mul(d, x)))])]);
      return [op("add", [n, constant("i32", [], 1)]), last];
    }),
  ]),
};

/** sin with a derivative of its own that happens to be right, so that finite differences can tell. */
const ownSine: Case = {
  args: [some([3])],
  build: (x) => emit("custom", [x], { name: "ownSine" }, [
    region([f64(3)], (a) => [sin(a)]),
    region([f64(3), f64(3), f64(3)], (a, _, ct) => [mul(ct, op("cos", [a]))]),
  ]).map(sin),
};
const ownPair: Case = {
  args: [some([2]), some([2], 5)],
  build: (x, y) => emit("custom", [x, y], { name: "ownPair" }, [
    region([f64(2), f64(2)], (a, b) => [mul(a, b), sumAll(a)]),
    region([f64(2), f64(2), f64(2), f64(), f64(2), f64()], (a, b, _, __, ct, cs) => [add(mul(ct, b), op("broadcast", [cs], { shape: [2], axes: [] })), mul(ct, a)]),
  ]),
};

/** Two results, of which the second does not depend on the first operand; what it multiplies by is drawn in the body. */
const again: Case = {
  args: [some([3]), some([3], 5)],
  build: (x, y) => emit("checkpoint", [x, y], {}, [region([f64(3), f64(3)], (a, b) => [sin(mul(a, sin(b))), sumAll(mul(b, b))])]),
};
const againInAgain: Case = {
  args: [some([2]), some([2], 5)],
  build: (x, k) => emit("checkpoint", [sin(x), k], {}, [region([f64(2), f64(2)], (a, m) =>
    emit("checkpoint", [mul(a, m), a], {}, [region([f64(2), f64(2)], (b, c) => [sin(mul(b, tanh(c)))])]).map(tanh))]),
};
const againInScan: Case = {
  args: [some([2]), some([3, 2], 5)],
  build: (s, xs) => emit("scan", [s, xs], { carries: 1, xs: 1, length: 3, reverse: false }, [
    region([i32, f64(2), f64(2)], (_, c, x) => {
      const [next] = emit("checkpoint", [c, x], {}, [region([f64(2), f64(2)], (a, b) => [sin(mul(tanh(a), b))])]);
      return [next, mul(next, x)];
    }),
  ]),
};
const scanAgain: Case = {
  args: [some([2]), some([3, 2], 5)],
  build: (s, xs) => emit("checkpoint", [s, xs], {}, [region([f64(2), f64(3, 2)], (c, rows) =>
    emit("scan", [c, rows], { carries: 1, xs: 1, length: 3, reverse: false }, [region([i32, f64(2), f64(2)], (_, d, x) => { const next = sin(mul(tanh(d), x)); return [next, next]; })]))]),
};

export const control: Cases<"cond" | "while" | "scan" | "custom" | "checkpoint"> = {
  cond: { "taken": branches(1), "not taken": branches(-1) },
  scan: {
    "a recurrent net": recurrent(false), "a recurrent net from the end": recurrent(true), "a recurrent layer": layered(false), "a recurrent layer from the end": layered(true), "carries of every sort": carries,
    "a scan in a scan": nested, "a cond in a scan": condInScan,
    "no step at all": { args: [some([2]), some([0, 2])], build: (h, xs) => emit("scan", [sin(h), xs], { carries: 1, xs: 1, length: 0, reverse: false }, [region([i32, f64(2), f64(2)], (_, c, x) => [mul(c, x), c])]) },
  },
  while: { "three trips": counted(3, 5), "as many trips as the bound": counted(4, 4), "no trip": counted(0, 2), "trips that depend on data": doubling, "a scan in a while": scanInWhile },
  custom: { "of one operand": ownSine, "of two operands and results": ownPair },
  checkpoint: { "of two operands and results": again, "in a checkpoint": againInAgain, "in a scan": againInScan, "of a scan": scanAgain },
};
