import { halfCalls, halfFunctions } from "./half.ts";

/**
 * Functions in WebAssembly that kernels call for what takes more than an instruction. A module has those that it
 * uses. (Transcendental functions are in `math.ts`.)
 */

/** The text of the functions named, in alphabetical order. */
export const libraryFunctions = (names: ReadonlySet<string>): string[] => [...names].sort().map((name) => indented(functions[name as LibraryName]));

export type LibraryName = keyof typeof functions;

const indented = (text: string): string => text.split("\n").map((line) => `  ${line}`).join("\n");

const pick = (name: string, instruction: string): string =>
  `(func $${name} (param $x i32) (param $y i32) (result i32)\n  (select (local.get $x) (local.get $y) (i32.${instruction} (local.get $x) (local.get $y))))`;

/** Division by zero gives 0; the one quotient that overflows wraps. WebAssembly would trap on both. */
const divide = `(func $div_i32 (param $x i32) (param $y i32) (result i32)
  (if (result i32) (i32.eqz (local.get $y)) (then (i32.const 0)) (else
    (if (result i32) (i32.eq (local.get $y) (i32.const -1)) (then (i32.sub (i32.const 0) (local.get $x))) (else
      (i32.div_s (local.get $x) (local.get $y)))))))`;
const divideUnsigned = `(func $div_u32 (param $x i32) (param $y i32) (result i32)
  (if (result i32) (i32.eqz (local.get $y)) (then (i32.const 0)) (else (i32.div_u (local.get $x) (local.get $y)))))`;

/** 1, −1, or 0 (of NaN too). */
const sign = (t: "f32" | "f64"): string => `(func $sign_${t} (param $x ${t}) (result ${t})
  (${t}.convert_i32_s (i32.sub (${t}.gt (local.get $x) (${t}.const 0)) (${t}.lt (local.get $x) (${t}.const 0)))))`;
const signs = `(func $sign_f32x4 (param $x v128) (result v128)
  (f32x4.convert_i32x4_s (i32x4.sub
    (f32x4.lt (local.get $x) (v128.const f32x4 0 0 0 0))
    (f32x4.gt (local.get $x) (v128.const f32x4 0 0 0 0)))))`;

const isNan = (t: "f32" | "f64"): string => `(func $isNan_${t} (param $x ${t}) (result i32)\n  (${t}.ne (local.get $x) (local.get $x)))`;
const isFinite = (t: "f32" | "f64"): string => `(func $isFinite_${t} (param $x ${t}) (result i32)\n  (${t}.lt (${t}.abs (local.get $x)) (${t}.const inf)))`;

/** Truncates toward zero and wraps in 32 bits; NaN and the infinities give 0. WebAssembly's own conversions saturate. */
const toInt32 = `(func $toInt32 (param $x f64) (result i32)
  (if (f64.lt (f64.abs (local.get $x)) (f64.const 2147483648)) (then (return (i32.trunc_sat_f64_s (local.get $x)))))
  (local.set $x (f64.trunc (local.get $x)))
  ;; the remainder of 2^32: all of it is exact
  (i32.wrap_i64 (i64.trunc_sat_f64_u (f64.sub (local.get $x)
    (f64.mul (f64.floor (f64.mul (local.get $x) (f64.const 0x1p-32))) (f64.const 0x1p32))))))`;
const toInt32x4 = `(func $toInt32x4 (param $x v128) (result v128)
  (if (result v128) (i32x4.all_true (f32x4.lt (f32x4.abs (local.get $x)) (v128.const f32x4 2147483648 2147483648 2147483648 2147483648)))
    (then (i32x4.trunc_sat_f32x4_s (local.get $x)))
    (else
      (i32x4.replace_lane 3 (i32x4.replace_lane 2 (i32x4.replace_lane 1 (i32x4.splat
        (call $toInt32 (f64.promote_f32 (f32x4.extract_lane 0 (local.get $x)))))
        (call $toInt32 (f64.promote_f32 (f32x4.extract_lane 1 (local.get $x)))))
        (call $toInt32 (f64.promote_f32 (f32x4.extract_lane 2 (local.get $x)))))
        (call $toInt32 (f64.promote_f32 (f32x4.extract_lane 3 (local.get $x)))))))) `.trimEnd();

