import { check, GraphError } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import { dims, highest, isFloat, lowest, type Dim, type DType, type Shape } from "../../types/index.ts";
import { asIndex, scatterAlong, type ScatterReducer } from "../address.ts";
import { full } from "../broadcast.ts";
import { wrap, type Tensor } from "../core.ts";
import { axisOf } from "../dims.ts";
import { describe, fillValue, select } from "../lift.ts";
import { isScalar, type Scalar } from "../scalar.ts";
import { sliceAxis } from "../slice.ts";
import type { Axis } from "../types/check.ts";

/**
 * Writing at indices that are data: the result is a copy with elements replaced or folded in, in the tensor's own
 * dtype. An index out of range is an error when the program runs. Where several updates of `scatter` meet, the last
 * in row-major order stays (in PyTorch, any of them).
 */

/** The operands of a scatter along an axis: a scalar as a line of one, `src` cut to the shape of `index`. */
function aligned(x: Tensor, dim: number, index: Tensor, src: Tensor | Scalar, name: string): { x: Tensor; axis: number; index: Tensor; src: Tensor } {
  const at = asIndex(index, name);
  check(at.rank === x.rank, () => `${name} of ${describe(x)} at ${describe(index)}: the ranks must be equal`);
  const axis = axisOf(dim, x);
  const updates = isScalar(src) ? wrap(full(0, x.dtype, at.shape)) : src;
  check(updates.dtype === x.dtype, () => `${name} into ${describe(x)}: the updates are ${describe(updates)}`, "convert them to its dtype");
  check(updates.rank === x.rank, () => `${name} into ${describe(x)}: the updates are ${describe(updates)}; the ranks must be equal`);
  for (const [i, d] of at.shape.entries()) {
    check(i === axis || dims.atLeast(x.shape[i], d) === true, () =>
      `${name} of ${describe(x)} at ${describe(index)}: axis ${i} of the indices is ${d}, above ${x.shape[i]}`);
    check(dims.atLeast(updates.shape[i], d) === true, () =>
      `${name} of ${describe(x)}: axis ${i} of the indices ${describe(index)} is ${d}, above ${updates.shape[i]} of the updates`);
  }
  const cut = at.shape.reduce<Tensor>((u, d, i) => (d === u.shape[i] ? u : sliceAxis(u, i, 0, d)), updates);
  const values = isScalar(src) ? fillValue(x, src, name).expand(at.shape) : cut;
  if (x.rank > 0) return { x, axis, index: at, src: values };
  return { x: x.reshape(1), axis, index: at.reshape(1), src: values.reshape(1) };
}

/**
 * `out[index[i, j, …], j, …] = src[i, j, …]` for axis 0, and likewise along others; `src` is a tensor no smaller
 * than `index`, or a number. `reduce` adds to or multiplies what is there instead. PyTorch: `torch.scatter`.
 */
export function scatter<S extends Shape, D extends DType, A extends number>(
  this: Tensor<S, D>, dim: Axis<S, A>, index: Tensor, src: Tensor<Shape, D> | Scalar, options?: { readonly reduce?: "add" | "multiply" },
): Tensor<S, D>;
export function scatter(this: Tensor, dim: number, index: Tensor, src: Tensor | Scalar, { reduce }: { readonly reduce?: "add" | "multiply" } = {}): Tensor {
  const reducer = reduce === undefined ? "set" : { add: "sum" as const, multiply: "prod" as const }[reduce];
  if (!reducer) throw new GraphError(`scatter: reduce is ${JSON.stringify(reduce)}`, 'it can be "add" or "multiply"; scatterReduce has more');
  return scatterWith(this, dim, index, src, reducer, "scatter");
}

/** Adds `src[i, j, …]` to `out[index[i, j, …], j, …]` for axis 0, and likewise along others. PyTorch: `torch.scatter_add`. */
export function scatterAdd<S extends Shape, D extends DType, A extends number>(
  this: Tensor<S, D>, dim: Axis<S, A>, index: Tensor, src: Tensor<Shape, D>,
): Tensor<S, D>;
export function scatterAdd(this: Tensor, dim: number, index: Tensor, src: Tensor): Tensor { return scatterWith(this, dim, index, src, "sum", "scatterAdd"); }

function scatterWith(x: Tensor, dim: number, index: Tensor, src: Tensor | Scalar, reducer: ScatterReducer, name: string): Tensor {
  const a = aligned(x, dim, index, src, name);
  return scatterAlong(a.x, a.axis, a.index, a.src, reducer).reshape(x.shape);
}

