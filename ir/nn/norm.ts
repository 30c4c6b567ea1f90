import { check } from "../graph/error.ts";
import { ones, zeros } from "../init/init.ts";
import type { AnyScope, Float, Layer } from "../model/scope.ts";
import { assign, isTraining, latest } from "../model/trace.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { batchNorm as applyBatchNorm, groupNorm as applyGroupNorm, instanceNorm as applyInstanceNorm, layerNorm as applyLayerNorm, rmsNorm as applyRmsNorm } from "./normalization.ts";
import { typeText } from "../types/index.ts";
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

export interface InstanceNormOptions extends NormOptions {
  /** Weight of a call in the running statistics; 0.1 unless given. */
  readonly momentum?: number;
  /** Whether there are parameters; false unless given. */
  readonly affine?: boolean;
  /** Whether there are running statistics, by which functions that do not train normalise. False unless given. */
  readonly trackRunningStats?: boolean;
}

/** State of a layer that keeps running statistics, named as in PyTorch. */
function runningStatistics(scope: AnyScope, channels: number): { mean: Tensor; variance: Tensor; batches: Tensor } {
  return {
    mean: scope.state("running_mean", [channels], { init: zeros }),
    variance: scope.state("running_var", [channels], { init: ones }),
    batches: scope.state("num_batches_tracked", [], { dtype: "i32" }),
  };
}

function requireRank(name: string, x: Tensor, layouts: readonly string[]): void {
  check(layouts.some((l) => l.split(", ").length === x.rank), () => `${name} of ${typeText(x.value.type)}`, `it takes ${layouts.map((l) => `[${l}]`).join(" or ")}`);
}

const batchNorm = (name: string, ...layouts: readonly string[]) => (channels: number, options: BatchNormOptions = {}): Layer<Pointwise, Float> => (scope) => {
  const { momentum = 0.1, trackRunningStats = true, eps = 1e-5 } = options;
  const params = affineParams(scope, [channels], options);
  const running = trackRunningStats ? runningStatistics(scope, channels) : undefined;
  return ((x: Tensor) => {
    requireRank(name, x, layouts);
    if (!running) return applyBatchNorm(x, { ...params, training: true, eps }).output;
    const now = { runningMean: latest(running.mean), runningVar: latest(running.variance) };
    if (!isTraining()) return applyBatchNorm(x, { ...params, ...now, eps }).output;
    const seen = latest(running.batches).add(1);
    const result = applyBatchNorm(x, { ...params, ...now, training: true, eps, momentum: momentum ?? seen.convert(running.mean.dtype).reciprocal() });
    assign(running.mean, result.runningMean!);
    assign(running.variance, result.runningVar!);
    assign(running.batches, seen);
    return result.output;
  }) as Pointwise;
};

/**
 * Normalisation of each channel over the batch, for `[N, C]` or `[N, C, L]`. A training function normalises by its
 * batch and moves the running statistics; others normalise by these. State: `running_mean`, `running_var`,
 * `num_batches_tracked`. PyTorch: `nn.BatchNorm1d`.
 */
export const batchNorm1d = batchNorm("batchNorm1d", "N, C", "N, C, L");
/** Normalisation of each channel over the batch, for `[N, C, H, W]`; see {@link batchNorm1d}. PyTorch: `nn.BatchNorm2d`. */
export const batchNorm2d = batchNorm("batchNorm2d", "N, C, H, W");
/** Normalisation of each channel over the batch, for `[N, C, D, H, W]`; see {@link batchNorm1d}. PyTorch: `nn.BatchNorm3d`. */
export const batchNorm3d = batchNorm("batchNorm3d", "N, C, D, H, W");

const instanceNorm = (name: string, layout: string) => (channels: number, options: InstanceNormOptions = {}): Layer<Pointwise, Float> => (scope) => {
  const { momentum = 0.1, trackRunningStats = false, eps = 1e-5 } = options;
  const params = affineParams(scope, [channels], { ...options, affine: options.affine ?? false });
  const running = trackRunningStats ? runningStatistics(scope, channels) : undefined;
  return ((x: Tensor) => {
    const single = layout.replace("N, ", "");
    requireRank(name, x, [layout, single]);
    if (x.rank === single.split(", ").length) return normalized(x.unsqueeze(0)).squeeze(0);
    return normalized(x);
  }) as Pointwise;

  function normalized(x: Tensor): Tensor {
    check(x.shape[1] === channels, () => `${name} of ${typeText(x.value.type)}: ${x.shape[1]} channels against ${channels}`, `the layer was made for ${channels} channels`);
    if (!running) return applyInstanceNorm(x, { ...params, eps }).output;
    const training = isTraining();
    const result = applyInstanceNorm(x, { ...params, runningMean: latest(running.mean), runningVar: latest(running.variance), training, momentum, eps });
    if (training) {
      assign(running.mean, result.runningMean!);
      assign(running.variance, result.runningVar!);
    }
    return result.output;
  }
};

/** Normalisation of each channel of each example over its positions, for `[N, C, L]` or `[C, L]`. PyTorch: `nn.InstanceNorm1d`. */
export const instanceNorm1d = instanceNorm("instanceNorm1d", "N, C, L");
/** Normalisation of each channel of each example over its positions, for `[N, C, H, W]` or `[C, H, W]`. PyTorch: `nn.InstanceNorm2d`. */
export const instanceNorm2d = instanceNorm("instanceNorm2d", "N, C, H, W");
/** Normalisation of each channel of each example over its positions, for `[N, C, D, H, W]` or `[C, D, H, W]`. PyTorch: `nn.InstanceNorm3d`. */
export const instanceNorm3d = instanceNorm("instanceNorm3d", "N, C, D, H, W");
