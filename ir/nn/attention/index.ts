/** Attention, transformer layers, and positions. */
export { multiheadAttention, type AttendOptions, type MultiheadAttentionMap, type MultiheadAttentionOptions } from "./multihead.ts";
export { positionalEncoding } from "./positions.ts";
export {
  transformer, transformerDecoder, transformerDecoderLayer, transformerEncoder, transformerEncoderLayer,
  type DecodeOptions, type DecoderMap, type EncodeOptions, type EncoderMap, type TransformerLayerOptions, type TransformerMap, type TransformerOptions, type TransformOptions,
} from "./transformer.ts";
