import { check } from "../graph/error.ts";
import { sameShape, shapeText, typeText, type Shape, type TensorType } from "../types/index.ts";
import { combine, identityOf } from "./reduce.ts";
import { forEachIndex, op, stridesOf, tabulate, type NdArray } from "./record.ts";
import { elementAt, windowAxes, windowCount, type WindowAxis, type WindowLists } from "./window.ts";

/** Windows over all axes of an operand; an axis that is not pooled has windows of one element. */
export interface PoolAttrs extends WindowLists {
  readonly window: readonly number[];
}

/** The windows over an operand of this type. */
export const poolAxes = (name: string, x: TensorType, { window, stride, low, high, baseDilation, windowDilation }: PoolAttrs): WindowAxis[] =>
  windowAxes(name, x, x.shape, window, { stride, low, high, baseDilation, windowDilation });

/** The attributes that give these windows. */
export function poolAttrs(axes: readonly WindowAxis[]): PoolAttrs {
  return {
    window: axes.map((a) => a.window as number), stride: axes.map((a) => a.stride), low: axes.map((a) => a.low), high: axes.map((a) => a.high),
    baseDilation: axes.map((a) => a.baseDilation), windowDilation: axes.map((a) => a.windowDilation),
  };
}

function checkWindow(name: string, x: TensorType, window: readonly number[]): void {
  check(window.every((k) => Number.isInteger(k) && k >= 1), () => `${name} of ${typeText(x)} over windows ${shapeText(window)}`, "a window has one element or more along each axis");
}

/** Visits the elements of the window at `p`, in row-major order, with their position in it; padding is left out. */
function forEachElement(x: NdArray, axes: readonly WindowAxis[], p: readonly number[], visit: (linear: number, position: number) => void): void {
  const strides = stridesOf(x.shape);
  forEachIndex(axes.map((a) => a.window as number), (k, position) => {
    let linear = 0;
    for (const [i, axis] of axes.entries()) {
      const at = elementAt(axis, p[i], k[i]);
      if (at === undefined) return;
      linear += at * strides[i];
    }
    visit(linear, position);
  });
}

/** Folds each window of `x` with a reducer; padding counts as the reducer's identity. StableHLO: `reduce_window`. */
export const reduceWindow = op<PoolAttrs & { reducer: "sum" | "max" | "min" }>({
  kind: "reduce",
  infer([x], attrs) {
    checkWindow("reduceWindow", x, attrs.window);
    check(x.dtype !== "bool", () => `reduceWindow of ${typeText(x)}`, "convert it to a number first");
    return [{ dtype: x.dtype, shape: poolAxes("reduceWindow", x, attrs).map(windowCount) }];
  },
  evaluate([x], attrs, [out]) {
    const axes = poolAxes("reduceWindow", x, attrs);
    return [tabulate(out, (p) => {
      let acc = identityOf(attrs.reducer, x.dtype);
      forEachElement(x, axes, p, (at) => { acc = combine(attrs.reducer, acc, x.data[at], x.dtype); });
      return acc;
    })];
  },
});

/**
 * Position (i32, row-major in the window) of the largest or smallest element of each window: the first of equals; a NaN
 * counts as the extreme. Padding is never chosen; in a window of nothing else, the position means nothing. The operand
 * is not dilated.
 */
export const argReduceWindow = op<PoolAttrs & { reducer: "max" | "min" }>({
  kind: "reduce",
  infer([x], attrs) {
    checkWindow("argReduceWindow", x, attrs.window);
    check(attrs.baseDilation.every((d) => d === 1), () => `internal: argReduceWindow of ${typeText(x)} with its elements apart`);
    return [{ dtype: "i32", shape: poolAxes("argReduceWindow", x, attrs).map(windowCount) }];
  },
  evaluate([x], attrs, [out]) {
    const axes = poolAxes("argReduceWindow", x, attrs), inner = stridesOf(attrs.window);
    return [tabulate(out, (p) => {
      // the first position that is not in the padding before the operand
      let chosen = axes.reduce((sum, a, i) => sum + inner[i] * Math.max(0, Math.ceil(((a.low as number) - p[i] * a.stride) / a.windowDilation)), 0);
      let best: number | undefined;
      forEachElement(x, axes, p, (at, position) => {
        const v = x.data[at];
        if (best !== undefined && (Number.isNaN(best) || !(Number.isNaN(v) || (attrs.reducer === "max" ? v > best : v < best)))) return;
        best = v;
        chosen = position;
      });
      return chosen;
    })];
  },
});

/**
 * Gives the update of each window to one element of it: operands `(updates, positions)`, both of one shape; positions
 * (i32) as {@link argReduceWindow} counts them. The windows are those over the result, of shape `shape`; an element that
 * lies in several windows gets a sum. This is the derivative of a pooling by extremes.
 */
export const unpool = op<PoolAttrs & { shape: Shape }>({
  kind: "reduce",
  infer([updates, positions], { shape, ...attrs }) {
    const result = { dtype: updates.dtype, shape };
    checkWindow("unpool", result, attrs.window);
    check(positions.dtype === "i32" && sameShape(updates.shape, positions.shape), () => `internal: unpool of ${typeText(updates)} at ${typeText(positions)}`);
    check(attrs.baseDilation.every((d) => d === 1), () => `internal: unpool to ${typeText(result)} with its elements apart`);
    const counts = poolAxes("unpool", result, attrs).map(windowCount);
    check(sameShape(counts, updates.shape), () => `internal: unpool of ${typeText(updates)} to ${typeText(result)}, which has ${shapeText(counts)} windows`);
    return [result];
  },
  evaluate([updates, positions], attrs, [out]) {
    const axes = poolAxes("unpool", out, attrs), result = tabulate(out, () => 0);
    forEachIndex(updates.shape, (p, window) => {
      forEachElement(out as NdArray, axes, p, (at, position) => {
        if (position === positions.data[window]) result.data[at] = combine("sum", result.data[at], updates.data[window], out.dtype);
      });
    });
    return [result];
  },
});

