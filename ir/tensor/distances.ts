import { check } from "../graph/error.ts";
import type { DType, Shape } from "../types/index.ts";
import { requireTensors } from "./arguments.ts";
import { broadcastShape } from "./broadcast.ts";
import { triuIndices } from "./creation.ts";
import { axisOf } from "./dims.ts";
import type { Tensor } from "./core.ts";
import { describe, requireFloat, toFloat } from "./lift.ts";
import type { ToFloat } from "./types/dtype.ts";

/** Distances and angles between vectors. The derivative of a distance is 0 where it is 0. */

/**
 * p-norms of the differences of every row of `x1` and every row of `x2`: `[…, P, M]` and `[…, R, M]` to `[…, P, R]`; p is 2
 * unless given, and may be `Infinity`. PyTorch: `torch.cdist`.
 */
export function cdist<D extends DType>(x1: Tensor<Shape, D>, x2: Tensor<Shape, D>, p?: number): Tensor<Shape, D>;
export function cdist(x1: Tensor, x2: Tensor, p = 2): Tensor {
  requireTensors("cdist", { x1, x2 });
  requireFloat(x1, "cdist");
  check(x1.rank >= 2 && x2.rank >= 2 && x1.dtype === x2.dtype && x1.shape[x1.rank - 1] === x2.shape[x2.rank - 1], () =>
    `cdist of ${describe(x1)} and ${describe(x2)}`, "give rows of one width and dtype, […, P, M] and […, R, M]");
  return x1.unsqueeze(-2).sub(x2.unsqueeze(-3)).norm(p, -1);
}

/** p-norms of the differences of every two rows of `[N, M]`, N a number: `[N·(N-1)/2]`, in the order of an upper triangle. PyTorch: `F.pdist`. */
export function pdist<D extends DType>(x: Tensor<Shape, D>, p?: number): Tensor<[number], D>;
export function pdist(x: Tensor, p = 2): Tensor {
  requireTensors("pdist", { x });
  requireFloat(x, "pdist");
  const rows = x.shape[0];
  check(x.rank === 2 && typeof rows === "number", () => `pdist of ${describe(x)}`, "it takes [N, M], N a number");
  const pairs = triuIndices(rows, rows, 1);
  return x.indexSelect(0, pairs.select(0, 0)).sub(x.indexSelect(0, pairs.select(0, 1))).norm(p, -1);
}

export interface DistanceOptions {
  /** Order of the norm; 2 unless given. */
  readonly p?: number;
  /** Added to each difference; 1e-6 unless given. */
  readonly eps?: number;
  readonly keepdim?: boolean;
}

/** p-norm of `x1 - x2 + eps` along the last axis, of tensors that broadcast. PyTorch: `F.pairwise_distance`. */
export function pairwiseDistance<D extends DType>(x1: Tensor<Shape, D>, x2: Tensor, options?: DistanceOptions): Tensor<Shape, ToFloat<D>>;
export function pairwiseDistance(x1: Tensor, x2: Tensor, { p = 2, eps = 1e-6, keepdim = false }: DistanceOptions = {}): Tensor {
  requireTensors("pairwiseDistance", { x1, x2 });
  return toFloat(x1.sub(x2)).add(eps).norm(p, -1, keepdim);
}

/**
 * Cosine of the angle between vectors along an axis (1 unless given) of tensors that broadcast:
 * `x1·x2 / (max(|x1|, eps)·max(|x2|, eps))`, eps 1e-8 unless given. PyTorch: `F.cosine_similarity`.
 */
export function cosineSimilarity<D extends DType>(x1: Tensor<Shape, D>, x2: Tensor, options?: { readonly dim?: number; readonly eps?: number }): Tensor<Shape, D>;
export function cosineSimilarity(x1: Tensor, x2: Tensor, { dim = 1, eps = 1e-8 }: { readonly dim?: number; readonly eps?: number } = {}): Tensor {
  requireTensors("cosineSimilarity", { x1, x2 });
  requireFloat(x1, "cosineSimilarity");
  const shape = broadcastShape(x1.shape, x2.shape, "cosineSimilarity"), [a, b] = [x1.expand(shape), x2.expand(shape)];
  const axis = axisOf(dim, a), unit = (x: Tensor): Tensor => x.div(x.norm(2, axis, true).clampMin(eps));
  return unit(a).mul(unit(b)).sum(axis);
}
