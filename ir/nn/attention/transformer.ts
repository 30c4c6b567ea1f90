import { check } from "../../graph/error.ts";
import { xavierUniform, type Initialiser } from "../../init/init.ts";
import { make, type Float, type Layer, type LayerClass, type Scope } from "../../model/scope.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { DType, Shape } from "../../types/index.ts";
import { list } from "../containers.ts";
import { dropout as drop } from "../dropout.ts";
import { linear } from "../linear.ts";
import { layerNorm } from "../norm.ts";
import type { Pointwise, WidthCheck } from "../types.ts";
import { multiheadAttention, type AttendOptions } from "./multihead.ts";

/** Transformer layers and stacks of them (Vaswani et al. 2017), with PyTorch's parameters and order of things. */

export interface TransformerLayerOptions {
  /** Width of the feed-forward network; 2048 unless given. */
  readonly dimFeedforward?: number;
  /** Probability of dropping, in training functions; 0.1 unless given. */
  readonly dropout?: number;
  /** `relu` unless given. */
  readonly activation?: "relu" | "gelu" | ((x: Tensor) => Tensor);
  /** 1e-5 unless given. */
  readonly layerNormEps?: number;
  /** `[B, T, E]` instead of `[T, B, E]`. */
  readonly batchFirst?: boolean;
  /** Normalises what goes into each part (Xiong et al. 2020), and not what comes out. */
  readonly normFirst?: boolean;
  /** Whether there are biases; true unless given. */
  readonly bias?: boolean;
}

/** Masks of {@link transformerEncoderLayer}, as those of `multiheadAttention`: true leaves out. */
export interface EncodeOptions {
  readonly srcMask?: Tensor | null;
  readonly srcKeyPaddingMask?: Tensor | null;
  /** No step attends to a later one. */
  readonly isCausal?: boolean;
}
/** Masks of {@link transformerDecoderLayer}, of the target and of the memory. */
export interface DecodeOptions {
  readonly tgtMask?: Tensor | null;
  readonly memoryMask?: Tensor | null;
  readonly tgtKeyPaddingMask?: Tensor | null;
  readonly memoryKeyPaddingMask?: Tensor | null;
  readonly tgtIsCausal?: boolean;
  readonly memoryIsCausal?: boolean;
}

export interface EncoderMap<E extends number> {
  <S extends Shape, D extends DType>(src: Tensor<S, D> & WidthCheck<S, E>, options?: EncodeOptions): Tensor<S, D>;
}
export interface DecoderMap<E extends number> {
  <S extends Shape, D extends DType>(tgt: Tensor<S, D> & WidthCheck<S, E>, memory: Tensor<Shape, D>, options?: DecodeOptions): Tensor<S, D>;
}

/** Parts that both kinds of layer have: the feed-forward network, and a residual step around a part. */
const common = ({ dimFeedforward = 2048, dropout = 0.1, activation = "relu", layerNormEps = 1e-5, normFirst = false, bias = true, batchFirst = false }: TransformerLayerOptions, width: number, heads: number) => {
  const activate = typeof activation === "function" ? activation : (x: Tensor): Tensor => x[activation]();
  check(typeof activation === "function" || activation === "relu" || activation === "gelu", () => `the activation of a transformer layer is ${JSON.stringify(activation)}`, 'use "relu", "gelu" or a function');
  return {
    attention: multiheadAttention(width, heads, { dropout, bias, batchFirst }),
    linear1: linear(width, dimFeedforward, { bias }),
    linear2: linear(dimFeedforward, width, { bias }),
    norm: layerNorm(width, { eps: layerNormEps, bias }),
    feedForward: (first: (x: Tensor) => Tensor, second: (x: Tensor) => Tensor) => (x: Tensor): Tensor => drop(second(drop(activate(first(x)), { p: dropout })), { p: dropout }),
    /** `x + part(norm(x))`, or `norm(x + part(x))`. */
    residual: (x: Tensor, norm: Pointwise, part: (x: Tensor) => Tensor): Tensor => (normFirst ? x.add(part(norm(x))) : norm(x.add(part(x)))),
    drop: (x: Tensor): Tensor => drop(x, { p: dropout }),
  };
};
type Map1 = (x: Tensor) => Tensor;
type Attend = (q: Tensor, k: Tensor, v: Tensor, options: AttendOptions) => readonly [Tensor, Tensor];

