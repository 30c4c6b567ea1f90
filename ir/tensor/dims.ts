import { check } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import { dims, type Dim, type DType, type Shape } from "../types/index.ts";
import { wrap, type Tensor } from "./core.ts";
import { describe } from "./lift.ts";
import { reshapeTo } from "./reshape.ts";
import type { Keep } from "./types/check.ts";

/** An axis counted from either end, as one counted from the start. A scalar takes 0 and -1, as in PyTorch. */
export function axisOf(axis: number, x: Tensor): number {
  const at = axis < 0 ? axis + Math.max(x.rank, 1) : axis;
  check(Number.isInteger(at) && at >= 0 && at < Math.max(x.rank, 1), () =>
    `axis ${axis} is outside ${describe(x)}`, `use an axis from ${-Math.max(x.rank, 1)} to ${Math.max(x.rank, 1) - 1}`);
  return at;
}

/** Axes as a list without repeats, all by default; none for a scalar. */
export function axesOf(axes: number | readonly number[] | undefined, x: Tensor): number[] {
  if (axes === undefined) return x.shape.map((_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((a) => axisOf(a, x));
  check(new Set(list).size === list.length, () => `axes [${[axes].flat().join(",")}] of ${describe(x)} name an axis twice`);
  return x.rank === 0 ? [] : list;
}

/** Place of a new axis counted from either end: one more than there are axes. */
export function newAxisOf(axis: number, x: Tensor): number {
  const at = axis < 0 ? axis + x.rank + 1 : axis;
  check(Number.isInteger(at) && at >= 0 && at <= x.rank, () =>
    `a new axis cannot be at ${axis} of ${describe(x)}`, `use a place from ${-x.rank - 1} to ${x.rank}`);
  return at;
}

export const keeps = (keep: Keep): boolean => (typeof keep === "boolean" ? keep : keep.keepdim === true);

/** A reduced tensor with its reduced axes back as 1, where they are kept. */
export function restore(reduced: Tensor, shape: Shape, axes: readonly number[], keep: Keep): Tensor {
  return keeps(keep) ? reshapeTo(reduced, shape.map((d, i) => (axes.includes(i) ? 1 : d))) : reduced;
}

/** The number of elements along axes: a JavaScript number, or the value of a symbolic dimension as an i32 scalar. */
export function countOf(x: Tensor, axes: readonly number[]): number | Tensor {
  const size = dims.product(axes.map((i) => x.shape[i]));
  return typeof size === "number" ? size : sizeValue(size);
}
/** The value of a dimension as an i32 scalar. */
export const sizeValue = (size: Dim): Tensor => wrap(emitOne("dimension", [], { size: dims.dim(size) }));

/** 0, 1, 2, … along an axis of a shape. */
export const iota = (shape: Shape, axis: number, dtype: DType = "i32"): Tensor => wrap(emitOne("iota", [], { dtype, shape, axis }));
