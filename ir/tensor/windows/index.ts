/** Functions over windows that slide along spatial axes, and resampling. They are part of `nn.functional`. */
export { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d, adaptiveMaxPool1d, adaptiveMaxPool2d, adaptiveMaxPool3d, type AdaptiveSize } from "./adaptive.ts";
export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d, type ConvOptions, type ConvTransposeOptions } from "./conv.ts";
export { fold, unfold, type PatchOptions } from "./patches.ts";
export {
  avgPool1d, avgPool2d, avgPool3d, lpPool1d, lpPool2d, lpPool3d, maxPool1d, maxPool2d, maxPool3d, maxUnpool1d, maxUnpool2d, maxUnpool3d,
  type AvgPoolOptions, type MaxPoolOptions, type MaxUnpoolOptions, type PoolOptions,
} from "./pooling.ts";
export { interpolate, type InterpolateOptions, type InterpolationMode } from "./resize.ts";
export { affineGrid, gridSample, type GridSampleOptions } from "./grid.ts";
export type { Sizes } from "./sizes.ts";
