import { emitOne } from "../graph/build.ts";
import { check } from "../graph/error.ts";
import type { Float, Scope } from "../model/scope.ts";
import { normal, type InitLike } from "../init/init.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isFloat, typeText, type Dim, type DType, type Shape } from "../types/index.ts";

export interface EmbeddingLookupOptions {
  /** A row that gets no derivative. */
  readonly paddingIdx?: number;
}

/**
 * Rows of `weight` (`[V, D]`) at integer indices of any shape: `[…, D]`. An index out of range is an error when the
 * function runs. PyTorch: `F.embedding`.
 */
export function embeddingRows(indices: Tensor, weight: Tensor, { paddingIdx }: EmbeddingLookupOptions = {}): Tensor {
  check(weight.rank === 2, () => `embedding: the weight is ${typeText(weight.value.type)}; it must have two dimensions`);
  check(!isFloat(indices.dtype) && indices.dtype !== "bool", () => `embedding: the indices are ${typeText(indices.value.type)}`, "convert them with .convert(\"i32\")");
  const index = indices.convert("i32");
  const rows = new Tensor(emitOne("gather", [weight.value, index.value], { axes: [0], batch: [] }));
  if (paddingIdx === undefined) return rows;
  const row = paddingIdx < 0 ? paddingIdx + Number(weight.shape[0]) : paddingIdx;
  check(Number.isInteger(row) && row >= 0 && row < Number(weight.shape[0]), () => `embedding: paddingIdx ${paddingIdx} is no row of ${typeText(weight.value.type)}`);
  return index.ne(row).unsqueeze(-1).where(rows, rows.stopGradient());
}

export interface EmbeddingOptions extends EmbeddingLookupOptions {
  /** N(0, 1) unless given, with a row of zeros at `paddingIdx`. */
  readonly init?: InitLike;
}

/** What {@link embedding} computes: integers of shape `S` to vectors `[...S, D]`. */
export interface EmbeddingMap<D extends Dim, F extends Float> {
  <S extends Shape, I extends DType>(indices: Tensor<S, I>): Tensor<[...S, D], F>;
  readonly weight: Tensor<Shape, F>;
}

/**
 * A table of `numEmbeddings` vectors of width `embeddingDim`, looked up by integers. Parameter: `weight`. The vector at
 * `paddingIdx` is not trained. PyTorch: `nn.Embedding`.
 */
export function embedding<const V extends number, const D extends number>(numEmbeddings: V, embeddingDim: D, options: EmbeddingOptions = {}): <F extends Float>(scope: Scope<F>) => EmbeddingMap<D, F> {
  return <F extends Float>(scope: Scope<F>) => {
    const weight: Tensor = scope.param("weight", [numEmbeddings, embeddingDim], { init: options.init ?? normal() });
    return Object.assign(((indices: Tensor) => embeddingRows(indices, weight, options)) as EmbeddingMap<D, F>, { weight: weight as Tensor<Shape, F> });
  };
}
