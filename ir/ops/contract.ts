import { check } from "../graph/error.ts";
import { isFloat, roundTo, typeText } from "../types/index.ts";
import { forEachIndex, linearIndex, op, sizeOfShape, stridesOf, type NdArray } from "./record.ts";

/** Pairs of axes `[of lhs, of rhs]`. */
export type AxisPairs = readonly (readonly [number, number])[];

/** Axes of each operand that are neither batch nor contracted, in order. */
export function freeAxes(rank: number, side: 0 | 1, { batch, contract }: { batch: AxisPairs; contract: AxisPairs }): number[] {
  const used = [...batch, ...contract].map((p) => p[side]);
  return Array.from({ length: rank }, (_, i) => i).filter((i) => !used.includes(i));
}

/**
 * The general product: sums over the contracted pairs of axes, for every index of the batch pairs. The result
 * has the batch axes, then the free axes of lhs, then those of rhs. A matrix product is `contract: [[1, 0]]`.
 */
export const dot = op<{ batch: AxisPairs; contract: AxisPairs }>({
  kind: "contract",
  infer([a, b], attrs) {
    check(a.dtype === b.dtype && a.dtype !== "bool", () => `dot of ${typeText(a)} and ${typeText(b)}: the dtypes must be equal numbers`);
    for (const [kind, pairs] of [["batch", attrs.batch], ["contract", attrs.contract]] as const)
      for (const [i, j] of pairs)
        check(a.shape[i] !== undefined && a.shape[i] === b.shape[j], () =>
          `dot of ${typeText(a)} and ${typeText(b)}: ${kind} axis ${i} of the first is ${a.shape[i]}, axis ${j} of the second is ${b.shape[j]}`);
    return [{
      dtype: a.dtype,
      shape: [...attrs.batch.map(([i]) => a.shape[i]), ...freeAxes(a.shape.length, 0, attrs).map((i) => a.shape[i]), ...freeAxes(b.shape.length, 1, attrs).map((j) => b.shape[j])],
    }];
  },
  evaluate([a, b], attrs, [out]) {
    const spread = (x: NdArray, side: 0 | 1) => {
      const strides = stridesOf(x.shape), free = freeAxes(x.shape.length, side, attrs);
      return { batch: attrs.batch.map((p) => strides[p[side]]), free: free.map((i) => strides[i]), contract: attrs.contract.map((p) => strides[p[side]]) };
    };
    const sa = spread(a, 0), sb = spread(b, 1);
    const nb = sa.batch.length, na = sa.free.length;
    const inner = attrs.contract.map(([i]) => a.shape[i]);
    const data = new Float64Array(sizeOfShape(out.shape));
    forEachIndex(out.shape, (index, at) => {
      const batch = index.slice(0, nb);
      const fromA = linearIndex(batch, sa.batch) + linearIndex(index.slice(nb, nb + na), sa.free);
      const fromB = linearIndex(batch, sb.batch) + linearIndex(index.slice(nb + na), sb.free);
      let sum = 0;
      forEachIndex(inner, (k) => {
        const x = a.data[fromA + linearIndex(k, sa.contract)], y = b.data[fromB + linearIndex(k, sb.contract)];
        sum = isFloat(a.dtype) ? sum + x * y : roundTo(a.dtype, sum + Math.imul(x, y));
      });
      data[at] = sum;
    });
    return [{ ...out, data }];
  },
});
