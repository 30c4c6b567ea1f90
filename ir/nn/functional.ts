/** Layers as functions of tensors, without parameters of their own. PyTorch: `torch.nn.functional`. */
export { scaledDotProductAttention, type AttentionOptions } from "./attention/attention.ts";
export { rotaryEmbedding, sinusoidalPositions, type PositionOptions, type RotaryOptions } from "./attention/positions.ts";
export { alphaDropout, channelDropout, dropout, featureAlphaDropout, type DropoutOptions } from "./dropout.ts";
export { embeddingBag } from "./embedding-bag.ts";
export { bilinear } from "./bilinear.ts";
export { channelShuffle, gumbelSoftmax, localResponseNorm, rrelu, type GumbelOptions } from "./gates.ts";
export { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from "./normalization.ts";
export type { AffineOptions, Normalized, RmsNormOptions, RunningOptions } from "./normalization.ts";
export { embedding } from "../tensor/functional.ts";
export { linear } from "../tensor/products.ts";
export * from "../tensor/windows/index.ts";
