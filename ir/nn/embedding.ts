import { normal, type InitLike } from "../init/init.ts";
import type { Float, Scope } from "../model/scope.ts";
import { embedding as lookUp } from "../tensor/functional.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Dim, DType, Shape } from "../types/index.ts";

export interface EmbeddingOptions {
  /** A row that gets no derivative; it may count from the end. */
  readonly paddingIdx?: number;
  /** N(0, 1) unless given. */
  readonly init?: InitLike;
}

/** What {@link embedding} computes: integers of shape `S` to vectors `[...S, D]`. */
export interface EmbeddingMap<D extends Dim, F extends Float> {
  <S extends Shape, I extends DType>(indices: Tensor<S, I>): Tensor<[...S, D], F>;
  readonly weight: Tensor<Shape, F>;
}

/**
 * A table of `numEmbeddings` vectors of width `embeddingDim`, looked up by integers. Parameter: `weight`. The vector at
 * `paddingIdx` is not trained, and starts like the others (PyTorch's starts at zero). PyTorch: `nn.Embedding`.
 */
export function embedding<const V extends number, const D extends number>(numEmbeddings: V, embeddingDim: D, options: EmbeddingOptions = {}): <F extends Float>(scope: Scope<F>) => EmbeddingMap<D, F> {
  return <F extends Float>(scope: Scope<F>) => {
    const weight: Tensor = scope.param("weight", [numEmbeddings, embeddingDim], { init: options.init ?? normal() });
    return Object.assign(((indices: Tensor) => lookUp(indices, weight, options)) as EmbeddingMap<D, F>, { weight: weight as Tensor<Shape, F> });
  };
}
