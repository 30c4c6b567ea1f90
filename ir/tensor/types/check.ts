import type { Dim, DType, Shape } from "../../types/index.ts";
import type { Scalar, ScalarKind, KindScalar } from "../scalar.ts";
import type { Tensor } from "../core.ts";
import type { IsWhole } from "./arithmetic.ts";
import type { Promote, ResultType, ScalarResultType, ToFloat } from "./dtype.ts";
import type { AreEqual, AxesOf, Broadcast, BroadcastClash, Concat, FromStart, IsUnknownRank, ShapeText, WithDim } from "./shape.ts";

/**
 * Checks in parameter position. A check is `unknown` where all is well (or not known here), and a string literal
 * that says what is wrong otherwise: intersected with the argument's type it puts the compiler's complaint, with
 * both dimensions in it, under the argument. (A check in the return type would only be noticed at the next op.)
 */

/** What an operation takes beside the tensor it is called on. */
export type Operand = Tensor | Scalar;

export type ShapeOf<T> = T extends Tensor ? T["shape"] : [];
export type DTypeOf<T> = T extends Tensor ? T["dtype"] : T extends Scalar ? ScalarDType<T> : never;

/** Dtype that stands for a scalar: bool, i32 (integers) or f32 (floats). */
type ScalarDType<T extends Scalar> =
  T extends boolean ? "bool"
  : T extends KindScalar<infer K> ? KindDType[K]
  : T extends number ? (number extends T ? "i32" | "f32" : IsWhole<Magnitude<T>> extends true ? "i32" : "f32")
  : never;
type Magnitude<T extends number> = `${T}` extends `-${infer N extends number}` ? N : T;
interface KindDType { bool: "bool"; int: "i32"; float: "f32" }
export type KindDTypeOf<K extends ScalarKind> = KindDType[K];

// ---- elementwise

/** Shape of an operation on a tensor and an operand. */
export type BroadcastWith<S extends Shape, O> = O extends Tensor ? Broadcast<S, O["shape"]> : S;
/** Dtype of an operation on a tensor and an operand. */
export type PromoteWith<S extends Shape, D extends DType, O> =
  O extends Tensor ? ResultType<S, D, O["shape"], O["dtype"]> : O extends Scalar ? ScalarResultType<D, ScalarDType<O>> : never;
export type FloatWith<S extends Shape, D extends DType, O> = ToFloat<PromoteWith<S, D, O>>;

/** Result of a comparison. */
export type Compared<S extends Shape, O> = Tensor<BroadcastWith<S, O>, "bool">;
/** Result of arithmetic. */
export type Combined<S extends Shape, D extends DType, O> = Tensor<BroadcastWith<S, O>, PromoteWith<S, D, O>>;
/** Result of arithmetic that is done in floating point. */
export type FloatCombined<S extends Shape, D extends DType, O> = Tensor<BroadcastWith<S, O>, FloatWith<S, D, O>>;

export type BroadcastCheck<S extends Shape, O> = O extends Tensor ? ShapesCheck<S, O["shape"]> : unknown;
export type ShapesCheck<A extends Shape, B extends Shape> =
  BroadcastClash<A, B> extends infer Clash
    ? [Clash] extends [never] ? unknown
    : Clash extends readonly [infer X extends Dim, infer Y extends Dim] ? `cannot broadcast [${ShapeText<A>}] with [${ShapeText<B>}]: ${X} against ${Y}` : unknown
    : unknown;

// ---- axes

/** `A` itself where it is an axis of `S`, else what is wrong. */
export type Axis<S extends Shape, A> =
  A extends number ? (number extends A ? A : A extends AxesOf<S> ? A : `axis ${A} is outside [${ShapeText<S>}]`) : never;
/** `A` itself where a new axis can be put there. */
export type NewAxis<S extends Shape, A> =
  A extends number
    ? number extends A ? A : IsUnknownRank<S> extends true ? A : A extends AxesOf<[...S, 0]> ? A : `a new axis cannot be at ${A} of [${ShapeText<S>}]`
    : never;

/** Whether reduced axes stay as 1: `true`, or as an option. */
export type Keep = boolean | { readonly keepdim?: boolean | undefined };
export type KeepOf<K extends Keep> =
  K extends boolean ? K
  : K extends { readonly keepdim: infer B extends boolean } ? B
  : "keepdim" extends keyof K ? boolean
  : false;

// ---- products

/** Result of `matmul`, PyTorch's rules for vectors, matrices and batches of them. */
export type MatmulShape<A extends Shape, B extends Shape> =
  IsUnknownRank<A> extends true ? Shape : IsUnknownRank<B> extends true ? Shape
  : A extends readonly [Dim] ? (B extends readonly [Dim] ? [] : B extends readonly [...infer Q extends Shape, Dim, infer N extends Dim] ? [...Q, N] : Shape)
  : A extends readonly [...infer P extends Shape, infer M extends Dim, Dim]
    ? B extends readonly [Dim] ? [...P, M] : B extends readonly [...infer Q extends Shape, Dim, infer N extends Dim] ? [...Broadcast<P, Q>, M, N] : Shape
    : Shape;
