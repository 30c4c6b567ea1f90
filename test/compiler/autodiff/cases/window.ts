import type { AttrsOf } from "../../../../ir/ops/index.ts";
import { array, constant, mul, op, sin, type Case } from "../support.ts";
import { some, type Cases } from "./shape.ts";

/** Convolution and pooling, every attribute away from its default at least once. */

type Conv = AttrsOf<"conv">;
const none = (n: number) => Array.from({ length: n }, () => 0), unit = (n: number) => Array.from({ length: n }, () => 1);

function conv(lhs: number[], rhs: number[], attrs: Partial<Conv> = {}): Case {
  const n = lhs.length - 3;
  const all = { stride: unit(n), low: none(n), high: none(n), lhsDilation: unit(n), rhsDilation: unit(n), ...attrs };
  return { args: [some(lhs), some(rhs, 5)], build: (a, b) => [sin(op("conv", [a, b], all))] };
}

type Windows = Omit<AttrsOf<"reduceWindow">, "reducer">;
const windows = (window: number[], attrs: Partial<Windows> = {}): Windows => ({
  window, stride: unit(window.length), low: none(window.length), high: none(window.length), baseDilation: unit(window.length), windowDilation: unit(window.length), ...attrs,
});
const pooled = (reducer: "sum" | "max" | "min", shape: number[], window: number[], attrs?: Partial<Windows>): Case =>
  ({ args: [some(shape)], build: (x) => [sin(op("reduceWindow", [sin(x)], { reducer, ...windows(window, attrs) }))] });

/** The derivative of a pooling, as an op by itself: nonlinear in what it places. */
const unpooled = (shape: number[], window: number[], attrs: Partial<Windows>, counts: number[], positions: number[]): Case => ({
  args: [some(counts)],
  build: (u) => [sin(op("unpool", [mul(u, u), constant("i32", counts, positions)], { shape, ...windows(window, attrs) }))],
});

export const windowed: Cases<"conv" | "reduceWindow" | "unpool"> = {
  conv: {
    "one axis": conv([1, 2, 2, 5], [1, 3, 2, 2]),
    "no spatial axis": conv([2, 2, 3], [2, 4, 3]),
    "groups, strides and padding": conv([2, 1, 2, 5, 4], [2, 2, 2, 3, 2], { stride: [2, 1], low: [1, 0], high: [1, 2] }),
    "a stride that leaves a rest": conv([1, 1, 1, 8], [1, 1, 1, 3], { stride: [4] }),
    "dilated kernel": conv([1, 1, 2, 7], [1, 2, 2, 2], { rhsDilation: [3], low: [2] }),
    "dilated operand, as a transposed convolution has it": conv([1, 1, 2, 3], [1, 2, 2, 3], { lhsDilation: [2], low: [2], high: [3] }),
    "cropped": conv([1, 1, 1, 7], [1, 1, 1, 2], { low: [-1], high: [-2] }),
    "everything at once": conv([1, 2, 1, 4, 5], [1, 1, 1, 2, 3], { stride: [2, 3], low: [1, -1], high: [2, 4], lhsDilation: [3, 2], rhsDilation: [2, 1] }),
    "no window fits": { args: [some([1, 1, 1, 2]), some([1, 1, 1, 3], 5)], build: (a, b) => [sin(op("conv", [a, b], { stride: [1], low: [0], high: [0], lhsDilation: [1], rhsDilation: [1] })), sin(a), sin(b)] },
    "with itself": { args: [some([1, 1, 1, 3])], build: (a) => [op("conv", [a, sin(a)], { stride: [1], low: [2], high: [1], lhsDilation: [1], rhsDilation: [1] })] },
  },
  reduceWindow: {
    "sum, overlapping": pooled("sum", [2, 6], [1, 3], { stride: [1, 2], low: [0, 1], high: [0, 1] }),
    "sum over dilated windows": pooled("sum", [7], [3], { windowDilation: [2], low: [3] }),
    "sum of elements apart": pooled("sum", [3, 3], [3, 2], { baseDilation: [2, 3], low: [2, 1], high: [1, 4], stride: [1, 2] }),
    "sum, cropped": pooled("sum", [8], [2], { low: [-2], high: [-1], stride: [3] }),
    "max": pooled("max", [2, 4, 6], [1, 2, 3], { stride: [1, 2, 3] }),
    "max, overlapping and padded": pooled("max", [5, 4], [3, 2], { stride: [2, 1], low: [1, 1], high: [1, 0] }),
    "max over dilated windows": pooled("max", [9], [3], { windowDilation: [2], stride: [2], low: [2] }),
    "min": pooled("min", [6], [2], { stride: [2] }),
    "max of equals: the first takes it": { args: [array([4], [1, 1, 2, 2])], build: (x) => [sin(op("reduceWindow", [mul(x, constant("f64", [4], [1, 0.5, 1, 0.5]))], { reducer: "max", ...windows([2], { stride: [2] }) }))] },
  },
  unpool: {
    "windows side by side": unpooled([6], [2], { stride: [2] }, [3], [1, 0, 1]),
    "overlapping windows that choose one element": unpooled([4, 3], [2, 2], {}, [3, 2], [3, 2, 1, 0, 2, 1]),
    "padded and dilated": unpooled([6], [3], { low: [2], high: [1], windowDilation: [2], stride: [2] }, [3], [1, 0, 1]),
  },
};
