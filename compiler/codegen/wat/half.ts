import type { Half } from "../../../ir/types/index.ts";
import type { KernelContext } from "./context.ts";

/**
 * Halves in WebAssembly, which has none: from their bits to f32 and back, one or four at a time, without a branch. The
 * numbers are those of `ir/types/half.ts`.
 */

const splat = (bits: string): string => `(v128.const i32x4 ${bits} ${bits} ${bits} ${bits})`;

/** One f32, of the sign-extended bits of a half. */
export function numberOf(cx: KernelContext, dtype: Half, bits: string): string {
  return dtype === "bf16" ? `(f32.reinterpret_i32 (i32.shl ${bits} (i32.const 16)))` : `(call $${cx.module.library("numberOfF16")} ${bits})`;
}

/** Four f32, of the sign-extended bits of halves. Written out where it is needed: a product converts as it packs. */
export function numbersOf(cx: KernelContext, dtype: Half, bits: string): string {
  if (dtype === "bf16") return `(i32x4.shl ${bits} (i32.const 16))`;
  const local = cx.out.fresh("h", "v128");
  return placed(bits, `(local.tee ${local}`, `(local.get ${local})`);
}

/**
 * Sign, exponent and fraction are put where an f32 has them. That is too small by the difference of the two biases, 2^112;
 * what then has the largest exponent of f16 is infinite or NaN, and gets that of f32.
 */
const placed = (bits: string, tee: string, get: string): string =>
  `(v128.or ${tee} (f32x4.mul (v128.and (i32x4.shl ${bits} (i32.const 13)) ${splat("0x8fffe000")}) ${splat("0x77800000")})) (v128.and (f32x4.ge (f32x4.abs ${get}) ${splat("0x47800000")}) ${splat("0x7f800000")}))`;

/** The bits of the half nearest to an f32, and of those nearest to four, each in its lane. */
export const bitsOf = (cx: KernelContext, dtype: Half, x: string): string => `(call $${cx.module.library(dtype === "f16" ? "bitsOfF16" : "bitsOfBF16")} ${x})`;
export const bitsOfFour = (cx: KernelContext, dtype: Half, x: string): string => `(call $${cx.module.library(dtype === "f16" ? "bitsOfF16x4" : "bitsOfBF16x4")} ${x})`;

/** Four halves side by side, of their bits in lanes of 32. */
export const narrowed = (bits: string): string => `(i16x8.narrow_i32x4_u ${bits} ${splat("0")})`;

/** Rounded to the nearest half, of two the even one: the bits of the exponents count on as numbers do. */
const bitsOfF16x4 = `(func $bitsOfF16x4 (param $x v128) (result v128) (local $size v128) (local $bits v128)
  (local.set $size (v128.and (local.get $x) ${splat("0x7fffffff")}))
  (local.set $bits (i32x4.shr_u (i32x4.add (i32x4.add (local.get $size) ${splat("0xc8000fff")})
    (v128.and (i32x4.shr_u (local.get $size) (i32.const 13)) ${splat("1")})) (i32.const 13)))
  ;; below 2^-14: the last bit of an f32 between 0.5 and 1 is that of a subnormal f16
  (local.set $bits (v128.bitselect (i32x4.sub (f32x4.add (local.get $size) ${splat("0x3f000000")}) ${splat("0x3f000000")})
    (local.get $bits) (i32x4.lt_s (local.get $size) ${splat("0x38800000")})))
  ;; from 65520 on infinite, and NaN
  (local.set $bits (v128.bitselect ${splat("0x7c00")} (local.get $bits) (i32x4.ge_s (local.get $size) ${splat("0x477ff000")})))
  (local.set $bits (v128.bitselect ${splat("0x7e00")} (local.get $bits) (i32x4.gt_s (local.get $size) ${splat("0x7f800000")})))
  (v128.or (local.get $bits) (v128.and (i32x4.shr_u (local.get $x) (i32.const 16)) ${splat("0x8000")})))`;

const bitsOfBF16x4 = `(func $bitsOfBF16x4 (param $x v128) (result v128) (local $high v128)
  (local.set $high (i32x4.shr_u (local.get $x) (i32.const 16)))
  (v128.bitselect
    (v128.or (v128.and (local.get $high) ${splat("0x8000")}) ${splat("0x7fc0")})
    (i32x4.shr_u (i32x4.add (i32x4.add (local.get $x) ${splat("0x7fff")}) (v128.and (local.get $high) ${splat("1")})) (i32.const 16))
    (i32x4.gt_s (v128.and (local.get $x) ${splat("0x7fffffff")}) ${splat("0x7f800000")})))`;

/** One number by what does four. */
const alone = (name: string): string => `(func $${name} (param $x f32) (result i32)\n  (i32x4.extract_lane 0 (call $${name}x4 (f32x4.splat (local.get $x)))))`;
const numberOfF16 = `(func $numberOfF16 (param $bits i32) (result f32) (local $v v128)
  (f32x4.extract_lane 0 ${placed("(i32x4.splat (local.get $bits))", "(local.tee $v", "(local.get $v)")}))`;

const roundF16x4 = `(func $roundF16x4 (param $x v128) (result v128) (local $v v128)
  ${placed("(i32x4.shr_s (i32x4.shl (call $bitsOfF16x4 (local.get $x)) (i32.const 16)) (i32.const 16))", "(local.tee $v", "(local.get $v)")})`;
const roundBF16x4 = "(func $roundBF16x4 (param $x v128) (result v128)\n  (i32x4.shl (call $bitsOfBF16x4 (local.get $x)) (i32.const 16)))";
const roundAlone = (name: string): string => `(func $${name} (param $x f32) (result f32)\n  (f32x4.extract_lane 0 (call $${name}x4 (f32x4.splat (local.get $x)))))`;

/** What of these is called: the library's functions for halves, and those that each calls. */
export const halfFunctions = {
  numberOfF16, bitsOfF16x4, bitsOfF16: alone("bitsOfF16"), bitsOfBF16x4, bitsOfBF16: alone("bitsOfBF16"),
  roundF16x4, roundF16: roundAlone("roundF16"), roundBF16x4, roundBF16: roundAlone("roundBF16"),
};
export const halfCalls = {
  bitsOfF16: ["bitsOfF16x4"], bitsOfBF16: ["bitsOfBF16x4"], roundF16x4: ["bitsOfF16x4"], roundBF16x4: ["bitsOfBF16x4"], roundF16: ["roundF16x4"], roundBF16: ["roundBF16x4"],
} as const;
