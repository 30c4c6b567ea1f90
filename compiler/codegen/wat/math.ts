/**
 * Elementary functions in WebAssembly text: four lanes of f32 in, four out, within 4 ulp of the true value over the
 * whole range; NaN, infinities, −0 and subnormal numbers come out right.
 *
 * Sources: the polynomials of log, sin and cos are those of S. Moshier's Cephes library (single precision); those of
 * exp, expm1 and erf are minimax fits (Lawson's iteration, weighted by the relative error of the result). Angles are
 * reduced in double precision.
 */

import type { Expr } from "../../loops/ir.ts";
import { multiplyAdd } from "./fused.ts";

type Text = string;
/** Names a value that is used more than once; gives the text that reads it. */
export type Bind = (value: Text) => Text;
/** Writes a function of `x`, which is a name already: what it binds, in order, and its result. */
export type MathFunction = (x: Text, bind: Bind) => Text;

const f = (v: number): Text => {
  const text = v === Infinity ? "inf" : v === -Infinity ? "-inf" : Number.isNaN(v) ? "nan" : String(v);
  return `(v128.const f32x4 ${text} ${text} ${text} ${text})`;
};
const i = (v: number): Text => `(v128.const i32x4 ${v} ${v} ${v} ${v})`;
const d = (v: number): Text => `(v128.const f64x2 ${v} ${v})`;
const op = (instruction: string, ...operands: Text[]): Text => `(${instruction} ${operands.join(" ")})`;
const add = (a: Text, b: Text): Text => op("f32x4.add", a, b);
const sub = (a: Text, b: Text): Text => op("f32x4.sub", a, b);
const mul = (a: Text, b: Text): Text => op("f32x4.mul", a, b);
const div = (a: Text, b: Text): Text => op("f32x4.div", a, b);
const neg = (a: Text): Text => op("f32x4.neg", a);
const abs = (a: Text): Text => op("f32x4.abs", a);
const addInt = (a: Text, b: Text): Text => op("i32x4.add", a, b);
const subInt = (a: Text, b: Text): Text => op("i32x4.sub", a, b);
const shiftLeft = (a: Text, bits: number): Text => op("i32x4.shl", a, `(i32.const ${bits})`);
const choose = (mask: Text, a: Text, b: Text): Text => op("v128.bitselect", a, b, mask);
/** `x` kept to a range. One instruction each, which NaN passes: `x` must come first. */
const atMost = (x: Text, most: number): Text => op("f32x4.pmin", x, f(most));
const atLeast = (x: Text, least: number): Text => op("f32x4.pmax", x, f(least));

/** `c₀ + v·(c₁ + v·(c₂ + …))`. */
const polynomial = (v: Text, ...coefficients: number[]): Text =>
  coefficients.slice(0, -1).reduceRight((rest, c) => multiplyAdd(v, rest, f(c)), f(coefficients.at(-1)!));

/** ln 2 in two parts, the first short enough that its products with whole numbers are exact. */
const ln2Hi = 0.693145751953125, ln2Lo = 1.428606765330187e-6;

/**
 * `x = k·ln 2 + r` with a whole k: adding 1.5·2²³ rounds to one, and leaves it in the low bits. To those `bias` is
 * added, so that shifting them up makes a power of two.
 */
function reduceByLn2(x: Text, bind: Bind, bias: number): { readonly bits: Text; readonly r: Text } {
  const shift = 1.5 * 2 ** 23 + bias;
  const bits = bind(multiplyAdd(x, f(Math.LOG2E), f(shift)));
  const k = bind(sub(bits, f(shift)));
  return { bits, r: bind(multiplyAdd(k, f(-ln2Lo), multiplyAdd(k, f(-ln2Hi), x))) };
}

/** The series of eʳ for |r| ≤ ln(2)/2. */
const expSeries = (r: Text): Text => polynomial(r, 1, 1, 0.499992311, 0.16667116, 0.04189033, 0.0083125);

/** No smaller result than e^−104 is more than 0. */
const leastExponent = -104;

/** 2^k is put on in two halves: alone it may be out of range, or the result subnormal. */
function exp(x: Text, bind: Bind): Text {
  const { bits, r } = reduceByLn2(bind(atLeast(atMost(x, 89), leastExponent)), bind, 2 * 127);
  const half = bind(shiftLeft(op("i32x4.shr_u", bits, "(i32.const 1)"), 23));
  return mul(mul(expSeries(r), half), subInt(shiftLeft(bits, 23), half));
}

/** The same, to the bit, of what is not above 0: with 2^64 put on too no power of two is out of range, and the last product rounds. */
function expOfNotPositive(x: Text, bind: Bind): Text {
  const { bits, r } = reduceByLn2(bind(atLeast(x, leastExponent)), bind, 127 + 64);
  return mul(mul(expSeries(r), shiftLeft(bits, 23)), f(2 ** -64));
}

/** The rest of eʳ's series after 1, for |r| ≤ ln(2)/2: accurate to r itself. */
const expTail = (r: Text): Text => multiplyAdd(mul(r, r), polynomial(r, 0.49999997, 0.16666543, 0.0416672, 0.008366548, 0.0013882517), r);

