/**
 * The two floats of 16 bits, as numbers and as bits: f16 is IEEE 754's binary16 (5 bits of exponent, 10 of fraction),
 * bf16 the upper half of an f32 (8 and 7). Both are what memory holds; arithmetic on them is done in f32. Numbers become
 * f32 first, and are then rounded to the nearest, of two equally near ones to the even one; what is too large becomes
 * infinite, NaN stays NaN, and subnormals are kept.
 *
 * Generated JavaScript has these very functions (codegen/js/helpers.ts), so they call nothing but each other.
 */

/** One f32, and its bits. */
const float32 = new Float32Array(1), float32Bits = new Int32Array(float32.buffer);

/** The number that 16 bits are as an f16. */
export function f16OfBits(bits: number): number {
  // exponent and fraction where an f32 has them: too small by the difference of the two biases
  float32Bits[0] = ((bits & 0x7fff) << 13) | ((bits & 0x8000) << 16);
  const x = float32[0] * 2 ** 112;
  return Math.abs(x) < 65536 ? x : (bits & 0x3ff) === 0 ? x * Infinity : NaN;
}

/** The bits of the f16 nearest to a number. */
export function bitsOfF16(x: number): number {
  float32[0] = x;
  const bits = float32Bits[0], sign = (bits >>> 16) & 0x8000, size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x477ff000) return sign | 0x7c00; // 65520: half way to what would be the next
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >> 13) & 1)) >> 13);
  // below 2^-14: the last bit of an f32 between 0.5 and 1 is that of a subnormal f16
  float32[0] = Math.abs(float32[0]) + 0.5;
  return sign | (float32Bits[0] - 0x3f000000);
}

/** The number that 16 bits are as a bf16. */
export function bf16OfBits(bits: number): number {
  float32Bits[0] = bits << 16;
  return float32[0];
}

/** The bits of the bf16 nearest to a number. */
export function bitsOfBF16(x: number): number {
  float32[0] = x;
  const bits = float32Bits[0];
  if ((bits & 0x7fffffff) > 0x7f800000) return ((bits >>> 16) & 0x8000) | 0x7fc0;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** The f16 nearest to a number. */
export function roundF16(x: number): number {
  return f16OfBits(bitsOfF16(x));
}

/** The bf16 nearest to a number. */
export function roundBF16(x: number): number {
  return bf16OfBits(bitsOfBF16(x));
}
