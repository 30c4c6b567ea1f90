import { check } from "../../graph/error.ts";
import { xavierNormal, xavierUniform, zeros } from "../../init/init.ts";
import type { AnyScope, Float, Layer } from "../../model/scope.ts";
import { full } from "../../tensor/creation.ts";
import { iota } from "../../tensor/dims.ts";
import { cat } from "../../tensor/join.ts";
import { linear as apply } from "../../tensor/products.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { dims, typeText, type DType, type Shape } from "../../types/index.ts";
import { linear, type LinearOptions } from "../linear.ts";
import type { WidthCheck } from "../types.ts";
import { attention, attentionWeights, droppedBy } from "./attention.ts";

export interface MultiheadAttentionOptions {
  /** Probability of dropping a weight, in training functions; 0 unless given. */
  readonly dropout?: number;
  /** Whether the projections have biases; true unless given. */
  readonly bias?: boolean;
  /** Adds a learned key and value (parameters `bias_k`, `bias_v`). */
  readonly addBiasKv?: boolean;
  /** Adds a key and value of zeros. */
  readonly addZeroAttn?: boolean;
  /** Widths of keys and values; `embedDim` unless given. */
  readonly kdim?: number;
  readonly vdim?: number;
  /** `[B, T, E]` instead of `[T, B, E]`. */
  readonly batchFirst?: boolean;
}

export interface AttendOptions {
  /** Keys to leave out, `[B, S]` (`[S]` without a batch). Bool: true leaves a key OUT. Float: added to its scores. */
  readonly keyPaddingMask?: Tensor | null;
  /** `[L, S]`, or `[B·heads, L, S]`. Bool: true leaves a pair OUT (in `scaledDotProductAttention` it lets it in). Float: added. */
  readonly attnMask?: Tensor | null;
  /** No query attends to a key behind it; needs no mask. */
  readonly isCausal?: boolean;
  /** The mean of the heads' weights, `[B, L, S]`, or those of each, `[B, heads, L, S]`; the mean unless given. */
  readonly averageAttnWeights?: boolean;
}

/** Queries, keys and values to `[output, weights]`. */
export interface MultiheadAttentionMap<E extends number> {
  <S extends Shape, D extends DType>(query: Tensor<S, D> & WidthCheck<S, E>, key: Tensor<Shape, D>, value: Tensor<Shape, D>, options?: AttendOptions): readonly [output: Tensor<S, D>, weights: Tensor<Shape, D>];
}

/**
 * Attention in several heads (Vaswani et al. 2017): projections of queries, keys and values, split into `numHeads` parts of
 * the width, attend each on its own; a last projection joins them.
 *
 * - `query`: `[L, B, E]`; `key`: `[S, B, kdim]`; `value`: `[S, B, vdim]`. With `batchFirst` the batch comes first; without a
 *   batch, `[L, E]` and so on.
 * - Gives `[output, weights]`: `[L, B, E]`, and the weights, `[B, L, S]`. Weights that nobody uses are not computed.
 * - A query whose keys are all masked out attends to nothing (PyTorch gives NaN).
 *
 * Parameters, as PyTorch's: `in_proj_weight` `[3·E, E]` (or `q_proj_weight`, `k_proj_weight`, `v_proj_weight`, where the
 * widths differ), `in_proj_bias`, `out_proj.weight`, `out_proj.bias`. PyTorch: `nn.MultiheadAttention`.
 */
export function multiheadAttention<const E extends number>(embedDim: E, numHeads: number, options?: MultiheadAttentionOptions): Layer<MultiheadAttentionMap<E>, Float>;
export function multiheadAttention(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}): Layer<unknown, Float> {
  const { dropout = 0, batchFirst = false, addZeroAttn = false } = options;
  check(Number.isInteger(numHeads) && numHeads >= 1 && embedDim % numHeads === 0, () => `multiheadAttention: ${numHeads} heads of a width of ${embedDim}`, "the width must be a multiple of the number of heads");
  return (scope) => {
    const { project, join, extra } = parameters(scope, embedDim, options);
    return (query: Tensor, key: Tensor, value: Tensor, { keyPaddingMask, attnMask, isCausal = false, averageAttnWeights = true }: AttendOptions = {}) => {
      const isBatch = query.rank === 3, batchAxis = isBatch && batchFirst ? 0 : 1;
      checkOperands(query, key, value, batchAxis);
      const widened = isBatch ? [query, key, value] : dedupe([query, key, value], (x) => x.unsqueeze(1));
      const [q, k, v] = project(widened).map((x) => heads(x, numHeads, batchAxis));
      const added = [...(extra ? [extra.map((x) => heads(x, numHeads, 1))] : []), ...(addZeroAttn ? [[k, v].map((x) => full([1, numHeads, 1, x.shape[3]], 0, x.dtype))] : [])];
      const [keys, values] = [k, v].map((x, i) => added.reduce((all, pair) => cat([all, pair[i].expand([x.shape[0], numHeads, 1, x.shape[3]])], 2), x));
      const isMaskCausal = isCausal && added.length > 0; // then the keys are not those of the queries alone
      const mask = maskOf(q, k, keyPaddingMask, attnMask, isMaskCausal);
      const attending = { attnMask: mask && letIn(mask, added.length), isCausal: isCausal && !isMaskCausal }, dropped = droppedBy(dropout);
      const weights = attentionWeights(q, keys, attending, dropped);
      const joined = attention(q, keys, values, attending, dropped).permute(batchAxis === 0 ? [0, 2, 1, 3] : [2, 0, 1, 3]).flatten(2, 3);
      const output = join(joined), shown = averageAttnWeights ? weights.mean(1) : weights;
      return isBatch ? [output, shown] : [output.squeeze(1), shown.squeeze(0)];
    };
  };
}