/** 2^k·(eʳ−1) + (2^k−1), over 2^j with j about k/2 and then times that: so no power of two is out of range, and nothing rounds twice. */
function expm1(x: Text, bind: Bind): Text {
  const { bits, r } = reduceByLn2(bind(atLeast(atMost(x, 89), -40)), bind, 2 * 127);
  const half = bind(shiftLeft(op("i32x4.shr_u", bits, "(i32.const 1)"), 23)), rest = bind(subInt(shiftLeft(bits, 23), half));
  const inverse = subInt(i(254 << 23), rest);
  const value = mul(multiplyAdd(half, expTail(r), sub(half, inverse)), rest);
  return choose(op("f32x4.eq", x, f(0)), x, value); // expm1(−0) is −0
}

/** `1 − eᵛ` for v from −80 to 0, as accurate near 0 as v. Where `k·ln 2` rounds, eᵛ is too small for that to count. */
function complementOfExp(v: Text, bind: Bind): Text {
  const shift = 1.5 * 2 ** 23 + 127;
  const bits = bind(multiplyAdd(v, f(Math.LOG2E), f(shift))), k = bind(sub(bits, f(shift)));
  const r = bind(multiplyAdd(k, f(-Math.LN2), v)), power = bind(shiftLeft(bits, 23));
  return sub(sub(f(1), power), mul(power, expTail(r)));
}

/** A number that is not negative, with the sign of `x`. */
const withSignOf = (x: Text, magnitude: Text): Text => op("v128.or", magnitude, op("v128.and", x, i(0x80000000)));

/** With n = 1 − e^(−2|x|), which loses nothing near 0, it is n/(2−n). */
function tanh(x: Text, bind: Bind): Text {
  const n = bind(complementOfExp(bind(mul(atMost(abs(x), 20), f(-2))), bind));
  return withSignOf(x, div(n, sub(f(2), n)));
}

/** eˣ/(1+eˣ), which is 1 from 17 on; both times 2^30, so that no power of two in it is subnormal. */
function sigmoid(x: Text, bind: Bind): Text {
  const { bits, r } = reduceByLn2(bind(atLeast(atMost(x, 30), leastExponent)), bind, 127 + 30);
  const e = bind(mul(expSeries(r), shiftLeft(bits, 23)));
  return div(e, add(f(2 ** 30), e));
}

/** 1 − e^(−g) with g = −log(1 − erf |x|), a smooth function: a minimax fit on 0 … 4, where erf becomes 1. */
function erf(x: Text, bind: Bind): Text {
  const t = bind(atMost(abs(x), 4));
  const g = mul(t, polynomial(t, -1.1283792, -0.6366165, -0.102814384, 0.01932164, -0.00020561182, -0.0012518194, 0.0003810256, -4.071124e-5));
  return withSignOf(x, complementOfExp(bind(g), bind));
}

function log(x: Text, bind: Bind): Text {
  const isSmall = bind(op("f32x4.lt", x, f(1.1754943508222875e-38))); // subnormal numbers are scaled up first
  const scaled = bind(choose(isSmall, mul(x, f(8388608)), x));
  const fraction = bind(op("v128.or", op("v128.and", scaled, i(0x007fffff)), i(0x3f000000))); // 0.5 … 1
  const isLow = bind(op("f32x4.lt", fraction, f(Math.SQRT1_2)));
  const exponent = subInt(op("i32x4.shr_u", scaled, "(i32.const 23)"), choose(isSmall, i(126 + 23), i(126)));
  const e = bind(op("f32x4.convert_i32x4_s", addInt(exponent, isLow))); // the mask is −1
  const z = bind(sub(add(fraction, op("v128.and", isLow, fraction)), f(1)));
  const zz = bind(mul(z, z));
  const series = mul(mul(zz, z), polynomial(z, 0.33333331174, -0.24999993993, 0.20000714765, -0.16668057665, 0.14249322787, -0.12420140846, 0.1167699874, -0.1151461031, 0.070376836292));
  const tail = multiplyAdd(zz, f(-0.5), multiplyAdd(e, f(-2.1219444e-4), series));
  const y = multiplyAdd(e, f(0.693359375), add(z, tail));
  const positive = choose(op("f32x4.eq", x, f(Infinity)), x, y);
  return choose(op("f32x4.eq", x, f(0)), f(-Infinity), choose(op("f32x4.ge", x, f(0)), positive, f(NaN))); // NaN: negative, and NaN itself
}

/** log(u)·x/(u−1) with u = 1+x rounded: the rounding cancels (Goldberg 1991, theorem 4). */
function log1p(x: Text, bind: Bind): Text {
  const u = bind(add(x, f(1)));
  const isItself = op("v128.or", op("f32x4.eq", u, f(1)), op("f32x4.eq", x, f(Infinity)));
  return choose(isItself, x, mul(log(u, bind), div(x, sub(u, f(1)))));
}

