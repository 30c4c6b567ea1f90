/** Layers, with PyTorch's names, parameters and initial values. Use one in a model with `m.use(name, layer)`. */
export { linear, type LinearMap, type LinearOptions } from "./linear.ts";
export { embedding, type EmbeddingMap, type EmbeddingOptions } from "./embedding.ts";
export { batchNorm1d, groupNorm, layerNorm, rmsNorm, type BatchNormOptions, type NormOptions } from "./norm.ts";
export { list, sequential } from "./containers.ts";
export { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from "./dropout-layers.ts";
export * from "./attention/index.ts";
export { gru, gruCell, lstm, lstmCell, rnn, rnnCell, type CellOptions, type LstmCellMap, type LstmMap, type LstmOptions, type RecurrentOptions, type RnnCellMap, type RnnCellOptions, type RnnMap, type RnnOptions } from "./recurrent/index.ts";
export * from "./activations.ts";
export { flatten } from "./flatten.ts";
export * as functional from "./functional.ts";
export type { Pointwise, WidthMap } from "./types.ts";
