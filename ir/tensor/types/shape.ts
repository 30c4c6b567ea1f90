import type { Dim, Shape } from "../../types/index.ts";
import type { AddDims, MulDims } from "./arithmetic.ts";

/**
 * Shapes as types. A shape whose rank is not known is any array type of dimensions (`Shape`, `number[]`), and a
 * dimension that is not known is `number`, `string` or `Dim`; every rule lets these pass, and the same check runs
 * when the graph is built.
 */

export type IsUnknownRank<S extends Shape> = number extends S["length"] ? true : false;
/** Whether a dimension type is not one literal. */
export type IsUnknownDim<D> = number extends D ? true : string extends D ? true : false;

/** `B, 64`: a shape as messages spell it. */
export type ShapeText<S extends Shape> =
  IsUnknownRank<S> extends true ? "..."
  : S extends readonly [infer H extends Dim, ...infer R extends Shape] ? (R extends readonly [] ? `${H}` : `${H}, ${ShapeText<R>}`)
  : "";

// ---- broadcasting

/** Shape that two shapes broadcast to: aligned at the end, a 1 stretches. */
export type Broadcast<A extends Shape, B extends Shape> =
  IsUnknownRank<A> extends true ? Shape : IsUnknownRank<B> extends true ? Shape : BroadcastKnown<A, B>;
type BroadcastKnown<A extends Shape, B extends Shape> =
  A extends readonly [...infer AI extends Shape, infer AL extends Dim]
    ? B extends readonly [...infer BI extends Shape, infer BL extends Dim] ? [...BroadcastKnown<AI, BI>, BroadcastDim<AL, BL>] : [...A]
    : [...B];
type BroadcastDim<A extends Dim, B extends Dim> = [A] extends [1] ? B : [B] extends [1] ? A : IsUnknownDim<A> extends true ? B : A;

/** The first pair of dimensions, from the end, that keeps two shapes from broadcasting; never where none does. */
export type BroadcastClash<A extends Shape, B extends Shape> =
  IsUnknownRank<A> extends true ? never : IsUnknownRank<B> extends true ? never
  : A extends readonly [...infer AI extends Shape, infer AL extends Dim]
    ? B extends readonly [...infer BI extends Shape, infer BL extends Dim] ? (AreBroadcastable<AL, BL> extends true ? BroadcastClash<AI, BI> : [AL, BL]) : never
    : never;
type AreBroadcastable<A extends Dim, B extends Dim> = [A] extends [1] ? true : [B] extends [1] ? true : AreEqual<A, B>;
/** Whether two dimensions may be equal: they are the same, or one is not known, or an expression whose text may differ. */
export type AreEqual<A extends Dim, B extends Dim> =
  [A] extends [B] ? true : [B] extends [A] ? true : IsUnknownDim<A> extends true ? true : IsUnknownDim<B> extends true ? true
  : IsExpression<A | B> extends false ? false : true;
type IsExpression<D> = D extends `${string}${"+" | "-" | "*" | "/" | " "}${string}` ? true : false;

// ---- axes

/** Axes that a rank has, from either end; a scalar lets 0 and -1 pass, as PyTorch does. */
type AxesOfRank = [
  0 | -1, 0 | -1, 0 | 1 | -1 | -2, 0 | 1 | 2 | -1 | -2 | -3, 0 | 1 | 2 | 3 | -1 | -2 | -3 | -4, 0 | 1 | 2 | 3 | 4 | -1 | -2 | -3 | -4 | -5,
  0 | 1 | 2 | 3 | 4 | 5 | -1 | -2 | -3 | -4 | -5 | -6, 0 | 1 | 2 | 3 | 4 | 5 | 6 | -1 | -2 | -3 | -4 | -5 | -6 | -7,
];
/** Axes of a shape as literals; `number` where the rank is not known (or above 7). */
export type AxesOf<S extends Shape> = S["length"] extends keyof AxesOfRank & number ? (IsUnknownRank<S> extends true ? number : AxesOfRank[S["length"]]) : number;

/** An axis counted from the start, for one counted from either end. */
export type FromStart<S extends Shape, A extends number> = `${A}` extends `-${infer N extends number}` ? DropLast<S, N>["length"] : A;
/** Position of a new axis counted from either end: one more place than axes. */
export type NewFromStart<S extends Shape, A extends number> = FromStart<[...S, 0], A>;
type DropLast<S extends readonly unknown[], N extends number, Dropped extends 0[] = []> =
  Dropped["length"] extends N ? S : S extends readonly [...infer I, unknown] ? DropLast<I, N, [...Dropped, 0]> : [];

/** A shape with `Axes` (a union) reduced away, or to 1. `undefined` stands for all, `number` for axes not known here. */
export type Reduce<S extends Shape, Axes extends number | undefined, Keep extends boolean> =
  IsUnknownRank<S> extends true ? (Axes extends undefined ? (Keep extends false ? [] : Shape) : Shape)
  : number extends Axes ? Shape
  : boolean extends Keep ? Shape
  : [Axes] extends [undefined] ? (Keep extends true ? AllOnes<S> : [])
  : ReduceAxes<S, FromStartAll<S, Axes & number>, Keep>;
type AllOnes<S extends Shape> = S extends readonly [Dim, ...infer R extends Shape] ? [1, ...AllOnes<R>] : [];
type FromStartAll<S extends Shape, Axes extends number> = Axes extends number ? FromStart<S, Axes> : never;
type ReduceAxes<S extends Shape, Axes extends number, Keep extends boolean, Done extends 0[] = []> =
  S extends readonly [infer H extends Dim, ...infer R extends Shape]
    ? Done["length"] extends Axes
      ? Keep extends true ? [1, ...ReduceAxes<R, Axes, Keep, [...Done, 0]>] : ReduceAxes<R, Axes, Keep, [...Done, 0]>
      : [H, ...ReduceAxes<R, Axes, Keep, [...Done, 0]>]
    : [];

