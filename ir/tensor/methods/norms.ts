import { check } from "../../graph/error.ts";
import type { DType, Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { axesOf, axisOf, keeps } from "../dims.ts";
import { describe, requireFloat, rootOrZero, select } from "../lift.ts";
import { inFullPrecision } from "../precision.ts";
import type { Axis, Keep, KeepOf } from "../types/check.ts";
import type { Reduce } from "../types/shape.ts";

/** Norms, of floats. Their derivative at the origin is 0, as PyTorch's. */
type Axes = number | readonly number[];

/**
 * Vector norm `(sum |x|^p)^(1/p)` over axes, all by default. `p` may be `Infinity` (largest magnitude),
 * `-Infinity` (smallest), 0 (how many are not zero, with derivative 0), or `"fro"`, which is 2.
 * PyTorch: `torch.norm`.
 */
export function norm<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, p?: number | "fro", dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, D>;
export function norm(this: Tensor, p: number | "fro" = 2, dim?: Axes, keepdim: Keep = false): Tensor {
  requireFloat(this, "norm");
  return inFullPrecision(this, (x) => normOf(x, p, dim, keepdim));
}

function normOf(x: Tensor, p: number | "fro", dim: Axes | undefined, keepdim: Keep): Tensor {
  const size = x.abs();
  switch (p) {
    case 0: return x.ne(0).convert(x.dtype).sum(dim, keepdim);
    case 1: return size.sum(dim, keepdim);
    case 2: case "fro": return rootOrZero(x.square().sum(dim, keepdim));
    case Infinity: return size.amax(dim, keepdim);
    case -Infinity: return size.amin(dim, keepdim);
  }
  check(typeof p === "number" && !Number.isNaN(p), () =>
    `norm of ${describe(x)}: the order is ${JSON.stringify(p)}`, 'use a number, Infinity, -Infinity or "fro"');
  // below 1 the power has an infinite slope at 0, where the norm's derivative is taken to be 0
  const isZero = size.eq(0);
  const powers = p > 1 ? size.pow(p) : select(isZero, 0 ** p, select(isZero, 1, size).pow(p));
  const total = powers.sum(dim, keepdim), isOrigin = total.eq(0);
  return select(isOrigin, 0, select(isOrigin, 1, total).pow(1 / p));
}

/** {@link norm} under its name in linalg: `ord` is a number or ±Infinity. PyTorch: `torch.linalg.vector_norm`. */
export function vectorNorm<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, ord?: number, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, D>;
export function vectorNorm(this: Tensor, ord = 2, dim?: Axes, keepdim: Keep = false): Tensor { return this.norm(ord, dim, keepdim); }

/**
 * Norm of the matrices in the two axes `dim`, the last by default: `"fro"`, the largest (1) or smallest (-1) sum of
 * a column's magnitudes, or the same of rows (`Infinity`, `-Infinity`). PyTorch: `torch.linalg.matrix_norm`.
 */
export function matrixNorm<S extends Shape, D extends DType, A extends number = -2 | -1, const K extends Keep = false>(
  this: Tensor<S, D>, ord?: "fro" | number, dim?: readonly [Axis<S, A>, Axis<S, A>], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, D>;
export function matrixNorm(this: Tensor, ord: "fro" | number = "fro", dim: readonly number[] = [-2, -1], keepdim: Keep = false): Tensor {
  check(this.rank >= 2 && dim.length === 2, () => `matrixNorm of ${describe(this)} over axes [${dim.join(",")}]: a matrix has two`);
  if (ord === "fro") return this.norm(2, dim, keepdim);
  check(Math.abs(ord) === 1 || Math.abs(ord) === Infinity, () => `matrixNorm: the order is ${ord}; it can be "fro", 1, -1, Infinity or -Infinity`);
  const [rows, columns] = axesOf(dim, this);
  const [inner, outer] = Math.abs(ord) === 1 ? [rows, columns] : [columns, rows];
  const sums = this.norm(1, inner, true);
  const out = ord > 0 ? sums.amax(outer, true) : sums.amin(outer, true);
  return keeps(keepdim) ? out : out.squeeze([rows, columns]);
}

/**
 * Each slice along `dim` scaled down to norm `maxnorm` where its p-norm is above that.
 * PyTorch: `torch.renorm`.
 */
export function renorm<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, p: number, dim: Axis<S, A>, maxnorm: number): Tensor<S, D>;
export function renorm(this: Tensor, p: number, dim: number, maxnorm: number): Tensor {
  const axis = axisOf(dim, this);
  const size = this.norm(p, this.shape.map((_, i) => i).filter((i) => i !== axis), true);
  const isLarge = size.gt(maxnorm);
  return this.mul(select(isLarge, select(isLarge, size, 1).add(1e-7).reciprocal().mul(maxnorm), 1));
}

/** x divided by its p-norm along `dim`, or by `eps` where the norm is less. PyTorch: `torch.nn.functional.normalize`. */
export function normalize<S extends Shape, D extends DType, A extends number = 1>(this: Tensor<S, D>, p?: number, dim?: Axis<S, A>, eps?: number): Tensor<S, D>;
export function normalize(this: Tensor, p = 2, dim = 1, eps = 1e-12): Tensor { return inFullPrecision(this, (x) => x.div(x.norm(p, dim, true).clampMin(eps))); }

/** p-norm of the difference of tensors that broadcast; p is 2 unless given. PyTorch: `torch.dist`. */
export function dist<D extends DType>(this: Tensor<Shape, D>, other: Tensor, p?: number): Tensor<[], D>;
export function dist(this: Tensor, other: Tensor, p = 2): Tensor { return this.sub(other).norm(p); }