export type MatmulCheck<A extends Shape, DA extends DType, B extends Shape, DB extends DType> =
  IsUnknownRank<A> extends true ? unknown : IsUnknownRank<B> extends true ? unknown
  : A extends readonly [] ? Scalars<A, B> : B extends readonly [] ? Scalars<A, B>
  : AreEqual<Inner<A>, InnerOfSecond<B>> extends true
    ? [BroadcastClash<Batch<A>, Batch<B>>] extends [never] ? SameDType<"matmul", DA, DB>
      : `cannot matmul [${ShapeText<A>}] with [${ShapeText<B>}]: the batch dimensions do not broadcast`
    : `cannot matmul [${ShapeText<A>}] with [${ShapeText<B>}]: ${Inner<A>} against ${InnerOfSecond<B>}`;
type Scalars<A extends Shape, B extends Shape> = `cannot matmul [${ShapeText<A>}] with [${ShapeText<B>}]: both need at least 1 dimension`;
type Inner<A extends Shape> = A extends readonly [...Shape, infer K extends Dim] ? K : Dim;
type InnerOfSecond<B extends Shape> = B extends readonly [infer K extends Dim] ? K : B extends readonly [...Shape, infer K extends Dim, Dim] ? K : Dim;
type Batch<A extends Shape> = A extends readonly [...infer P extends Shape, Dim, Dim] ? P : [];

/** `unknown` where two tensors have one dtype, which products need. */
export type SameDType<Name extends string, A extends DType, B extends DType> =
  [A] extends [B] ? unknown : [B] extends [A] ? unknown : `${Name} of ${A} with ${B}: convert one to the dtype of the other`;

/** Check of a product that takes exactly the ranks of `A` and `B`, and contracts the given dimensions. */
export type StrictCheck<Name extends string, S extends Shape, RankA extends number, X extends Dim, T extends Shape, RankB extends number, Y extends Dim> =
  IsUnknownRank<S> extends true ? unknown : IsUnknownRank<T> extends true ? unknown
  : [S["length"], T["length"]] extends [RankA, RankB]
    ? AreEqual<X, Y> extends true ? unknown : `cannot ${Name} [${ShapeText<S>}] with [${ShapeText<T>}]: ${X} against ${Y}`
    : `${Name} takes ${RankA}-d and ${RankB}-d tensors, not [${ShapeText<S>}] and [${ShapeText<T>}]`;

/** The dimension at an axis, `Dim` where there is none. */
export type DimAt<S extends Shape, A extends number> = IsUnknownRank<S> extends true ? Dim : S[FromStart<S, A>] extends infer D extends Dim ? D : Dim;

// ---- joining

export type ShapesOf<T extends readonly Tensor[]> = { [K in keyof T]: T[K]["shape"] };
/** Dtype of tensors joined: promoted as in arithmetic. */
export type JoinedDType<T extends readonly Tensor[]> =
  T extends readonly [infer A extends Tensor, ...infer R extends readonly Tensor[]]
    ? R extends readonly [] ? A["dtype"] : Promote<A["dtype"], JoinedDType<R>>
    : T[number]["dtype"];

export type ConcatShape<T extends readonly Tensor[], A extends number> = ShapesOf<T> extends infer Shapes extends readonly Shape[] ? Concat<Shapes, A> : Shape;
/** Each tensor must agree with the first in all dimensions but the joined one. */
export type ConcatCheck<T extends readonly Tensor[], A extends number> =
  number extends T["length"] ? unknown : number extends A ? unknown
  : { [K in keyof T]: JoinCheck<T[0]["shape"], T[K]["shape"], A> };
type JoinCheck<S extends Shape, T extends Shape, A extends number> =
  IsUnknownRank<S> extends true ? unknown : IsUnknownRank<T> extends true ? unknown
  : AllEqual<WithDim<S, A, 0>, WithDim<T, A, 0>> extends true ? unknown : `cannot concatenate [${ShapeText<S>}] with [${ShapeText<T>}] along axis ${A}`;
/** Each tensor must have the shape of the first. */
export type StackCheck<T extends readonly Tensor[]> =
  number extends T["length"] ? unknown : { [K in keyof T]: StackOne<T[0]["shape"], T[K]["shape"]> };
type StackOne<S extends Shape, T extends Shape> =
  IsUnknownRank<S> extends true ? unknown : IsUnknownRank<T> extends true ? unknown
  : AllEqual<S, T> extends true ? unknown : `cannot stack [${ShapeText<S>}] with [${ShapeText<T>}]: the shapes must be equal`;
type AllEqual<A extends Shape, B extends Shape> =
  A extends readonly [infer X extends Dim, ...infer AR extends Shape]
    ? B extends readonly [infer Y extends Dim, ...infer BR extends Shape] ? (AreEqual<X, Y> extends true ? AllEqual<AR, BR> : false) : false
    : B extends readonly [] ? true : false;
