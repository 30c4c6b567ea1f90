import { bf16OfBits, bitsOfBF16, bitsOfF16, f16OfBits, roundBF16, roundF16 } from "./half.ts";

/**
 * Element types. There is no 64-bit integer: JavaScript, WGSL and most devices have none that is fast. f16 and bf16, the
 * halves, are how a tensor is stored; what computes on them does so in f32.
 */
export const dtypes = ["bool", "u8", "i32", "u32", "f16", "bf16", "f32", "f64"] as const;
export type DType = (typeof dtypes)[number];

export const byteSize: Record<DType, number> = { bool: 1, u8: 1, i32: 4, u32: 4, f16: 2, bf16: 2, f32: 4, f64: 8 };

/** A float of 16 bits. */
export type Half = "f16" | "bf16";
/** A float of any size. */
export type Float = Half | "f32" | "f64";

export const isHalf = (d: DType): d is Half => d === "f16" || d === "bf16";
export const isFloat = (d: DType): d is Float => isHalf(d) || d === "f32" || d === "f64";
export const isInteger = (d: DType): boolean => d === "i32" || d === "u32" || d === "u8";
export const isDType = (x: unknown): x is DType => (dtypes as readonly unknown[]).includes(x);

/** The dtypes that are computed in, and not only stored. */
export const mathTypes = ["bool", "u8", "i32", "u32", "f32", "f64"] as const;
export type MathType = (typeof mathTypes)[number];
/** The dtype that a value is computed in: f32 for a half, else its own. PyTorch: `at::opmath_type`. */
export const mathType = (d: DType): MathType => (isHalf(d) ? "f32" : d);

/** The largest and smallest values of each dtype: what an empty `max` or `min` starts from. */
export const lowest: Record<DType, number> = {
  bool: 0, u8: 0, i32: -2147483648, u32: 0, f16: -Infinity, bf16: -Infinity, f32: -Infinity, f64: -Infinity,
};
export const highest: Record<DType, number> = {
  bool: 1, u8: 255, i32: 2147483647, u32: 4294967295, f16: Infinity, bf16: Infinity, f32: Infinity, f64: Infinity,
};

/** What a float dtype can tell apart and hold. PyTorch: `torch.finfo`. */
export interface FloatInfo {
  /** Bits of an element. */
  readonly bits: number;
  /** Distance from 1 to the next larger number. */
  readonly eps: number;
  /** The largest finite number. */
  readonly max: number;
  /** The smallest positive number that has all its digits. */
  readonly tiny: number;
  /** The smallest positive number. */
  readonly smallestSubnormal: number;
}

/** Limits of a float dtype, from its digits and the exponents of its largest and its smallest normal number. */
const floatInfo = (bits: number, digits: number, top: number, bottom: number): FloatInfo =>
  ({ bits, eps: 2 ** -digits, max: (2 - 2 ** -digits) * 2 ** top, tiny: 2 ** bottom, smallestSubnormal: 2 ** (bottom - digits) });

/** Limits of the float dtypes: `finfo.f16.max` is 65504. PyTorch: `torch.finfo`. */
export const finfo: Readonly<Record<Float, FloatInfo>> = {
  f16: floatInfo(16, 10, 15, -14), bf16: floatInfo(16, 7, 127, -126), f32: floatInfo(32, 23, 127, -126), f64: floatInfo(64, 52, 1023, -1022),
};

/**
 * Rounds a JavaScript number to a value the dtype can hold, as a store to memory does: f32, f16 and bf16
 * round to nearest, integers truncate toward zero and wrap, bool is "not zero".
 */
export function roundTo(d: DType, x: number): number {
  switch (d) {
    case "f64": return x;
    case "f32": return Math.fround(x);
    case "f16": return roundF16(x);
    case "bf16": return roundBF16(x);
    case "i32": return x | 0;
    case "u32": return x >>> 0;
    case "u8": return x & 255;
    case "bool": return x !== 0 ? 1 : 0; // NaN !== 0, so NaN is true, as in PyTorch
  }
}

/**
 * The dtype of a binary operation on two tensors, as PyTorch's promotion has it for these dtypes: bool is
 * below every integer, every integer below every float; u8 with i32 is i32; f16 with bf16, neither of which holds the
 * other's values, is f32. PyTorch has no u32: here u32 with u8 is u32, and u32 with i32 is i32 (the signed type wins, as
 * nothing wider exists).
 */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  if (isHalf(a) && isHalf(b)) return "f32";
  const order: DType[] = ["bool", "u8", "u32", "i32", "f16", "bf16", "f32", "f64"];
  return order[Math.max(order.indexOf(a), order.indexOf(b))];
}

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** Typed array that holds elements of a dtype as numbers; bool is one byte, 0 or 1. */
export const arrayType = {
  f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array, u8: Uint8Array, bool: Uint8Array, f16: Float32Array, bf16: Float32Array,
} as const;

/** Typed array that holds elements of a dtype as they lie in memory: of halves, their bits. */
export const storageType = { ...arrayType, f16: Uint16Array, bf16: Uint16Array } as const;

/** A number as an element of a dtype lies in memory: of a half, its bits. */
export const stored = (d: DType, x: number): number => (d === "f16" ? bitsOfF16(x) : d === "bf16" ? bitsOfBF16(x) : x);
/** What {@link stored} made of a number. */
export const unstored = (d: DType, element: number): number => (d === "f16" ? f16OfBits(element) : d === "bf16" ? bf16OfBits(element) : element);

/** Numbers as the elements of a dtype lie in memory. */
export const storedArray = (d: DType, numbers: ArrayLike<number>): TypedArray | Uint16Array => storageType[d].from(Array.from(numbers, (x) => stored(d, x)));
