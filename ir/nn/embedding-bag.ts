import { normal, type InitLike } from "../init/init.ts";
import { check, GraphError } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import type { Float, Scope } from "../model/scope.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { full } from "../tensor/broadcast.ts";
import { iota } from "../tensor/dims.ts";
import { embedding } from "../tensor/functional.ts";
import { wrap } from "../tensor/core.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { dims, typeText, type DType, type Shape } from "../types/index.ts";

const modes = ["sum", "mean", "max"] as const;

export interface EmbeddingBagOptions {
  /** How the vectors of a bag become one; `"mean"` unless given. */
  readonly mode?: (typeof modes)[number];
  /** An index that does not count; it may count from the end. */
  readonly paddingIdx?: number;
}

export interface BagOptions extends EmbeddingBagOptions {
  /** Where each bag of a vector of indices begins: integers `[bags]`, in order, the first 0. */
  readonly offsets?: Tensor;
  /** A factor for each index, of its shape; for sums only. */
  readonly perSampleWeights?: Tensor;
  /** Whether the last offset is the end, not a beginning. */
  readonly includeLastOffset?: boolean;
}

/**
 * Sums, means or maxima of the rows of `weight`, `[entries, features]`, in each bag of indices: bags are the rows of indices
 * `[bags, length]`, or of a vector what is between `offsets`. A bag of nothing gives zeros. Returns `[bags, features]`. PyTorch:
 * `F.embedding_bag`.
 */
export function embeddingBag<D extends DType>(index: Tensor, weight: Tensor<Shape, D>, options?: BagOptions): Tensor<Shape, D>;
export function embeddingBag(index: Tensor, weight: Tensor, { offsets, perSampleWeights, mode = "mean", paddingIdx, includeLastOffset = false }: BagOptions = {}): Tensor {
  requireTensors("embeddingBag", { index, weight });
  if (!modes.includes(mode)) throw new GraphError(`embeddingBag: the mode is ${JSON.stringify(mode)}`, `it can be ${modes.join(", ")}`);
  check(index.rank === 2 ? !offsets : index.rank === 1 && offsets?.rank === 1, () => `embeddingBag of ${typeText(index.value.type)} with ${offsets ? `the offsets ${typeText(offsets.value.type)}` : "no offsets"}`, "give indices [bags, length], or a vector and a vector of offsets");
  check(!perSampleWeights || mode === "sum", () => `embeddingBag with perSampleWeights and the mode ${mode}`, 'weights are for mode "sum"');
  const rows: Tensor = embedding(index, weight, { paddingIdx });
  const entries = weight.shape[0], padding = paddingIdx === undefined ? undefined : paddingIdx < 0 ? dims.add(entries, paddingIdx) : paddingIdx;
  const counts = typeof padding === "number" ? index.ne(padding) : index.onesLike("bool"), kept = counts.unsqueeze(-1);
  const scaled = perSampleWeights ? rows.mul(perSampleWeights.convert(weight.dtype).unsqueeze(-1)) : rows;
  if (!offsets) {
    const some = counts.any(1, true);
    if (mode === "max") return some.where(kept.where(rows, some.unsqueeze(-1).where(-Infinity, 0)).max(1).values, 0);
    const sum = kept.where(scaled, 0).sum(1);
    return mode === "sum" ? sum : sum.div(counts.countNonzero(1).clampMin(1).convert(weight.dtype).unsqueeze(-1));
  }
  const bags = includeLastOffset ? dims.sub(offsets.shape[0], 1) : offsets.shape[0], width = weight.shape[1];
  const bag = offsets.searchsorted(iota(index.shape, 0, offsets.dtype), { right: true }).sub(1);
  const within = includeLastOffset ? bag.clampMax(typeof bags === "number" ? bags - 1 : wrap(emitOne("dimension", [], { size: bags })).sub(1)) : bag;
  const empty = (value: number, dtype: DType): Tensor => wrap(full(value, dtype, dtype === weight.dtype ? [bags, width] : [bags]));
  const total = wrap(full(0, "i32", [bags])).indexAdd(0, within, counts.int());
  if (mode === "max") {
    const largest = empty(-Infinity, weight.dtype).indexReduce(0, within, kept.where(rows, -Infinity), "amax");
    return total.gt(0).unsqueeze(-1).where(largest, 0);
  }
  const sum = empty(0, weight.dtype).indexAdd(0, within, kept.where(scaled, 0));
  return mode === "sum" ? sum : sum.div(total.clampMin(1).convert(weight.dtype).unsqueeze(-1));
}

/** What {@link embeddingBagLayer} computes, with its table. */
export interface EmbeddingBagMap<F extends Float> {
  (index: Tensor, options?: Omit<BagOptions, keyof EmbeddingBagOptions>): Tensor<Shape, F>;
  readonly weight: Tensor<Shape, F>;
}

/**
 * A table of `numEmbeddings` vectors of width `embeddingDim`, of which each bag of indices gets the sum, mean or maximum:
 * indices `[bags, length]` to `[bags, embeddingDim]`. Parameter: `weight`, from N(0, 1). PyTorch: `nn.EmbeddingBag`.
 */
export function embeddingBagLayer(numEmbeddings: number, embeddingDim: number, options: EmbeddingBagOptions & { readonly init?: InitLike } = {}): <F extends Float>(scope: Scope<F>) => EmbeddingBagMap<F> {
  return <F extends Float>(scope: Scope<F>) => {
    const weight: Tensor = scope.param("weight", [numEmbeddings, embeddingDim], { init: options.init ?? normal() });
    const { mode, paddingIdx } = options;
    const call = (index: Tensor, bags: BagOptions = {}): Tensor => embeddingBag(index, weight, { ...bags, mode, paddingIdx });
    return Object.assign(call as EmbeddingBagMap<F>, { weight: weight as Tensor<Shape, F> });
  };
}
