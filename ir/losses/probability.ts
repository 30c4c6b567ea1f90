import { custom } from "../derivatives/custom.ts";
import { GraphError } from "../graph/error.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { inFullPrecision } from "../tensor/precision.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { countOf } from "../tensor/dims.ts";
import { isHalf, type DType, type Shape } from "../types/index.ts";
import { reduced, type Reduced, type Reduction, type ReductionOptions, type SameShape } from "./reduction.ts";

/** Losses between probabilities. */

/** `max(log x, -100)`, with a derivative that stays finite: at most 1e12, as PyTorch's `binary_cross_entropy` has it. */
const clampedLog = custom({
  name: "clampedLog",
  forward: (x: Tensor) => x.log().clampMin(-100),
  backward: (g: Tensor, { operands: [x] }) => g.div(x.clampMin(1e-12)),
});

export interface BceOptions<R extends Reduction = Reduction> extends ReductionOptions<R> {
  /** A factor for each element; it broadcasts to the input. */
  readonly weight?: Tensor;
}

/**
 * Binary cross-entropy of probabilities: `-(y·log x + (1-y)·log(1-x))`, the logarithms not below -100.
 * PyTorch: `F.binary_cross_entropy`.
 *
 * - `input`: probabilities, of any shape; `target`: of the same shape, from 0 to 1.
 */
export function bce<S extends Shape, D extends DType, T extends Shape, R extends Reduction = "mean">(
  input: Tensor<S, D>, target: Tensor<T> & SameShape<"bce", S, T>, options?: BceOptions<R>): Reduced<S, D, R>;
export function bce(input: Tensor, target: Tensor, options: BceOptions = {}): Tensor {
  requireTensors("bce", { input, target });
  if (isHalf(input.dtype)) return inFullPrecision(input, (x) => bce(x, target, options));
  const y = target.convert(input.dtype);
  const losses = y.mul(clampedLog(input)).add(y.neg().add(1).mul(clampedLog(input.neg().add(1)))).neg();
  return reduced(options.weight ? losses.mul(options.weight) : losses, options);
}

export interface BceWithLogitsOptions<R extends Reduction = Reduction> extends BceOptions<R> {
  /** A factor for the positive examples, by class; it broadcasts to the input. */
  readonly posWeight?: Tensor;
}

/**
 * Binary cross-entropy of scores (logits): `(1-y)·x + (1 + (posWeight-1)·y)·log(1 + exp(-x))`, which does not
 * overflow. PyTorch: `F.binary_cross_entropy_with_logits`.
 */
export function bceWithLogits<S extends Shape, D extends DType, T extends Shape, R extends Reduction = "mean">(
  input: Tensor<S, D>, target: Tensor<T> & SameShape<"bceWithLogits", S, T>, options?: BceWithLogitsOptions<R>): Reduced<S, D, R>;
export function bceWithLogits(input: Tensor, target: Tensor, options: BceWithLogitsOptions = {}): Tensor {
  requireTensors("bceWithLogits", { input, target });
  if (isHalf(input.dtype)) return inFullPrecision(input, (x) => bceWithLogits(x, target, options));
  const y = target.convert(input.dtype), positive = input.neg().softplus();
  const scaled = options.posWeight ? options.posWeight.sub(1).mul(y).add(1).mul(positive) : positive;
  const losses = y.neg().add(1).mul(input).add(scaled);
  return reduced(options.weight ? losses.mul(options.weight) : losses, options);
}

export interface KlDivOptions<R extends Reduction | "batchmean" = Reduction | "batchmean"> {
  /** `"batchmean"` divides the sum by the first dimension, which is the divergence itself; `"mean"` unless given. */
  readonly reduction?: R;
  /** Whether the target is log probabilities too. */
  readonly logTarget?: boolean;
}

/**
 * Kullback-Leibler divergence of a distribution (`input`: log probabilities) from another (`target`: probabilities):
 * `y·(log y - x)`, 0 where y is. PyTorch: `F.kl_div`.
 */
export function klDiv<S extends Shape, D extends DType, T extends Shape, R extends Reduction | "batchmean" = "mean">(
  input: Tensor<S, D>, target: Tensor<T> & SameShape<"klDiv", S, T>, options?: KlDivOptions<R>): Tensor<R extends "none" ? S : [], D>;
export function klDiv(input: Tensor, target: Tensor, { reduction = "mean", logTarget = false }: KlDivOptions = {}): Tensor {
  requireTensors("klDiv", { input, target });
  if (isHalf(input.dtype)) return inFullPrecision(input, (x) => klDiv(x, target, { reduction, logTarget }));
  const losses = logTarget ? target.exp().mul(target.sub(input)) : xLogX(target).sub(target.mul(input));
  if (reduction !== "batchmean") return reduced(losses, { reduction });
  if (losses.rank === 0) throw new GraphError("klDiv: the reduction \"batchmean\" of a scalar", "there is no batch to divide by: use \"sum\"");
  return losses.sum().div(countOf(losses, [0]));
}

/** `x·log x`, and 0 at 0. */
function xLogX(x: Tensor): Tensor {
  const positive = x.ne(0);
  return positive.where(x.mul(positive.where(x, 1).log()), 0);
}
