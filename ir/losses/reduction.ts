import { GraphError } from "../graph/error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AreEqual, IsUnknownRank, ShapeText } from "../tensor/types/shape.ts";
import type { Dim, DType, Shape } from "../types/index.ts";

/** How the losses of the elements become one: their mean, their sum, or not at all. */
export type Reduction = "mean" | "sum" | "none";
export interface ReductionOptions<R extends Reduction = Reduction> {
  /** `"mean"` unless given. */
  readonly reduction?: R;
}

/** A loss that is computed element by element, reduced. */
export type Reduced<S extends Shape, D extends DType, R extends Reduction> = Tensor<R extends "none" ? S : [], D>;

export function reduced(losses: Tensor, { reduction = "mean" }: ReductionOptions): Tensor {
  switch (reduction) {
    case "mean": return losses.mean();
    case "sum": return losses.sum();
    case "none": return losses;
    default: throw new GraphError(`there is no reduction "${String(reduction)}"`, "use \"mean\", \"sum\" or \"none\"");
  }
}

/**
 * In parameter position: complains where the shape of a target is not that of the input. PyTorch broadcasts the two
 * with a warning, as that is nearly always a mistake (`[B, 1]` with `[B]` gives `[B, B]`). What the types do not know
 * is broadcast.
 */
export type SameShape<Name extends string, S extends Shape, T extends Shape> =
  IsUnknownRank<S> extends true ? unknown : IsUnknownRank<T> extends true ? unknown
  : AllEqual<S, T> extends true ? unknown : `${Name}: the input is [${ShapeText<S>}], the target [${ShapeText<T>}]; expand one to mean it`;

export type AllEqual<A extends Shape, B extends Shape> =
  A extends readonly [infer X extends Dim, ...infer AR extends Shape]
    ? B extends readonly [infer Y extends Dim, ...infer BR extends Shape] ? (AreEqual<X, Y> extends true ? AllEqual<AR, BR> : false) : false
    : B extends readonly [] ? true : false;
