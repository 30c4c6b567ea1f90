import { byteSize, isHalf, roundTo, type DType, type MathType } from "../../../ir/types/index.ts";

/** WebAssembly type of one element in a register. Integers below 32 bits and bools are i32s, bools 0 and 1. */
export type NumberType = "i32" | "f32" | "f64";
export const numberType: Record<MathType, NumberType> = { f32: "f32", f64: "f64", i32: "i32", u32: "i32", u8: "i32", bool: "i32" };

/** Type of a local: four elements of 32 bits are one `v128`. In vectors, bools are masks: all ones or all zeros. */
export type LocalType = NumberType | "v128";

/** Instructions that load and store an element; of a half, its bits. */
export const loadOf = (d: DType): string => (isHalf(d) ? "i32.load16_s" : byteSize[d] === 1 ? "i32.load8_u" : `${numberType[d]}.load`);
export const storeOf = (d: DType): string => (isHalf(d) ? "i32.store16" : byteSize[d] === 1 ? "i32.store8" : `${numberType[d]}.store`);

/** Lanes of a vector: floats, or integers. */
export const shapeOf = (d: MathType): "f32x4" | "i32x4" => (d === "f32" ? "f32x4" : "i32x4");

/** A number as a constant of a dtype; −0, NaN and the infinities included. */
export function constant(dtype: MathType, value: number): string {
  return `(${numberType[dtype]}.const ${digits(dtype, value)})`;
}

/** The same in all four lanes. */
export function constantVector(dtype: MathType, value: number): string {
  const lane = dtype === "bool" ? String(value === 0 ? 0 : -1) : digits(dtype, value);
  return `(v128.const ${shapeOf(dtype)} ${lane} ${lane} ${lane} ${lane})`;
}

function digits(dtype: MathType, value: number): string {
  const x = roundTo(dtype, value);
  if (numberType[dtype] === "i32") return String(x | 0);
  return Number.isNaN(x) ? "nan" : x === Infinity ? "inf" : x === -Infinity ? "-inf" : Object.is(x, -0) ? "-0" : String(x);
}

/** One element in all four lanes. */
export function splat(dtype: MathType, x: string): string {
  return dtype === "bool" ? `(i32x4.splat (i32.sub (i32.const 0) ${x}))` : `(${shapeOf(dtype)}.splat ${x})`;
}

/** The element in lane `q`. */
export function extract(dtype: MathType, vector: string, q: number): string {
  const lane = `(${shapeOf(dtype)}.extract_lane ${q} ${vector})`;
  return dtype === "bool" ? `(i32.and ${lane} (i32.const 1))` : lane;
}

/** An element as what fills its lane. */
export const asLane = (dtype: MathType, x: string): string => (dtype === "bool" ? `(i32.sub (i32.const 0) ${x})` : x);

/** What arithmetic in 32 bits made of a u8, cut to 8. */
export const wrap = (dtype: MathType, x: string): string => (dtype === "u8" ? `(i32.and ${x} (i32.const 255))` : x);
export const wrapVector = (dtype: MathType, x: string): string => (dtype === "u8" ? `(v128.and ${x} ${constantVector("u32", 255)})` : x);
