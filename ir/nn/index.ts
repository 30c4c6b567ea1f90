/** Layers, with PyTorch's names, parameters and initial values. Use one in a model with `m.use(name, layer)`. */
export { linear, type LinearMap, type LinearOptions } from "./linear.ts";
export { adaptiveLogSoftmaxWithLoss, type AdaptiveSoftmaxMap, type AdaptiveSoftmaxOptions } from "./adaptive-softmax.ts";
export { embeddingBagLayer as embeddingBag, type BagOptions, type EmbeddingBagMap, type EmbeddingBagOptions } from "./embedding-bag.ts";
export { parametersToVector, vectorToParameters } from "./vector.ts";
export { embedding, type EmbeddingMap, type EmbeddingOptions } from "./embedding.ts";
export {
  batchNorm1d, batchNorm2d, batchNorm3d, groupNorm, instanceNorm1d, instanceNorm2d, instanceNorm3d, layerNorm, rmsNorm,
  type BatchNormOptions, type InstanceNormOptions, type NormOptions,
} from "./norm.ts";
export {
  conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d, type ConvLayerOptions, type ConvMap, type ConvTransposeLayerOptions,
} from "./conv.ts";
export * from "./pooling.ts";
export * from "./padding.ts";
export { buffer, module, parameter, type Declared } from "./module.ts";
export { bilinearLayer as bilinear, type BilinearMap } from "./bilinear.ts";
export { prelu } from "./gates.ts";
export { dict, list, sequential } from "./containers.ts";
export { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from "./dropout-layers.ts";
export * from "./attention/index.ts";
export { gru, gruCell, lstm, lstmCell, rnn, rnnCell, type CellOptions, type LstmCellMap, type LstmMap, type LstmOptions, type RecurrentOptions, type RnnCellMap, type RnnCellOptions, type RnnMap, type RnnOptions } from "./recurrent/index.ts";
export * from "./activations.ts";
export { flatten, unflatten } from "./flatten.ts";
export * as functional from "./functional.ts";
export type { Pointwise, SpatialMap, WidthMap } from "./types.ts";
