import type { DType, Shape } from "../../types/index.ts";

/**
 * Dtype rules as types: the twin of `promote` (ir/types) and `resultType` (broadcast.ts). `DType` itself stands
 * for "not known here" and stays that.
 */

type Half = "f16" | "bf16";
type Float = Half | "f32" | "f64";
type Integer = "u8" | "i32" | "u32";

/** Result of an op that computes in floating point: integers and bool become f32. */
export type ToFloat<D extends DType> = DType extends D ? DType : D extends Float ? D : "f32";
/** Result of a sum or product: bool and u8 widen to i32. */
export type ToAccumulator<D extends DType> = DType extends D ? DType : D extends Float | "u32" ? D : "i32";

/** Higher of two dtypes in the order bool, u8, u32, i32, f16 or bf16, f32, f64; f32 of the two halves. */
export type Promote<A extends DType, B extends DType> =
  [A] extends [B] ? ([B] extends [A] ? A : PromoteUnlike<A, B>) : PromoteUnlike<A, B>;
type PromoteUnlike<A extends DType, B extends DType> =
  IsSeveral<A> extends false
    ? IsSeveral<B> extends false
      ? "f64" extends A | B ? "f64" : "f32" extends A | B ? "f32" : "f16" extends A | B ? ("bf16" extends A | B ? "f32" : "f16") : "bf16" extends A | B ? "bf16" : "i32" extends A | B ? "i32" : "u32" extends A | B ? "u32" : "u8"
      : DType
    : DType;

/** Whether a dtype type names several dtypes, so that which one it is is not known. */
type IsSeveral<D extends DType, All extends DType = D> = D extends DType ? ([All] extends [D] ? false : true) : never;

/** Whether the category (bool, integer, float) of `B` is above that of `A`. */
type IsHigherCategory<A extends DType, B extends DType> =
  A extends "bool" ? (B extends "bool" ? false : true) : A extends Integer ? (B extends Float ? true : false) : false;

/**
 * Dtype of an operation on two tensors, PyTorch's `result_type`: where one has dimensions and the other none, the
 * one without counts only if its category is higher.
 */
export type ResultType<SA extends Shape, A extends DType, SB extends Shape, B extends DType> =
  [A, B] extends [B, A] ? A
  : number extends SA["length"] ? DType
  : number extends SB["length"] ? DType
  : SA extends readonly [] ? (SB extends readonly [] ? Promote<A, B> : Outranked<B, A>)
  : SB extends readonly [] ? Outranked<A, B>
  : Promote<A, B>;
/** `Low` (no dimensions) beside `High` (with dimensions). */
type Outranked<High extends DType, Low extends DType> =
  DType extends High ? DType : DType extends Low ? DType : IsHigherCategory<High, Low> extends true ? Low : High;

/** Dtype of an operation on a tensor and a JavaScript number or boolean, whose kind is `K`. */
export type ScalarResultType<D extends DType, K extends DType> =
  DType extends D ? DType : IsHigherCategory<D, K> extends true ? K : IsHigherCategory<D, K> extends false ? D : D | K;
