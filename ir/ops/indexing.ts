import { check, GraphError } from "../graph/error.ts";
import { sameShape, typeText, type TensorType } from "../types/index.ts";
import { combine } from "./reduce.ts";
import { linearIndex, forEachIndex, op, stridesOf, tabulate, type NdArray } from "./record.ts";

/**
 * How index tensors address an operand, for `gather` and `scatter` alike.
 *
 * Each of `axes` of the operand is addressed by one index tensor (i32; all of one shape S). Each pair
 * `[operandAxis, indexAxis]` of `batch` walks along with that axis of S. The operand's remaining axes are taken
 * whole. The selected elements have shape S followed by the remaining axes in order.
 *
 * `torch.gather(x, 1, i)` on matrices is `axes = [1], batch = [[0, 0]]`; an embedding is `axes = [0], batch = []`.
 * An index out of range is an error when the program runs.
 */
export interface Addressing {
  readonly axes: readonly number[];
  readonly batch: readonly (readonly [number, number])[];
}

/** Operand axes that an addressing takes whole. */
export function wholeAxes(rank: number, { axes, batch }: Addressing): number[] {
  return Array.from({ length: rank }, (_, i) => i).filter((i) => !axes.includes(i) && !batch.some(([o]) => o === i));
}

function selectedShape(name: string, operand: TensorType, indices: readonly TensorType[], at: Addressing): TensorType {
  check(indices.length === at.axes.length && indices.length > 0, () => `${name} of ${typeText(operand)}: ${at.axes.length} indexed axes need as many index tensors, not ${indices.length}`);
  for (const i of indices) {
    check(i.dtype === "i32", () => `${name}: indices are i32, not ${typeText(i)}`, "convert them with .convert(\"i32\")");
    check(sameShape(i.shape, indices[0].shape), () => `${name}: index tensors ${typeText(indices[0])} and ${typeText(i)} differ in shape`);
  }
  for (const [o, i] of at.batch)
    check(operand.shape[o] === indices[0].shape[i], () => `${name}: axis ${o} of ${typeText(operand)} must equal axis ${i} of the indices ${typeText(indices[0])}`);
  return { dtype: operand.dtype, shape: [...indices[0].shape, ...wholeAxes(operand.shape.length, at).map((a) => operand.shape[a])] };
}

/** Visits every selected element: its linear position in the operand and in the selection. */
function forEachSelected(name: string, operand: readonly number[], indices: readonly NdArray[], at: Addressing, shape: readonly number[], visit: (operandAt: number, selectedAt: number) => void): void {
  const strides = stridesOf(operand), indexStrides = stridesOf(indices[0].shape);
  const rank = indices[0].shape.length, whole = wholeAxes(operand.length, at);
  forEachIndex(shape, (index, selectedAt) => {
    const indexAt = linearIndex(index.slice(0, rank), indexStrides);
    let operandAt = 0;
    for (const [k, axis] of at.axes.entries()) {
      const i = indices[k].data[indexAt];
      if (!(i >= 0 && i < operand[axis])) throw new GraphError(`${name}: index ${i} is out of range for axis ${axis} of size ${operand[axis]}`);
      operandAt += i * strides[axis];
    }
    for (const [o, i] of at.batch) operandAt += index[i] * strides[o];
    for (const [k, axis] of whole.entries()) operandAt += index[rank + k] * strides[axis];
    visit(operandAt, selectedAt);
  });
}

/** Reads the operand at indices: operands `(x, ...indices)`. */
export const gather = op<Addressing>({
  kind: "index",
  infer: ([x, ...indices], attrs) => [selectedShape("gather", x, indices, attrs)],
  evaluate([x, ...indices], attrs, [out]) {
    const result = tabulate(out, () => 0);
    forEachSelected("gather", x.shape, indices, attrs, out.shape, (from, to) => { result.data[to] = x.data[from]; });
    return [result];
  },
});

/**
 * The operand with elements at indices replaced by, or combined with, `updates`: operands
 * `(x, updates, ...indices)`. Where several updates meet at one index, they apply in row-major order.
 */
export const scatter = op<Addressing & { reducer: "set" | "sum" | "prod" | "max" | "min" }>({
  kind: "index",
  infer([x, updates, ...indices], attrs) {
    const want = selectedShape("scatter", x, indices, attrs);
    check(updates.dtype === x.dtype && sameShape(updates.shape, want.shape), () => `scatter into ${typeText(x)}: updates are ${typeText(updates)}, but the indices select ${typeText(want)}`);
    return [x];
  },
  evaluate([x, updates, ...indices], attrs, [out]) {
    const data = Float64Array.from(x.data);
    forEachSelected("scatter", x.shape, indices, attrs, updates.shape, (to, from) => {
      data[to] = attrs.reducer === "set" ? updates.data[from] : combine(attrs.reducer, data[to], updates.data[from], x.dtype);
    });
    return [{ ...out, data }];
  },
});
