import { check } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import { dims, type DType, type Shape } from "../../types/index.ts";
import { asIndex, batchBut, fromStart, gatherAt, stretch } from "../address.ts";
import { broadcastShape, full } from "../broadcast.ts";
import { wrap, type Tensor } from "../core.ts";
import { axisOf, iota } from "../dims.ts";
import { convert, describe } from "../lift.ts";
import { sliceAxis } from "../slice.ts";
import type { Axis, DimAt } from "../types/check.ts";
import type { IsUnknownRank, WithDim } from "../types/shape.ts";

/**
 * Reading at indices that are data. Indices are integer tensors; one that is out of range is an error when the
 * program runs. Derivatives add up where an element is read more than once.
 */

/** The slices of an axis at the indices of a vector, in its order. PyTorch: `torch.index_select`. */
export function indexSelect<S extends Shape, D extends DType, A extends number, T extends Shape>(
  this: Tensor<S, D>, dim: Axis<S, A>, index: Tensor<T>,
): Tensor<WithDim<S, A, DimAt<T, 0>>, D>;
export function indexSelect(this: Tensor, dim: number, index: Tensor): Tensor {
  const axis = axisOf(dim, this);
  check(index.rank <= 1, () => `indexSelect of ${describe(this)} at ${describe(index)}: the indices are a vector`);
  if (this.rank === 0) return this.reshape(1).indexSelect(0, index).reshape([]);
  return gatherAt(this, [axis], [asIndex(index.atleast1d(), "indexSelect")]);
}

/**
 * `out[i, j, …] = x[i, index[i, j, …], …]` along axis 1, and likewise along others: the result has the shape of
 * `index`, which is as large as x at most in every other axis. PyTorch: `torch.gather`.
 */
export function gather<S extends Shape, D extends DType, A extends number, T extends Shape>(
  this: Tensor<S, D>, dim: Axis<S, A>, index: Tensor<T>,
): Tensor<T, D>;
export function gather(this: Tensor, dim: number, index: Tensor): Tensor {
  const axis = axisOf(dim, this);
  checkIndexShape(this, axis, index, "gather");
  const at = asIndex(index, "gather");
  if (this.rank === 0) return gatherAt(this.reshape(1), [0], [at]);
  const cut = index.shape.reduce<Tensor>((x, d, i) => (i === axis || d === x.shape[i] ? x : sliceAxis(x, i, 0, d)), this);
  return wrap(emitOne("gather", [cut.value, at.value], { axes: [axis], batch: batchBut(this.rank, axis) }));
}

/** Throws unless an index has the rank of a tensor, and is no larger in any axis but one. */
function checkIndexShape(x: Tensor, axis: number, index: Tensor, name: string): void {
  check(index.rank === x.rank, () => `${name} of ${describe(x)} at ${describe(index)}: the ranks must be equal`);
  for (const [i, d] of index.shape.entries())
    check(i === axis || dims.atLeast(x.shape[i], d) === true, () =>
      `${name} of ${describe(x)} at ${describe(index)}: axis ${i} of the indices is ${d}, above ${x.shape[i]}`);
}

/** Elements of the flattened tensor at indices, which count from the end where negative; the result has their shape. PyTorch: `torch.take`. */
export function take<D extends DType, T extends Shape>(this: Tensor<Shape, D>, index: Tensor<T>): Tensor<T, D>;
export function take(this: Tensor, index: Tensor): Tensor {
  const line = this.flatten();
  return gatherAt(line, [0], [fromStart(asIndex(index, "take"), line, 0)]);
}

/**
 * As {@link gather}, but the other axes of the tensor and the indices broadcast; without an axis, of the flattened
 * tensor. What `argsort` and `argmax` (with keepdim) return picks the elements. PyTorch: `torch.take_along_dim`.
 */
export function takeAlongDim<D extends DType>(this: Tensor<Shape, D>, index: Tensor, dim?: number): Tensor<Shape, D>;
export function takeAlongDim(this: Tensor, index: Tensor, dim?: number): Tensor {
  if (dim === undefined) return this.flatten().gather(0, index.flatten());
  const axis = axisOf(dim, this);
  check(index.rank === this.rank, () => `takeAlongDim of ${describe(this)} at ${describe(index)}: the ranks must be equal`);
  const others = (x: Tensor): Shape => x.shape.map((d, i) => (i === axis ? 1 : d));
  const shape = broadcastShape(others(this), others(index), "takeAlongDim");
  const spread = (x: Tensor): Tensor => stretch(x, shape.map((d, i) => (i === axis ? x.shape[axis] : d)));
  return spread(this).gather(axis, spread(index));
}

/**
 * 1 at the index and 0 elsewhere, along a new last axis of `numClasses`, as i32. An index outside gives only zeros
 * (where PyTorch, which looks at the data, raises); without `numClasses` the shape would depend on data.
 * PyTorch: `torch.nn.functional.one_hot`.
 */
export function oneHot<S extends Shape, const N extends number | string>(
  this: Tensor<S>, numClasses: N,
): Tensor<IsUnknownRank<S> extends true ? Shape : [...S, N], "i32">;
export function oneHot(this: Tensor, numClasses: number | string): Tensor {
  return convert(asIndex(this, "oneHot").unsqueeze(-1).eq(iota([dims.dim(numClasses)], 0)), "i32");
}

/**
 * How often each of 0, 1, …, `minlength` - 1 occurs in a vector, or the sum of `weights` where it does. The result
 * has exactly `minlength` elements, and a larger value is an error when the program runs (PyTorch lengthens the
 * result, whose shape then depends on data). PyTorch: `torch.bincount`.
 */
export function bincount<E extends DType = "i32">(
  this: Tensor, options: { readonly minlength: number | string; readonly weights?: Tensor<Shape, E> },
): Tensor<Shape, E>;
export function bincount(this: Tensor, { minlength, weights }: { readonly minlength: number | string; readonly weights?: Tensor }): Tensor {
  check(this.rank === 1, () => `bincount of ${describe(this)}: it takes a vector`);
  const counted = weights ?? this.onesLike("i32");
  return wrap(full(0, counted.dtype, [minlength])).indexAdd(0, this, counted);
}