/** How `scatterReduce` folds. */
type Reduction = "sum" | "prod" | "mean" | "amax" | "amin";
interface ReduceOptions { readonly includeSelf?: boolean }

/**
 * Folds `src[i, j, …]` into `out[index[i, j, …], j, …]` for axis 0, and likewise along others. With `includeSelf`
 * (the default) the element there counts too; without, it only stays where nothing is folded in. A mean of
 * integers is rounded down. PyTorch: `torch.scatter_reduce`.
 */
export function scatterReduce<S extends Shape, D extends DType, A extends number>(
  this: Tensor<S, D>, dim: Axis<S, A>, index: Tensor, src: Tensor<Shape, D>, reduce: Reduction, options?: ReduceOptions,
): Tensor<S, D>;
export function scatterReduce(this: Tensor, dim: number, index: Tensor, src: Tensor, reduce: Reduction, { includeSelf = true }: ReduceOptions = {}): Tensor {
  const reducers = { sum: "sum", mean: "sum", prod: "prod", amax: "max", amin: "min" } as const;
  const reducer = reducers[reduce];
  if (!reducer) throw new GraphError(`scatterReduce: reduce is ${JSON.stringify(reduce)}`, `it can be ${Object.keys(reducers).join(", ")}`);
  const a = aligned(this, dim, index, src, "scatterReduce");
  const start = includeSelf ? a.x : scatterAlong(a.x, a.axis, a.index, a.src.fullLike(identityOf(reducer, this.dtype)), "set");
  const folded = scatterAlong(start, a.axis, a.index, a.src, reducer);
  if (reduce !== "mean") return folded.reshape(this.shape);
  const count = scatterAlong(includeSelf ? a.x.onesLike() : a.x.zerosLike(), a.axis, a.index, a.src.onesLike(), "sum");
  const mean = isFloat(this.dtype) ? folded.div(count.clampMin(1)) : folded.floorDivide(count.clampMin(1));
  return mean.reshape(this.shape);
}
const identityOf = (reducer: "sum" | "prod" | "max" | "min", dtype: DType): number =>
  reducer === "sum" ? 0 : reducer === "prod" ? 1 : reducer === "max" ? lowest[dtype] : highest[dtype];

/** Folds `source` into the slices of an axis at the indices of a vector. A scalar is a line of one element. */
function writeSlices(x: Tensor, dim: number, index: Tensor, source: Tensor, name: string, reducer: ScatterReducer): Tensor {
  const axis = axisOf(dim, x);
  check(index.rank <= 1, () => `${name} of ${describe(x)} at ${describe(index)}: the indices are a vector`);
  if (x.rank === 0) return writeSlices(x.reshape(1), 0, index, source.rank === 0 ? source.reshape(1) : source, name, reducer).reshape([]);
  if (x.dtype === "bool" && reducer !== "set") return writeSlices(x.byte(), dim, index, source.byte(), name, reducer).bool();
  const at = asIndex(index.atleast1d(), name);
  const want = x.shape.map((d, i) => (i === axis ? at.shape[0] : d));
  check(source.dtype === x.dtype && source.rank === x.rank && source.shape.every((d, i) => d === want[i]), () =>
    `${name} of ${describe(x)} at ${describe(index)}: the source is ${describe(source)}; it must be ${x.dtype}[${want.join(",")}]`);
  return wrap(emitOne("scatter", [x.value, source.movedim(axis, 0).value, at.value], { axes: [axis], batch: [], reducer }));
}

/** Adds `alpha` times the slices of `source` to the slices of an axis at the indices of a vector. PyTorch: `torch.index_add`. */
export function indexAdd<S extends Shape, D extends DType, A extends number>(
  this: Tensor<S, D>, dim: Axis<S, A>, index: Tensor, source: Tensor<Shape, D>, options?: { readonly alpha?: number },
): Tensor<S, D>;
export function indexAdd(this: Tensor, dim: number, index: Tensor, source: Tensor, { alpha = 1 }: { readonly alpha?: number } = {}): Tensor {
  return writeSlices(this, dim, index, alpha === 1 ? source : source.mul(alpha), "indexAdd", "sum");
}

/** Replaces the slices of an axis at the indices of a vector by those of `source`. PyTorch: `torch.index_copy`. */
export function indexCopy<S extends Shape, D extends DType, A extends number>(
  this: Tensor<S, D>, dim: Axis<S, A>, index: Tensor, source: Tensor<Shape, D>,
): Tensor<S, D>;
export function indexCopy(this: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  return writeSlices(this, dim, index, source, "indexCopy", "set");
}

