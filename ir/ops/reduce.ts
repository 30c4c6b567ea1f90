import { check } from "../graph/error.ts";
import { highest, isFloat, lowest, roundTo, typeText, type DType } from "../types/index.ts";
import { forEachIndex, op, sizeOfShape, stridesOf, linearIndex } from "./record.ts";

export const reducers = ["sum", "prod", "max", "min", "any", "all"] as const;
export type Reducer = (typeof reducers)[number];

/** What folding no elements gives. */
export function identityOf(op: Reducer, dtype: DType): number {
  switch (op) {
    case "sum": case "any": return 0;
    case "prod": case "all": return 1;
    case "max": return lowest[dtype];
    case "min": return highest[dtype];
  }
}

/** One step of a fold; of floats in full precision, as a result is rounded when it is complete. A NaN stays: `max` and `min` give NaN when either side is. */
export function combine(op: Reducer, a: number, b: number, dtype: DType): number {
  switch (op) {
    case "sum": return isFloat(dtype) ? a + b : roundTo(dtype, a + b);
    case "prod": return isFloat(dtype) ? a * b : roundTo(dtype, Math.imul(a, b));
    case "max": return Number.isNaN(a) || a >= b ? a : b; // a NaN on the right fails a >= b
    case "min": return Number.isNaN(a) || a <= b ? a : b;
    case "any": return a !== 0 || b !== 0 ? 1 : 0;
    case "all": return a !== 0 && b !== 0 ? 1 : 0;
  }
}

const checkAxes = (axes: readonly number[], rank: number): boolean =>
  new Set(axes).size === axes.length && axes.every((a) => Number.isInteger(a) && a >= 0 && a < rank);

/** Folds `axes` away with a reducer; the remaining axes keep their order. Folding nothing gives the identity. */
export const reduce = op<{ reducer: Reducer; axes: readonly number[] }>({
  kind: "reduce",
  infer([x], { reducer, axes }) {
    check(checkAxes(axes, x.shape.length), () => `cannot reduce axes [${axes.join(",")}] of ${typeText(x)}`);
    check((reducer === "any" || reducer === "all") === (x.dtype === "bool"), () => `${reducer} of ${typeText(x)}: any and all fold bool, the others numbers`);
    return [{ dtype: x.dtype, shape: x.shape.filter((_, i) => !axes.includes(i)) }];
  },
  evaluate([x], { reducer, axes }, [out]) {
    const data = new Float64Array(sizeOfShape(out.shape)).fill(identityOf(reducer, x.dtype));
    const strides = stridesOf(out.shape);
    forEachIndex(x.shape, (index, at) => {
      const to = linearIndex(index.filter((_, i) => !axes.includes(i)), strides);
      data[to] = combine(reducer, data[to], x.data[at], x.dtype);
    });
    return [{ ...out, data }];
  },
});

/** Index (i32) of the largest or smallest element along `axis`: the first of equals; a NaN counts as the extreme. */
export const argReduce = op<{ reducer: "max" | "min"; axis: number }>({
  kind: "reduce",
  infer([x], { axis }) {
    check(checkAxes([axis], x.shape.length), () => `axis ${axis} is outside ${typeText(x)}`);
    check(x.shape[axis] !== 0, () => `argmax or argmin over axis ${axis} of ${typeText(x)}, which is empty`);
    return [{ dtype: "i32", shape: x.shape.filter((_, i) => i !== axis) }];
  },
  evaluate([x], { reducer, axis }, [out]) {
    const best = new Float64Array(sizeOfShape(out.shape));
    const data = new Float64Array(best.length);
    const strides = stridesOf(out.shape);
    forEachIndex(x.shape, (index, at) => {
      const to = linearIndex(index.filter((_, i) => i !== axis), strides);
      const v = x.data[at], b = best[to];
      if (index[axis] === 0 || (!Number.isNaN(b) && (Number.isNaN(v) || (reducer === "max" ? v > b : v < b)))) {
        best[to] = v;
        data[to] = index[axis];
      }
    });
    return [{ ...out, data }];
  },
});

