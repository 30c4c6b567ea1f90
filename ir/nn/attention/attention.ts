import { check } from "../../graph/error.ts";
import { isTraining } from "../../model/trace.ts";
import { nextKey } from "../../random/index.ts";
import { requireTensors } from "../../tensor/arguments.ts";
import { broadcastShape } from "../../tensor/broadcast.ts";
import { autocast, forProduct, inFullPrecision } from "../../tensor/precision.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { IsUnknownRank } from "../../tensor/types/shape.ts";
import { dims, isFloat, isHalf, typeText, type Dim, type DType, type Shape } from "../../types/index.ts";
import type { WithWidth } from "../types.ts";
import { attend, drop, exponentials, masked, type Dropped, type Weighting } from "./attend.ts";

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
 * - Takes memory that grows with L and S, not with their product, and so do its derivatives: those compute the weights again.
 * - A query whose keys are all masked out gets zeros, and no derivative (where `softmax` would give NaN).
 *
 * PyTorch: `F.scaled_dot_product_attention`, except that dropout is for training functions only.
 */
export function scaledDotProductAttention<S extends Shape, D extends DType, V extends Shape>(
  query: Tensor<S, D>, key: Tensor<Shape, D>, value: Tensor<V, D>, options?: AttentionOptions): Tensor<WithWidth<S, LastOf<V>>, D>;
export function scaledDotProductAttention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}): Tensor {
  requireTensors("scaledDotProductAttention", { query, key, value });
  check(value.rank >= 2 && value.shape[value.rank - 2] === key.shape[key.rank - 2], () => `attention to keys ${typeText(key.value.type)}: ${key.shape[key.rank - 2]} keys for values ${typeText(value.value.type)}`, "there must be one value for each key");
  const groups = options.enableGqa ? groupsOf(query, key, value) : 1;
  const [k, v] = groups === 1 ? [key, value] : [key, value].map((x) => x.repeatInterleave(groups, -3));
  return attention(query, k, v, options, droppedBy(options.dropoutP));
}

/** Which weights a function drops: of `p`, in training, with the model's next random key. */
export function droppedBy(p = 0): Dropped | null {
  check(p >= 0 && p <= 1, () => `attention: dropout of p = ${p} is no probability`, "give a number from 0 to 1");
  return isTraining() && p > 0 ? { p, key: nextKey() } : null;
}

/** {@link scaledDotProductAttention} of as many heads of keys as of queries. */
export function attention(queries: Tensor, keys: Tensor, values: Tensor, options: AttentionOptions, dropped: Dropped | null): Tensor {
  const [query, key, value] = forProduct(queries, keys, values);
  if (isHalf(query.dtype)) return inFullScores(options, (wide) => attention(query.float(), key.float(), value.float(), wide, dropped)).convert(query.dtype);
  const weighting = weightingOf(query, key, options, dropped);
  const lead = [query, key, value].map((x) => x.shape.slice(0, -2)).reduce<Shape>((a, b) => broadcastShape(a, b, "attention"), []);
  const [q, k, v] = [query, key, value].map((x) => x.expand([...lead, ...x.shape.slice(-2)]));
  return attend(q, k, v, weighting);
}

/** The weights of {@link scaledDotProductAttention}, `[…, L, S]`: each row adds up to 1, or is zero where all is masked out. */
export function attentionWeights(queries: Tensor, keys: Tensor, options: AttentionOptions, dropped: Dropped | null): Tensor {
  const [query, key] = forProduct(queries, keys);
  if (isHalf(query.dtype)) return inFullPrecision(query, (wide) => inFullScores(options, (given) => attentionWeights(wide, key.float(), given, dropped)));
  const w = weightingOf(query, key, options, dropped);
  const { e, sum } = exponentials(masked(query.matmul(key.transpose(-2, -1)).mul(w.scale), w), w);
  return drop(e.div(sum.unsqueeze(-1)), w);
}

/** Attention of halves: the elements of queries, keys and values are, but scores and sums are f32, as they are in a kernel. */
function inFullScores(options: AttentionOptions, body: (options: AttentionOptions) => Tensor): Tensor {
  const { attnMask: mask } = options;
  return autocast(null, () => body(mask && isFloat(mask.dtype) ? { ...options, attnMask: mask.float() } : options));
}

function weightingOf(query: Tensor, key: Tensor, { attnMask = null, isCausal = false, scale }: AttentionOptions, dropped: Dropped | null): Weighting {
  const text = (): string => `attention of queries ${typeText(query.value.type)} to keys ${typeText(key.value.type)}`;
  check(isFloat(query.dtype) && query.dtype === key.dtype, text, "they must be floats of one dtype");
  check(query.rank >= 2 && key.rank >= 2, text, "they must be […, L, E] and […, S, E]");
  const width = query.shape[query.rank - 1];
  check(width === key.shape[key.rank - 1], () => `${text()}: ${width} against ${key.shape[key.rank - 1]}`, "queries and keys must be of one width");
  check(typeof width === "number" || scale !== undefined, () => `${text()}: the width is "${width}"`, "the width must be a number, or scale given");
  if (attnMask) checkMask(attnMask, query, key, text);
  return { scale: scale ?? 1 / Math.sqrt(width as number), isCausal, mask: attnMask, dropped };
}

function checkMask(mask: Tensor, query: Tensor, key: Tensor, text: () => string): void {
  check(mask.dtype === "bool" || mask.dtype === query.dtype, () => `${text()}: the mask is ${typeText(mask.value.type)}`, `a mask is bool (true: may attend), or ${query.dtype} (added)`);
  const scores = [...broadcastShape(query.shape.slice(0, -2), key.shape.slice(0, -2), "attention"), query.shape.at(-2)!, key.shape.at(-2)!], lead = scores.length - mask.rank;
  check(lead >= 0 && mask.shape.every((d, i) => d === 1 || d === scores[lead + i]), () => `${text()}: the mask is ${typeText(mask.value.type)}`, `it must broadcast to ${typeText({ dtype: mask.dtype, shape: scores })}`);
}

/** How many heads of queries each head of keys serves. */
function groupsOf(query: Tensor, key: Tensor, value: Tensor): number {
  const heads = [query, key, value].map((x) => (x.rank >= 3 ? x.shape[x.rank - 3] : undefined));
  const ratio = heads[0] !== undefined && heads[1] !== undefined && heads[1] === heads[2] ? dims.divExact(heads[0], heads[1]) : undefined;
  check(typeof ratio === "number", () => `attention with grouped heads of ${[query, key, value].map((x) => typeText(x.value.type)).join(", ")}`,
    "axis -3 is the heads: as many of keys as of values, and a multiple of that of queries");
  return ratio;
}
