import { check } from "../graph/error.ts";
import { dims, type Dim, type DType, type Shape } from "../types/index.ts";
import { asIndex, gatherAt } from "./address.ts";
import { requireTensors } from "./arguments.ts";
import * as values from "./broadcast.ts";
import type { Tensor } from "./core.ts";
import { describe, raw, select } from "./lift.ts";
import { padTensor, type PadOptions } from "./padding.ts";
import type { Scalar } from "./scalar.ts";
import { searchSorted, type SearchOptions } from "./search.ts";
import type { Chosen } from "./methods/ternary.ts";
import type { BroadcastCheck, BroadcastWith, Operand } from "./types/check.ts";

/** Functions that PyTorch has as functions, beside those of `creation`, `join`, `products` and `einsum`. */

/** `a` where `condition` (bool) holds, else `b`; all three broadcast. See the method `where`. PyTorch: `torch.where`. */
export function where<S extends Shape, const A extends Operand, const B extends Operand>(
  condition: Tensor<S>, a: A & BroadcastCheck<S, A>, b: B & BroadcastCheck<BroadcastWith<S, A>, B>,
): Chosen<S, A, B>;
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  requireTensors("where", { condition });
  return select(condition, a, b);
}

/** The method `pad`, as a function. PyTorch: `torch.nn.functional.pad`. */
export function pad<D extends DType>(x: Tensor<Shape, D>, amounts: readonly Dim[], options?: PadOptions): Tensor<Shape, D>;
export function pad(x: Tensor, amounts: readonly Dim[], options: PadOptions = {}): Tensor {
  requireTensors("pad", { x });
  return padTensor(x, amounts, options);
}

/** The method `oneHot`, as a function. PyTorch: `torch.nn.functional.one_hot`. */
export function oneHot<const N extends Dim>(index: Tensor, numClasses: N): Tensor<Shape, "i32">;
export function oneHot(index: Tensor, numClasses: Dim): Tensor {
  requireTensors("oneHot", { index });
  return index.oneHot(numClasses);
}

/**
 * Rows of `weight` `[entries, features]` at `index`: `[…]` gives `[…, features]`. The row `paddingIdx`, which may
 * count from the end, gets no derivative. PyTorch: `torch.nn.functional.embedding`.
 */
export function embedding<I extends Shape, D extends DType>(
  index: Tensor<I>, weight: Tensor<Shape, D>, options?: { readonly paddingIdx?: number },
): Tensor<Shape, D>;
export function embedding(index: Tensor, weight: Tensor, { paddingIdx }: { readonly paddingIdx?: number } = {}): Tensor {
  requireTensors("embedding", { index, weight });
  check(weight.rank === 2, () => `embedding: the weight is ${describe(weight)}; it must be [entries, features]`);
  const at = asIndex(index, "embedding"), rows = gatherAt(weight, [0], [at]);
  if (paddingIdx === undefined) return rows;
  const padding = paddingIdx < 0 ? dims.add(weight.shape[0], paddingIdx) : paddingIdx;
  check(typeof padding === "number" && dims.atLeast(weight.shape[0], padding + 1) !== false, () =>
    `embedding: paddingIdx ${paddingIdx} is outside the weight ${describe(weight)}`);
  return select(at.eq(padding).unsqueeze(-1), rows.stopGradient(), rows);
}

/** The method `searchsorted`, as a function. PyTorch: `torch.searchsorted`. */
export function searchsorted<T extends Shape>(sorted: Tensor, values: Tensor<T>, options?: SearchOptions): Tensor<T, "i32">;
export function searchsorted(sorted: Tensor, values: Tensor, options: SearchOptions = {}): Tensor {
  requireTensors("searchsorted", { sorted, values });
  return searchSorted(sorted, values, options);
}

/** The dtype that an operation on these would have: see `resultType` in broadcast.ts. PyTorch: `torch.result_type`. */
export const resultType = (...operands: readonly (Tensor | Scalar)[]): DType => values.resultType(operands.map(raw));
