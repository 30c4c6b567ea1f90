import { emitOne } from "../graph/build.ts";
import { check } from "../graph/error.ts";
import { isTraining } from "../model/trace.ts";
import { bernoulli } from "../random/index.ts";
import { embeddingRows } from "./embedding.ts";
import { Tensor } from "../tensor/tensor.ts";
import { typeText, type DType, type Shape } from "../types/index.ts";

/** Layers as functions of tensors, without parameters of their own. PyTorch: `torch.nn.functional`. */
export { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from "./normalization.ts";
export type { AffineOptions, Normalized, RmsNormOptions, RunningOptions } from "./normalization.ts";
export { embeddingRows as embedding };

/** `x·weightᵀ + bias`: `[…, I]` and `[O, I]` (or `[I]`) give `[…, O]` (or `[…]`). PyTorch: `F.linear`. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const width = weight.shape[weight.rank - 1];
  check(x.rank >= 1 && (weight.rank === 1 || weight.rank === 2) && x.shape[x.rank - 1] === width, () =>
    `linear: the input is ${typeText(x.value.type)}, the weight ${typeText(weight.value.type)}: ${x.shape[x.rank - 1]} against ${width}`, `the last dimension of the input must be ${width}`);
  check(x.dtype === weight.dtype, () => `linear: the input is ${typeText(x.value.type)}, the weight ${typeText(weight.value.type)}`, `convert the input with .convert("${weight.dtype}")`);
  const product = new Tensor(emitOne("dot", [x.value, weight.value], { batch: [], contract: [[x.rank - 1, weight.rank - 1]] }));
  return bias ? product.add(bias) : product;
}

export interface DropoutOptions {
  /** Probability of dropping; 0.5 unless given. */
  readonly p?: number;
  /** Whether to drop at all: as the function being traced is for training or not, unless given. */
  readonly training?: boolean;
  /** A u32[2] key; the model's own unless given. */
  readonly key?: Tensor;
}

/**
 * Sets each element to zero with probability `p`, and scales the others by `1 / (1 - p)` (Srivastava et al. 2014). The
 * tensor itself outside training. PyTorch: `F.dropout`.
 */
export function dropout<S extends Shape, D extends DType>(x: Tensor<S, D>, options?: DropoutOptions): Tensor<S, D>;
export function dropout(x: Tensor, { p = 0.5, training = isTraining(), key }: DropoutOptions = {}): Tensor {
  check(p >= 0 && p <= 1, () => `dropout: p = ${p} is no probability`, "give a number from 0 to 1");
  if (!training || p === 0) return x;
  if (p === 1) return x.mul(0);
  const keep = bernoulli({ p: 1 - p, shape: x.shape, ...(key && { key }) });
  return keep.where(x.mul(1 / (1 - p)), 0);
}