/** The parameters, and what is computed with them: three projections, the last one, and a learned key and value. */
function parameters(scope: AnyScope, width: number, { bias = true, addBiasKv = false, kdim = width, vdim = width }: MultiheadAttentionOptions) {
  const isOne = kdim === width && vdim === width;
  const matrix = (name: string, rows: number, columns: number): Tensor => scope.param(name, [rows, columns], { init: xavierUniform() });
  const packed = isOne ? matrix("in_proj_weight", 3 * width, width) : null;
  const separate = isOne ? [] : [matrix("q_proj_weight", width, width), matrix("k_proj_weight", width, kdim), matrix("v_proj_weight", width, vdim)];
  const inBias: Tensor | null = bias ? scope.param("in_proj_bias", [3 * width], { init: zeros }) : null;
  const outOptions: LinearOptions = { bias, biasInit: 0 };
  const join = scope.use("out_proj", linear(width, width, outOptions));
  const learned = (name: string): Tensor => scope.param(name, [1, 1, width], { init: xavierNormal() });
  const extra = addBiasKv ? [learned("bias_k"), learned("bias_v")] : null;

  const project = ([q, k, v]: readonly Tensor[]): readonly Tensor[] => {
    if (packed && q.value === k.value && k.value === v.value) return apply(q, packed, inBias).chunk(3, -1); // self-attention: one product
    const weights = packed ? packed.chunk(3, 0) : separate, biases = inBias?.chunk(3, 0);
    return [q, k, v].map((x, i) => apply(x, weights[i], biases?.[i]));
  };
  return { project, join: join as (x: Tensor) => Tensor, extra };
}

/** `[T, B, E]` or `[B, T, E]` as `[B, heads, T, E / heads]`. */
const heads = (x: Tensor, count: number, batchAxis: number): Tensor => {
  const width = x.shape[2] as number;
  const split = x.reshape([x.shape[0], x.shape[1], count, width / count]);
  return split.permute(batchAxis === 0 ? [0, 2, 1, 3] : [1, 2, 0, 3]);
};

/** `f` of each tensor, computed once for those that are the same. */
function dedupe(xs: readonly Tensor[], f: (x: Tensor) => Tensor): Tensor[] {
  const done = new Map(xs.map((x) => [x.value, x] as const).map(([v, x]) => [v, f(x)]));
  return xs.map((x) => done.get(x.value)!);
}

function checkOperands(query: Tensor, key: Tensor, value: Tensor, batchAxis: number): void {
  const text = (): string => `multiheadAttention of ${[query, key, value].map((x) => typeText(x.value.type)).join(", ")}`;
  check((query.rank === 2 || query.rank === 3) && key.rank === query.rank && value.rank === query.rank, text, "all three have a batch ([T, B, E], or [B, T, E] with batchFirst), or none ([T, E])");
  const time = query.rank === 3 ? 1 - batchAxis : 0, isBatch = query.rank === 3;
  check(key.shape[time] === value.shape[time], () => `${text()}: ${key.shape[time]} keys for ${value.shape[time]} values`);
  check(!isBatch || (query.shape[batchAxis] === key.shape[batchAxis] && key.shape[batchAxis] === value.shape[batchAxis]), () => `${text()}: the batches differ`, batchAxis === 0 ? "axis 0 is the batch" : "axis 1 is the batch, unless batchFirst is given");
}

/** The masks as one, for scores `[B, heads, L, S]` of `q` and `k`: bool where all are, true where a pair is let in; else to be added. */
function maskOf(q: Tensor, k: Tensor, padding: Tensor | null | undefined, mask: Tensor | null | undefined, isCausal: boolean): Tensor | null {
  const [batch, count, length] = q.shape, keys = k.shape[2], masks: Tensor[] = [];
  if (padding) {
    const rows = padding.rank === 1 ? padding.unsqueeze(0) : padding;
    check(rows.rank === 2 && rows.shape[0] === batch && rows.shape[1] === keys, () => `multiheadAttention: the key padding mask is ${typeText(padding.value.type)}`, `it must have shape [${batch},${keys}]`);
    masks.push(rows.reshape([batch, 1, 1, keys]));
  }
  if (mask) {
    const fits = (mask.rank === 2 || (mask.rank === 3 && mask.shape[0] === dims.mul(batch, count))) && mask.shape.at(-2) === length && mask.shape.at(-1) === keys;
    check(fits, () => `multiheadAttention: the attention mask is ${typeText(mask.value.type)}`, `it must have shape [${length},${keys}] or [${dims.mul(batch, count)},${length},${keys}]`);
    masks.push(mask.rank === 2 ? mask : mask.reshape([batch, count, length, keys]));
  }
  if (isCausal) masks.push(iota([length, keys], 1).gt(iota([length, keys], 0)));
  if (masks.length === 0) return null;
  if (masks.every((m) => m.dtype === "bool")) return masks.reduce((a, b) => a.logicalOr(b)).logicalNot();
  return masks.map((m) => (m.dtype === "bool" ? m.where(-Infinity, full([], 0, q.dtype)) : m)).reduce((a, b) => a.add(b));
}

/** A mask for keys of which so many more come at the end, all let in. */
const letIn = (mask: Tensor, more: number): Tensor =>
  more === 0 ? mask : cat([mask, full([...mask.shape.slice(0, -1), more], mask.dtype === "bool" ? true : 0, mask.dtype)], -1);
