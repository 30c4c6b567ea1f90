import { check } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import type { AttrsOf } from "../ops/index.ts";
import { isInteger, type Dim, type Shape } from "../types/index.ts";
import { broadcastTo } from "./broadcast.ts";
import { wrap, type Tensor } from "./core.ts";
import { iota, sizeValue } from "./dims.ts";
import { convert, describe, select } from "./lift.ts";

/** How the authoring layer addresses elements by index tensors: checks, and the forms of the `gather` and `scatter` ops. */

export type ScatterReducer = AttrsOf<"scatter">["reducer"];
type Batch = readonly (readonly [number, number])[];

/** An index tensor as i32. */
export function asIndex(index: Tensor, name: string): Tensor {
  check(isInteger(index.dtype), () => `${name}: the indices are ${describe(index)}; they must be integers`,
    index.dtype === "bool" ? "a mask would select a number of elements that depends on data: use where or maskedFill" : "convert them with .int()");
  return convert(index, "i32");
}

/** Indices counted from either end as ones counted from the start. */
export function fromStart(index: Tensor, x: Tensor, axis: number): Tensor {
  const size = x.shape[axis];
  return select(index.lt(0), index.add(typeof size === "number" ? size : sizeValue(size)), index);
}

/** Elements of `x` at `indices` (i32, of one shape) of `axes` (ascending); their shape stands at axis `at` of the result. */
export function gatherAt(x: Tensor, axes: readonly number[], indices: readonly Tensor[], at: number = axes[0]): Tensor {
  const out = wrap(emitOne("gather", [x.value, ...indices.map((i) => i.value)], { axes, batch: [] }));
  const places = indices[0].shape.map((_, i) => i);
  return at === 0 || places.length === 0 ? out : out.movedim(places, places.map((i) => i + at));
}

/** An i32 index tensor as it is, with its elements checked when the program runs: each must lie in 0 … size−1. */
export const checkedIndex = (index: Tensor, size: Dim): Tensor => gatherAt(iota([size], 0), [0], [index]);

/** All axes of an index tensor but one, each walking along with that axis of the operand. */
export const batchBut = (rank: number, axis: number): Batch => Array.from({ length: rank }, (_, i) => [i, i] as const).filter(([i]) => i !== axis);

/**
 * `x` with `updates` written or folded in along `axis`, where `index` says: element `updates[i, j, …]` goes to
 * `x[index[i, j, …], j, …]` for axis 0. `updates` has the shape of `index`, whose other sizes are at most those of `x`.
 */
export function scatterAlong(x: Tensor, axis: number, index: Tensor, updates: Tensor, reducer: ScatterReducer): Tensor {
  if (x.dtype === "bool" && reducer !== "set") return scatterAlong(x.byte(), axis, index, updates.byte(), reducer).bool();
  const walksAlong = index.shape.every((d, i) => i === axis || d === x.shape[i]);
  const axes = walksAlong ? [axis] : x.shape.map((_, i) => i);
  // an index smaller than x cannot walk along with it: there every coordinate is spelled out
  const indices = walksAlong ? [index] : axes.map((a) => (a === axis ? index : iota(index.shape, a)));
  return wrap(emitOne("scatter", [x.value, updates.value, ...indices.map((i) => i.value)], { axes, batch: walksAlong ? batchBut(x.rank, axis) : [], reducer }));
}

/** Index tensors stretched to the shape they broadcast to. */
export const stretch = (index: Tensor, shape: Shape): Tensor => wrap(broadcastTo(index.value, shape));