/** A shape with the dimension at `Axis` replaced. */
export type WithDim<S extends Shape, Axis extends number, D extends Dim> =
  IsUnknownRank<S> extends true ? Shape : number extends Axis ? Shape : ReplaceAt<S, FromStart<S, Axis>, D>;
type ReplaceAt<S extends Shape, At extends number, D extends Dim, Done extends Shape = []> =
  S extends readonly [infer H extends Dim, ...infer R extends Shape] ? (Done["length"] extends At ? [...Done, D, ...R] : ReplaceAt<R, At, D, [...Done, H]>) : Done;

/** A shape with a dimension put in at `Axis`. */
export type Insert<S extends Shape, Axis extends number, D extends Dim> =
  IsUnknownRank<S> extends true ? Shape : number extends Axis ? Shape : InsertAt<S, NewFromStart<S, Axis>, D>;
type InsertAt<S extends Shape, At extends number, D extends Dim, Done extends Shape = []> =
  Done["length"] extends At ? [...Done, D, ...S] : S extends readonly [infer H extends Dim, ...infer R extends Shape] ? InsertAt<R, At, D, [...Done, H]> : Shape;

/** A shape without the dimension at `Axis`. */
export type Without<S extends Shape, Axis extends number> =
  IsUnknownRank<S> extends true ? Shape : number extends Axis ? Shape : ReduceAxes<S, FromStart<S, Axis>, false>;

/** A shape with every 1 dropped. A dimension that is not known here may be 1. */
export type Squeeze<S extends Shape> =
  IsUnknownRank<S> extends true ? Shape
  : S extends readonly [infer H extends Dim, ...infer R extends Shape] ? (number extends H ? Shape : H extends 1 ? Squeeze<R> : [H, ...Squeeze<R>]) : [];
/** A shape without the dimension at `Axis` if it is 1. */
export type SqueezeAt<S extends Shape, Axis extends number> =
  IsUnknownRank<S> extends true ? Shape : number extends Axis ? Shape
  : number extends S[FromStart<S, Axis>] ? Shape : S[FromStart<S, Axis>] extends 1 ? Without<S, Axis> : [...S];

/** A shape with its axes in the order of `Perm`. */
export type Permute<S extends Shape, Perm extends readonly number[]> =
  IsUnknownRank<S> extends true ? Shape : number extends Perm["length"] ? Shape : number extends Perm[number] ? Shape : PermuteKnown<S, Perm>;
type PermuteKnown<S extends Shape, Perm extends readonly number[]> =
  Perm extends readonly [infer P extends number, ...infer R extends readonly number[]] ? [S[FromStart<S, P>], ...PermuteKnown<S, R>] : [];

/** A shape with two axes exchanged. */
export type Transpose<S extends Shape, A extends number, B extends number> =
  IsUnknownRank<S> extends true ? Shape : number extends A | B ? Shape
  : ReplaceAt<ReplaceAt<S, FromStart<S, A>, S[FromStart<S, B>]>, FromStart<S, B>, S[FromStart<S, A>]>;
export type ReverseShape<S extends Shape> =
  IsUnknownRank<S> extends true ? Shape : S extends readonly [infer H extends Dim, ...infer R extends Shape] ? [...ReverseShape<R>, H] : [];

// ---- sizes

/** Product of the dimensions. */
export type Product<S extends Shape> = S extends readonly [infer H extends Dim, ...infer R extends Shape] ? MulDims<H, Product<R>> : S extends readonly [] ? 1 : Dim;

/** A shape with the axes from `From` to `To` made one. */
export type Flatten<S extends Shape, From extends number, To extends number> =
  IsUnknownRank<S> extends true ? Shape : number extends From | To ? Shape
  : S extends readonly [] ? [1] : FlattenRange<S, FromStart<S, From>, FromStart<S, To>>;
type FlattenRange<S extends Shape, From extends number, To extends number, Before extends Shape = [], Inside extends Shape = []> =
  S extends readonly [infer H extends Dim, ...infer R extends Shape]
    ? Inside extends readonly []
      ? Before["length"] extends From
        ? From extends To ? [...Before, H, ...R] : FlattenRange<R, From, To, Before, [H]>
        : FlattenRange<R, From, To, [...Before, H], []>
      : [...Before, ...Inside]["length"] extends To ? [...Before, Product<[...Inside, H]>, ...R] : FlattenRange<R, From, To, Before, [...Inside, H]>
    : Shape;

/** Shape of tensors joined along an axis. */
export type Concat<Shapes extends readonly Shape[], Axis extends number> =
  number extends Shapes["length"] ? Shape
  : Shapes extends readonly [infer H extends Shape, ...infer R extends readonly Shape[]]
    ? IsUnknownRank<H> extends true ? Shape : number extends Axis ? Shape : WithDim<H, Axis, ConcatDim<R, H[FromStart<H, Axis>], Axis>>
    : Shape;
type ConcatDim<Shapes extends readonly Shape[], Total extends Dim, Axis extends number> =
  Shapes extends readonly [infer H extends Shape, ...infer R extends readonly Shape[]]
    ? IsUnknownRank<H> extends true ? Dim : ConcatDim<R, AddDims<Total, H[FromStart<H, Axis>]>, Axis>
    : Total;
