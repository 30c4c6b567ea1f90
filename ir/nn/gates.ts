import { check } from "../graph/error.ts";
import { constant } from "../init/init.ts";
import type { Float, Layer } from "../model/scope.ts";
import { isTraining } from "../model/trace.ts";
import { uniform } from "../random/index.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { iota } from "../tensor/dims.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isFloat, typeText, type DType, type Shape } from "../types/index.ts";
import type { Pointwise } from "./types.ts";

/** Functions with a part that is drawn, shared or learned. */

export interface GumbelOptions {
  /** Temperature: the lower, the nearer to one-hot; 1 unless given. */
  readonly tau?: number;
  /** Gives one-hot rows, with the derivative of the soft ones (Bengio et al. 2013). */
  readonly hard?: boolean;
  /** -1 unless given. */
  readonly dim?: number;
  /** A u32[2] key; the model's own unless given. */
  readonly key?: Tensor;
}

/** Samples of classes with a derivative: `softmax((x + g) / tau)`, g from Gumbel's distribution (Jang et al. 2017). PyTorch: `F.gumbel_softmax`. */
export function gumbelSoftmax<S extends Shape, D extends DType>(x: Tensor<S, D>, options?: GumbelOptions): Tensor<S, D>;
export function gumbelSoftmax(x: Tensor, { tau = 1, hard = false, dim = -1, key }: GumbelOptions = {}): Tensor {
  requireTensors("gumbelSoftmax", { x });
  check(isFloat(x.dtype) && tau > 0, () => `gumbelSoftmax of ${typeText(x.value.type)} with tau = ${tau}`, "it takes floats, and a temperature above 0");
  // 1 - u is never 0; where it is 1, its logarithm is that of the least step below
  const u = uniform({ shape: x.shape, dtype: x.dtype as Float, ...(key && { key }) }) as Tensor;
  const gumbel = u.neg().log1p().neg().clampMin(2 ** -25).log().neg();
  const soft: Tensor = x.add(gumbel).div(tau).softmax(dim);
  if (!hard) return soft;
  const axis = dim < 0 ? dim + x.rank : dim, most = soft.argmax(axis, true);
  const oneHot = iota(x.shape, axis).eq(most).convert(x.dtype);
  return oneHot.add(soft.sub(soft.stopGradient()));
}

/**
 * Leaky ReLU whose slope below 0 is drawn for each element from U(lower, upper) in training functions, and the middle of both
 * in others (Xu et al. 2015). PyTorch: `F.rrelu`.
 */
export function rrelu<S extends Shape, D extends DType>(x: Tensor<S, D>, lower?: number, upper?: number): Tensor<S, D>;
export function rrelu(x: Tensor, lower = 1 / 8, upper = 1 / 3): Tensor {
  requireTensors("rrelu", { x });
  if (!isTraining()) return x.leakyRelu((lower + upper) / 2);
  return x.ge(0).where(x, x.mul(uniform({ shape: x.shape, dtype: x.dtype as Float, low: lower, high: upper })));
}

/**
 * Divides by a power of the neighbouring channels' squares: `x / (k + alpha·mean(x²))^beta` over `size` channels of `[N, C, …]`
 * (Krizhevsky et al. 2012). PyTorch: `F.local_response_norm`.
 */
export function localResponseNorm<S extends Shape, D extends DType>(x: Tensor<S, D>, size: number, options?: { readonly alpha?: number; readonly beta?: number; readonly k?: number }): Tensor<S, D>;
export function localResponseNorm(x: Tensor, size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: { readonly alpha?: number; readonly beta?: number; readonly k?: number } = {}): Tensor {
  requireTensors("localResponseNorm", { x });
  check(x.rank >= 3 && Number.isInteger(size) && size >= 1, () => `localResponseNorm of ${typeText(x.value.type)} over ${size} channels`, "it takes [N, C, L, …] and a whole number of channels");
  const channels = x.shape[1], before = Math.floor(size / 2);
  const padded = x.square().movedim(1, -1).pad([before, size - 1 - before]);
  const around = Array.from({ length: size }, (_, i) => padded.narrow(-1, i, channels)).reduce((a, b) => a.add(b)).div(size);
  return x.div(around.movedim(-1, 1).mul(alpha).add(k).pow(beta));
}

/** Channels in `groups`, mixed: the first of each group, then the second of each, of `[N, C, …]` (Zhang et al. 2018). PyTorch: `F.channel_shuffle`. */
export function channelShuffle<S extends Shape, D extends DType>(x: Tensor<S, D>, groups: number): Tensor<S, D>;
export function channelShuffle(x: Tensor, groups: number): Tensor {
  requireTensors("channelShuffle", { x });
  const [n, channels, ...rest] = x.shape;
  check(x.rank >= 3 && typeof channels === "number" && Number.isInteger(groups) && channels % groups === 0, () => `channelShuffle of ${typeText(x.value.type)} in ${groups} groups`, "the number of channels must be a multiple of the number of groups");
  return x.reshape([n, groups, channels / groups, ...rest]).transpose(1, 2).reshape(x.shape);
}

/**
 * x above 0, `weight · x` below, with a learned weight: one, or one for each channel (axis 1). Parameter: `weight`, `[numParameters]`,
 * from 0.25 (He et al. 2015). PyTorch: `nn.PReLU`.
 */
export const prelu = ({ numParameters = 1, init = 0.25 }: { readonly numParameters?: number; readonly init?: number } = {}): Layer<Pointwise, Float> => (scope) => {
  const weight: Tensor = scope.param("weight", [numParameters], { init: constant(init) });
  return ((x: Tensor) => {
    check(numParameters === 1 || (x.rank >= 2 && x.shape[1] === numParameters), () => `prelu with ${numParameters} weights of ${typeText(x.value.type)}`, "give one weight, or one for each channel of [N, C, …]");
    return x.prelu(numParameters === 1 ? weight.reshape([]) : weight.reshape(x.shape.slice(1).map((d, i) => (i === 0 ? d : 1))));
  }) as Pointwise;
};