/**
 * Self-attention and a feed-forward network, each with a residual connection and a normalisation.
 *
 * - `src`: `[T, B, E]`, or `[B, T, E]` with `batchFirst`, or `[T, E]`; gives the same shape.
 *
 * Parameters: `self_attn.in_proj_weight`, …, `linear1.weight`, …, `linear2`, `norm1`, `norm2`.
 * PyTorch: `nn.TransformerEncoderLayer`.
 */
export function transformerEncoderLayer<const E extends number>(dModel: E, nhead: number, options?: TransformerLayerOptions): Layer<EncoderMap<E>, Float>;
export function transformerEncoderLayer(dModel: number, nhead: number, options: TransformerLayerOptions = {}): Layer<unknown, Float> {
  const parts = common(options, dModel, nhead);
  return (scope) => {
    const attend = scope.use("self_attn", parts.attention) as Attend;
    const forward = parts.feedForward(scope.use("linear1", parts.linear1) as Map1, scope.use("linear2", parts.linear2) as Map1);
    const norm1 = scope.use("norm1", parts.norm), norm2 = scope.use("norm2", parts.norm);
    return (src: Tensor, { srcMask, srcKeyPaddingMask, isCausal }: EncodeOptions = {}) => {
      const attended = parts.residual(src, norm1, (x) => parts.drop(attend(x, x, x, { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal })[0]));
      return parts.residual(attended, norm2, forward);
    };
  };
}

/**
 * Self-attention of the target, attention of the target to the memory (an encoder's output), and a feed-forward network,
 * each with a residual connection and a normalisation. Shapes as of {@link transformerEncoderLayer}.
 *
 * Parameters: `self_attn`, `multihead_attn`, `linear1`, `linear2`, `norm1`, `norm2`, `norm3`. PyTorch:
 * `nn.TransformerDecoderLayer`.
 */
export function transformerDecoderLayer<const E extends number>(dModel: E, nhead: number, options?: TransformerLayerOptions): Layer<DecoderMap<E>, Float>;
export function transformerDecoderLayer(dModel: number, nhead: number, options: TransformerLayerOptions = {}): Layer<unknown, Float> {
  const parts = common(options, dModel, nhead);
  return (scope) => {
    const attend = scope.use("self_attn", parts.attention) as Attend, look = scope.use("multihead_attn", parts.attention) as Attend;
    const forward = parts.feedForward(scope.use("linear1", parts.linear1) as Map1, scope.use("linear2", parts.linear2) as Map1);
    const [norm1, norm2, norm3] = ["norm1", "norm2", "norm3"].map((name) => scope.use(name, parts.norm));
    return (tgt: Tensor, memory: Tensor, o: DecodeOptions = {}) => {
      const attended = parts.residual(tgt, norm1, (x) => parts.drop(attend(x, x, x, { attnMask: o.tgtMask, keyPaddingMask: o.tgtKeyPaddingMask, isCausal: o.tgtIsCausal })[0]));
      const looked = parts.residual(attended, norm2, (x) => parts.drop(look(x, memory, memory, { attnMask: o.memoryMask, keyPaddingMask: o.memoryKeyPaddingMask, isCausal: o.memoryIsCausal })[0]));
      return parts.residual(looked, norm3, forward);
    };
  };
}

/**
 * `numLayers` layers one after another, and a normalisation behind the last, if given. Each layer has initial values of
 * its own (PyTorch's start as copies of one). Parameters: `layers.0.self_attn.in_proj_weight`, …, `norm.weight`.
 * PyTorch: `nn.TransformerEncoder`.
 */
