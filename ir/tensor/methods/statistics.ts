import { check } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import { mathType, type DType, type Shape } from "../../types/index.ts";
import { wrap, type Tensor } from "../core.ts";
import { axesOf, countOf } from "../dims.ts";
import { convert, describe, requireFloat, rootOrZero, select, toFloat } from "../lift.ts";
import { inFullPrecision } from "../precision.ts";
import type { Axis, Keep, KeepOf } from "../types/check.ts";
import type { ToFloat } from "../types/dtype.ts";
import type { Reduce } from "../types/shape.ts";

/** Statistics and normalised exponentials, on floats; axes as in reductions. */
type Axes = number | readonly number[];

/**
 * What a variance divides by: the count less `correction` (1: Bessel's; 0: the population's), or less 1 or 0 as
 * `unbiased` is true or false, its older spelling. `keepdim` leaves the folded axes as 1.
 */
export interface VarianceOptions {
  readonly correction?: number;
  readonly unbiased?: boolean;
  readonly keepdim?: boolean;
}

/**
 * Variance `sum((x - mean)²) / max(0, n - correction)`, in two passes. NaN where nothing is left to divide by.
 * PyTorch: `torch.var`.
 */
function variance<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends VarianceOptions = {}>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], options?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, D>;
function variance(this: Tensor, dim?: Axes, options: VarianceOptions = {}): Tensor { return moments(this, dim, options, "var").variance; }

export { variance as var }; // `var` cannot be declared, but it can be a name

/** Standard deviation, the root of `var`; derivative 0 where it is 0. PyTorch: `torch.std`. */
export function std<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends VarianceOptions = {}>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], options?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, D>;
export function std(this: Tensor, dim?: Axes, options: VarianceOptions = {}): Tensor { return rootOrZero(moments(this, dim, options, "std").variance); }

/** Variance and mean. PyTorch: `torch.var_mean`. */
export function varMean<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends VarianceOptions = {}>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], options?: K,
): [variance: Tensor<Reduce<S, A, KeepOf<K>>, D>, mean: Tensor<Reduce<S, A, KeepOf<K>>, D>];
export function varMean(this: Tensor, dim?: Axes, options: VarianceOptions = {}): [Tensor, Tensor] {
  const { variance, mean } = moments(this, dim, options, "varMean");
  return [variance, mean];
}

/** Standard deviation and mean. PyTorch: `torch.std_mean`. */
export function stdMean<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends VarianceOptions = {}>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], options?: K,
): [std: Tensor<Reduce<S, A, KeepOf<K>>, D>, mean: Tensor<Reduce<S, A, KeepOf<K>>, D>];
export function stdMean(this: Tensor, dim?: Axes, options: VarianceOptions = {}): [Tensor, Tensor] {
  const { variance, mean } = moments(this, dim, options, "stdMean");
  return [rootOrZero(variance), mean];
}

function moments(given: Tensor, dim: Axes | undefined, { correction, unbiased, keepdim = false }: VarianceOptions, name: string): { variance: Tensor; mean: Tensor } {
  requireFloat(given, name);
  const x = convert(given, mathType(given.dtype)), rounded = (y: Tensor): Tensor => inFullPrecision(given, () => y);
  const axes = axesOf(dim, x);
  const mean = x.mean(axes, true);
  const squares = x.sub(mean).square().sum(axes, keepdim);
  const count = countOf(x, axes), less = correction ?? (unbiased === false ? 0 : 1);
  const divisor = typeof count === "number" ? Math.max(0, count - less) : less === 0 ? count : count.sub(less).maximum(0);
  return { variance: rounded(squares.div(divisor)), mean: rounded(mean.reshape(squares.shape)) };
}

/** `log(sum(e^x))` without overflow; -∞ of only -∞ or of nothing, with derivative 0. PyTorch: `torch.logsumexp`. */
export function logsumexp<S extends Shape, D extends DType, A extends number | undefined = undefined, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A> | readonly Axis<S, A>[], keepdim?: K,
): Tensor<Reduce<S, A, KeepOf<K>>, ToFloat<D>>;
export function logsumexp(this: Tensor, dim?: Axes, keepdim: Keep = false): Tensor {
  return inFullPrecision(toFloat(this), (x) => {
    const axes = axesOf(dim, x), shift = finiteMax(x, axes), total = x.sub(shift).exp().sum(axes, keepdim), isNothing = total.eq(0);
    return select(isNothing, -Infinity, select(isNothing, 1, total).log()).add(shift.reshape(total.shape));
  });
}

