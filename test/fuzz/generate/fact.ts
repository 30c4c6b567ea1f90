import { isHalf, type DType, type Half } from "../../../ir/types/index.ts";

/**
 * What the generator knows of a value: bounds, and whether every correct target computes it without rounding.
 *
 * This is what makes a comparison of an f32 target with the double-precision interpreter honest. An op that
 * jumps (floor, a comparison, an argmax, a conversion to an integer) is fed exact values only: all targets then
 * jump alike, and a mismatch is a bug. Continuous ops take anything, within bounds where they are tame.
 *
 * A half holds fewer digits than an f32, and is rounded where it is stored, but perhaps not from one op to the next.
 */
export interface Fact {
  readonly lo: number;
  readonly hi: number;
  /** Where present, the value is exact: a multiple of 2^-grain that fits in the 24 bits of an f32. */
  readonly grain?: number;
}

export const magnitude = (f: Fact): number => Math.max(Math.abs(f.lo), Math.abs(f.hi));
export const isExact = (f: Fact): boolean => f.grain !== undefined;

/** A fact whose grain is kept only while the value surely fits in 24 bits. */
export function fact(lo: number, hi: number, grain?: number): Fact {
  const f = { lo, hi };
  return grain !== undefined && magnitude(f) * 2 ** grain <= 2 ** 24 ? { ...f, grain } : f;
}

/** Digits of a half's fraction, the first included, and the finest grain it holds. */
const halves: Readonly<Record<Half, { readonly digits: number; readonly finest: number }>> = { f16: { digits: 11, finest: 24 }, bf16: { digits: 8, finest: 100 } };

/** The fact without its grain, where a value of that dtype may not hold it. */
export function heldBy(dtype: DType, f: Fact): Fact {
  if (!isHalf(dtype) || f.grain === undefined) return f;
  const { digits, finest } = halves[dtype];
  return magnitude(f) * 2 ** f.grain <= 2 ** digits && f.grain <= finest ? f : { lo: f.lo, hi: f.hi };
}

/** What holds of a value that is one of these. */
export function union(...facts: readonly Fact[]): Fact {
  const grains = facts.map((f) => f.grain);
  return fact(Math.min(...facts.map((f) => f.lo)), Math.max(...facts.map((f) => f.hi)), mergeGrains(grains));
}

/** Of a sum of up to `n` values of which each is as `f` says. */
export const sumOf = (f: Fact, n: number): Fact => fact(Math.min(f.lo, n * f.lo), Math.max(f.hi, n * f.hi), f.grain);

/** The finer of grains; none where one is missing. */
export const mergeGrains = (grains: readonly (number | undefined)[]): number | undefined =>
  grains.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)));

export function product(a: Fact, b: Fact): Fact {
  const corners = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
  return fact(Math.min(...corners), Math.max(...corners), a.grain !== undefined && b.grain !== undefined ? a.grain + b.grain : undefined);
}
