import { isFloat, shapeText, typeText } from "../../ir/types/index.ts";
import type { NdArray } from "../../ir/ops/index.ts";
import type { Tolerance } from "./format.ts";
import { Mismatch } from "./outcome.ts";

/**
 * Throws a {@link Mismatch} unless `got` equals `want`: the same dtype and shape, and element by element
 * `|got - want| <= atol + rtol * |want|`, with NaN equal to NaN, infinities equal by sign, and -0 equal to 0.
 * Integers and bools are exact.
 */
export function expectClose(what: string, got: NdArray, want: NdArray, tol: Tolerance): void {
  if (got.dtype !== want.dtype || got.shape.length !== want.shape.length || got.shape.some((d, i) => d !== want.shape[i]))
    throw new Mismatch(`${what} is ${typeText(got)}, not ${typeText(want)}`);
  if (got.data.length !== want.data.length)
    throw new Mismatch(`${what} of shape ${shapeText(got.shape)} has ${got.data.length} elements, not ${want.data.length}`);
  const exact = { rtol: 0, atol: 0 };
  let wrong = 0, worst = -1, worstExcess = -1;
  for (let i = 0; i < want.data.length; i++) {
    const excess = excessOf(got.data[i], want.data[i], isFloat(want.dtype) ? tol : exact);
    if (excess === 0) continue;
    wrong++;
    if (excess > worstExcess) { worst = i; worstExcess = excess; }
  }
  if (wrong > 0) {
    const at = want.shape.length > 0 ? `[${indexOf(worst, want.shape).join(",")}]` : "";
    throw new Mismatch(`${what}${at} is ${got.data[worst]}, not ${want.data[worst]}${wrong > 1 ? ` (the worst of ${wrong} wrong of ${want.data.length})` : ""}`);
  }
}

/** By how much a number misses the tolerance: 0 where it is inside. */
function excessOf(got: number, want: number, tol: Tolerance): number {
  if (Number.isNaN(want) || Number.isNaN(got)) return Number.isNaN(want) && Number.isNaN(got) ? 0 : Infinity;
  if (!Number.isFinite(want) || !Number.isFinite(got)) return got === want ? 0 : Infinity;
  const error = Math.abs(got - want);
  return error <= tol.atol + tol.rtol * Math.abs(want) ? 0 : error;
}

function indexOf(linear: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(linear % shape[axis]);
    linear = Math.floor(linear / shape[axis]);
  }
  return index;
}

/** {@link expectClose} for plain numbers. */
export function expectNumber(what: string, got: number, want: number, tol: Tolerance): void {
  if (excessOf(got, want, tol) > 0) throw new Mismatch(`${what} is ${got}, not ${want}`);
}

/** Throws unless two plain values (flags, shapes, names) are equal. */
export function expectEqual(what: string, got: unknown, want: unknown): void {
  const a = JSON.stringify(got), b = JSON.stringify(want);
  if (a !== b) throw new Mismatch(`${what} is ${a}, not ${b}`);
}
