import { check } from "../graph/error.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { checkedIndex } from "../tensor/address.ts";
import { iota } from "../tensor/dims.ts";
import { linear } from "../tensor/products.ts";
import { inFullPrecision } from "../tensor/precision.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { IsUnknownRank, ShapeText } from "../tensor/types/shape.ts";
import { isFloat, isHalf, typeText, type Dim, type DType, type Shape } from "../types/index.ts";
import { reduced, type AllEqual, type Reduction, type ReductionOptions } from "./reduction.ts";

/** Losses of scores for classes. The class axis is axis 1, or axis 0 of a vector: `[N, C, …]` or `[C]`. */

/** A shape without its class axis. */
type WithoutClasses<S extends Shape> =
  IsUnknownRank<S> extends true ? Shape : S extends readonly [infer N extends Dim, Dim, ...infer R extends Shape] ? [N, ...R] : [];
/** Complains where a target has neither the input's shape (probabilities) nor that shape without the classes (indices). */
type TargetCheck<Name extends string, S extends Shape, T extends Shape> =
  IsUnknownRank<S> extends true ? unknown : IsUnknownRank<T> extends true ? unknown
  : AllEqual<S, T> extends true ? unknown : AllEqual<WithoutClasses<S>, T> extends true ? unknown
  : `${Name}: the input is [${ShapeText<S>}], the target [${ShapeText<T>}]; class indices have shape [${ShapeText<WithoutClasses<S>>}]`;
type ClassLoss<S extends Shape, D extends DType, R extends Reduction> = Tensor<R extends "none" ? WithoutClasses<S> : [], D>;

export interface NllOptions<R extends Reduction = Reduction> extends ReductionOptions<R> {
  /** A factor for each class, `[C]`. A mean divides by the sum of the factors of the targets. */
  readonly weight?: Tensor;
  /** Targets with this index count nothing; -100 unless given. A mean of nothing is NaN. */
  readonly ignoreIndex?: number;
}

export interface CrossEntropyOptions<R extends Reduction = Reduction> extends NllOptions<R> {
  /** Part of the target that is spread over all classes; 0 unless given. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of scores (logits) with targets: class indices, or probabilities in the shape of the scores. Computed
 * through `logSoftmax`, so large scores do no harm. PyTorch: `F.cross_entropy`.
 *
 * - `input`: `[N, C, …]` or `[C]`, float.
 * - `target`: integers of shape `[N, …]` or `[]`; or floats of the shape of `input`. An index that is no class (and not
 *   `ignoreIndex`) is an error when the program runs.
 */
export function crossEntropy<S extends Shape, D extends DType, T extends Shape, R extends Reduction = "mean">(
  input: Tensor<S, D>, target: Tensor<T> & TargetCheck<"crossEntropy", S, T>, options?: CrossEntropyOptions<R>): ClassLoss<S, D, R>;
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  requireTensors("crossEntropy", { input, target });
  if (isHalf(input.dtype)) return inFullPrecision(input, (x) => crossEntropy(x, target, options));
  const axis = classAxis("crossEntropy", input), smoothing = options.labelSmoothing ?? 0;
  check(smoothing >= 0 && smoothing <= 1, () => `crossEntropy: labelSmoothing is ${smoothing}`, "give a number from 0 to 1");
  const logProbabilities = input.logSoftmax(axis), classes = numberOfClasses("crossEntropy", input, axis);
  const weight = weightOf("crossEntropy", input, axis, options.weight);
  if (isFloat(target.dtype)) {
    checkTarget("crossEntropy", input, target, input.shape, "probabilities have the shape of the input, class indices an integer dtype");
    const spread = smoothing === 0 ? target : target.mul(1 - smoothing).add(smoothing / classes);
    const weighted = logProbabilities.mul(spread);
    const losses = (weight ? weighted.mul(weight) : weighted).sum(axis).neg();
    return reduced(losses, options); // a mean over the batch, whatever the weights
  }
  const { kept, pick } = classTargets("crossEntropy", input, target, axis, options.ignoreIndex);
  const factor = weight ? pick(weight) : undefined;
  const ofTarget = factor ? pick(logProbabilities).mul(factor) : pick(logProbabilities);
  const overall = smoothing === 0 ? undefined : (weight ? logProbabilities.mul(weight) : logProbabilities).sum(axis);
  const losses = overall ? ofTarget.mul(1 - smoothing).add(overall.mul(smoothing / classes)) : ofTarget;
  return reducedKept(kept.where(losses.neg(), 0), kept, factor, input.dtype, options);
}

/**
 * {@link crossEntropy} of `linear(input, weight, bias)`: `[N, features]` or `[features]` against a weight `[classes, features]`. Options
 * are those of `crossEntropy`, and `bias`, `[classes]`. PyTorch: `F.linear_cross_entropy`.
 */
