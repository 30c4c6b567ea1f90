import { check } from "../graph/error.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { inFullPrecision } from "../tensor/precision.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isHalf, type DType, type Shape } from "../types/index.ts";
import { reduced, type Reduced, type Reduction, type ReductionOptions, type SameShape } from "./reduction.ts";

/** Losses between a prediction and a target of the same shape. */

/** A loss by elements: input and target of any shape `S`, result a scalar, or `S` with reduction `"none"`. */
interface ElementLoss<Name extends string, Options extends object = {}> {
  <S extends Shape, D extends DType, T extends Shape, R extends Reduction = "mean">(
    input: Tensor<S, D>, target: Tensor<T> & SameShape<Name, S, T>, options?: Options & ReductionOptions<R>): Reduced<S, D, R>;
}

/** Declares a loss by its formula for an element. */
function elementLoss<Name extends string, Options extends object = {}>(name: Name, formula: (input: Tensor, target: Tensor, options: Options) => Tensor): ElementLoss<Name, Options> {
  return ((input: Tensor, target: Tensor, options: Options & ReductionOptions = {} as Options) => {
    requireTensors(name, { input, target });
    return inFullPrecision(input, (x) => reduced(formula(x, target, options), options));
  }) as ElementLoss<Name, Options>;
}

/** Squared error `(x - y)²`. PyTorch: `F.mse_loss`. */
export const mse = elementLoss<"mse">("mse", (x, y) => x.sub(y).square());

/** Absolute error `|x - y|`. PyTorch: `F.l1_loss`. */
export const l1 = elementLoss<"l1">("l1", (x, y) => x.sub(y).abs());

/** Quadratic below `beta` (1 unless given), linear above: `d²/2β`, `|d| - β/2`. PyTorch: `F.smooth_l1_loss`. */
export const smoothL1 = elementLoss<"smoothL1", { readonly beta?: number }>("smoothL1", (x, y, { beta = 1 }) => {
  check(beta >= 0, () => `smoothL1: beta is ${beta}`, "give a bound that is not negative");
  const d = x.sub(y).abs();
  return beta === 0 ? d : d.lt(beta).where(d.square().mul(0.5 / beta), d.sub(beta / 2));
});

/** Quadratic up to `delta` (1 unless given), linear above: `d²/2`, `δ(|d| - δ/2)`. PyTorch: `F.huber_loss`. */
export const huber = elementLoss<"huber", { readonly delta?: number }>("huber", (x, y, { delta = 1 }) => {
  check(delta > 0, () => `huber: delta is ${delta}`, "give a bound above 0");
  const d = x.sub(y).abs();
  return d.le(delta).where(d.square().mul(0.5), d.sub(delta / 2).mul(delta));
});

export interface PoissonOptions {
  /** Whether the input is the logarithm of the rate; true unless given. */
  readonly logInput?: boolean;
  /** Adds Stirling's approximation of the constant term, where the target is above 1. */
  readonly full?: boolean;
  readonly eps?: number;
}

/** Negative log likelihood of counts: `exp(x) - y·x`, or `x - y·log(x + eps)`. PyTorch: `F.poisson_nll_loss`. */
export const poissonNll = elementLoss<"poissonNll", PoissonOptions>("poissonNll", (x, y, { logInput = true, full = false, eps = 1e-8 }) => {
  const loss = logInput ? x.exp().sub(y.mul(x)) : x.sub(y.mul(x.add(eps).log()));
  if (!full) return loss;
  const safe = y.gt(1).where(y, 2); // the logarithm of what is not used must not be infinite
  const stirling = safe.mul(safe.log()).sub(safe).add(safe.mul(2 * Math.PI).log().mul(0.5));
  return loss.add(y.gt(1).where(stirling, 0));
});

/** `log(1 + exp(-y·x))` for targets of 1 and -1. PyTorch: `F.soft_margin_loss`. */
export const softMargin = elementLoss<"softMargin">("softMargin", (x, y) => x.mul(y).neg().softplus());

/** `x` where the target is 1, `max(0, margin - x)` where it is -1; margin 1 unless given. PyTorch: `F.hinge_embedding_loss`. */
export const hingeEmbedding = elementLoss<"hingeEmbedding", { readonly margin?: number }>("hingeEmbedding", (x, y, { margin = 1 }) =>
  y.ne(1).where(x.neg().add(margin).clampMin(0), 0).add(y.ne(-1).where(x, 0)));

export interface GaussianOptions<R extends Reduction = Reduction> extends ReductionOptions<R> {
  /** Adds the constant `log(2π)/2`. */
  readonly full?: boolean;
  /** Least variance; 1e-6 unless given. */
  readonly eps?: number;
}

/**
 * `(log v + (x - target)² / v) / 2`: the negative log likelihood of normal numbers with the variance `v`, which broadcasts. A
 * variance below `eps` counts as that, and is differentiated as if it were. PyTorch: `F.gaussian_nll_loss`.
 */
export function gaussianNll<S extends Shape, D extends DType, R extends Reduction = "mean">(input: Tensor<S, D>, target: Tensor, variance: Tensor, options?: GaussianOptions<R>): Reduced<S, D, R>;
export function gaussianNll(input: Tensor, target: Tensor, variance: Tensor, options: GaussianOptions = {}): Tensor {
  requireTensors("gaussianNll", { input, target, variance });
  if (isHalf(input.dtype)) return inFullPrecision(input, (x) => gaussianNll(x, target, variance, options));
  const v = variance.add(variance.clampMin(options.eps ?? 1e-6).sub(variance).stopGradient());
  const losses = v.log().add(input.sub(target).square().div(v)).mul(0.5);
  return reduced(options.full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, options);
}
