import type { Float, Layer } from "../model/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AreEqual, IsUnknownRank, ShapeText } from "../tensor/types/shape.ts";
import type { Dim, DType, Shape } from "../types/index.ts";

/** How layers look to the type checker. */

/** A function of the last axis: `[…, I]` to `[…, O]`. */
export interface WidthMap<I extends Dim, O extends Dim> {
  <S extends Shape, D extends DType>(x: Tensor<S, D> & WidthCheck<S, I>): Tensor<WithWidth<S, O>, D>;
  /** For the type checker alone. */
  readonly widths?: readonly [I, O];
}

/** A function that keeps the shape. */
export interface Pointwise {
  <S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D>;
  /** For the type checker alone. */
  readonly widths?: "same";
}

/** A function of `[N, C, …]`, or `[C, …]` without a batch, whose sizes are checked when the graph is built. */
export interface SpatialMap {
  <D extends DType>(x: Tensor<Shape, D>): Tensor<Shape, D>;
}

/** Complains where the last dimension is not the width that a layer takes. */
export type WidthCheck<S extends Shape, I extends Dim> =
  IsUnknownRank<S> extends true ? unknown
  : S extends readonly [...Shape, infer L extends Dim] ? (AreEqual<L, I> extends true ? unknown : `the layer takes [..., ${I}], not [${ShapeText<S>}]: ${L} against ${I}`)
  : `the layer takes [..., ${I}], not a scalar`;
export type WithWidth<S extends Shape, O extends Dim> = IsUnknownRank<S> extends true ? Shape : S extends readonly [...infer B extends Shape, Dim] ? [...B, O] : Shape;

/** Anything that can stand in a sequence: a function of a tensor, or an object with a `forward` that is one. */
export type Step = ((x: never) => Tensor) | { forward(x: never): Tensor };
export type StepLayer = Layer<Step, Float>;

/** What a layer does to the last axis: `[in, out]`, `"same"`, or not known. */
type Widths<L> = L extends (scope: never) => { readonly widths?: infer W } ? (unknown extends W ? undefined : Exclude<W, undefined>) : undefined;

/**
 * What a sequence of layers is: a map from the first width to the last where these are known; or, where a layer does
 * not take the width that the one before it gives, a text that says so, in place of a layer.
 */
export type Sequence<L extends readonly unknown[]> = number extends L["length"] ? UnknownSequence : SequenceOf<L>;
type UnknownSequence = Layer<(x: Tensor) => Tensor, Float>;

type SequenceOf<L extends readonly unknown[], First extends Dim | null = null, Last extends Dim | null = null> =
  L extends readonly [infer H, ...infer R]
    ? Widths<H> extends infer W
      ? W extends readonly [infer I extends Dim, infer O extends Dim]
        ? Follows<Last, I> extends true ? SequenceOf<R, First extends null ? I : First, O> : { readonly mistake: `a layer takes [..., ${I}], the one before it gives [..., ${Last}]` }
        : [W] extends ["same"] ? SequenceOf<R, First, Last> : UnknownSequence
      : never
    : Layer<First extends Dim ? WidthMap<First, Last & Dim> : Pointwise, Float>;
type Follows<Last extends Dim | null, I extends Dim> = Last extends Dim ? AreEqual<Last, I> : true;
