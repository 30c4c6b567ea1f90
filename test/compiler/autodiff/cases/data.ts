import type { Value } from "../../../../ir/graph/index.ts";
import { array, constant, mul, op, sin, type Case } from "../support.ts";
import { some, type Cases } from "./shape.ts";

const i32 = (shape: number[], data: number[]): Value => constant("i32", shape, data);

type Reducer = "set" | "sum" | "prod" | "max" | "min";
/** Rows 2, 0, 2 of a table of three rows get updates: two of them meet. */
const rows = (reducer: Reducer, x = some([3, 2]), updates = some([3, 2], 5)): Case => ({
  args: [x, updates],
  build: (a, u) => [sin(op("scatter", [sin(a), sin(u), i32([3], [2, 0, 2])], { axes: [0], batch: [], reducer }))],
});
/** `torch.scatter_reduce(x, 1, …)`: row by row, with repeated columns. */
const columns = (reducer: Reducer): Case => ({
  args: [some([2, 3]), some([2, 4], 5)],
  build: (a, u) => [sin(op("scatter", [sin(a), sin(u), i32([2, 4], [0, 2, 0, 0, 1, 1, 2, 1])], { axes: [1], batch: [[0, 0]], reducer }))],
});
/** Two index tensors, given out of order, an axis taken whole, and index pairs that meet. */
const pairs = (reducer: Reducer): Case => ({
  args: [some([2, 2, 3]), some([4, 2], 5)],
  build: (a, u) => [sin(op("scatter", [sin(a), sin(u), i32([4], [2, 0, 2, 1]), i32([4], [1, 0, 1, 1])], { axes: [2, 0], batch: [], reducer }))],
});
const everyReducer = (name: string, make: (r: Reducer) => Case): Record<string, Case> =>
  Object.fromEntries((["set", "sum", "prod", "max", "min"] as const).map((r) => [`${r}, ${name}`, make(r)]));
const scalarRow = (reducer: Reducer): Case => ({
  args: [some([3, 2]), some([2], 5)], build: (a, u) => [sin(op("scatter", [sin(a), sin(u), i32([], [1])], { axes: [0], batch: [], reducer }))],
});

export const indexing: Cases<"gather" | "scatter"> = {
  gather: {
    "rows, one twice": { args: [some([3, 2])], build: (x) => [sin(op("gather", [x, i32([4], [2, 0, 2, 1])], { axes: [0], batch: [] }))] },
    "along an axis": { args: [some([2, 3])], build: (x) => [sin(op("gather", [x, i32([2, 2], [2, 0, 1, 1])], { axes: [1], batch: [[0, 0]] }))] },
    "two axes, batched": {
      args: [some([2, 3, 2, 2])],
      build: (x) => [sin(op("gather", [x, i32([3, 2], [0, 1, 1, 0, 1, 1]), i32([3, 2], [1, 1, 0, 0, 1, 0])], { axes: [3, 0], batch: [[1, 0]] }))],
    },
    "a row by a scalar": { args: [some([3, 2])], build: (x) => [sin(op("gather", [x, i32([], [1])], { axes: [0], batch: [] }))] },
  },
  scatter: {
    ...everyReducer("rows that meet", rows), ...everyReducer("along an axis", columns), ...everyReducer("pairs of indices", pairs),
    ...everyReducer("a row by a scalar", scalarRow),
    "prod with a zero": rows("prod", array([3, 2], [1, 2, 3, 4, 0, 6]), array([3, 2], [0, 2, 3, 0, 5, 6])),
    "prod with several zeros at a place": rows("prod", array([3, 2], [1, 0, 3, 4, 0, 0]), array([3, 2], [0, 0, 3, 0, 0, 6])),
  },
};

const running = (reducer: "sum" | "prod" | "max" | "min", axis: number, reverse: boolean): Case =>
  ({ args: [some([3, 4])], build: (x) => [sin(op("cumulative", [mul(x, x)], { reducer, axis, reverse }))] });

export const ordered: Cases<"cumulative" | "sort"> = {
  cumulative: {
    ...Object.fromEntries((["sum", "prod", "max", "min"] as const).flatMap((r) => [false, true].map((reverse) =>
      [`${r}${reverse ? " from the end" : ""}`, running(r, reverse ? 1 : 0, reverse)]))),
    "prod with a zero": { args: [array([5], [2, -1, 0, 3, 0.5])], build: (x) => [op("cumulative", [x], { reducer: "prod", axis: 0, reverse: false })] },
    "prod with zeros, from the end": { args: [array([2, 4], [2, 0, 0, 3, 0, 1, 2, 0])], build: (x) => [op("cumulative", [x], { reducer: "prod", axis: 1, reverse: true })] },
  },
  sort: {
    "along the first axis": { args: [some([4, 2])], build: (x) => [sin(op("sort", [x], { axis: 0, descending: false }))] },
    "descending, along the last": { args: [some([2, 4])], build: (x) => [sin(op("sort", [sin(x)], { axis: 1, descending: true }))] },
  },
};
