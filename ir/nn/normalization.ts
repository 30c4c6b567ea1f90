import { check, GraphError } from "../graph/error.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { countOf } from "../tensor/dims.ts";
import { inFullPrecision } from "../tensor/precision.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { finfo, isHalf, mathType, shapeText, typeText, type DType, type Float, type Shape } from "../types/index.ts";

/** Normalisation as functions of tensors: what the layers of the same names compute. */

export interface AffineOptions {
  readonly weight?: Tensor | null;
  readonly bias?: Tensor | null;
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
}

/** `x·weight + bias`, either of which may be missing. */
function affine(x: Tensor, weight: Tensor | null | undefined, bias: Tensor | null | undefined): Tensor {
  const scaled = weight ? x.mul(weight) : x;
  return bias ? scaled.add(bias) : scaled;
}

/** `(x - mean) / sqrt(variance + eps)` over axes, with the moments (kept as 1). */
function standardize(x: Tensor, axes: readonly number[], eps: number): { output: Tensor; mean: Tensor; variance: Tensor } {
  const mean = x.mean(axes, true), centred = x.sub(mean);
  const variance = centred.square().mean(axes, true);
  return { output: centred.mul(variance.add(eps).rsqrt()), mean, variance };
}

/** The axes that a normalized shape covers: the last ones. Throws where the sizes differ. */
function lastAxes(name: string, x: Tensor, given: number | readonly number[]): number[] {
  const normalizedShape = [given].flat();
  const from = x.rank - normalizedShape.length;
  check(normalizedShape.length > 0 && from >= 0 && normalizedShape.every((d, i) => x.shape[from + i] === d), () =>
    `${name} over ${shapeText(normalizedShape)} of ${typeText(x.value.type)}`, "the normalized shape must be the last dimensions of the tensor");
  return normalizedShape.map((_, i) => from + i);
}

/** Layer normalisation over the last dimensions (Ba et al. 2016), with the biased variance. PyTorch: `F.layer_norm`. */
export function layerNorm<S extends Shape, D extends DType>(x: Tensor<S, D>, normalizedShape: number | readonly number[], options?: AffineOptions): Tensor<S, D>;
export function layerNorm(x: Tensor, normalizedShape: number | readonly number[], { weight, bias, eps = 1e-5 }: AffineOptions = {}): Tensor {
  requireTensors("layerNorm", { x });
  const axes = lastAxes("layerNorm", x, normalizedShape);
  return inFullPrecision(x, (y) => affine(standardize(y, axes, eps).output, weight, bias));
}

export interface RmsNormOptions {
  readonly weight?: Tensor | null;
  /** Added to the mean square; the dtype's machine epsilon unless given, as in PyTorch. */
  readonly eps?: number;
}

/** `x / sqrt(mean(x²) + eps) · weight` over the last dimensions (Zhang & Sennrich 2019). PyTorch: `F.rms_norm`. */
export function rmsNorm<S extends Shape, D extends DType>(x: Tensor<S, D>, normalizedShape: number | readonly number[], options?: RmsNormOptions): Tensor<S, D>;
export function rmsNorm(x: Tensor, normalizedShape: number | readonly number[], { weight, eps }: RmsNormOptions = {}): Tensor {
  requireTensors("rmsNorm", { x });
  const axes = lastAxes("rmsNorm", x, normalizedShape), epsilon = eps ?? finfo[x.dtype as Float].eps;
  return inFullPrecision(x, (y) => affine(y.mul(y.square().mean(axes, true).add(epsilon).rsqrt()), weight, null));
}

/** Normalisation over groups of channels and all positions (Wu & He 2018); `x` is `[N, C, …]`. PyTorch: `F.group_norm`. */
export function groupNorm<S extends Shape, D extends DType>(x: Tensor<S, D>, groups: number, options?: AffineOptions): Tensor<S, D>;
export function groupNorm(x: Tensor, groups: number, { weight, bias, eps = 1e-5 }: AffineOptions = {}): Tensor {
  requireTensors("groupNorm", { x });
  const channels = channelsOf("groupNorm", x);
  check(typeof channels === "number" && Number.isInteger(groups) && channels % groups === 0, () => `groupNorm of ${typeText(x.value.type)} in ${groups} groups`, "the number of channels must be a multiple of the number of groups");
  const [n, , ...positions] = x.shape;
  return inFullPrecision(x, (y) => {
    const grouped = y.reshape([n, groups, channels / groups, ...positions]);
    const { output } = standardize(grouped, grouped.shape.map((_, i) => i).slice(2), eps);
    return affine(output.reshape(x.shape), perChannel(x, weight), perChannel(x, bias));
  });
}