/** An index that comes from data, if it lies in 0 … size−1; else the host throws an error with the note. */
const check = `(func $check (param $i i32) (param $size i32) (param $note i32) (result i32)
  (if (i32.ge_u (local.get $i) (local.get $size)) (then (call $outOfRange (local.get $i) (local.get $size) (local.get $note)) (unreachable)))
  (local.get $i))`;
/** Four of them at once. */
const checkLanes = `(func $check_x4 (param $i v128) (param $size i32) (param $note i32) (result v128)
  (if (v128.any_true (i32x4.ge_u (local.get $i) (i32x4.splat (local.get $size)))) (then
${[0, 1, 2, 3].map((q) => `    (drop (call $check (i32x4.extract_lane ${q} (local.get $i)) (local.get $size) (local.get $note)))`).join("\n")}))
  (local.get $i))`;

/** Threefry-2x32 with 20 rounds (Salmon et al., SC 2011): word 0 of counter (x0, x1) under key (k0, k1). */
function threefry(name: string, type: "i32" | "v128"): string {
  const prefix = type === "i32" ? "i32" : "i32x4", bits = type === "i32" ? "i32" : "v128";
  const get = (x: string): string => `(local.get $${x})`;
  const number = (n: number): string => (type === "i32" ? `(i32.const ${n})` : `(v128.const i32x4 ${n} ${n} ${n} ${n})`);
  const add = (a: string, b: string): string => `(${prefix}.add ${a} ${b})`, xor = (a: string, b: string): string => `(${bits}.xor ${a} ${b})`;
  const rotated = (r: number): string => (type === "i32" ? `(i32.rotl ${get("x1")} (i32.const ${r}))`
    : `(v128.or (i32x4.shl ${get("x1")} (i32.const ${r})) (i32x4.shr_u ${get("x1")} (i32.const ${32 - r})))`);
  const set = (x: string, value: string): string => `(local.set $${x} ${value})`;
  const keys = ["k0", "k1", "k2"], rotations = [[13, 15, 26, 6], [17, 29, 16, 24]];
  const lines = [set("k2", xor(xor(get("k0"), get("k1")), number(0x1bd11bda))), set("x0", add(get("x0"), get("k0"))), set("x1", add(get("x1"), get("k1")))];
  for (let group = 0; group < 5; group++) {
    for (const r of rotations[group % 2]) lines.push(set("x0", add(get("x0"), get("x1"))), set("x1", xor(rotated(r), get("x0"))));
    lines.push(set("x0", add(get("x0"), get(keys[(group + 1) % 3]))), set("x1", add(add(get("x1"), get(keys[(group + 2) % 3])), number(group + 1))));
  }
  const params = ["k0", "k1", "x0", "x1"].map((p) => `(param $${p} ${type})`).join(" ");
  return [`(func $${name} ${params} (result ${type}) (local $k2 ${type})`, ...lines.map((l) => `  ${l}`), `  ${get("x0")})`].join("\n");
}

const functions = {
  check, check_x4: checkLanes, toInt32, toInt32x4,
  max_i32: pick("max_i32", "gt_s"), min_i32: pick("min_i32", "lt_s"), max_u32: pick("max_u32", "gt_u"), min_u32: pick("min_u32", "lt_u"),
  div_i32: divide, div_u32: divideUnsigned,
  sign_f32: sign("f32"), sign_f64: sign("f64"), sign_f32x4: signs,
  isNan_f32: isNan("f32"), isNan_f64: isNan("f64"), isFinite_f32: isFinite("f32"), isFinite_f64: isFinite("f64"),
  isNan_f32x4: "(func $isNan_f32x4 (param $x v128) (result v128)\n  (f32x4.ne (local.get $x) (local.get $x)))",
  isFinite_f32x4: "(func $isFinite_f32x4 (param $x v128) (result v128)\n  (f32x4.lt (f32x4.abs (local.get $x)) (v128.const f32x4 inf inf inf inf)))",
  threefry: threefry("threefry", "i32"), threefry_x4: threefry("threefry_x4", "v128"),
  ...halfFunctions,
};

/** Functions of the library that one of it calls. */
export const calledBy: Partial<Record<LibraryName, readonly LibraryName[]>> = { check_x4: ["check"], toInt32x4: ["toInt32"], ...halfCalls };
