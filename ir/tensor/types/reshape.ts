import type { Dim, Shape } from "../../types/index.ts";
import type { IsWhole } from "./arithmetic.ts";
import type { IsUnknownRank, Product, ShapeText } from "./shape.ts";

/**
 * Element counts of a reshape. Dimensions that occur on both sides cancel, symbols included; where only whole
 * numbers are left, their products are compared, and otherwise the check is left to the graph.
 */

/** Dimensions as an op takes them: listed, or as one array. */
export type ShapeArguments = readonly Dim[] | readonly [shape: readonly Dim[]];
/** The shape that the arguments mean. */
export type ListedShape<T extends ShapeArguments> = T extends readonly [infer A extends readonly Dim[]] ? [...A] : T extends readonly Dim[] ? [...T] : Shape;

/** Shape of the result of a reshape from `S` to `T`, in which one dimension may be -1. */
export type Reshaped<S extends Shape, T extends Shape> =
  IsUnknownRank<T> extends true ? Shape : -1 extends T[number] ? (number extends T[number] ? [...T] : WorkOut<T, MissingDim<S, T>>) : [...T];
type WorkOut<T extends Shape, D extends Dim> = T extends readonly [infer H extends Dim, ...infer R extends Shape] ? [H extends -1 ? D : H, ...WorkOut<R, D>] : [];
type MissingDim<S extends Shape, T extends Shape> = IsUnknownRank<S> extends true ? Dim : Quotient<Cancel<S, WithoutMissing<T>>>;
type WithoutMissing<T extends Shape> = T extends readonly [infer H extends Dim, ...infer R extends Shape] ? (H extends -1 ? R : [H, ...WithoutMissing<R>]) : [];

/** What is left of both shapes without the dimensions they share. */
type Cancel<S extends Shape, T extends Shape, Left extends Shape = []> =
  T extends readonly [infer H extends Dim, ...infer R extends Shape]
    ? Remove<S, H> extends infer Rest extends Shape ? Cancel<Rest, R, Left> : Cancel<S, R, [...Left, H]>
    : [S, Left];
/** `S` without its first `D`; undefined where there is none. */
type Remove<S extends Shape, D extends Dim, Before extends Shape = []> =
  S extends readonly [infer H extends Dim, ...infer R extends Shape] ? (IsLike<H, D> extends true ? [...Before, ...R] : Remove<R, D, [...Before, H]>) : undefined;

/** The size that a -1 stands for, where it needs no division but of equals. */
type Quotient<Sides> = Sides extends [infer Above extends Shape, infer Below extends Shape]
  ? Below extends readonly [] ? Product<Above> : IsLike<Product<Numbers<Above>>, Product<Below>> extends true ? Product<Symbols<Above>> : Dim
  : Dim;
type IsLike<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Numbers<S extends Shape> = S extends readonly [infer H extends Dim, ...infer R extends Shape] ? (H extends number ? [H, ...Numbers<R>] : Numbers<R>) : [];
type Symbols<S extends Shape> = S extends readonly [infer H extends Dim, ...infer R extends Shape] ? (H extends number ? Symbols<R> : [H, ...Symbols<R>]) : [];

/** `unknown` where `S` may be reshaped to `T`, else what is wrong. */
export type ReshapeCheck<S extends Shape, T extends Shape> =
  IsUnknownRank<S> extends true ? unknown : IsUnknownRank<T> extends true ? unknown : -1 extends T[number] ? unknown
  : Cancel<S, T> extends [infer Above extends Shape, infer Below extends Shape]
    ? AllWhole<[...Above, ...Below]> extends true
      ? IsLike<Product<Above>, Product<Below>> extends true ? unknown : `cannot reshape [${ShapeText<S>}] to [${ShapeText<T>}]: ${Sizes<S, T, Above, Below>}`
      : unknown
    : unknown;
type Sizes<S extends Shape, T extends Shape, Above extends Shape, Below extends Shape> =
  AllWhole<S> extends true ? `${Product<S>} elements against ${Product<T>}` : `${Product<Above>} against ${Product<Below>}`;
type AllWhole<S extends Shape> = S extends readonly [infer H extends Dim, ...infer R extends Shape] ? (IsWhole<H> extends true ? AllWhole<R> : false) : true;
