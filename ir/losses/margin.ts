import { check } from "../graph/error.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { asIndex, checkedIndex } from "../tensor/address.ts";
import { iota } from "../tensor/dims.ts";
import { pairwiseDistance } from "../tensor/distances.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { typeText, type DType, type Shape } from "../types/index.ts";
import { reduced, type Reduction, type ReductionOptions } from "./reduction.ts";

/** Losses that ask for a margin: between pairs, triplets, or classes. */

type Loss<D extends DType, R extends Reduction> = Tensor<R extends "none" ? Shape : [], D>;

export interface MarginOptions<R extends Reduction = Reduction> extends ReductionOptions<R> {
  /** 0 unless given. */
  readonly margin?: number;
}

/** `max(0, -y·(x1 - x2) + margin)`: y = 1 wants x1 above x2, y = -1 below. PyTorch: `F.margin_ranking_loss`. */
export function marginRanking<D extends DType, R extends Reduction = "mean">(x1: Tensor<Shape, D>, x2: Tensor, target: Tensor, options?: MarginOptions<R>): Loss<D, R>;
export function marginRanking(x1: Tensor, x2: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  requireTensors("marginRanking", { x1, x2, target });
  return reduced(target.neg().mul(x1.sub(x2)).add(options.margin ?? 0).clampMin(0), options);
}

/**
 * `1 - cos(x1, x2)` where the target is 1, `max(0, cos(x1, x2) - margin)` where it is -1. PyTorch:
 * `F.cosine_embedding_loss`.
 *
 * - `x1`, `x2`: `[N, D]` or `[D]`; `target`: `[N]` or `[]`.
 */
export function cosineEmbedding<D extends DType, R extends Reduction = "mean">(x1: Tensor<Shape, D>, x2: Tensor, target: Tensor, options?: MarginOptions<R>): Loss<D, R>;
export function cosineEmbedding(x1: Tensor, x2: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  requireTensors("cosineEmbedding", { x1, x2, target });
  check(x1.rank >= 1 && x1.rank === x2.rank && target.rank === x1.rank - 1, () =>
    `cosineEmbedding of ${typeText(x1.value.type)}, ${typeText(x2.value.type)} and the target ${typeText(target.value.type)}`, "give vectors in rows, and one target for each row");
  const squares = x1.square().sum(-1).add(1e-12).mul(x2.square().sum(-1).add(1e-12));
  const cosine = x1.mul(x2).sum(-1).div(squares.sqrt());
  const together = target.eq(1).where(cosine.neg().add(1), 0);
  const apart = target.eq(-1).where(cosine.sub(options.margin ?? 0).clampMin(0), 0);
  return reduced(together.add(apart), options);
}

export interface TripletOptions<R extends Reduction = Reduction> extends MarginOptions<R> {
  /** Order of the norm; 2 unless given. */
  readonly p?: number;
  readonly eps?: number;
  /** Takes the smaller of the distances anchor-negative and positive-negative (Balntas et al. 2016). */
  readonly swap?: boolean;
}

/**
 * `max(0, |a - p| - |a - n| + margin)`, distances along the last axis; margin 1 unless given. PyTorch:
 * `F.triplet_margin_loss`.
 */
export function tripletMargin<D extends DType, R extends Reduction = "mean">(anchor: Tensor<Shape, D>, positive: Tensor, negative: Tensor, options?: TripletOptions<R>): Loss<D, R>;
export function tripletMargin(anchor: Tensor, positive: Tensor, negative: Tensor, options: TripletOptions = {}): Tensor {
  requireTensors("tripletMargin", { anchor, positive, negative });
  const { margin = 1, p = 2, eps = 1e-6, swap = false } = options;
  const distance = (a: Tensor, b: Tensor): Tensor => a.sub(b).add(eps).norm(p, -1);
  const far = distance(anchor, negative);
  const other = swap ? far.minimum(distance(positive, negative)) : far;
  return reduced(distance(anchor, positive).sub(other).add(margin).clampMin(0), options);
}

export interface TripletDistanceOptions<R extends Reduction = Reduction> extends MarginOptions<R> {
  /** Distances of pairs, which need not be a norm; {@link pairwiseDistance} unless given. */
  readonly distanceFunction?: (a: Tensor, b: Tensor) => Tensor;
  /** Takes the smaller of the distances anchor-negative and positive-negative. */
  readonly swap?: boolean;
}

/**
 * {@link tripletMargin} with a distance of your own: `max(0, d(a, p) - d(a, n) + margin)`, margin 1 unless given; tensors of one shape,
 * `[N, …]`. PyTorch: `F.triplet_margin_with_distance_loss`.
 */
export function tripletMarginWithDistance<D extends DType, R extends Reduction = "mean">(anchor: Tensor<Shape, D>, positive: Tensor, negative: Tensor, options?: TripletDistanceOptions<R>): Loss<D, R>;
export function tripletMarginWithDistance(anchor: Tensor, positive: Tensor, negative: Tensor, options: TripletDistanceOptions = {}): Tensor {
  requireTensors("tripletMarginWithDistance", { anchor, positive, negative });
  const { margin = 1, swap = false, distanceFunction = pairwiseDistance } = options;
  const far: Tensor = distanceFunction(anchor, negative), other = swap ? far.minimum(distanceFunction(positive, negative)) : far;
  return reduced(distanceFunction(anchor, positive).sub(other).add(margin).clampMin(0), options);
}

