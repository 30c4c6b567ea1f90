import { fanInAndOut } from "../init/fan.ts";
import { kaimingUniform, uniform, type InitLike } from "../init/init.ts";
import { check, GraphError } from "../graph/error.ts";
import type { AnyScope, Float, Layer } from "../model/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import * as functions from "../tensor/windows/conv.ts";
import type { Convolution, ConvOptions, ConvTransposeOptions } from "../tensor/windows/conv.ts";
import { perAxis, type Sizes } from "../tensor/windows/sizes.ts";
import type { SpatialMap } from "./types.ts";

/**
 * Convolutions as layers. Parameters: `weight` and `bias`, which start as in PyTorch: both U(±1/sqrt(fanIn)), where fanIn
 * is the second dimension of the weight times the kernel's size.
 */

interface ParameterOptions {
  /** Whether to add a bias; true unless given. */
  readonly bias?: boolean;
  readonly weightInit?: InitLike;
  readonly biasInit?: InitLike;
}

export interface ConvLayerOptions extends ConvOptions, ParameterOptions {
  /** What padding consists of: zeros unless given. */
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
}

export interface ConvTransposeLayerOptions extends ConvTransposeOptions, ParameterOptions {}

/** What a convolution layer is called by, with its parameters. */
export type ConvMap = SpatialMap & { readonly weight: Tensor; readonly bias: Tensor | null };

/** The weight, of the given shape, and a bias for each output. */
function parameters(scope: AnyScope, shape: readonly number[], outputs: number, { bias = true, weightInit, biasInit }: ParameterOptions): { weight: Tensor; bias: Tensor | null } {
  const { fanIn } = fanInAndOut(shape), bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return {
    weight: scope.param("weight", shape, { init: weightInit ?? kaimingUniform({ a: Math.sqrt(5) }) }),
    bias: bias ? scope.param("bias", [outputs], { init: biasInit ?? uniform(-bound, bound) }) : null,
  };
}

/** A group's share of some channels. Throws where they do not divide. */
function share(name: string, what: string, channels: number, groups: number): number {
  check(Number.isInteger(channels) && channels >= 1 && Number.isInteger(groups) && groups >= 1 && channels % groups === 0, () =>
    `${name} with ${channels} ${what} channels in ${groups} groups`, "channels and groups are whole numbers from 1, and the groups divide both channels");
  return channels / groups;
}

const convolution = (n: number, apply: Convolution<ConvOptions>) => (inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvLayerOptions = {}): Layer<ConvMap, Float> => (scope) => {
  const name = `conv${n}d`, { groups = 1, padding = 0, dilation = 1, stride = 1, paddingMode = "zeros" } = options;
  const text = (): string => name;
  const kernel = perAxis(text, "kernelSize", kernelSize, n, 1);
  share(name, "output", outChannels, groups);
  const params = parameters(scope, [outChannels, share(name, "input", inChannels, groups), ...kernel], outChannels, options);
  const strides = perAxis(text, "stride", stride, n, 1), dilations = perAxis(text, "dilation", dilation, n, 1);
  if (!["zeros", "reflect", "replicate", "circular"].includes(paddingMode)) throw new GraphError(`${name}: the paddingMode is ${JSON.stringify(paddingMode)}`, 'use "zeros", "reflect", "replicate" or "circular"');
  const amounts = functions.paddingOf(text, padding, kernel, strides, dilations);
  const call = (x: Tensor): Tensor => {
    if (paddingMode === "zeros") return apply(x, params.weight, params.bias, { stride, padding, dilation, groups });
    const padded = x.pad([...amounts].reverse().flat(), { mode: paddingMode });
    return apply(padded, params.weight, params.bias, { stride, dilation, groups });
  };
  return Object.assign(call, params) as ConvMap;
};

const transposed = (n: number, apply: Convolution<ConvTransposeOptions>) => (inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvTransposeLayerOptions = {}): Layer<ConvMap, Float> => (scope) => {
  const name = `convTranspose${n}d`, { groups = 1, bias: _, weightInit: __, biasInit: ___, ...rest } = options;
  const kernel = perAxis(() => name, "kernelSize", kernelSize, n, 1);
  share(name, "input", inChannels, groups);
  const params = parameters(scope, [inChannels, share(name, "output", outChannels, groups), ...kernel], outChannels, options);
  return Object.assign((x: Tensor) => apply(x, params.weight, params.bias, { ...rest, groups }), params) as ConvMap;
};

/** Convolution of `[N, inChannels, L]`; `weight` is `[outChannels, inChannels / groups, K]`. PyTorch: `nn.Conv1d`. */
export const conv1d = convolution(1, functions.conv1d);
/** Convolution of `[N, inChannels, H, W]`; `weight` is `[outChannels, inChannels / groups, KH, KW]`. PyTorch: `nn.Conv2d`. */
export const conv2d = convolution(2, functions.conv2d);
/** Convolution of `[N, inChannels, D, H, W]`; `weight` is `[outChannels, inChannels / groups, KD, KH, KW]`. PyTorch: `nn.Conv3d`. */
export const conv3d = convolution(3, functions.conv3d);
/** Transposed convolution of `[N, inChannels, L]`; `weight` is `[inChannels, outChannels / groups, K]`. PyTorch: `nn.ConvTranspose1d`. */
export const convTranspose1d = transposed(1, functions.convTranspose1d);
/** Transposed convolution of `[N, inChannels, H, W]`; `weight` is `[inChannels, outChannels / groups, KH, KW]`. PyTorch: `nn.ConvTranspose2d`. */
export const convTranspose2d = transposed(2, functions.convTranspose2d);
/** Transposed convolution of `[N, inChannels, D, H, W]`; `weight` is `[inChannels, outChannels / groups, KD, KH, KW]`. PyTorch: `nn.ConvTranspose3d`. */
export const convTranspose3d = transposed(3, functions.convTranspose3d);
