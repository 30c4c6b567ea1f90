import { ones, zeros } from "../init/init.ts";
import type { AnyScope, Float, Layer } from "../model/scope.ts";
import { assign, isTraining, latest } from "../model/trace.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { batchNorm as applyBatchNorm, groupNorm as applyGroupNorm, layerNorm as applyLayerNorm, rmsNorm as applyRmsNorm } from "./normalization.ts";
import type { Pointwise } from "./types.ts";

/** Normalisation layers. Parameters: `weight` (from one) and `bias` (from zero), unless `affine` is false. */

export interface NormOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
  /** Whether there are parameters; true unless given. */
  readonly affine?: boolean;
  /** Whether there is a bias among them; true unless given. */
  readonly bias?: boolean;
}

function affineParams(scope: AnyScope, shape: readonly number[], { affine = true, bias = true }: NormOptions): { weight: Tensor | null; bias: Tensor | null } {
  return {
    weight: affine ? scope.param("weight", shape, { init: ones }) : null,
    bias: affine && bias ? scope.param("bias", shape, { init: zeros }) : null,
  };
}

const asShape = (shape: number | readonly number[]): readonly number[] => (typeof shape === "number" ? [shape] : shape);

/** Layer normalisation over the last dimensions, of shape `normalizedShape`. PyTorch: `nn.LayerNorm`. */
export const layerNorm = (normalizedShape: number | readonly number[], options: NormOptions = {}): Layer<Pointwise, Float> => (scope) => {
  const params = affineParams(scope, asShape(normalizedShape), options);
  return ((x: Tensor) => applyLayerNorm(x, asShape(normalizedShape), { ...params, eps: options.eps ?? 1e-5 })) as Pointwise;
};

/** Root-mean-square normalisation over the last dimensions, of shape `normalizedShape`. Parameter: `weight`. PyTorch: `nn.RMSNorm`. */
export const rmsNorm = (normalizedShape: number | readonly number[], options: { readonly eps?: number; readonly affine?: boolean } = {}): Layer<Pointwise, Float> => (scope) => {
  const { weight } = affineParams(scope, asShape(normalizedShape), { ...options, bias: false });
  return ((x: Tensor) => applyRmsNorm(x, asShape(normalizedShape), { weight, ...(options.eps !== undefined && { eps: options.eps }) })) as Pointwise;
};

/** Normalisation over groups of channels of `[N, C, …]`. PyTorch: `nn.GroupNorm`. */
export const groupNorm = (groups: number, channels: number, options: NormOptions = {}): Layer<Pointwise, Float> => (scope) => {
  const params = affineParams(scope, [channels], options);
  return ((x: Tensor) => applyGroupNorm(x, groups, { ...params, eps: options.eps ?? 1e-5 })) as Pointwise;
};

export interface BatchNormOptions extends NormOptions {
  /** Weight of a batch in the running statistics; 0.1 unless given. Null keeps the mean of all batches. */
  readonly momentum?: number | null;
  /** Whether there are running statistics; without, every call normalises by its batch. True unless given. */
  readonly trackRunningStats?: boolean;
}

/**
 * Normalisation of each channel over the batch, for `[N, C]` or `[N, C, L]`. A training function normalises by its
 * batch and moves the running statistics; others normalise by these. State: `running_mean`, `running_var`,
 * `num_batches_tracked`. PyTorch: `nn.BatchNorm1d`.
 */
export const batchNorm1d = (channels: number, options: BatchNormOptions = {}): Layer<Pointwise, Float> => (scope) => {
  const { momentum = 0.1, trackRunningStats = true, eps = 1e-5 } = options;
  const params = affineParams(scope, [channels], options);
  if (!trackRunningStats) return ((x: Tensor) => applyBatchNorm(x, { ...params, training: true, eps }).output) as Pointwise;
  const mean: Tensor = scope.state("running_mean", [channels], { init: zeros });
  const variance: Tensor = scope.state("running_var", [channels], { init: ones });
  const batches: Tensor = scope.state("num_batches_tracked", [], { dtype: "i32" });
  return ((x: Tensor) => {
    const running = { runningMean: latest(mean), runningVar: latest(variance) };
    if (!isTraining()) return applyBatchNorm(x, { ...params, ...running, eps }).output;
    const seen = latest(batches).add(1);
    const result = applyBatchNorm(x, { ...params, ...running, training: true, eps, momentum: momentum ?? seen.convert(mean.dtype).reciprocal() });
    assign(mean, result.runningMean!);
    assign(variance, result.runningVar!);
    assign(batches, seen);
    return result.output;
  }) as Pointwise;
};
