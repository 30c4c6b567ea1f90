/**
 * Elementary functions in WebAssembly text: four lanes of f32 in, four out, within 4 ulp of the true value over the
 * whole range; NaN, infinities, −0 and subnormal numbers come out right.
 *
 * Sources: the polynomials of exp, log, tanh, sin and cos are those of S. Moshier's Cephes library (single
 * precision); erf is N. Juffa's minimax approximation. Angles are reduced in double precision.
 */

type Text = string;

const f = (v: number): Text => {
  const text = v === Infinity ? "inf" : v === -Infinity ? "-inf" : Number.isNaN(v) ? "nan" : String(v);
  return `(v128.const f32x4 ${text} ${text} ${text} ${text})`;
};
const i = (v: number): Text => `(v128.const i32x4 ${v} ${v} ${v} ${v})`;
const d = (v: number): Text => `(v128.const f64x2 ${v} ${v})`;
const get = (name: string): Text => `(local.get $${name})`;
const set = (name: string, value: Text): Text => `(local.set $${name} ${value})`;
const op = (instruction: string, ...operands: Text[]): Text => `(${instruction} ${operands.join(" ")})`;
const add = (a: Text, b: Text): Text => op("f32x4.add", a, b);
const sub = (a: Text, b: Text): Text => op("f32x4.sub", a, b);
const mul = (a: Text, b: Text): Text => op("f32x4.mul", a, b);
const div = (a: Text, b: Text): Text => op("f32x4.div", a, b);
const neg = (a: Text): Text => op("f32x4.neg", a);
const abs = (a: Text): Text => op("f32x4.abs", a);
const choose = (mask: Text, a: Text, b: Text): Text => op("v128.bitselect", a, b, mask);
const call = (name: string, x: Text): Text => `(call $${name} ${x})`;
const x = get("x");
const copySign = (magnitude: Text, sign: Text): Text => op("v128.bitselect", magnitude, sign, i(0x7fffffff));

/** `c₀ + v·(c₁ + v·(c₂ + …))`. */
const polynomial = (v: string, ...coefficients: number[]): Text =>
  coefficients.slice(0, -1).reduceRight((rest, c) => add(f(c), mul(get(v), rest)), f(coefficients.at(-1)!));

/** 2 to the power of whole numbers from −126 to 127. */
const powerOfTwo = (k: Text): Text => op("i32x4.shl", op("i32x4.add", k, i(127)), "(i32.const 23)");

interface MathFunction {
  readonly locals?: readonly string[];
  /** Other functions that it calls. */
  readonly calls?: readonly string[];
  readonly body: readonly Text[];
}

/** ln 2 in two parts, the first short enough that its products with whole numbers are exact. */
const ln2Hi = 0.693145751953125, ln2Lo = 1.428606765330187e-6;
/** The rest of exp's series after 1 + r, divided by r². */
const expTail: Text = polynomial("r", 0.50000001201, 0.16666665459, 0.041665795894, 0.0083334519073, 0.0013981999507, 0.000198756915);

/** π/2 in two parts likewise, in double precision, for multiples of 20 bits. */
const halfPiHi = 1.5707963267341256, halfPiLo = 6.077100506506192e-11;
/** Angles from here on, which hardly occur, go to JavaScript, lane by lane. */
const largestReduced = 524288;

