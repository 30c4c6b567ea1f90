import { check } from "../graph/error.ts";
import { isTraining } from "../model/trace.ts";
import { bernoulli } from "../random/index.ts";
import { requireTensors } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isFloat, typeText, type DType, type Shape } from "../types/index.ts";

/** Dropout, of elements and of whole channels. */

export interface DropoutOptions {
  /** Probability of dropping; 0.5 unless given. */
  readonly p?: number;
  /** Whether to drop at all: as the function being traced is for training or not, unless given. */
  readonly training?: boolean;
  /** A u32[2] key; the model's own unless given. */
  readonly key?: Tensor;
}

/** What is kept, for elements of `shape`; null where all is. */
function keptOf(name: string, shape: Shape, { p = 0.5, training = isTraining(), key }: DropoutOptions): Tensor | null {
  check(p >= 0 && p <= 1, () => `${name}: p = ${p} is no probability`, "give a number from 0 to 1");
  return !training || p === 0 ? null : bernoulli({ p: 1 - p, shape, ...(key && { key }) });
}

/** Zero where nothing is kept, and scaled by `1 / (1 - p)` elsewhere. */
const scaledWhere = (x: Tensor, kept: Tensor | null, { p = 0.5 }: DropoutOptions): Tensor => (!kept ? x : p === 1 ? x.mul(0) : kept.where(x.mul(1 / (1 - p)), 0));

/**
 * Sets each element to zero with probability `p`, and scales the others by `1 / (1 - p)` (Srivastava et al. 2014). The
 * tensor itself outside training. PyTorch: `F.dropout`.
 */
export function dropout<S extends Shape, D extends DType>(x: Tensor<S, D>, options?: DropoutOptions): Tensor<S, D>;
export function dropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  requireTensors("dropout", { x });
  return scaledWhere(x, keptOf("dropout", x.shape, options), options);
}

/**
 * Sets whole channels of `[N, C, …]` to zero with probability `p`, and scales the others (Tompson et al. 2015).
 * PyTorch: `F.dropout1d`, `F.dropout2d`, `F.dropout3d`.
 */
export function channelDropout<S extends Shape, D extends DType>(x: Tensor<S, D>, options?: DropoutOptions): Tensor<S, D>;
export function channelDropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  requireTensors("channelDropout", { x });
  check(x.rank >= 2, () => `channelDropout of ${typeText(x.value.type)}`, "it needs a channel axis: [N, C, …]");
  return scaledWhere(x, keptOf("channelDropout", channels(x), options), options);
}

/**
 * Sets elements to the value that SELU saturates at, with probability `p`, and scales and shifts all so that mean 0 and
 * variance 1 stay (Klambauer et al. 2017). PyTorch: `F.alpha_dropout`.
 */
export function alphaDropout<S extends Shape, D extends DType>(x: Tensor<S, D>, options?: DropoutOptions): Tensor<S, D>;
export function alphaDropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  requireTensors("alphaDropout", { x });
  return saturated("alphaDropout", x, x.shape, options);
}

/** {@link alphaDropout} of whole channels of `[N, C, …]`. PyTorch: `F.feature_alpha_dropout`. */
export function featureAlphaDropout<S extends Shape, D extends DType>(x: Tensor<S, D>, options?: DropoutOptions): Tensor<S, D>;
export function featureAlphaDropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  requireTensors("featureAlphaDropout", { x });
  check(x.rank >= 2, () => `featureAlphaDropout of ${typeText(x.value.type)}`, "it needs a channel axis: [N, C, …]");
  return saturated("featureAlphaDropout", x, channels(x), options);
}

/** What SELU tends to at -∞: `-scale · alpha`. */
const saturation = -1.7580993408473766;

function saturated(name: string, x: Tensor, shape: Shape, options: DropoutOptions): Tensor {
  check(isFloat(x.dtype), () => `${name} of ${typeText(x.value.type)}`, "it takes floats");
  const { p = 0.5 } = options, kept = keptOf(name, shape, options);
  if (!kept) return x;
  if (p === 1) return x.mul(0);
  const scale = 1 / Math.sqrt((saturation ** 2 * p + 1) * (1 - p));
  return kept.where(x, saturation).mul(scale).sub(saturation * scale * p);
}

const channels = (x: Tensor): Shape => x.shape.map((d, i) => (i < 2 ? d : 1));
