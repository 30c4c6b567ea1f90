import { check } from "../../graph/error.ts";
import { dims, shapeText, type Dim, type DType, type Shape } from "../../types/index.ts";
import * as values from "../broadcast.ts";
import { wrap, type Tensor } from "../core.ts";
import { axesOf, axisOf, newAxisOf } from "../dims.ts";
import { describe } from "../lift.ts";
import { inferSize, listed, reshapeTo } from "../reshape.ts";
import type { Axis, NewAxis } from "../types/check.ts";
import type { ListedShape, ReshapeCheck, Reshaped, ShapeArguments } from "../types/reshape.ts";
import type { Broadcast, Flatten, Insert, Squeeze, SqueezeAt } from "../types/shape.ts";

/** Shapes: elements keep their row-major order, and their dtype. */

/**
 * The elements in another shape of as many. One dimension may be -1, to be worked out from the others; symbols
 * cancel exactly (`["B", 8, 8]` to `["B", 64]`, or to `[-1, 64]`). A wrong count is an error, in the editor where
 * all sizes are literals. PyTorch: `torch.reshape`.
 */
export function reshape<S extends Shape, D extends DType, const T extends ShapeArguments>(
  this: Tensor<S, D>, ...shape: T & ReshapeCheck<S, ListedShape<T>>
): Tensor<Reshaped<S, ListedShape<T>>, D>;
export function reshape(this: Tensor, ...shape: ShapeArguments): Tensor { return reshapeTo(this, inferSize(this.shape, listed(shape))); }

/** {@link reshape}: there are no strides here that a view could fail on. PyTorch: `torch.Tensor.view`. */
export function view<S extends Shape, D extends DType, const T extends ShapeArguments>(
  this: Tensor<S, D>, ...shape: T & ReshapeCheck<S, ListedShape<T>>
): Tensor<Reshaped<S, ListedShape<T>>, D>;
export function view(this: Tensor, ...shape: ShapeArguments): Tensor { return this.reshape(listed(shape)); }

/** The elements in the shape of `other`. PyTorch: `torch.Tensor.view_as`, `reshape_as`. */
export function viewAs<D extends DType, T extends Shape>(this: Tensor<Shape, D>, other: Tensor<T>): Tensor<T, D>;
export function viewAs(this: Tensor, other: Tensor): Tensor { return this.reshape(other.shape); }
/** The elements in the shape of `other`, as {@link viewAs}. PyTorch: `torch.Tensor.reshape_as`. */
export const reshapeAs: typeof viewAs = viewAs;

/** The axes from `start` to `end` (all by default) made one; a scalar becomes `[1]`. PyTorch: `torch.flatten`. */
export function flatten<S extends Shape, D extends DType, A extends number = 0, B extends number = -1>(
  this: Tensor<S, D>, start?: Axis<S, A>, end?: Axis<S, B>,
): Tensor<Flatten<S, A, B>, D>;
export function flatten(this: Tensor, start = 0, end = -1): Tensor {
  const from = axisOf(start, this), to = axisOf(end, this);
  check(from <= to, () => `flatten of ${describe(this)}: it starts at axis ${start}, behind its end ${end}`);
  return reshapeTo(this, this.rank === 0 ? [1] : [...this.shape.slice(0, from), dims.product(this.shape.slice(from, to + 1)), ...this.shape.slice(to + 1)]);
}

/** All axes made one. PyTorch: `torch.ravel`. */
export function ravel<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<Flatten<S, 0, -1>, D>;
export function ravel(this: Tensor): Tensor { return this.flatten(); }

/** One axis split into several, of which one size may be -1. PyTorch: `torch.unflatten`. */
export function unflatten<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>, sizes: readonly Dim[]): Tensor<Shape, D>;
export function unflatten(this: Tensor, dim: number, sizes: readonly Dim[]): Tensor {
  const axis = axisOf(dim, this);
  const into = inferSize([this.shape[axis]], sizes);
  check(dims.product(into) === this.shape[axis], () =>
    `unflatten of ${describe(this)}: ${shapeText(into)} has ${dims.product(into)} elements, axis ${axis} has ${this.shape[axis]}`);
  return reshapeTo(this, [...this.shape.slice(0, axis), ...into, ...this.shape.slice(axis + 1)]);
}

/**
 * Without an axis, every dimension of size 1 dropped; with one (or a list), that dimension dropped if its size is
 * 1. A symbolic dimension is kept: its size is not known before a call. PyTorch: `torch.squeeze`.
 */
