import type { Dim } from "../../types/index.ts";

/**
 * Arithmetic on dimension types: exact on whole-number literals of any size, symbolic where the result has one
 * spelling (`"B"` + 1 is `"B+1"`, 8 × `"B"` is `"8*B"`: the canonical text of `ir/types/dim.ts`), and `Dim`,
 * which means "not known here", for everything else.
 *
 * Numbers are added digit by digit, lowest digit first, so a number is carried as its reversed decimal text.
 */

/** Sum of two dimension types. */
export type AddDims<A extends Dim, B extends Dim> =
  A extends 0 ? B : B extends 0 ? A
  : [IsWhole<A>, IsWhole<B>] extends [true, true] ? ToNumber<AddDigits<Digits<A>, Digits<B>>>
  : [IsName<A>, IsWhole<B>] extends [true, true] ? `${A}+${B}`
  : [IsWhole<A>, IsName<B>] extends [true, true] ? `${B}+${A}`
  : [IsName<A>, IsName<B>, A] extends [true, true, B] ? `2*${A}`
  : Dim;

/** Product of two dimension types. */
export type MulDims<A extends Dim, B extends Dim> =
  A extends 1 ? B : B extends 1 ? A : A extends 0 ? 0 : B extends 0 ? 0
  : [IsWhole<A>, IsWhole<B>] extends [true, true] ? ToNumber<MulDigits<Digits<A>, Digits<B>>>
  : [IsName<A>, IsWhole<B>] extends [true, true] ? `${B}*${A}`
  : [IsWhole<A>, IsName<B>] extends [true, true] ? `${A}*${B}`
  : Dim;

/** Whether a dimension type is one whole number from 0 up. */
export type IsWhole<D extends Dim> =
  number extends D ? false : D extends number ? (`${D}` extends `-${string}` ? false : `${D}` extends `${bigint}` ? true : false) : false;

type Operator = "+" | "-" | "*" | "/" | "(" | " ";
/** Whether a dimension type is one symbol, such as `"B"`, and no expression. */
export type IsName<D extends Dim> = string extends D ? false : D extends `${string}${Operator}${string}` ? false : D extends string ? true : false;

// ---- digits

type Reverse<T extends string> = T extends `${infer H}${infer R}` ? `${Reverse<R>}${H}` : "";
type Digits<N extends Dim> = Reverse<`${N}`>;
type ToNumber<T extends string> = Reverse<T> extends `${infer N extends number}` ? N : never;

/** As many elements as the digit says: the length of tuples put together is a sum. */
interface Count {
  "0": []; "1": [0]; "2": [0, 0]; "3": [0, 0, 0]; "4": [0, 0, 0, 0]; "5": [0, 0, 0, 0, 0]; "6": [0, 0, 0, 0, 0, 0];
  "7": [0, 0, 0, 0, 0, 0, 0]; "8": [0, 0, 0, 0, 0, 0, 0, 0]; "9": [0, 0, 0, 0, 0, 0, 0, 0, 0];
}
type Digit = keyof Count;
/** By the sum of two digits and a carry: the digit to write, and the carry to the next. */
type Written = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
type Carried = [[], [], [], [], [], [], [], [], [], [], [0], [0], [0], [0], [0], [0], [0], [0], [0], [0]];

type AddDigits<A extends string, B extends string, Carry extends 0[] = []> =
  A extends `${infer a extends Digit}${infer AR}`
    ? B extends `${infer b extends Digit}${infer BR}`
      ? WriteDigit<[...Count[a], ...Count[b], ...Carry]["length"], AR, BR>
      : Carry extends [] ? A : WriteDigit<[...Count[a], 0]["length"], AR, "">
    : Carry extends [] ? B : AddDigits<"1", B>;
type WriteDigit<Sum, AR extends string, BR extends string> =
  Sum extends keyof Written & keyof Carried & number ? (Carried[Sum] extends infer Carry extends 0[] ? `${Written[Sum]}${AddDigits<AR, BR, Carry>}` : never) : never;

/** Schoolbook multiplication: `A` times the last digit of `B`, plus ten times `A` times the rest. */
type MulDigits<A extends string, B extends string> =
  B extends `${infer b extends Digit}${infer BR}` ? (BR extends "" ? TimesDigit<A, Count[b]> : AddDigits<TimesDigit<A, Count[b]>, `0${MulDigits<A, BR>}`>) : "";
type TimesDigit<A extends string, Times extends 0[]> =
  Times extends [0, ...infer Rest extends 0[]] ? (Rest extends [] ? A : AddDigits<A, TimesDigit<A, Rest>>) : "0";
