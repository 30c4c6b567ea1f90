import { arrayTypes, codecs } from "../tensor.ts";
import type { DType, TypedArray } from "../types.ts";

/** On the device, every element takes 32 bits: a bool and a u8 are the value as a u32, an f16 and a bf16 as an f32. */

/** Elements of a dtype with the bits of halves as numbers. */
export function unpacked(dtype: DType, data: TypedArray): TypedArray {
  const codec = codecs[dtype];
  return codec ? Float32Array.from(data, codec.numberOf) : data;
}

/** Elements as the device has them. */
export const toWords = (data: TypedArray): Exclude<TypedArray, Uint8Array> => (data instanceof Uint8Array ? Uint32Array.from(data) : data);

/** A copy of so many elements of a dtype, from what the device has, at `start` bytes. */
export function fromWords(dtype: DType, bytes: ArrayBuffer, start: number, length: number): TypedArray {
  const codec = codecs[dtype];
  if (codec) return Uint16Array.from(new Float32Array(bytes, start, length), codec.bitsOf);
  return dtype === "bool" || dtype === "u8" ? Uint8Array.from(new Uint32Array(bytes, start, length)) : new arrayTypes[dtype](bytes, start, length).slice();
}

export const bytesPerElement = 4;
