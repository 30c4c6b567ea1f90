import { check } from "../../graph/error.ts";
import { emit } from "../../graph/build.ts";
import { dims, type DType, type Shape } from "../../types/index.ts";
import { wrap, type Tensor } from "../core.ts";
import { axisOf, keeps } from "../dims.ts";
import { describe } from "../lift.ts";
import { searchSorted, type SearchOptions } from "../search.ts";
import { sliceAxis, takeOne } from "../slice.ts";
import { sharedAmongEquals } from "../ties.ts";
import type { Axis, Keep, KeepOf } from "../types/check.ts";
import type { Reduce, WithDim } from "../types/shape.ts";
import type { ValuesAndIndices } from "./reductions.ts";

/** Orders along an axis. NaN counts as larger than every number; equals keep their order, as with PyTorch's `stable`. */

interface Order { readonly descending?: boolean; readonly stable?: boolean }

/** Which extremes; they come in order whether `sorted` asks for it or not. */
interface Top { readonly largest?: boolean; readonly sorted?: boolean }

function sorted(x: Tensor, dim: number, descending: boolean): ValuesAndIndices<Shape, DType> {
  const axis = axisOf(dim, x);
  if (x.rank === 0) return { values: x, indices: x.zerosLike("i32") };
  const [values, indices] = emit("sort", [x.value], { axis, descending }).map(wrap);
  return { values, indices: indices as Tensor<Shape, "i32"> };
}

/** Elements in order along an axis (the last by default), and where each came from. PyTorch: `torch.sort`. */
export function sort<S extends Shape, D extends DType, A extends number = -1>(this: Tensor<S, D>, dim?: Axis<S, A>, options?: Order): ValuesAndIndices<S, D>;
export function sort(this: Tensor, dim = -1, { descending = false }: Order = {}): ValuesAndIndices<Shape, DType> { return sorted(this, dim, descending); }

/** Where the elements in order come from. PyTorch: `torch.argsort`. */
export function argsort<S extends Shape, D extends DType, A extends number = -1>(this: Tensor<S, D>, dim?: Axis<S, A>, options?: Order): Tensor<S, "i32">;
export function argsort(this: Tensor, dim = -1, { descending = false }: Order = {}): Tensor { return sorted(this, dim, descending).indices; }

/** Elements in order along the first axis. PyTorch: `torch.msort`. */
export function msort<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function msort(this: Tensor): Tensor { return sorted(this, 0, false).values; }

/**
 * The `k` largest (or smallest) elements along an axis (the last by default) in order, and where they are.
 * PyTorch: `torch.topk`.
 */
export function topk<S extends Shape, D extends DType, const K extends number, A extends number = -1>(
  this: Tensor<S, D>, k: K, dim?: Axis<S, A>, options?: Top,
): ValuesAndIndices<S extends readonly [] ? [] : WithDim<S, A, K>, D>;
export function topk(this: Tensor, k: number, dim = -1, { largest = true }: Top = {}): ValuesAndIndices<Shape, DType> {
  const axis = axisOf(dim, this), size = this.rank === 0 ? 1 : this.shape[axis];
  check(Number.isInteger(k) && k >= 0 && dims.atLeast(size, k) === true, () =>
    `topk of ${describe(this)}: axis ${axis} of size ${size} may not have ${k} elements`);
  const { values, indices } = sorted(this, axis, largest);
  if (this.rank === 0) return { values, indices };
  return { values: sliceAxis(values, axis, 0, k), indices: sliceAxis(indices, axis, 0, k) as Tensor<Shape, "i32"> };
}

/** The `k`-th smallest element along an axis (1 is the smallest), and where it is. PyTorch: `torch.kthvalue`. */
export function kthvalue<S extends Shape, D extends DType, A extends number = -1, const K extends Keep = false>(
  this: Tensor<S, D>, k: number, dim?: Axis<S, A>, keepdim?: K,
): ValuesAndIndices<Reduce<S, A, KeepOf<K>>, D>;
export function kthvalue(this: Tensor, k: number, dim = -1, keepdim: Keep = false): ValuesAndIndices<Shape, DType> {
  const axis = axisOf(dim, this), size = this.rank === 0 ? 1 : this.shape[axis];
  check(Number.isInteger(k) && k >= 1 && dims.atLeast(size, k) === true, () =>
    `kthvalue of ${describe(this)}: axis ${axis} of size ${size} may not have ${k} elements`);
  const { values, indices } = sorted(this, axis, false);
  if (this.rank === 0) return { values, indices };
  const pick = (x: Tensor): Tensor => (keeps(keepdim) ? sliceAxis(x, axis, k - 1, k) : takeOne(x, axis, k - 1));
  return { values: pick(values), indices: pick(indices) as Tensor<Shape, "i32"> };
}

/**
 * Without an axis, the median of all; along one, the medians and where they are. Of an even number, the lower of
 * the two in the middle. The derivative of the median of all is shared among its equals. The size must be a number.
 * PyTorch: `torch.median`.
 */
export function median<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<[], D>;
export function median<S extends Shape, D extends DType, A extends number, const K extends Keep = false>(
  this: Tensor<S, D>, dim: Axis<S, A>, keepdim?: K,
): ValuesAndIndices<Reduce<S, A, KeepOf<K>>, D>;
export function median(this: Tensor, dim?: number, keepdim: Keep = false): Tensor | ValuesAndIndices<Shape, DType> {
  const size = dim === undefined ? this.numel() : this.rank === 0 ? 1 : this.shape[axisOf(dim, this)];
  check(typeof size === "number" && size > 0, () => `median of ${describe(this)} over ${size} elements: their number must be known, and at least 1`);
  // PyTorch's median of a line with a NaN is NaN; in order, the NaN come last, so the middle alone would hide them
  const k = Math.floor((size + 1) / 2);
  if (dim === undefined) return sharedAmongEquals(nanIfAny(this.flatten().kthvalue(k, 0).values, this, undefined, false), this);
  const { values, indices } = this.kthvalue(k, dim, keepdim);
  return { values: nanIfAny(values, this, dim, keepdim), indices };
}
function nanIfAny(middle: Tensor, x: Tensor, dim: number | undefined, keep: Keep): Tensor {
  return x.dtype === "f32" || x.dtype === "f64" ? x.isNan().any(dim, keep).where(NaN, middle) : middle;
}

/**
 * Where elements of `values` would go into this tensor, which is in order along its last axis: before equal ones,
 * or behind them with `right: true` (`side: "right"`). A vector serves all values; otherwise the leading
 * dimensions must be equal. PyTorch: `torch.searchsorted`.
 */
export function searchsorted<T extends Shape>(this: Tensor, values: Tensor<T>, options?: SearchOptions): Tensor<T, "i32">;
export function searchsorted(this: Tensor, values: Tensor, options: SearchOptions = {}): Tensor { return searchSorted(this, values, options); }

/** Which interval between the ordered `boundaries` each element is in, counted from 0. PyTorch: `torch.bucketize`. */
export function bucketize<S extends Shape>(this: Tensor<S>, boundaries: Tensor, options?: { readonly right?: boolean }): Tensor<S, "i32">;
export function bucketize(this: Tensor, boundaries: Tensor, options: { readonly right?: boolean } = {}): Tensor {
  check(boundaries.rank === 1, () => `bucketize: the boundaries are ${describe(boundaries)}; they must be a vector`);
  return searchSorted(boundaries, this, options);
}