/** Running statistics of normalisation by batch, and how they move. */
export interface RunningOptions extends AffineOptions {
  /** Running mean and variance, `[C]`. */
  readonly runningMean?: Tensor | null;
  readonly runningVar?: Tensor | null;
  /** Whether to normalise by the batch, and move the statistics. */
  readonly training?: boolean;
  /** Weight of the batch in the running statistics; 0.1 unless given. */
  readonly momentum?: number | Tensor;
}

/** A normalised tensor, with the running statistics as they are after it. */
export interface Normalized {
  readonly output: Tensor;
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
}

/**
 * Normalisation of each channel over the batch and all positions (Ioffe & Szegedy 2015); `x` is `[N, C, …]`. In
 * training by the batch's biased variance, and the running variance moves toward the unbiased one; otherwise by the
 * running statistics. PyTorch: `F.batch_norm`.
 */
export function batchNorm(x: Tensor, options: RunningOptions): Normalized {
  requireTensors("batchNorm", { x });
  channelsOf("batchNorm", x);
  return normalizeChannels("batchNorm", x, x.shape.map((_, i) => i).filter((i) => i !== 1), options);
}

/**
 * Normalisation of each channel of each example over its positions (Ulyanov et al. 2016); `x` is `[N, C, …]`. With
 * running statistics, these move toward the mean of the examples' own. PyTorch: `F.instance_norm` (`training` is its
 * `use_input_stats`).
 */
export function instanceNorm(x: Tensor, options: RunningOptions = {}): Normalized {
  requireTensors("instanceNorm", { x });
  channelsOf("instanceNorm", x);
  check(x.rank > 2, () => `instanceNorm of ${typeText(x.value.type)}`, "it needs positions to normalise over: [N, C, L]");
  return normalizeChannels("instanceNorm", x, x.shape.map((_, i) => i).slice(2), { training: true, ...options });
}

/** Computed in f32 where the tensor is a half; its statistics keep the dtype they have. */
function normalizeChannels(name: string, given: Tensor, axes: readonly number[], options: RunningOptions): Normalized {
  const x = given.convert(mathType(given.dtype)), rounded = (y: Tensor): Tensor => (isHalf(given.dtype) ? y.convert(given.dtype) : y);
  const { weight, bias, runningMean = null, runningVar = null, training = false, momentum = 0.1, eps = 1e-5 } = options;
  const scale = perChannel(x, weight), shift = perChannel(x, bias);
  if (!training) {
    if (!runningMean || !runningVar) throw new GraphError(`${name} outside training needs running statistics`, "give runningMean and runningVar, or training: true");
    const centred = x.sub(perChannel(x, runningMean)).mul(perChannel(x, runningVar).add(eps).rsqrt());
    return { output: rounded(affine(centred, scale, shift)), runningMean, runningVar };
  }
  const { output, mean, variance } = standardize(x, axes, eps);
  const count = countOf(x, axes);
  if (typeof count === "number" && count < 2) throw new GraphError(`${name} of ${typeText(x.value.type)}: one value for each channel has no variance`, "train on batches of two or more");
  const unbiased = variance.mul(typeof count === "number" ? count / (count - 1) : count.convert(x.dtype).div(count.sub(1)));
  const move = (running: Tensor | null, now: Tensor): Tensor | null => {
    if (!running) return null;
    const current = meanOfChannels(now).stopGradient();
    return typeof momentum === "number" ? running.mul(1 - momentum).add(current.mul(momentum)) : running.add(current.sub(running).mul(momentum));
  };
  return { output: rounded(affine(output, scale, shift)), runningMean: move(runningMean, mean), runningVar: move(runningVar, unbiased) };
}

/** Statistics `[1 or N, C, 1, …]` as `[C]`. */
const meanOfChannels = (x: Tensor): Tensor => {
  const rows = x.reshape([x.shape[0], x.shape[1]]);
  return x.shape[0] === 1 ? rows.reshape([x.shape[1]]) : rows.mean(0);
};

const channelsOf = (name: string, x: Tensor) => {
  check(x.rank >= 2, () => `${name} of ${typeText(x.value.type)}`, "it needs a channel axis: [N, C, …]");
  return x.shape[1];
};

/** A vector over the channels, shaped to broadcast with `[N, C, …]`. */
function perChannel(x: Tensor, v: Tensor): Tensor;
function perChannel(x: Tensor, v: Tensor | null | undefined): Tensor | null;
function perChannel(x: Tensor, v: Tensor | null | undefined): Tensor | null {
  if (!v) return null;
  check(v.rank === 1 && v.shape[0] === x.shape[1], () => `normalising ${typeText(x.value.type)}: a vector over its channels is ${typeText(v.value.type)}`, `it must have shape [${x.shape[1]}]`);
  return v.reshape(x.shape.slice(1).map((d, i) => (i === 0 ? d : 1)));
}