export function squeeze<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<Squeeze<S>, D>;
export function squeeze<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>): Tensor<SqueezeAt<S, A>, D>;
export function squeeze<S extends Shape, D extends DType>(this: Tensor<S, D>, dim: readonly number[]): Tensor<Shape, D>;
export function squeeze(this: Tensor, dim?: number | readonly number[]): Tensor {
  const axes = axesOf(dim, this);
  return reshapeTo(this, this.shape.filter((d, i) => !(axes.includes(i) && d === 1)));
}

/** A dimension of size 1 put in at `dim`, counted from either end. PyTorch: `torch.unsqueeze`. */
export function unsqueeze<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: NewAxis<S, A>): Tensor<Insert<S, A, 1>, D>;
export function unsqueeze(this: Tensor, dim: number): Tensor {
  const at = newAxisOf(dim, this);
  return reshapeTo(this, [...this.shape.slice(0, at), 1, ...this.shape.slice(at)]);
}

/**
 * Dimensions of size 1 repeated to a larger shape, with new axes in front; -1 keeps a size.
 * PyTorch: `torch.Tensor.expand`.
 */
export function expand<S extends Shape, D extends DType, const T extends ShapeArguments>(
  this: Tensor<S, D>, ...shape: T
): Tensor<Expanded<S, ListedShape<T>>, D>;
export function expand(this: Tensor, ...shape: ShapeArguments): Tensor {
  const to = listed(shape), offset = to.length - this.rank;
  check(offset >= 0, () => `cannot expand ${describe(this)} to ${shapeText(to)}: that has fewer dimensions`);
  const sizes = to.map((d, i) => {
    check(d !== -1 || i >= offset, () => `cannot expand ${describe(this)} to ${shapeText(to)}: -1 at axis ${i}, which is new, keeps no size`);
    return d === -1 ? this.shape[i - offset] : dims.dim(d);
  });
  return wrap(values.broadcastTo(this.value, sizes));
}
/** `T` without its -1, which keep a size of `S`: the broadcast of the two. */
type Expanded<S extends Shape, T extends Shape> = -1 extends T[number] ? (number extends T[number] ? T : Broadcast<S, MinusAsOne<T>>) : T;
type MinusAsOne<T extends Shape> = T extends readonly [infer H extends Dim, ...infer R extends Shape] ? [H extends -1 ? 1 : H, ...MinusAsOne<R>] : [];

/** Expanded to the shape of `other`. PyTorch: `torch.Tensor.expand_as`. */
export function expandAs<D extends DType, T extends Shape>(this: Tensor<Shape, D>, other: Tensor<T>): Tensor<T, D>;
export function expandAs(this: Tensor, other: Tensor): Tensor { return wrap(values.broadcastTo(this.value, other.shape)); }

/** Expanded to a shape, given as one array. PyTorch: `torch.broadcast_to`. */
export function broadcastTo<D extends DType, const T extends readonly Dim[]>(this: Tensor<Shape, D>, shape: T): Tensor<[...T], D>;
export function broadcastTo(this: Tensor, shape: Shape): Tensor { return this.expand(shape); }

/** A scalar as `[1]`, everything else as it is. PyTorch: `torch.atleast_1d`. */
export function atleast1d<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S extends readonly [] ? [1] : S, D>;
export function atleast1d(this: Tensor): Tensor { return this.rank === 0 ? this.reshape(1) : this; }

/** A scalar as `[1, 1]`, a vector as `[1, n]`. PyTorch: `torch.atleast_2d`. */
export function atleast2d<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<Shape, D>;
export function atleast2d(this: Tensor): Tensor { return this.rank < 2 ? this.atleast1d().unsqueeze(0) : this; }

/** A scalar as `[1, 1, 1]`, a vector as `[1, n, 1]`, a matrix as `[m, n, 1]`. PyTorch: `torch.atleast_3d`. */
export function atleast3d<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<Shape, D>;
export function atleast3d(this: Tensor): Tensor { return this.rank < 3 ? this.atleast2d().unsqueeze(-1) : this; }

/** `size()` is the shape, `size(dim)` the size of one axis. PyTorch: `torch.Tensor.size`. */
export function size<S extends Shape>(this: Tensor<S>): S;
export function size(this: Tensor, dim: number): Dim;
export function size(this: Tensor, dim?: number): Dim | Shape {
  if (dim === undefined) return this.shape;
  check(this.rank > 0, () => `size(${dim}) of ${describe(this)}: it has no axes`);
  return this.shape[axisOf(dim, this)];
}
