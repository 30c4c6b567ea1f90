/**
 * Element types. There is no 64-bit integer: JavaScript, WGSL and most devices have none that is fast.
 */
export const dtypes = ["bool", "u8", "i32", "u32", "f32", "f64"] as const;
export type DType = (typeof dtypes)[number];

export const byteSize: Record<DType, number> = { bool: 1, u8: 1, i32: 4, u32: 4, f32: 4, f64: 8 };

export const isFloat = (d: DType): boolean => d === "f32" || d === "f64";
export const isInteger = (d: DType): boolean => d === "i32" || d === "u32" || d === "u8";
export const isDType = (x: unknown): x is DType => (dtypes as readonly unknown[]).includes(x);

/** The largest and smallest values of each dtype: what an empty `max` or `min` starts from. */
export const lowest: Record<DType, number> = {
  bool: 0, u8: 0, i32: -2147483648, u32: 0, f32: -Infinity, f64: -Infinity,
};
export const highest: Record<DType, number> = {
  bool: 1, u8: 255, i32: 2147483647, u32: 4294967295, f32: Infinity, f64: Infinity,
};

/**
 * Rounds a JavaScript number to a value the dtype can hold, as a store to memory does: f32 rounds to
 * nearest, integers truncate toward zero and wrap, bool is "not zero".
 */
export function roundTo(d: DType, x: number): number {
  switch (d) {
    case "f64": return x;
    case "f32": return Math.fround(x);
    case "i32": return x | 0;
    case "u32": return x >>> 0;
    case "u8": return x & 255;
    case "bool": return x !== 0 ? 1 : 0; // NaN !== 0, so NaN is true, as in PyTorch
  }
}

/**
 * The dtype of a binary operation on two tensors, as PyTorch's promotion has it for these dtypes: bool is
 * below every integer, every integer below every float; u8 with i32 is i32. PyTorch has no u32: here u32
 * with u8 is u32, and u32 with i32 is i32 (the signed type wins, as nothing wider exists).
 */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  const order: DType[] = ["bool", "u8", "u32", "i32", "f32", "f64"];
  return order[Math.max(order.indexOf(a), order.indexOf(b))];
}

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** Typed array that holds elements of a dtype; bool is one byte, 0 or 1. */
export const arrayType = {
  f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array, u8: Uint8Array, bool: Uint8Array,
} as const;
