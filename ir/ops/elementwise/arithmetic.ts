import { floorDivide, intPow, logaddexp, pow, remainder } from "./special.ts";
import { scalarOps } from "./record.ts";

/** Arithmetic on two operands (and the integer and bit operations). */
export const arithmetic = scalarOps({
  add: {
    arity: 2, domain: "number", eval: (x, y) => x + y,
    partials: [(_, out) => out.onesLike(), (_, out) => out.onesLike()],
    js: "$0 + $1", wgsl: "$0 + $1", stablehlo: "add",
  },
  sub: {
    arity: 2, domain: "number", eval: (x, y) => x - y,
    partials: [(_, out) => out.onesLike(), (_, out) => out.onesLike().neg()],
    js: "$0 - $1", wgsl: "$0 - $1", stablehlo: "subtract",
  },
  mul: {
    arity: 2, domain: "number", eval: (x, y) => x * y, int: Math.imul,
    partials: [([, y]) => y, ([x]) => x],
    js: "$0 * $1", jsInt: "Math.imul($0, $1)", wgsl: "$0 * $1", stablehlo: "multiply",
  },
  /** On integers, truncates toward zero; division by zero gives 0. */
  div: {
    arity: 2, domain: "number", eval: (x, y) => x / y, int: (x, y) => (y === 0 ? 0 : Math.trunc(x / y)),
    partials: [([, y]) => y.reciprocal(), ([, y], out) => out.div(y).neg()],
    js: "$0 / $1", jsInt: "($1 === 0 ? 0 : Math.trunc($0 / $1))", wgsl: "$0 / $1", wgslInt: "div_$T($0, $1)", stablehlo: "divide", cost: 4,
  },
  /** Quotient rounded down, as Python's `//`. On integers, by zero gives 0. */
  floorDivide: {
    arity: 2, domain: "number", eval: floorDivide, int: (x, y) => (y === 0 ? 0 : Math.floor(x / y)),
    partials: null,
    js: "floorDivide($0, $1)", jsInt: "($1 === 0 ? 0 : Math.floor($0 / $1))", wgsl: "floorDivide_f32($0, $1)", wgslInt: "floorDivide_$T($0, $1)", stablehlo: null, cost: 8,
  },
  /** Remainder with the sign of the divisor. On integers, by zero gives 0. */
  remainder: {
    arity: 2, domain: "number", eval: remainder, int: (x, y) => (y === 0 ? 0 : remainder(x, y)),
    partials: [(_, out) => out.onesLike(), ([x, y]) => x.floorDivide(y).neg()],
    js: "remainder($0, $1)", jsInt: "($1 === 0 ? 0 : remainder($0, $1))", wgsl: "remainder_f32($0, $1)", wgslInt: "remainder_$T($0, $1)", stablehlo: null, cost: 8,
  },
  /** Remainder with the sign of the dividend (C's `fmod`). On integers, by zero gives 0. */
  fmod: {
    arity: 2, domain: "number", eval: (x, y) => x % y, int: (x, y) => (y === 0 ? 0 : x % y),
    partials: [(_, out) => out.onesLike(), ([x, y]) => x.div(y).trunc().neg()],
    js: "$0 % $1", jsInt: "($1 === 0 ? 0 : $0 % $1)", wgsl: "fmod_f32($0, $1)", wgslInt: "fmod_$T($0, $1)", stablehlo: "remainder", cost: 8,
  },
  /** The derivative to the exponent is 0 where the base is 0 and the exponent is not negative. */
  pow: {
    arity: 2, domain: "number", eval: pow, int: intPow,
    partials: [
      ([x, y]) => y.eq(0).where(0, y.mul(x.pow(y.sub(1)))),
      ([x, y], out) => x.eq(0).logicalAnd(y.ge(0)).where(0, out.mul(x.log())),
    ],
    js: "pow($0, $1)", jsInt: "intPow($0, $1)", wgsl: "pow_f32($0, $1)", wgslInt: "pow_$T($0, $1)", stablehlo: "power", cost: 20,
  },
  /** NaN where either is NaN; both then get the derivative. Equal operands share it, half each. */
  maximum: {
    arity: 2, domain: "any", eval: Math.max,
    partials: [([x, y]) => x.eq(y).where(0.5, x.lt(y).logicalNot().convert(x.dtype)), ([x, y]) => x.eq(y).where(0.5, y.lt(x).logicalNot().convert(x.dtype))],
    js: "Math.max($0, $1)", wgsl: "max_f32($0, $1)", wgslInt: "max($0, $1)", stablehlo: "maximum",
  },
  minimum: {
    arity: 2, domain: "any", eval: Math.min,
    partials: [([x, y]) => x.eq(y).where(0.5, x.gt(y).logicalNot().convert(x.dtype)), ([x, y]) => x.eq(y).where(0.5, y.gt(x).logicalNot().convert(x.dtype))],
    js: "Math.min($0, $1)", wgsl: "min_f32($0, $1)", wgslInt: "min($0, $1)", stablehlo: "minimum",
  },
  /** Angle of the point (y, x) = (first, second operand). */
  atan2: {
    arity: 2, domain: "float", eval: Math.atan2,
    partials: [([y, x]) => x.div(x.square().add(y.square())), ([y, x]) => y.neg().div(x.square().add(y.square()))],
    js: "Math.atan2($0, $1)", wgsl: "atan2_f32($0, $1)", stablehlo: "atan2", cost: 25,
  },
  /** `sqrt(x² + y²)` without overflow. */
  hypot: {
    arity: 2, domain: "float", eval: Math.hypot,
    partials: [([x], out) => out.eq(0).where(0, x.div(out)), ([, y], out) => out.eq(0).where(0, y.div(out))],
    js: "Math.hypot($0, $1)", wgsl: "hypot_f32($0, $1)", stablehlo: null, cost: 10,
  },
  logaddexp: {
    arity: 2, domain: "float", eval: logaddexp,
    partials: [([x, y]) => x.eq(y).where(0.5, x.sub(y).sigmoid()), ([x, y]) => x.eq(y).where(0.5, y.sub(x).sigmoid())],
    js: "logaddexp($0, $1)", wgsl: "logaddexp_f32($0, $1)", stablehlo: null, cost: 30,
  },
  /** Magnitude of the first, sign of the second (the sign of −0 counts). */
  copysign: {
    arity: 2, domain: "float", eval: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
    partials: [([x], out) => x.eq(0).where(0, out.sign().mul(x.sign())), null],
    js: "($1 < 0 || Object.is($1, -0) ? -Math.abs($0) : Math.abs($0))", wgsl: "copysign_f32($0, $1)", stablehlo: null, cost: 3,
  },

  bitAnd: { arity: 2, domain: "logic", eval: (x, y) => x & y, partials: null, js: "$0 & $1", wgsl: "$0 & $1", stablehlo: "and" },
  bitOr: { arity: 2, domain: "logic", eval: (x, y) => x | y, partials: null, js: "$0 | $1", wgsl: "$0 | $1", stablehlo: "or" },
  bitXor: { arity: 2, domain: "logic", eval: (x, y) => x ^ y, partials: null, js: "$0 ^ $1", wgsl: "$0 ^ $1", stablehlo: "xor" },
  bitNot: { arity: 1, domain: "integer", eval: (x) => ~x, partials: null, js: "~$0", wgsl: "~$0", stablehlo: "not" },
  /** Shifts by 32 or more, or by a negative count, give 0. */
  shiftLeft: {
    arity: 2, domain: "integer", eval: (x, y) => (y >= 0 && y < 32 ? x << y : 0), partials: null,
    js: "($1 >= 0 && $1 < 32 ? $0 << $1 : 0)", wgsl: "shiftLeft_$T($0, $1)", stablehlo: "shift_left",
  },
  /** Arithmetic on i32, logical on u32 and u8. Counts of 32 or more fill with the sign. */
  shiftRight: {
    arity: 2, domain: "integer", eval: (x, y) => (y >= 0 && y < 32 ? Math.floor(x / 2 ** y) : x < 0 ? -1 : 0), partials: null,
    js: "($1 >= 0 && $1 < 32 ? Math.floor($0 / 2 ** $1) : $0 < 0 ? -1 : 0)", wgsl: "shiftRight_$T($0, $1)", stablehlo: "shift_right_arithmetic",
  },
});
