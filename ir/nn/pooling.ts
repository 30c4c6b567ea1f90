import type { Float, Layer } from "../model/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import * as windows from "../tensor/windows/index.ts";
import type { AdaptiveSize, AvgPoolOptions, InterpolateOptions, MaxPoolOptions, PatchOptions, PoolOptions, Sizes } from "../tensor/windows/index.ts";
import type { SpatialMap } from "./types.ts";

/** Pooling and resampling as layers, for `nn.sequential`; elsewhere the functions of `nn.functional` do. They have no parameters. */
type Stateless = Layer<SpatialMap, Float>;
type PoolFunction<O> = (x: Tensor, kernelSize: Sizes, options?: O) => Tensor;
type MaxOptions = Omit<MaxPoolOptions, "returnIndices">;

const pooling = <O>(f: PoolFunction<O>) => (kernelSize: Sizes, options?: O): Stateless => () => ((x: Tensor) => f(x, kernelSize, options)) as SpatialMap;
const lpPooling = (f: (x: Tensor, normType: number, kernelSize: Sizes, options?: PoolOptions) => Tensor) =>
  (normType: number, kernelSize: Sizes, options?: PoolOptions): Stateless => () => ((x: Tensor) => f(x, normType, kernelSize, options)) as SpatialMap;
const adaptive = (f: (x: Tensor, outputSize: AdaptiveSize) => Tensor) => (outputSize: AdaptiveSize): Stateless => () => ((x: Tensor) => f(x, outputSize)) as SpatialMap;

/** PyTorch: `nn.MaxPool1d`. */
export const maxPool1d = pooling<MaxOptions>(windows.maxPool1d);
/** PyTorch: `nn.MaxPool2d`. */
export const maxPool2d = pooling<MaxOptions>(windows.maxPool2d);
/** PyTorch: `nn.MaxPool3d`. */
export const maxPool3d = pooling<MaxOptions>(windows.maxPool3d);
/** PyTorch: `nn.AvgPool1d`. */
export const avgPool1d = pooling<AvgPoolOptions>(windows.avgPool1d);
/** PyTorch: `nn.AvgPool2d`. */
export const avgPool2d = pooling<AvgPoolOptions>(windows.avgPool2d);
/** PyTorch: `nn.AvgPool3d`. */
export const avgPool3d = pooling<AvgPoolOptions>(windows.avgPool3d);
/** PyTorch: `nn.LPPool1d`. */
export const lpPool1d = lpPooling(windows.lpPool1d);
/** PyTorch: `nn.LPPool2d`. */
export const lpPool2d = lpPooling(windows.lpPool2d);
/** PyTorch: `nn.LPPool3d`. */
export const lpPool3d = lpPooling(windows.lpPool3d);
/** PyTorch: `nn.AdaptiveAvgPool1d`. */
export const adaptiveAvgPool1d = adaptive(windows.adaptiveAvgPool1d);
/** PyTorch: `nn.AdaptiveAvgPool2d`. */
export const adaptiveAvgPool2d = adaptive(windows.adaptiveAvgPool2d);
/** PyTorch: `nn.AdaptiveAvgPool3d`. */
export const adaptiveAvgPool3d = adaptive(windows.adaptiveAvgPool3d);
/** PyTorch: `nn.AdaptiveMaxPool1d`. */
export const adaptiveMaxPool1d = adaptive(windows.adaptiveMaxPool1d);
/** PyTorch: `nn.AdaptiveMaxPool2d`. */
export const adaptiveMaxPool2d = adaptive(windows.adaptiveMaxPool2d);
/** PyTorch: `nn.AdaptiveMaxPool3d`. */
export const adaptiveMaxPool3d = adaptive(windows.adaptiveMaxPool3d);

/** Resampling to a size or by a factor. PyTorch: `nn.Upsample`. */
export const upsample = (options: InterpolateOptions): Stateless => () => ((x: Tensor) => windows.interpolate(x, options)) as SpatialMap;
/** `[…, C·r², H, W]` as `[…, C, H·r, W·r]`. PyTorch: `nn.PixelShuffle`. */
export const pixelShuffle = (upscale: number): Stateless => () => ((x: Tensor) => x.pixelShuffle(upscale)) as SpatialMap;
/** `[…, C, H·r, W·r]` as `[…, C·r², H, W]`. PyTorch: `nn.PixelUnshuffle`. */
export const pixelUnshuffle = (downscale: number): Stateless => () => ((x: Tensor) => x.pixelUnshuffle(downscale)) as SpatialMap;
/** Every patch as a column. PyTorch: `nn.Unfold`. */
export const unfold = (kernelSize: Sizes, options?: PatchOptions): Stateless => () => ((x: Tensor) => windows.unfold(x, kernelSize, options)) as SpatialMap;
/** Patches added up where they lie. PyTorch: `nn.Fold`. */
export const fold = (outputSize: Sizes, kernelSize: Sizes, options?: PatchOptions): Stateless => () => ((x: Tensor) => windows.fold(x, outputSize, kernelSize, options)) as SpatialMap;