export function linearCrossEntropy<D extends DType, R extends Reduction = "mean">(input: Tensor<Shape, D>, linearWeight: Tensor<Shape, D>, target: Tensor, options?: CrossEntropyOptions<R> & { readonly bias?: Tensor | null }): ClassLoss<Shape, D, R>;
export function linearCrossEntropy(input: Tensor, linearWeight: Tensor, target: Tensor, { bias, ...options }: CrossEntropyOptions & { readonly bias?: Tensor | null } = {}): Tensor {
  requireTensors("linearCrossEntropy", { input, linearWeight, target });
  const scores: Tensor = linear(input, linearWeight, bias ?? null);
  return crossEntropy(scores, target, options);
}

/**
 * Negative log likelihood: minus the log probability of each target's class. PyTorch: `F.nll_loss`.
 *
 * - `input`: log probabilities, `[N, C, …]` or `[C]`.
 * - `target`: class indices, integers of shape `[N, …]` or `[]`; one that is no class (and not `ignoreIndex`) is an error when the
 *   program runs.
 */
export function nll<S extends Shape, D extends DType, T extends Shape, R extends Reduction = "mean">(
  input: Tensor<S, D>, target: Tensor<T> & TargetCheck<"nll", S, T>, options?: NllOptions<R>): ClassLoss<S, D, R>;
export function nll(input: Tensor, target: Tensor, options: NllOptions = {}): Tensor {
  requireTensors("nll", { input, target });
  if (isHalf(input.dtype)) return inFullPrecision(input, (x) => nll(x, target, options));
  const axis = classAxis("nll", input);
  const weight = weightOf("nll", input, axis, options.weight);
  const { kept, pick } = classTargets("nll", input, target, axis, options.ignoreIndex);
  const factor = weight ? pick(weight) : undefined;
  const losses = factor ? pick(input).mul(factor) : pick(input);
  return reducedKept(kept.where(losses.neg(), 0), kept, factor, input.dtype, options);
}

/** Reduces losses of which some are ignored: a mean divides by what is kept, by weight where there are weights. */
function reducedKept(losses: Tensor, kept: Tensor, factor: Tensor | undefined, dtype: DType, options: ReductionOptions): Tensor {
  if ((options.reduction ?? "mean") !== "mean") return reduced(losses, options);
  const total = factor ? kept.where(factor, 0) : kept.convert(dtype);
  return losses.sum().div(total.sum());
}

const classAxis = (name: string, input: Tensor): number => {
  check(input.rank > 0, () => `${name}: the input is ${typeText(input.value.type)}; it needs a class axis`);
  check(isFloat(input.dtype), () => `${name}: the input is ${typeText(input.value.type)}; it must be a float`);
  return input.rank === 1 ? 0 : 1;
};

function numberOfClasses(name: string, input: Tensor, axis: number): number {
  const classes = input.shape[axis];
  check(typeof classes === "number", () => `${name}: the number of classes of ${typeText(input.value.type)} is "${classes}"`, "the class axis must be a number");
  return classes;
}

/** Weights of the classes, shaped to broadcast with the input. */
function weightOf(name: string, input: Tensor, axis: number, weight: Tensor | undefined): Tensor | undefined {
  if (!weight) return undefined;
  check(weight.rank === 1 && weight.shape[0] === input.shape[axis], () => `${name}: the weight is ${typeText(weight.value.type)}, and the input ${typeText(input.value.type)} has ${input.shape[axis]} classes`, "give one factor for each class");
  return weight.reshape(input.shape.map((d, i) => (i === axis ? d : 1)));
}

function checkTarget(name: string, input: Tensor, target: Tensor, want: Shape, advice: string): void {
  check(target.rank === want.length && target.shape.every((d, i) => d === want[i]), () => `${name}: the input is ${typeText(input.value.type)}, the target ${typeText(target.value.type)}; it must have shape [${want.join(",")}]`, advice);
}

/**
 * Class indices, ready to pick by: `kept` says which are not ignored, and `pick(x)` takes each target's entry along
 * the class axis. Compared with every class rather than gathered, so that it and its derivative fuse with the rest:
 * a row of scores is read anyway.
 */
function classTargets(name: string, input: Tensor, target: Tensor, axis: number, ignoreIndex = -100) {
  checkTarget(name, input, target, input.shape.filter((_, i) => i !== axis), "class indices have the shape of the input without its class axis");
  check(!isFloat(target.dtype) && target.dtype !== "bool", () => `${name}: the target is ${typeText(target.value.type)}; class indices are integers`, "convert it with .convert(\"i32\")");
  const index = target.convert("i32"), kept = index.ne(ignoreIndex);
  const label = checkedIndex(kept.where(index, 0), numberOfClasses(name, input, axis));
  const isTarget = iota(input.shape, axis).eq(label.unsqueeze(axis));
  return { kept, pick: (x: Tensor): Tensor => isTarget.where(x, 0).sum(axis) };
}