/** sin or cos: the angle less the nearest multiple j of π/2, and by j's last two bits which series, with which sign. */
function ofAngle(name: "sin" | "cos"): MathFunction {
  const reduce = (part: Text, to: string, count: string): Text[] => [
    set("w", part),
    set(count, op("f64x2.nearest", op("f64x2.mul", get("w"), d(2 / Math.PI)))),
    set(to, op("f64x2.sub", op("f64x2.sub", get("w"), op("f64x2.mul", get(count), d(halfPiHi))), op("f64x2.mul", get(count), d(halfPiLo)))),
  ];
  const join = (low: Text, high: Text): Text => op("i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23", low, high);
  const lane = (q: number): Text => `(f32.demote_f64 (call $${name}_f64 (f64.promote_f32 (f32x4.extract_lane ${q} ${x}))))`;
  return {
    locals: ["w", "lo", "hi", "jl", "jh", "y", "j", "z", "s", "c"],
    body: [
      `(if (v128.any_true ${op("f32x4.ge", abs(x), f(largestReduced))}) (then (return ${[0, 1, 2, 3].reduce((v, q) => `(f32x4.replace_lane ${q} ${v} ${lane(q)})`, x)})))`,
      ...reduce(op("f64x2.promote_low_f32x4", x), "lo", "jl"),
      ...reduce(op("f64x2.promote_low_f32x4", op("i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7", x, x)), "hi", "jh"),
      set("y", join(op("f32x4.demote_f64x2_zero", get("lo")), op("f32x4.demote_f64x2_zero", get("hi")))),
      set("j", join(op("i32x4.trunc_sat_f64x2_s_zero", get("jl")), op("i32x4.trunc_sat_f64x2_s_zero", get("jh")))),
      ...(name === "cos" ? [set("j", op("i32x4.add", get("j"), i(1)))] : []),
      set("z", mul(get("y"), get("y"))),
      set("s", add(get("y"), mul(mul(get("y"), get("z")), polynomial("z", -0.16666654611, 0.0083321608736, -0.00019515295891)))),
      set("c", add(sub(f(1), mul(f(0.5), get("z"))), mul(mul(get("z"), get("z")), polynomial("z", 0.04166664568298827, -0.001388731625493765, 0.00002443315711809948)))),
      set("y", choose(op("i32x4.eq", op("v128.and", get("j"), i(1)), i(0)), get("s"), get("c"))),
      set("y", op("v128.xor", get("y"), op("i32x4.shl", op("v128.and", get("j"), i(2)), "(i32.const 30)"))),
      name === "sin" ? choose(op("f32x4.eq", x, f(0)), x, get("y")) : get("y"), // sin(−0) is −0
    ],
  };
}

