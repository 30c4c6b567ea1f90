import type { StructuralName } from "../../../../ir/ops/index.ts";
import { array, constant, mul, op, random, randomLike, sin, type Case } from "../support.ts";

export type Cases<K extends StructuralName> = { readonly [P in K]: Readonly<Record<string, Case>> };

export const some = (shape: number[], seed = 3) => randomLike({ shape }, random(seed));
const scalar = (x: number) => array([], [x]);

/** Movement and elementwise structure. Cases are nonlinear (a square, a sine) where the second order would be empty. */
export const movement: Cases<"reshape" | "transpose" | "broadcast" | "slice" | "pad" | "concat" | "reverse" | "barrier" | "select" | "convert"> = {
  barrier: { "waiting for what varies too": { args: [some([3]), some([3], 5)], build: (x, y) => [mul(sin(op("barrier", [x, mul(x, y)])), y)] } },
  reshape: { "to a matrix": { args: [some([6])], build: (x) => [sin(op("reshape", [x], { shape: [2, 3] }))] } },
  transpose: { "a cycle of axes": { args: [some([2, 3, 4])], build: (x) => [sin(op("transpose", [x], { perm: [2, 0, 1] }))] } },
  broadcast: {
    "between other axes": { args: [some([3])], build: (x) => [sin(op("broadcast", [x], { shape: [2, 3, 2], axes: [1] }))] },
    "of a scalar": { args: [scalar(0.7)], build: (x) => [sin(op("broadcast", [x], { shape: [2, 2], axes: [] }))] },
  },
  slice: {
    "one by one": { args: [some([4, 3])], build: (x) => [sin(op("slice", [x], { start: [1, 0], limit: [3, 2], step: [1, 1] }))] },
    "with steps that leave a rest": { args: [some([7, 5])], build: (x) => [sin(op("slice", [x], { start: [1, 0], limit: [6, 5], step: [3, 2] }))] },
    "of nothing": { args: [some([4])], build: (x) => [sin(op("slice", [x], { start: [2], limit: [2], step: [1] })), sin(x)] },
    "of nothing, by steps": { args: [some([4])], build: (x) => [sin(op("slice", [x], { start: [4], limit: [4], step: [3] })), sin(x)] },
  },
  pad: {
    "around and between": { args: [some([3, 2]), scalar(0.3)], build: (x, v) => [sin(op("pad", [x, v], { low: [1, 0], high: [2, 1], interior: [2, 0] }))] },
    "of nothing": { args: [some([0]), scalar(0.3)], build: (x, v) => [sin(op("pad", [x, v], { low: [3], high: [2], interior: [1] }))] },
  },
  concat: { "of three, one twice": { args: [some([2, 2]), some([2, 1], 5)], build: (x, y) => [sin(op("concat", [x, y, x], { axis: 1 }))] } },
  reverse: { "of two axes": { args: [some([2, 3, 2])], build: (x) => [mul(sin(op("reverse", [x], { axes: [0, 2] })), x)] } },
  select: {
    "by data": {
      args: [some([4]), some([4], 9)],
      build: (a, b) => [op("select", [op("gt", [a, constant("f64", [4], 0)]), sin(a), mul(a, b)])],
    },
  },
  convert: { "there and back": { args: [some([3])], build: (x) => [sin(op("convert", [op("convert", [x], { dtype: "f32" })], { dtype: "f64" }))] } },
};

const reduction = (reducer: "sum" | "prod" | "max" | "min", axes: number[], shape: number[]): Case =>
  ({ args: [some(shape)], build: (x) => [sin(op("reduce", [sin(x)], { reducer, axes }))] });

export const reductions: Cases<"reduce" | "dot"> = {
  reduce: {
    "sum over an axis": reduction("sum", [1], [2, 3]), "sum over all": reduction("sum", [0, 1], [2, 3]), "sum over no axis": reduction("sum", [], [2]),
    "prod over an axis": reduction("prod", [1], [2, 3, 2]), "prod over two axes apart": reduction("prod", [0, 2], [2, 3, 2]), "prod over no axis": reduction("prod", [], [3]),
    "prod with one zero": { args: [array([2, 3], [2, 0, -1, 1, 2, 3])], build: (x) => [op("reduce", [x], { reducer: "prod", axes: [1] })] },
    "prod with two zeros": { args: [array([4], [2, 0, -1, 0])], build: (x) => [op("reduce", [x], { reducer: "prod", axes: [0] })] },
    "prod with three zeros": { args: [array([2, 2], [0, 0, -1, 0])], build: (x) => [op("reduce", [x], { reducer: "prod", axes: [1, 0] })] },
    "max over an axis": reduction("max", [0], [3, 2]), "max over all": reduction("max", [0, 1], [3, 2]), "min over the middle": reduction("min", [1], [2, 3, 2]),
  },
  dot: {
    "matrix product": { args: [some([2, 3]), some([3, 4], 5)], build: (a, b) => [op("dot", [a, b], { batch: [], contract: [[1, 0]] })] },
    "with the second transposed": { args: [some([2, 3]), some([4, 3], 5)], build: (a, b) => [op("dot", [a, b], { batch: [], contract: [[1, 1]] })] },
    "with itself": { args: [some([3, 3])], build: (a) => [op("dot", [a, sin(a)], { batch: [], contract: [[0, 1]] })] },
    "outer product": { args: [some([2]), some([3], 5)], build: (a, b) => [op("dot", [a, b], { batch: [], contract: [] })] },
    "two batch axes in another order": {
      args: [some([2, 4, 3, 2]), some([3, 2, 2, 4, 2], 5)],
      build: (a, b) => [op("dot", [a, b], { batch: [[2, 0], [0, 2]], contract: [[1, 3]] })],
    },
    "several contracted axes in another order": {
      args: [some([2, 3, 4]), some([4, 2, 5, 3], 5)],
      build: (a, b) => [op("dot", [a, b], { batch: [], contract: [[2, 0], [0, 1], [1, 3]] })],
    },
  },
};
