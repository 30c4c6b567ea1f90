import { check } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import type { Reducer } from "../../ops/index.ts";
import { isFloat, type DType, type Shape } from "../../types/index.ts";
import { wrap, type Tensor } from "../core.ts";
import { axesOf, axisOf, countOf, keeps, restore } from "../dims.ts";
import { accumulator, convert, describe, requireFloat, select, toFloat } from "../lift.ts";
import { inFullPrecision } from "../precision.ts";
import type { Axis, Keep, KeepOf } from "../types/check.ts";
import type { ToAccumulator, ToFloat } from "../types/dtype.ts";
import type { Reduce } from "../types/shape.ts";

/**
 * Folds of axes. `dim` is an axis or a list of them, counted from either end, and all by default; an empty list
 * folds nothing. `keepdim` (`true`, or `{ keepdim: true }`) leaves the folded axes as 1.
 */

/** A tensor and the place along an axis where each of its elements was found. */
export interface ValuesAndIndices<S extends Shape, D extends DType> {
  readonly values: Tensor<S, D>;
  readonly indices: Tensor<S, "i32">;
}
type Axes = number | readonly number[];

function fold(x: Tensor, reducer: Reducer, dim: Axes | undefined, keep: Keep): Tensor {
  const axes = axesOf(dim, x);
  const out = axes.length === 0 && dim !== undefined ? x : wrap(emitOne("reduce", [x.value], { reducer, axes }));
  return restore(out, x.shape, axes, keep);
}
/** Sum. Bool and integers sum to i32 (u32 to u32), wrapping. PyTorch: `torch.sum`. */
export function sum<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, ToAccumulator<D>>;
export function sum(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor { return fold(accumulator(this), "sum", dim, keepdim); }

/** Sum of what is not NaN. PyTorch: `torch.nansum`. */
export function nansum<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, ToAccumulator<D>>;
export function nansum(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor {
  return (isFloat(this.dtype) ? select(this.isNan(), 0, this) : this).sum(dim, keepdim);
}

/** Product. Bool and integers multiply to i32 (u32 to u32), wrapping. PyTorch: `torch.prod`. */
export function prod<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, ToAccumulator<D>>;
export function prod(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor { return fold(accumulator(this), "prod", dim, keepdim); }

/** Mean of floats; NaN of no elements. PyTorch: `torch.mean`. */
export function mean<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, D>;
export function mean(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor {
  requireFloat(this, "mean");
  return inFullPrecision(this, (x) => x.sum(dim, keepdim).div(countOf(x, axesOf(dim, x))));
}

/** Largest element; NaN where there is one. Equal extremes share the derivative evenly. PyTorch: `torch.amax`. */
export function amax<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, D>;
export function amax(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor { return extreme(this, "max", dim, keepdim); }

/** Smallest element; NaN where there is one. Equal extremes share the derivative evenly. PyTorch: `torch.amin`. */
export function amin<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, D>;
export function amin(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor { return extreme(this, "min", dim, keepdim); }

function extreme(x: Tensor, reducer: "max" | "min", dim: Axes | undefined, keep: Keep): Tensor {
  check(!axesOf(dim, x).some((a) => x.shape[a] === 0), () => `a${reducer} of ${describe(x)} over an axis of size 0: there is no element`);
  if (x.dtype !== "bool") return fold(x, reducer, dim, keep);
  return fold(x, reducer === "max" ? "any" : "all", dim, keep);
}

/** Smallest and largest elements. PyTorch: `torch.aminmax`. */
export function aminmax<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A>, keepdim?: K,
): { readonly min: Tensor<Reduce<S, A, KeepOf<K>>, D>; readonly max: Tensor<Reduce<S, A, KeepOf<K>>, D> };
export function aminmax(this: Tensor, dim?: number, keepdim: Keep = false): { readonly min: Tensor; readonly max: Tensor } {
  return { min: this.amin(dim, keepdim), max: this.amax(dim, keepdim) };
}

/**
 * Without an axis, the largest element of all (equal ones share the derivative). Along an axis, the largest
 * elements and where they are; the derivative goes to the one element returned. PyTorch: `torch.max`.
 */
export function max<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<[], D>;
export function max<S extends Shape, D extends DType, A extends number, const K extends Keep = false>(
  this: Tensor<S, D>, dim: Axis<S, A>, keepdim?: K,
): ValuesAndIndices<Reduce<S, A, KeepOf<K>>, D>;
export function max(this: Tensor, dim?: number, keepdim: Keep = false): Tensor | ValuesAndIndices<Shape, DType> {
  return dim === undefined ? this.amax() : pick(this, dim, this.argmax(dim, true), keepdim);
}

/** As {@link max}, of the smallest. PyTorch: `torch.min`. */
export function min<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<[], D>;
export function min<S extends Shape, D extends DType, A extends number, const K extends Keep = false>(
  this: Tensor<S, D>, dim: Axis<S, A>, keepdim?: K,
): ValuesAndIndices<Reduce<S, A, KeepOf<K>>, D>;
export function min(this: Tensor, dim?: number, keepdim: Keep = false): Tensor | ValuesAndIndices<Shape, DType> {
  return dim === undefined ? this.amin() : pick(this, dim, this.argmin(dim, true), keepdim);
}

/** The elements of `x` at the indices found along an axis, which is 1 there. */
function pick(x: Tensor, dim: number, indices: Tensor<Shape, "i32">, keep: Keep): ValuesAndIndices<Shape, DType> {
  const squeeze = <D extends DType>(t: Tensor<Shape, D>): Tensor<Shape, D> => (keeps(keep) || x.rank === 0 ? t : t.squeeze([axisOf(dim, x)]));
  return { values: squeeze(x.gather(dim, indices)), indices: squeeze(indices) };
}

/**
 * Place of the largest element along an axis, or among all in row-major order: the first of equals; a NaN counts
 * as largest. PyTorch: `torch.argmax`.
 */
export function argmax<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A>, keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, "i32">;
export function argmax(this: Tensor, dim?: number, keepdim: Keep = false): Tensor { return argExtreme(this, "max", dim, keepdim); }

/** As {@link argmax}, of the smallest (a NaN counts as smallest). PyTorch: `torch.argmin`. */
export function argmin<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A>, keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, "i32">;
export function argmin(this: Tensor, dim?: number, keepdim: Keep = false): Tensor { return argExtreme(this, "min", dim, keepdim); }

function argExtreme(x: Tensor, reducer: "max" | "min", dim: number | undefined, keep: Keep): Tensor {
  const isLine = dim === undefined || x.rank === 0;
  const axis = dim === undefined ? 0 : axisOf(dim, x);
  const out = wrap(emitOne("argReduce", [(isLine ? x.flatten() : x).value], { reducer, axis }));
  return restore(out, x.shape, axesOf(dim, x), keep);
}

/** Whether any element is true ("not zero"); false of none. PyTorch: `torch.any`. */
export function any<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, "bool">;
export function any(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor { return fold(convert(this, "bool"), "any", dim, keepdim); }

/** Whether all elements are true ("not zero"); true of none. PyTorch: `torch.all`. */
export function all<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, "bool">;
export function all(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor { return fold(convert(this, "bool"), "all", dim, keepdim); }

/** How many elements are not zero. PyTorch: `torch.count_nonzero`. */
export function countNonzero<S extends Shape, D extends DType, A extends number | undefined = undefined>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[],
): Tensor<Reduce<S, A, false>, "i32">;
export function countNonzero(this: Tensor, dim?: Axes): Tensor { return this.ne(0).sum(dim); }

/** Mean of what is not NaN; NaN of nothing. PyTorch: `torch.nanmean`. */
export function nanmean<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, ToFloat<D>>;
export function nanmean(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor {
  return toFloat(this).nansum(dim, keepdim).div(this.isNan().logicalNot().sum(dim, keepdim));
}
