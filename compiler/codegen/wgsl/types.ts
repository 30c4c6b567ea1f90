import type { DType, MathType } from "../../../ir/types/index.ts";

/** What holds a value of a dtype in an expression. There is no u8: it is kept in a u32, wrapped after each op. */
export const valueType: Record<MathType, "f32" | "i32" | "u32" | "bool"> = { f32: "f32", i32: "i32", u32: "u32", u8: "u32", bool: "bool", f64: "f32" };

/** What holds it in a buffer: 32 bits each, as a bool cannot be in one. A half is read and written as an f32 ({@link "./storage.ts"}). */
export const storedType: Record<DType, "f32" | "i32" | "u32"> = { f32: "f32", i32: "i32", u32: "u32", u8: "u32", bool: "u32", f64: "f32", f16: "f32", bf16: "f32" };

/** A function of our own library takes numbers; its name with this behind it takes vectors. */
export const vectorSuffix = "x4";

const bitsOf = (x: number): string => `0x${new Uint32Array(Float32Array.of(x).buffer)[0].toString(16).padStart(8, "0")}u`;

/** A number as a literal of a dtype; NaN and infinities as what computes them, and −0, which compilers take for 0. */
export function literal(dtype: MathType, value: number): string {
  switch (valueType[dtype]) {
    case "bool": return value ? "true" : "false";
    case "u32": return `${value}u`;
    case "i32": return value === -(2 ** 31) ? "i32(-2147483648)" : value < 0 ? `(${value})` : String(value);
    case "f32": {
      if (!Number.isFinite(value) || Object.is(Math.fround(value), -0)) return `special_f32(${bitsOf(value)})`;
      const x = Math.fround(value), text = /[.e]/.test(String(x)) ? String(x) : `${x}.0`;
      return text.startsWith("-") ? `(${text})` : text;
    }
  }
}
