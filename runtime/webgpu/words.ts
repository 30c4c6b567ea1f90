import { arrayTypes } from "../tensor.ts";
import type { DType, TypedArray } from "../types.ts";

/** On the device, halves take 16 bits, two of them to a word; every other element takes 32: a bool and a u8 are the value as a u32. */

/** Bytes of so many elements, without what fills the last word. */
export const bytesOf = (dtype: DType, length: number): number => length * (arrayTypes[dtype] === Uint16Array ? 2 : 4);

/** What is copied is whole words. */
export const wholeWords = (bytes: number): number => Math.ceil(bytes / 4) * 4;
/** Bytes of so many elements where they are copied. */
export const copiedBytes = (dtype: DType, length: number): number => wholeWords(bytesOf(dtype, length));

/** Elements as the device has them, in whole words. */
export function toWords(data: TypedArray): Exclude<TypedArray, Uint8Array> {
  if (data instanceof Uint8Array) return Uint32Array.from(data);
  if (!(data instanceof Uint16Array) || data.length % 2 === 0) return data;
  const whole = new Uint16Array(data.length + 1);
  whole.set(data);
  return whole;
}

/** A copy of so many elements of a dtype, from what the device has, at `start` bytes. */
export function fromWords(dtype: DType, bytes: ArrayBuffer, start: number, length: number): TypedArray {
  return dtype === "bool" || dtype === "u8" ? Uint8Array.from(new Uint32Array(bytes, start, length)) : new arrayTypes[dtype](bytes, start, length).slice();
}