/** The largest elements along axes, kept as 1, as numbers to subtract: 0 in place of ±∞ and NaN, and constant to derivatives. */
function finiteMax(x: Tensor, axes: readonly number[]): Tensor {
  const largest = constantMax(x, axes);
  return select(largest.isFinite(), largest, 0);
}
/** The largest elements along axes, kept as 1, constant to derivatives; -∞ of none. */
function constantMax(x: Tensor, axes: readonly number[]): Tensor {
  const folded = axes.length === 0 ? x : wrap(emitOne("reduce", [x.value], { reducer: "max", axes }));
  return folded.stopGradient().reshape(x.shape.map((d, i) => (axes.includes(i) ? 1 : d)));
}

/** `e^x / sum(e^x)` along an axis, without overflow; NaN where all are -∞. PyTorch: `torch.softmax`. */
export function softmax<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>): Tensor<S, D>;
export function softmax(this: Tensor, dim: number): Tensor {
  requireFloat(this, "softmax");
  return inFullPrecision(this, (x) => {
    const axes = axesOf(dim, x), e = x.sub(constantMax(x, axes)).exp();
    // one division a row: the sum is at least 1, so that its reciprocal is within half an ulp
    return e.mul(e.sum(axes, true).reciprocal());
  });
}

/** `log(softmax(x))` along an axis, computed as `x - logsumexp(x)`. PyTorch: `torch.log_softmax`. */
export function logSoftmax<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>): Tensor<S, D>;
export function logSoftmax(this: Tensor, dim: number): Tensor {
  requireFloat(this, "logSoftmax");
  return inFullPrecision(this, (x) => {
    const axes = axesOf(dim, x), shifted = x.sub(constantMax(x, axes));
    return shifted.sub(shifted.exp().sum(axes, true).log());
  });
}

export interface CovarianceOptions {
  /** What is taken off the number of observations; 1 unless given. */
  readonly correction?: number;
  /** How often each observation was made: integers `[observations]`. */
  readonly fweights?: Tensor;
  /** How much each observation counts: floats `[observations]`. */
  readonly aweights?: Tensor;
}

/**
 * Covariance of the rows of a matrix `[variables, observations]`, divided by `n - correction`; of one row, or of a vector, its
 * variance as a scalar. With weights `w = fweights·aweights`, n is their sum, and the correction is times
 * `sum(w·aweights) / sum(w)`. PyTorch: `torch.cov`.
 */
export function cov<D extends DType>(this: Tensor<Shape, D>, options?: CovarianceOptions): Tensor<Shape, ToFloat<D>>;
export function cov(this: Tensor, { correction = 1, fweights, aweights }: CovarianceOptions = {}): Tensor {
  check(this.rank <= 2, () => `cov of ${describe(this)}: it takes [variables, observations]`);
  const x = toFloat(this), rows = x.rank === 2 ? x : x.reshape(1, -1);
  for (const [name, w] of Object.entries({ fweights, aweights }))
    check(!w || (w.rank === 1 && w.shape[0] === rows.shape[1]), () => `cov of ${describe(this)}: the ${name} are ${describe(w!)}`, `give one for each of ${rows.shape[1]} observations`);
  const { centred, weighted, divisor } = fweights || aweights ? weightedParts(rows, correction, fweights?.convert(x.dtype), aweights?.convert(x.dtype)) : parts(rows, correction);
  const product = weighted.matmul(centred.t()).div(divisor);
  return rows.shape[0] === 1 ? product.reshape([]) : product;
}

interface CovarianceParts { readonly centred: Tensor; readonly weighted: Tensor; readonly divisor: Tensor | number }

function parts(rows: Tensor, correction: number): CovarianceParts {
  const centred = rows.sub(rows.mean(1, true)), count = countOf(rows, [1]);
  return { centred, weighted: centred, divisor: typeof count === "number" ? Math.max(0, count - correction) : count.sub(correction).maximum(0) };
}
function weightedParts(rows: Tensor, correction: number, fweights?: Tensor, aweights?: Tensor): CovarianceParts {
  const w: Tensor = fweights && aweights ? fweights.mul(aweights) : (fweights ?? aweights)!, total = w.sum();
  const centred = rows.sub(rows.mul(w).sum(1, true).div(total));
  const less: Tensor | number = aweights ? w.mul(aweights).sum().div(total).mul(correction) : correction;
  return { centred, weighted: centred.mul(w), divisor: total.sub(less).maximum(0) };
}

/** Correlations of the rows of a matrix `[variables, observations]`, within ±1. PyTorch: `torch.corrcoef`. */
export function corrcoef<D extends DType>(this: Tensor<Shape, D>): Tensor<Shape, ToFloat<D>>;
export function corrcoef(this: Tensor): Tensor {
  const c: Tensor = this.cov();
  if (c.rank === 0) return c.div(c);
  const deviation = c.diagonal().sqrt();
  return c.div(deviation.unsqueeze(1)).div(deviation.unsqueeze(0)).clamp(-1, 1);
}
