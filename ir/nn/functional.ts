import { check } from "../graph/error.ts";
import { isTraining } from "../model/trace.ts";
import { bernoulli } from "../random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { DType, Shape } from "../types/index.ts";

/** Layers as functions of tensors, without parameters of their own. PyTorch: `torch.nn.functional`. */
export { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from "./normalization.ts";
export type { AffineOptions, Normalized, RmsNormOptions, RunningOptions } from "./normalization.ts";
export { embedding } from "../tensor/functional.ts";
export { linear } from "../tensor/products.ts";
export * from "../tensor/windows/index.ts";

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