export function transformerEncoder<E extends number>(layer: Layer<EncoderMap<E>, Float>, numLayers: number, norm?: Layer<Pointwise, Float> | null): Layer<EncoderMap<E>, Float>;
export function transformerEncoder(layer: Layer<EncoderMap<number>, Float>, numLayers: number, norm?: Layer<Pointwise, Float> | null): Layer<unknown, Float> {
  return (scope) => {
    const layers = scope.use("layers", list(Array.from({ length: numLayers }, () => layer)));
    const last = norm ? scope.use("norm", norm) : null;
    return (src: Tensor, options?: EncodeOptions) => {
      const y = layers.reduce<Tensor>((x, f) => f(x, options), src);
      return last ? last(y) : y;
    };
  };
}

/** As {@link transformerEncoder}, of layers that look at a memory. PyTorch: `nn.TransformerDecoder`. */
export function transformerDecoder<E extends number>(layer: Layer<DecoderMap<E>, Float>, numLayers: number, norm?: Layer<Pointwise, Float> | null): Layer<DecoderMap<E>, Float>;
export function transformerDecoder(layer: Layer<DecoderMap<number>, Float>, numLayers: number, norm?: Layer<Pointwise, Float> | null): Layer<unknown, Float> {
  return (scope) => {
    const layers = scope.use("layers", list(Array.from({ length: numLayers }, () => layer)));
    const last = norm ? scope.use("norm", norm) : null;
    return (tgt: Tensor, memory: Tensor, options?: DecodeOptions) => {
      const y = layers.reduce<Tensor>((x, f) => f(x, memory, options), tgt);
      return last ? last(y) : y;
    };
  };
}

export interface TransformerOptions extends TransformerLayerOptions {
  /** 512, 8, 6 and 6 unless given. */
  readonly dModel?: number;
  readonly nhead?: number;
  readonly numEncoderLayers?: number;
  readonly numDecoderLayers?: number;
}

/** Masks of {@link transformer}: of the source, the target and the memory. */
export interface TransformOptions extends DecodeOptions {
  readonly srcMask?: Tensor | null;
  readonly srcKeyPaddingMask?: Tensor | null;
  readonly srcIsCausal?: boolean;
}

/** What {@link transformer} computes: source and target to the decoder's output, of the target's shape. */
export interface TransformerMap {
  <S extends Shape, D extends DType>(src: Tensor<Shape, D>, tgt: Tensor<S, D>, options?: TransformOptions): Tensor<S, D>;
}

/**
 * An encoder of the source, and a decoder of the target that looks at it; both end in a normalisation. Matrices start by
 * Xavier's uniform rule. Parameters: `encoder.layers.0.…`, `encoder.norm`, `decoder.layers.0.…`, `decoder.norm`.
 * PyTorch: `nn.Transformer`.
 */
export function transformer({ dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6, ...options }: TransformerOptions = {}): Layer<TransformerMap, Float> {
  const norm = layerNorm(dModel, { eps: options.layerNormEps ?? 1e-5, bias: options.bias ?? true });
  const encoder = transformerEncoder(transformerEncoderLayer(dModel, nhead, options), numEncoderLayers, norm);
  const decoder = transformerDecoder(transformerDecoderLayer(dModel, nhead, options), numDecoderLayers, norm);
  return (scope) => {
    const xavier = matricesFrom(scope, xavierUniform());
    const encode = xavier.use("encoder", encoder) as (src: Tensor, o: EncodeOptions) => Tensor;
    const decode = xavier.use("decoder", decoder) as (tgt: Tensor, memory: Tensor, o: DecodeOptions) => Tensor;
    return ((src: Tensor, tgt: Tensor, { srcMask, srcKeyPaddingMask, srcIsCausal, ...rest }: TransformOptions = {}) =>
      decode(tgt, encode(src, { srcMask, srcKeyPaddingMask, isCausal: srcIsCausal }), rest)) as TransformerMap;
  };
}

/** A scope where every parameter of two or more dimensions starts by one rule, whatever its layer says. */
const matricesFrom = (scope: Scope<Float>, init: Initialiser): Scope<Float> => ({
  ...scope,
  param: (name, shape, options) => scope.param(name, shape, shape.length >= 2 ? { ...options, init } : options),
  use: <T>(name: string, layer: Layer<T, Float> | LayerClass<T, Float>): T => scope.use(name, (inner) => make(layer, matricesFrom(inner, init))),
});
