import { isHalf, roundTo, type DType } from "../types/index.ts";

/** The shortest text that reads back as the value a dtype holds: `0.1` for an f32, not `0.10000000149011612`. */
export function numberText(dtype: DType, value: number): string {
  const x = roundTo(dtype, value);
  if (dtype === "bool") return x ? "true" : "false";
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0";
  if (dtype !== "f32" && !isHalf(dtype)) return String(x);
  for (let digits = 1; digits <= 9; digits++) {
    const text = String(Number(x.toPrecision(digits))); // without the trailing zeros of toPrecision
    if (roundTo(dtype, Number(text)) === x) return text;
  }
  return String(x);
}

/** What {@link numberText} writes. */
export const numberPattern = /-?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|inf)|nan|true|false/y;

export function numberOf(text: string): number {
  switch (text) {
    case "nan": return NaN;
    case "inf": return Infinity;
    case "-inf": return -Infinity;
    case "true": return 1;
    case "false": return 0;
    default: return Number(text);
  }
}

/** A list of numbers; past `most` of them, only how many are left out (which does not read back). */
export function listText(dtype: DType, data: ArrayLike<number>, most = Infinity): string {
  const shown = Array.from({ length: Math.min(data.length, most) }, (_, i) => numberText(dtype, data[i]));
  if (data.length > most) shown.push(`… ${data.length - most} more`);
  return `[${shown.join(", ")}]`;
}