/** Fills the slices of an axis at the indices of a vector with a number, or a tensor without dimensions. PyTorch: `torch.index_fill`. */
export function indexFill<S extends Shape, D extends DType, A extends number>(
  this: Tensor<S, D>, dim: Axis<S, A>, index: Tensor, value: Scalar | Tensor,
): Tensor<S, D>;
export function indexFill(this: Tensor, dim: number, index: Tensor, value: Scalar | Tensor): Tensor {
  const axis = axisOf(dim, this);
  const source = fillValue(this, value, "indexFill").expand(this.shape.map((d, i) => (i === axis ? index.numel() : d)));
  return writeSlices(this, dim, index, source, "indexFill", "set");
}

// ---- writing at places that are known: no index tensors

/** A copy with one index of an axis replaced by `src`, which is without the axis. PyTorch: `torch.select_scatter`. */
export function selectScatter<S extends Shape, D extends DType, A extends number>(
  this: Tensor<S, D>, src: Tensor<Shape, D>, dim: Axis<S, A>, index: Dim,
): Tensor<S, D>;
export function selectScatter(this: Tensor, src: Tensor, dim: number, index: Dim): Tensor {
  const axis = axisOf(dim, this);
  const from = typeof index === "number" && index < 0 ? dims.add(this.shape[axis], index) : index;
  return overlay(this, src.unsqueeze(axis), axis, from, 1, "selectScatter");
}

/** A copy with the slice `start:end:step` of an axis replaced by `src`. PyTorch: `torch.slice_scatter`. */
export function sliceScatter<S extends Shape, D extends DType>(
  this: Tensor<S, D>, src: Tensor<Shape, D>, dim?: number, start?: Dim | null, end?: Dim | null, step?: number,
): Tensor<S, D>;
export function sliceScatter(this: Tensor, src: Tensor, dim = 0, start: Dim | null = null, end: Dim | null = null, step = 1): Tensor {
  const axis = axisOf(dim, this), size = this.shape[axis];
  const target = this.slice(axis, start, end, step);
  check(target.rank === src.rank && target.shape.every((d, i) => d === src.shape[i]), () =>
    `sliceScatter into ${describe(this)}: the source is ${describe(src)}, the slice ${describe(target)}`);
  if (target.shape[axis] === 0) return this;
  const from = start === null ? 0 : typeof start !== "number" || start >= 0 ? start : typeof size === "number" ? Math.max(0, size + start) : dims.add(size, start);
  return overlay(this, src, axis, from, step, "sliceScatter");
}

/** A copy with a diagonal of the matrices in two axes replaced by `src`. PyTorch: `torch.diagonal_scatter`. */
export function diagonalScatter<S extends Shape, D extends DType>(
  this: Tensor<S, D>, src: Tensor<Shape, D>, offset?: number, dim1?: number, dim2?: number,
): Tensor<S, D>;
export function diagonalScatter(this: Tensor, src: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  const target = this.diagonal(offset, dim1, dim2);
  check(target.rank === src.rank && target.shape.every((d, i) => d === src.shape[i]), () =>
    `diagonalScatter into ${describe(this)}: the source is ${describe(src)}, the diagonal ${describe(target)}`);
  const [row, column] = [axisOf(dim1, this), axisOf(dim2, this)];
  const places = (x: Tensor): Tensor => spread(x, this.shape[row], this.shape[column], offset).movedim([-2, -1], [row, column]);
  return select(places(src.onesLike("bool")), places(src), this);
}

/** Vectors on a diagonal of matrices `[rows, columns]` of zeros. */
function spread(x: Tensor, rows: Dim, columns: Dim, offset: number): Tensor {
  const square = x.diagEmbed(offset), size = square.shape[square.rank - 1];
  return square.pad([0, dims.sub(columns, size), 0, dims.sub(rows, size)]);
}

/** `x` with `src` laid over it along an axis, from a place, `step` apart. */
function overlay(x: Tensor, src: Tensor, axis: number, from: Dim, step: number, name: string): Tensor {
  check(src.dtype === x.dtype, () => `${name} into ${describe(x)}: the source is ${describe(src)}`, "convert it to that dtype");
  const length = src.shape[axis], covered = dims.add(dims.mul(dims.sub(length, 1), step), 1);
  const only = (value: Dim): Dim[] => x.shape.map((_, i) => (i === axis ? value : 0));
  const attrs = { low: only(from), high: only(dims.sub(dims.sub(x.shape[axis], from), covered)), interior: x.shape.map((_, i) => (i === axis ? step - 1 : 0)) };
  const place = (t: Tensor): Tensor => wrap(emitOne("pad", [t.value, full(0, t.dtype)], attrs));
  return select(place(src.onesLike("bool")), place(src), x);
}
