import { check } from "../graph/error.ts";
import { typeText } from "../types/index.ts";
import { combine, identityOf } from "./reduce.ts";
import { forEachIndex, op, stridesOf, tabulate } from "./record.ts";

const checkAxis = (axis: number, rank: number): boolean => Number.isInteger(axis) && axis >= 0 && axis < rank;

/** Visits each line of a shape along `axis` as its first linear position; elements are `stride` apart. */
function forEachLine(shape: readonly number[], axis: number, visit: (start: number, stride: number) => void): void {
  const stride = stridesOf(shape)[axis];
  forEachIndex(shape.map((d, i) => (i === axis ? Math.min(d, 1) : d)), (index) => {
    visit(index.reduce((sum, i, k) => sum + i * stridesOf(shape)[k], 0), stride);
  });
}

/** Running fold along `axis`, inclusive; `reverse` runs from the end. */
export const cumulative = op<{ reducer: "sum" | "prod" | "max" | "min"; axis: number; reverse: boolean }>({
  kind: "ordered",
  infer([x], { axis }) {
    check(checkAxis(axis, x.shape.length), () => `axis ${axis} is outside ${typeText(x)}`);
    check(x.dtype !== "bool", () => `cumulative fold of ${typeText(x)}`, "convert it to i32 first");
    return [x];
  },
  evaluate([x], { reducer, axis, reverse }, [out]) {
    const result = tabulate(out, () => 0), n = x.shape[axis];
    forEachLine(x.shape, axis, (start, stride) => {
      let acc = identityOf(reducer, x.dtype);
      for (let k = 0; k < n; k++) {
        const at = start + (reverse ? n - 1 - k : k) * stride;
        acc = combine(reducer, acc, x.data[at], x.dtype);
        result.data[at] = acc;
      }
    });
    return [result];
  },
});

/**
 * Sorts along `axis`, keeping the order of equals: outputs the sorted values and, as i32, where each came from.
 * NaN counts as larger than every number.
 */
export const sort = op<{ axis: number; descending: boolean }>({
  kind: "ordered",
  infer([x], { axis }) {
    check(checkAxis(axis, x.shape.length), () => `axis ${axis} is outside ${typeText(x)}`);
    return [x, { dtype: "i32", shape: x.shape }];
  },
  evaluate([x], { axis, descending }, [values, indices]) {
    const sorted = tabulate(values, () => 0), from = tabulate(indices, () => 0), n = x.shape[axis];
    const ascending = (a: number, b: number): number => (Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b || 0);
    forEachLine(x.shape, axis, (start, stride) => {
      const at = (k: number) => x.data[start + k * stride];
      const order = Array.from({ length: n }, (_, k) => k).sort((i, j) => {
        const a = at(i), b = at(j);
        const c = a === b ? 0 : ascending(a, b);
        return (descending ? -c : c) || i - j;
      });
      for (const [k, i] of order.entries()) {
        sorted.data[start + k * stride] = at(i);
        from.data[start + k * stride] = i;
      }
    });
    return [sorted, from];
  },
});