const functions: Readonly<Record<string, MathFunction>> = {
  exp: {
    locals: ["k", "r", "n"],
    body: [
      set("r", op("f32x4.min", op("f32x4.max", x, f(-104)), f(89))), // beyond these it is 0 and infinity
      set("k", op("f32x4.nearest", mul(get("r"), f(Math.LOG2E)))),
      set("n", op("i32x4.trunc_sat_f32x4_s", get("k"))),
      set("r", sub(sub(get("r"), mul(get("k"), f(ln2Hi))), mul(get("k"), f(ln2Lo)))),
      set("r", add(add(mul(mul(get("r"), get("r")), expTail), get("r")), f(1))),
      // in two steps: 2^k alone may be out of range, or the result subnormal
      set("k", op("i32x4.shr_s", get("n"), "(i32.const 1)")),
      mul(mul(get("r"), powerOfTwo(get("k"))), powerOfTwo(op("i32x4.sub", get("n"), get("k")))),
    ],
  },
  expm1: {
    locals: ["k", "r", "p"], calls: ["exp"],
    body: [
      set("k", op("f32x4.nearest", mul(op("f32x4.max", op("f32x4.min", x, f(60)), f(-40)), f(Math.LOG2E)))),
      set("r", sub(sub(op("f32x4.max", x, f(-40)), mul(get("k"), f(ln2Hi))), mul(get("k"), f(ln2Lo)))),
      set("p", add(mul(mul(get("r"), get("r")), expTail), get("r"))),
      set("k", powerOfTwo(op("i32x4.trunc_sat_f32x4_s", get("k")))),
      set("p", add(mul(get("k"), get("p")), sub(get("k"), f(1)))),
      set("p", choose(op("f32x4.gt", x, f(60)), call("exp", x), get("p"))),
      choose(op("f32x4.eq", x, f(0)), x, get("p")), // expm1(−0) is −0
    ],
  },
  log: {
    locals: ["m", "e", "z", "y"],
    body: [
      // subnormal numbers are scaled up first
      set("y", op("f32x4.lt", x, f(1.1754943508222875e-38))),
      set("m", choose(get("y"), mul(x, f(8388608)), x)),
      set("e", op("i32x4.sub", op("i32x4.shr_u", get("m"), "(i32.const 23)"), choose(get("y"), i(126 + 23), i(126)))),
      set("m", op("v128.or", op("v128.and", get("m"), i(0x007fffff)), i(0x3f000000))), // 0.5 … 1
      set("y", op("f32x4.lt", get("m"), f(Math.SQRT1_2))),
      set("e", op("f32x4.convert_i32x4_s", op("i32x4.add", get("e"), get("y")))), // the mask is −1
      set("z", sub(add(get("m"), op("v128.and", get("y"), get("m"))), f(1))),
      set("m", mul(get("z"), get("z"))),
      set("y", mul(mul(get("m"), get("z")), polynomial("z", 0.33333331174, -0.24999993993, 0.20000714765, -0.16668057665, 0.14249322787, -0.12420140846, 0.1167699874, -0.1151461031, 0.070376836292))),
      set("y", add(get("y"), mul(get("e"), f(-2.1219444e-4)))),
      set("y", sub(get("y"), mul(f(0.5), get("m")))),
      set("y", add(add(get("z"), get("y")), mul(get("e"), f(0.693359375)))),
      set("y", choose(op("f32x4.eq", x, f(Infinity)), x, get("y"))),
      set("y", choose(op("f32x4.ge", x, f(0)), get("y"), f(NaN))), // negative and NaN
      choose(op("f32x4.eq", x, f(0)), f(-Infinity), get("y")),
    ],
  },
  log2: { calls: ["log"], body: [mul(call("log", x), f(Math.LOG2E))] },
  log10: { calls: ["log"], body: [mul(call("log", x), f(Math.LOG10E))] },
  log1p: {
    locals: ["u"], calls: ["log"],
    body: [
      // log(u)·x/(u−1) with u = 1+x rounded: the rounding cancels (Goldberg 1991, theorem 4)
      set("u", add(x, f(1))),
      choose(op("v128.or", op("f32x4.eq", get("u"), f(1)), op("f32x4.eq", x, f(Infinity))), x, mul(call("log", get("u")), div(x, sub(get("u"), f(1))))),
    ],
  },
  tanh: {
    locals: ["z"], calls: ["exp"],
    body: [
      set("z", mul(x, x)),
      copySign(choose(op("f32x4.lt", abs(x), f(0.625)),
        add(mul(mul(polynomial("z", -0.333332819422, 0.133314422036, -0.0537397155531, 0.0206390887954, -0.00570498872745), get("z")), x), x),
        sub(f(1), div(f(2), add(call("exp", mul(f(2), abs(x))), f(1))))), x),
    ],
  },
  sigmoid: {
    locals: ["e"], calls: ["exp"],
    body: [
      set("e", call("exp", neg(abs(x)))),
      div(choose(op("f32x4.ge", x, f(0)), f(1), get("e")), add(f(1), get("e"))),
    ],
  },
  softplus: { calls: ["exp", "log1p"], body: [add(op("f32x4.max", x, f(0)), call("log1p", call("exp", neg(abs(x)))))] },
  erf: {
    locals: ["t", "s", "r"], calls: ["exp"],
    body: [
      set("t", abs(x)),
      set("s", mul(x, x)),
      set("r", add(mul(add(mul(f(-1.7285347e-5), get("t")), f(3.83197126e-4)), get("s")), add(mul(f(-3.88396438e-3), get("t")), f(2.42546219e-2)))),
      set("r", add(mul(get("r"), get("t")), f(-1.06777877e-1))),
      set("r", add(mul(get("r"), get("t")), f(-6.34846687e-1))),
      set("r", add(mul(get("r"), get("t")), f(-1.28717512e-1))),
      set("r", sub(mul(get("r"), get("t")), get("t"))),
      choose(op("f32x4.gt", get("t"), f(0.921875)),
        copySign(sub(f(1), call("exp", get("r"))), x),
        add(mul(polynomial("s", 1.28379166e-1, -3.76125336e-1, 1.12819925e-1, -2.67681349e-2, 4.99119423e-3, -5.96761703e-4), x), x)),
    ],
  },
  sin: ofAngle("sin"),
  cos: ofAngle("cos"),
};

/** The vector function of a scalar op on f32, if it has one here. */
export const mathFunction = (op: string): string | undefined => (Object.hasOwn(functions, op) ? op : undefined);

/** The op whose JavaScript, on f64, a vector function falls back to; its import must be there. */
export const mathFallback = (name: string): "sin" | "cos" | undefined => (name === "sin" || name === "cos" ? name : undefined);

/** The text of the functions named, and of those they call, each once. */
export function mathFunctions(names: Iterable<string>): string[] {
  const done = new Map<string, string>();
  const visit = (name: string): void => {
    if (done.has(name)) return;
    const { locals = [], calls = [], body } = functions[name];
    calls.forEach(visit);
    done.set(name, [
      `  (func $${name} (param $x v128) (result v128)${locals.map((l) => ` (local $${l} v128)`).join("")}`,
      ...body.map((line) => `    ${line}`),
      "  )",
    ].join("\n"));
  };
  for (const n of names) visit(n);
  return [...done.values()];
}
