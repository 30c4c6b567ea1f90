import { check } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import type { DType, Shape } from "../../types/index.ts";
import { wrap, type Tensor } from "../core.ts";
import { axesOf, axisOf } from "../dims.ts";
import { describe } from "../lift.ts";
import type { Axis } from "../types/check.ts";
import type { Permute, ReverseShape, Transpose } from "../types/shape.ts";

/** Orders of axes. Axes are counted from either end; a scalar has the axes 0 and -1, as in PyTorch. */

function transposed(x: Tensor, perm: readonly number[]): Tensor {
  return perm.every((p, i) => p === i) ? x : wrap(emitOne("transpose", [x.value], { perm }));
}

/** Axes as given one by one or in one array. */
type PermArguments = readonly number[] | readonly [readonly number[]];
type ListedPerm<P extends PermArguments> = P extends readonly [infer A extends readonly number[]] ? A : P extends readonly number[] ? P : readonly number[];

/** Axis `perm[k]` becomes axis k; every axis must be named once. PyTorch: `torch.permute`. */
export function permute<S extends Shape, D extends DType, const P extends PermArguments>(this: Tensor<S, D>, ...perm: P): Tensor<Permute<S, ListedPerm<P>>, D>;
export function permute(this: Tensor, ...perm: PermArguments): Tensor {
  const list = (Array.isArray(perm[0]) ? perm[0] : perm) as readonly number[];
  check(list.length === this.rank, () => `permute of ${describe(this)} by [${list.join(",")}]: every axis must be named once`);
  return transposed(this, axesOf(list, this));
}

/** Two axes exchanged. PyTorch: `torch.transpose`. */
export function transpose<S extends Shape, D extends DType, A extends number, B extends number>(
  this: Tensor<S, D>, dim0: Axis<S, A>, dim1: Axis<S, B>,
): Tensor<Transpose<S, A, B>, D>;
export function transpose(this: Tensor, dim0: number, dim1: number): Tensor {
  const a = axisOf(dim0, this), b = axisOf(dim1, this);
  return transposed(this, this.shape.map((_, i) => (i === a ? b : i === b ? a : i)));
}
/** {@link transpose}. PyTorch: `torch.swapdims`. */
export const swapdims: typeof transpose = transpose;
/** {@link transpose}. PyTorch: `torch.swapaxes`. */
export const swapaxes: typeof transpose = transpose;

/** A matrix transposed; a vector or a scalar as it is. PyTorch: `torch.t`. */
export function t<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<ReverseShape<S>, D>;
export function t(this: Tensor): Tensor {
  check(this.rank <= 2, () => `t of ${describe(this)}: it takes at most 2 dimensions`, "use mT() to transpose the last two axes, or permute");
  return this.T();
}

/** All axes in reverse order. A method, where PyTorch has a property. PyTorch: `torch.Tensor.T`. */
export function T<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<ReverseShape<S>, D>;
export function T(this: Tensor): Tensor { return transposed(this, this.shape.map((_, i) => this.rank - 1 - i)); }

/** The last two axes exchanged: each matrix of a batch transposed. A method, where PyTorch has a property. PyTorch: `torch.Tensor.mT`. */
export function mT<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<Transpose<S, -2, -1>, D>;
export function mT(this: Tensor): Tensor {
  check(this.rank >= 2, () => `mT of ${describe(this)}: it takes at least 2 dimensions`);
  return this.transpose(-2, -1);
}

/** Axes moved to other places, the rest keeping their order. PyTorch: `torch.movedim`. */
export function movedim<D extends DType>(this: Tensor<Shape, D>, source: number | readonly number[], destination: number | readonly number[]): Tensor<Shape, D>;
export function movedim(this: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor {
  const from = axesOf(source, this), to = axesOf(destination, this);
  check(from.length === to.length, () => `movedim of ${describe(this)}: ${from.length} axes cannot move to ${to.length} places`);
  const rest = this.shape.map((_, i) => i).filter((i) => !from.includes(i));
  return transposed(this, this.shape.map((_, i) => (to.includes(i) ? from[to.indexOf(i)] : rest.shift()!)));
}
/** {@link movedim}. PyTorch: `torch.moveaxis`. */
export const moveaxis: typeof movedim = movedim;

function reversed(x: Tensor, axes: readonly number[]): Tensor {
  return axes.length === 0 ? x : wrap(emitOne("reverse", [x.value], { axes }));
}

/** The order along axes turned around. PyTorch: `torch.flip`. */
export function flip<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dims: Axis<S, A> | readonly Axis<S, A>[]): Tensor<S, D>;
export function flip(this: Tensor, dims: number | readonly number[]): Tensor { return reversed(this, axesOf(dims, this)); }

/** Columns in reverse order (axis 1). PyTorch: `torch.fliplr`. */
export function fliplr<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function fliplr(this: Tensor): Tensor {
  check(this.rank >= 2, () => `fliplr of ${describe(this)}: it takes at least 2 dimensions`);
  return reversed(this, [1]);
}

/** Rows in reverse order (axis 0). PyTorch: `torch.flipud`. */
export function flipud<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function flipud(this: Tensor): Tensor {
  check(this.rank >= 1, () => `flipud of ${describe(this)}: it takes at least 1 dimension`);
  return reversed(this, [0]);
}

/** Turned `k` times by 90° in the plane of two axes, from the first toward the second. PyTorch: `torch.rot90`. */
export function rot90<D extends DType>(this: Tensor<Shape, D>, k?: number, dims?: readonly [number, number]): Tensor<Shape, D>;
export function rot90(this: Tensor, k = 1, dims: readonly [number, number] = [0, 1]): Tensor {
  const [a, b] = axesOf(dims, this);
  check(b !== undefined && Number.isInteger(k), () => `rot90 of ${describe(this)} ${k} times: it takes a whole number of turns and two axes`);
  switch (((k % 4) + 4) % 4) {
    case 0: return this;
    case 1: return reversed(this, [b]).transpose(a, b);
    case 2: return reversed(this, [a, b]);
    default: return reversed(this, [a]).transpose(a, b);
  }
}
