import type { Half } from "../../../ir/types/index.ts";
import type { KernelContext } from "./context.ts";
import { vectorFunction, type MathFunction } from "./math.ts";

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

/** The bits of the half nearest to an f32, and of those nearest to four, each in its lane: four are converted where they are stored. */
export const bitsOf = (cx: KernelContext, dtype: Half, x: string): string => `(call $${cx.module.library(dtype === "f16" ? "bitsOfF16" : "bitsOfBF16")} ${x})`;
export const bitsOfFour = (cx: KernelContext, dtype: Half, x: string): string => (dtype === "f16" ? bitsOfF16 : bitsOfBF16)(cx.out.bind(x), cx.out.bind);

/** Four halves side by side, of their bits in lanes of 32. */
export const narrowed = (bits: string): string => `(i16x8.narrow_i32x4_u ${bits} ${splat("0")})`;

/**
 * Rounded to the nearest half, of two the even one: by adding the power of two whose last bit in an f32 is the half's
 * (at least that of 2^-14, for subnormal halves), after what is too large has become infinite (M. Dukhan's FP16 library).
 */
const bitsOfF16: MathFunction = (x, bind) => {
  const scaled = `(f32x4.mul (f32x4.mul (f32x4.abs ${x}) ${splat("0x77800000")}) ${splat("0x08800000")})`;
  const exponent = `(i32x4.max_u (v128.and (i32x4.shl ${x} (i32.const 1)) ${splat("0xff000000")}) ${splat("0x71000000")})`;
  const rounded = bind(`(f32x4.add (i32x4.add (i32x4.shr_u ${exponent} (i32.const 1)) ${splat("0x07800000")}) ${scaled})`);
  const size = `(i32x4.add (v128.and (i32x4.shr_u ${rounded} (i32.const 13)) ${splat("0x7c00")}) (v128.and ${rounded} ${splat("0x0fff")}))`;
  return `(v128.or (v128.bitselect ${splat("0x7e00")} ${size} (f32x4.ne ${x} ${x})) (v128.and (i32x4.shr_u ${x} (i32.const 16)) ${splat("0x8000")}))`;
};

const bitsOfBF16: MathFunction = (x, bind) => {
  const high = bind(`(i32x4.shr_u ${x} (i32.const 16))`);
  const rounded = `(i32x4.shr_u (i32x4.add (i32x4.add ${x} ${splat("0x7fff")}) (v128.and ${high} ${splat("1")})) (i32.const 16))`;
  return `(v128.bitselect (v128.or (v128.and ${high} ${splat("0x8000")}) ${splat("0x7fc0")}) ${rounded} (f32x4.ne ${x} ${x}))`;
};

const bitsOfF16x4 = vectorFunction("bitsOfF16x4", bitsOfF16), bitsOfBF16x4 = vectorFunction("bitsOfBF16x4", bitsOfBF16);

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