export interface MultilabelSoftOptions<R extends Reduction = Reduction> extends ReductionOptions<R> {
  /** A factor for each class. */
  readonly weight?: Tensor;
}

/** Mean over the classes (last axis) of the binary cross-entropy of scores. PyTorch: `F.multilabel_soft_margin_loss`. */
export function multilabelSoftMargin<D extends DType, R extends Reduction = "mean">(input: Tensor<Shape, D>, target: Tensor, options?: MultilabelSoftOptions<R>): Loss<D, R>;
export function multilabelSoftMargin(input: Tensor, target: Tensor, options: MultilabelSoftOptions = {}): Tensor {
  requireTensors("multilabelSoftMargin", { input, target });
  const y = target.convert(input.dtype);
  const losses = y.mul(input.neg().softplus()).add(y.neg().add(1).mul(input.softplus()));
  return reduced((options.weight ? losses.mul(options.weight) : losses).mean(-1), options);
}

/**
 * Sum over each target class t and each class i that is no target of `max(0, 1 - (x[t] - x[i]))`, divided by the
 * number of classes. PyTorch: `F.multilabel_margin_loss`.
 *
 * - `input`: `[N, C]` or `[C]`; `target`: class indices of the same shape, ended by the first negative one;
 *   one before it that is no class is an error when the program runs.
 */
export function multilabelMargin<D extends DType, R extends Reduction = "mean">(input: Tensor<Shape, D>, target: Tensor, options?: ReductionOptions<R>): Loss<D, R>;
export function multilabelMargin(input: Tensor, target: Tensor, options: ReductionOptions = {}): Tensor {
  requireTensors("multilabelMargin", { input, target });
  const classes = input.shape[input.rank - 1];
  check(input.rank >= 1 && typeof classes === "number" && target.rank === input.rank && target.shape.every((d, i) => d === input.shape[i]), () =>
    `multilabelMargin of ${typeText(input.value.type)} with the target ${typeText(target.value.type)}`, "both have shape [N, C] or [C], C a number");
  const listed = target.lt(0).convert("i32").cumsum(-1).eq(0); // before the first negative index
  // entry (t, i) of the pairs: is class i the t-th target?
  const pairs = [...target.shape, classes];
  const label = checkedIndex(listed.where(asIndex(target, "multilabelMargin"), 0), classes);
  const isTarget = iota(pairs, pairs.length - 1).eq(label.unsqueeze(-1)).logicalAnd(listed.unsqueeze(-1));
  const ofTarget = isTarget.where(input.unsqueeze(-2), 0).sum(-1, true);
  const isOther = isTarget.any(-2, true).logicalNot().logicalAnd(listed.unsqueeze(-1));
  const losses = isOther.where(input.unsqueeze(-2).sub(ofTarget).add(1).clampMin(0), 0);
  return reduced(losses.sum([-2, -1]).div(classes), options);
}

export interface MultiMarginOptions<R extends Reduction = Reduction> extends MarginOptions<R> {
  /** Power of each violation, 1 or 2; 1 unless given. */
  readonly p?: 1 | 2;
  /** A factor for each class, `[C]`. */
  readonly weight?: Tensor;
}

/**
 * Sum over the classes i that are not the target t of `max(0, margin - x[t] + x[i])^p`, times the target's factor, divided by
 * the number of classes; margin 1 unless given. `input`: `[N, C]` or `[C]`; `target`: integers `[N]` or `[]`, where one
 * that is no class is an error when the program runs. PyTorch: `F.multi_margin_loss`.
 */
export function multiMargin<D extends DType, R extends Reduction = "mean">(input: Tensor<Shape, D>, target: Tensor, options?: MultiMarginOptions<R>): Loss<D, R>;
export function multiMargin(input: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  requireTensors("multiMargin", { input, target });
  const { p = 1, margin = 1, weight } = options, classes = input.shape[input.rank - 1];
  check(input.rank >= 1 && typeof classes === "number" && target.rank === input.rank - 1 && target.shape.every((d, i) => d === input.shape[i]), () =>
    `multiMargin of ${typeText(input.value.type)} with the target ${typeText(target.value.type)}`, "scores are [N, C] or [C], C a number; targets one class index for each");
  const label = checkedIndex(asIndex(target, "multiMargin"), classes);
  const isTarget = iota(input.shape, input.rank - 1).eq(label.unsqueeze(-1));
  const ofTarget = isTarget.where(input, 0).sum(-1, true), violation = input.sub(ofTarget).add(margin).clampMin(0);
  const losses = isTarget.where(0, p === 1 ? violation : violation.square());
  return reduced((weight ? losses.mul(isTarget.where(weight, 0).sum(-1, true)) : losses).sum(-1).div(classes), options);
}