/** π/2 in two parts as ln 2 is, in double precision, for multiples of 20 bits. */
const halfPiHi = 1.5707963267341256, halfPiLo = 6.077100506506192e-11;
/** Angles from here on, which hardly occur, go to JavaScript, lane by lane. */
const largestReduced = 524288;

/** sin or cos: the angle less the nearest multiple j of π/2, and by j's last two bits which series, with which sign. */
const ofAngle = (name: "sin" | "cos"): MathFunction => (x, bind) => {
  const reduce = (part: Text): { readonly angle: Text; readonly multiple: Text } => {
    const wide = bind(op("f64x2.promote_low_f32x4", part));
    const multiple = bind(op("f64x2.nearest", op("f64x2.mul", wide, d(2 / Math.PI))));
    return { multiple, angle: op("f64x2.sub", op("f64x2.sub", wide, op("f64x2.mul", multiple, d(halfPiHi))), op("f64x2.mul", multiple, d(halfPiLo))) };
  };
  const join = (low: Text, high: Text): Text => op("i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23", low, high);
  const low = reduce(x), high = reduce(op("i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7", x, x));
  const y = bind(join(op("f32x4.demote_f64x2_zero", low.angle), op("f32x4.demote_f64x2_zero", high.angle)));
  const multiple = join(op("i32x4.trunc_sat_f64x2_s_zero", low.multiple), op("i32x4.trunc_sat_f64x2_s_zero", high.multiple));
  const j = bind(name === "cos" ? addInt(multiple, i(1)) : multiple);
  const z = bind(mul(y, y));
  const sine = add(y, mul(mul(y, z), polynomial(z, -0.16666654611, 0.0083321608736, -0.00019515295891)));
  const cosine = add(sub(f(1), mul(f(0.5), z)), mul(mul(z, z), polynomial(z, 0.04166664568298827, -0.001388731625493765, 0.00002443315711809948)));
  const value = choose(op("i32x4.eq", op("v128.and", j, i(1)), i(0)), sine, cosine);
  const signed = op("v128.xor", value, shiftLeft(op("v128.and", j, i(2)), 30));
  const near = bind(name === "sin" ? choose(op("f32x4.eq", x, f(0)), x, signed) : signed); // sin(−0) is −0
  const far = (q: number): Text => `(f32.demote_f64 (call $${name}_f64 (f64.promote_f32 (f32x4.extract_lane ${q} ${x}))))`;
  return `(if (result v128) (v128.any_true ${op("f32x4.ge", abs(x), f(largestReduced))}) (then ${[0, 1, 2, 3].reduce((v, q) => `(f32x4.replace_lane ${q} ${v} ${far(q)})`, x)}) (else ${near}))`;
};

const functions: Readonly<Record<string, MathFunction>> = {
  exp, expOfNotPositive, expm1, log, log1p, tanh, sigmoid, erf,
  log2: (x, bind) => mul(log(x, bind), f(Math.LOG2E)),
  log10: (x, bind) => mul(log(x, bind), f(Math.LOG10E)),
  softplus: (x, bind) => add(op("f32x4.max", x, f(0)), log1p(bind(expOfNotPositive(bind(neg(abs(x))), bind)), bind)),
  sin: ofAngle("sin"),
  cos: ofAngle("cos"),
};

/** Short and often in the innermost loop: there a call, with all registers saved around it, costs as much again. */
const short: ReadonlySet<string> = new Set(["exp", "expOfNotPositive", "tanh", "sigmoid", "erf", "log", "expm1", "log1p", "softplus"]);

/** The vector function of a scalar op on f32, if it has one here. */
export const mathFunction = ({ op, isOfNotPositive }: Extract<Expr, { kind: "scalar" }>): string | undefined =>
  (Object.hasOwn(functions, op) ? `${op}${isOfNotPositive ? "OfNotPositive" : ""}` : undefined);

/** The op whose JavaScript, on f64, a vector function falls back to; its import must be there. */
export const mathFallback = (name: string): "sin" | "cos" | undefined => (name === "sin" || name === "cos" ? name : undefined);

/** The body of a function where it is used, for one that is short enough; its bits are those of the function. */
export const inlineMath = (name: string, x: Text, bind: Bind): Text | undefined => (short.has(name) ? functions[name](bind(x), bind) : undefined);

/** A function of one vector, of what writes its body. */
export function vectorFunction(name: string, write: MathFunction): string {
  const locals: string[] = [], lines: Text[] = [];
  const bind: Bind = (value) => {
    const local = `$t${locals.length}`;
    locals.push(local);
    lines.push(`(local.set ${local} ${value})`);
    return `(local.get ${local})`;
  };
  lines.push(write("(local.get $x)", bind));
  return [
    `(func $${name} (param $x v128) (result v128)${locals.map((l) => ` (local ${l} v128)`).join("")}`,
    ...lines.map((line) => `  ${line}`),
    ")",
  ].join("\n");
}

/** The text of the functions named. */
export const mathFunctions = (names: Iterable<string>): string[] => [...names].map((name) => vectorFunction(name, functions[name]).replace(/^/gm, "  "));
