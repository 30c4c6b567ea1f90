import { check } from "../../graph/error.ts";
import { iota } from "../../tensor/dims.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { IsUnknownRank } from "../../tensor/types/shape.ts";
import { dims, isFloat, typeText, type Dim, type DType, type Shape } from "../../types/index.ts";
import { dropout } from "../dropout.ts";
import type { WithWidth } from "../types.ts";

export interface AttentionOptions {
  /** Broadcasts to `[…, L, S]`. Bool: true where a query may attend to a key. Float: added to the scores. */
  readonly attnMask?: Tensor | null;
  /** Query i attends to the keys 0 … i: the first query to the first key, whatever the lengths. */
  readonly isCausal?: boolean;
  /** Factor of the scores; `1 / sqrt(E)` unless given. */
  readonly scale?: number;
  /** Probability of dropping a weight, in training functions; 0 unless given. */
  readonly dropoutP?: number;
  /** Whether there may be fewer heads (axis -3) of keys and values than of queries, each serving a group of these. */
  readonly enableGqa?: boolean;
}

type LastOf<S extends Shape> = IsUnknownRank<S> extends true ? Dim : S extends readonly [...Shape, infer L extends Dim] ? L : Dim;

/**
 * Scaled dot-product attention (Vaswani et al. 2017): `softmax(q·kᵀ·scale + mask)·v`.
 *
 * - `query`: `[…, L, E]`; `key`: `[…, S, E]`; `value`: `[…, S, Ev]`; floats of one dtype. Gives `[…, L, Ev]`.
 * - A query whose keys are all masked out gets zeros, and no derivative (where `softmax` would give NaN).
 *
 * PyTorch: `F.scaled_dot_product_attention`, except that dropout is for training functions only.
 */
export function scaledDotProductAttention<S extends Shape, D extends DType, V extends Shape>(
  query: Tensor<S, D>, key: Tensor<Shape, D>, value: Tensor<V, D>, options?: AttentionOptions): Tensor<WithWidth<S, LastOf<V>>, D>;
export function scaledDotProductAttention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}): Tensor {
  check(value.rank >= 2 && value.shape[value.rank - 2] === key.shape[key.rank - 2], () => `attention to keys ${typeText(key.value.type)}: ${key.shape[key.rank - 2]} keys for values ${typeText(value.value.type)}`, "there must be one value for each key");
  const groups = options.enableGqa ? groupsOf(query, key, value) : 1;
  const [k, v] = groups === 1 ? [key, value] : [key, value].map((x) => x.repeatInterleave(groups, -3));
  return attentionWeights(query, k, options).matmul(v);
}

/** The weights of {@link scaledDotProductAttention}, `[…, L, S]`: each row adds up to 1, or is zero where all is masked out. */
export function attentionWeights(query: Tensor, key: Tensor, { attnMask, isCausal = false, scale, dropoutP = 0 }: AttentionOptions): Tensor {
  const text = (): string => `attention of queries ${typeText(query.value.type)} to keys ${typeText(key.value.type)}`;
  check(isFloat(query.dtype) && query.dtype === key.dtype, text, "they must be floats of one dtype");
  check(query.rank >= 2 && key.rank >= 2, text, "they must be […, L, E] and […, S, E]");
  const width = query.shape[query.rank - 1];
  check(width === key.shape[key.rank - 1], () => `${text()}: ${width} against ${key.shape[key.rank - 1]}`, "queries and keys must be of one width");
  check(typeof width === "number" || scale !== undefined, () => `${text()}: the width is "${width}"`, "the width must be a number, or scale given");
  const scores = query.mul(scale ?? 1 / Math.sqrt(width as number)).matmul(key.transpose(-2, -1));
  const masked = withMask(isCausal ? causal(scores).where(scores, -Infinity) : scores, attnMask, text);
  return dropout(attnMask ? softmaxOrZero(masked) : masked.softmax(-1), { p: dropoutP });
}

/** Which keys a query may attend to where it may not look ahead: `[L, S]`. */
function causal(scores: Tensor): Tensor {
  const shape = scores.shape.slice(-2);
  return iota(shape, 0).ge(iota(shape, 1));
}

function withMask(scores: Tensor, mask: Tensor | null | undefined, text: () => string): Tensor {
  if (!mask) return scores;
  check(mask.dtype === "bool" || mask.dtype === scores.dtype, () => `${text()}: the mask is ${typeText(mask.value.type)}`, `a mask is bool (true: may attend), or ${scores.dtype} (added)`);
  const lead = scores.rank - mask.rank;
  check(lead >= 0 && mask.shape.every((d, i) => d === 1 || d === scores.shape[lead + i]), () => `${text()}: the mask is ${typeText(mask.value.type)}`, `it must broadcast to ${typeText({ dtype: mask.dtype, shape: scores.shape })}`);
  return mask.dtype === "bool" ? mask.where(scores, -Infinity) : scores.add(mask);
}

/** Softmax along the last axis, zeros where all are -∞. */
function softmaxOrZero(x: Tensor): Tensor {
  const max = x.stopGradient().amax(-1, true), sum = (e: Tensor): Tensor => e.sum(-1, true);
  const e = x.sub(max.eq(-Infinity).where(0, max)).exp();
  return e.div(sum(e).eq(0).where(1, sum(e)));
}

/** How many heads of queries each head of keys serves. */
function groupsOf(query: Tensor, key: Tensor, value: Tensor): number {
  const heads = [query, key, value].map((x) => (x.rank >= 3 ? x.shape[x.rank - 3] : undefined));
  const ratio = heads[0] !== undefined && heads[1] !== undefined && heads[1] === heads[2] ? dims.divExact(heads[0], heads[1]) : undefined;
  check(typeof ratio === "number", () => `attention with grouped heads of ${[query, key, value].map((x) => typeText(x.value.type)).join(", ")}`,
    "axis -3 is the heads: as many of keys as of values, and a multiple of that of queries");
  return ratio;
}
