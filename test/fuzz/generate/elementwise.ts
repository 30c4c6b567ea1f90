import type { Value } from "../../../ir/graph/index.ts";
import { scalarRow, type ScalarName } from "../../../ir/ops/index.ts";
import { isFloat, isHalf } from "../../../ir/types/index.ts";
import { wrapped, type Builder } from "./builder.ts";
import { fact, isExact, magnitude, mergeGrains, product, union, type Fact } from "./fact.ts";

/** A continuous function of one float: where it is tame, and its bounds there unless it is monotone. */
interface Curve {
  readonly domain: readonly [number, number];
  readonly range?: (f: Fact) => readonly [number, number];
  /** Has a kink: left out where derivatives are taken. */
  readonly kink?: true;
}

const unit = (): readonly [number, number] => [-1, 1];
const wide = [-8, 8] as const, positive = [0.25, 8] as const, inside = [-0.75, 0.75] as const, small = [-2, 2] as const;
const curves: Partial<Record<ScalarName, Curve>> = {
  neg: { domain: wide }, exp: { domain: small }, exp2: { domain: small }, expm1: { domain: small },
  log: { domain: positive }, log2: { domain: positive }, log10: { domain: positive }, log1p: { domain: [-0.5, 8] },
  sqrt: { domain: positive }, rsqrt: { domain: positive }, reciprocal: { domain: positive },
  sin: { domain: wide, range: unit }, cos: { domain: wide, range: unit }, tan: { domain: [-1, 1] },
  asin: { domain: inside }, acos: { domain: inside }, atan: { domain: wide },
  sinh: { domain: small }, cosh: { domain: small, range: (f) => [1, Math.cosh(magnitude(f))] }, tanh: { domain: wide },
  asinh: { domain: wide }, acosh: { domain: [1.25, 8] }, atanh: { domain: inside },
  erf: { domain: wide }, erfc: { domain: wide }, erfinv: { domain: inside }, sigmoid: { domain: wide }, softplus: { domain: wide },
  abs: { domain: wide, range: (f) => [f.lo > 0 ? f.lo : f.hi < 0 ? -f.hi : 0, magnitude(f)], kink: true },
};
const curveNames = Object.keys(curves) as ScalarName[];
/** Of these, the ones whose result is exact where the operand is. */
const keepsGrain = new Set<ScalarName>(["neg", "abs"]);

export function curve(b: Builder, s: Value): Value {
  const name = b.random.pick(curveNames.filter((n) => !(b.smooth && curves[n]!.kink)));
  const { domain, range } = curves[name]!;
  const x = b.into(s, ...domain), f = b.factOf(x);
  const { eval: at } = scalarRow(name);
  const [lo, hi] = range ? range(f) : [at(f.lo), at(f.hi)].sort((p, q) => p - q);
  return b.emit(name, [x], {}, fact(lo, hi, keepsGrain.has(name) ? f.grain : undefined));
}

/** A continuous function of two floats. */
export function surface(b: Builder, s: Value): Value {
  const name = b.random.pick(["add", "sub", "mul", "mul", "div", "pow", "atan2", "hypot", "logaddexp", ...(b.smooth ? [] : ["maximum", "minimum"] as const)] as const);
  const [x, y] = b.random.chance(0.5) ? [s, b.like(s)] : [b.like(s), s];
  const fx = b.factOf(x), fy = b.factOf(y), grain = mergeGrains([fx.grain, fy.grain]);
  switch (name) {
    case "add": return b.emit(name, [x, y], {}, fact(fx.lo + fy.lo, fx.hi + fy.hi, grain));
    case "sub": return b.emit(name, [x, y], {}, fact(fx.lo - fy.hi, fx.hi - fy.lo, grain));
    case "mul": return b.emit(name, [x, y], {}, product(fx, fy));
    case "maximum": return b.emit(name, [x, y], {}, fact(Math.max(fx.lo, fy.lo), Math.max(fx.hi, fy.hi), grain));
    case "minimum": return b.emit(name, [x, y], {}, fact(Math.min(fx.lo, fy.lo), Math.min(fx.hi, fy.hi), grain));
    case "div": return b.emit(name, [x, b.into(y, 0.5, 4)], {}, product(fact(fx.lo, fx.hi), fact(0.25, 2)));
    case "pow": return b.emit(name, [b.into(x, 0.5, 3), b.into(y, -2, 2)], {}, fact(0, 9));
    case "atan2": return b.emit(name, [b.into(x, -8, 8), b.into(y, 0.5, 4)], {}, fact(-2, 2));
    case "hypot": return b.emit(name, [b.into(x, 0.5, 4), b.into(y, -4, 4)], {}, fact(0.5, 6));
    case "logaddexp": return b.emit(name, [x, y], {}, fact(Math.max(fx.lo, fy.lo), Math.max(fx.hi, fy.hi) + Math.LN2));
  }
}

/** A function that jumps, of an exact float. */
export function jump(b: Builder, s: Value): Value {
  const name = b.random.pick(["sign", "floor", "ceil", "round", "trunc", "remainder", "fmod", "floorDivide", "copysign", ...(isHalf(s.type.dtype) ? [] : ["roundF16", "roundBF16"] as const)] as const);
  const f = b.factOf(s), m = Math.ceil(magnitude(f));
  switch (name) {
    case "sign": return b.emit(name, [s], {}, fact(-1, 1, 0));
    case "roundF16": case "roundBF16": return b.emit(name, [s], {}, fact(f.lo - m / 256, f.hi + m / 256)); // of 8 bits at least
    case "floor": case "ceil": case "round": case "trunc": return b.emit(name, [s], {}, fact(Math.floor(f.lo), Math.ceil(f.hi), 0));
    case "copysign": {
      const sign = b.emit("add", [b.into(b.like(s, true), -4, 4), b.constant(s.type.dtype, s.type.shape, 2 ** -12)], {}, fact(-4, 5)); // not ±0
      return b.emit(name, [s, sign], {}, fact(-m, m, f.grain));
    }
    default: {
      const divisor = b.constant(s.type.dtype, s.type.shape, b.random.pick([0.5, 0.75, 1.5, 2, -0.75, -2]));
      const size = magnitude(b.factOf(divisor));
      return name === "floorDivide"
        ? b.emit(name, [s, divisor], {}, fact(-Math.ceil(m / size), Math.ceil(m / size), 0))
        : b.emit(name, [s, divisor], {}, fact(-size, size, mergeGrains([f.grain, 2])));
    }
  }
}

/** Compares exact values of any dtype. */
export function compare(b: Builder, s: Value): Value {
  const name = b.random.pick(["eq", "ne", "lt", "le", "gt", "ge"] as const);
  return b.emit(name, [s, b.like(s, true)], {}, fact(0, 1, 0));
}

/** Chooses between `s` and another by a predicate of the same shape. */
export function select(b: Builder, s: Value): Value {
  const exact = b.operand(b.float(), s.type.shape, true);
  const pred = b.random.chance(0.5) ? b.operand("bool", s.type.shape) : compare(b, exact);
  const other = b.like(s), branches = b.random.chance(0.5) ? [s, other] : [other, s];
  return b.emit("select", [pred, ...branches], {}, joined(b, s, other));
}
/** Chooses by the bool `s`. */
export function selectBy(b: Builder, s: Value): Value {
  const x = b.operand(b.random.pick([...b.floats, "i32"]), s.type.shape), y = b.like(x);
  return b.emit("select", [s, x, y], {}, joined(b, x, y));
}
/** What holds of any of these values, all of one dtype. Integers are not bound by 24 bits. */
export function joined(b: Builder, ...values: readonly Value[]): Fact {
  const facts = values.map((v) => b.factOf(v)), { dtype } = values[0].type;
  return isFloat(dtype) ? union(...facts) : wrapped(dtype, Math.min(...facts.map((f) => f.lo)), Math.max(...facts.map((f) => f.hi)));
}

/** A function of integers, exact and wrapping. */
export function integer(b: Builder, s: Value): Value {
  const { dtype, shape } = s.type, f = b.factOf(s);
  const name = b.random.pick(["add", "sub", "mul", "div", "floorDivide", "remainder", "fmod", "pow", "maximum", "minimum",
    "bitAnd", "bitOr", "bitXor", "bitNot", "shiftLeft", "shiftRight", "neg", "abs", "sign"] as const);
  const all = wrapped(dtype, -Infinity, Infinity);
  switch (name) {
    case "bitNot": case "neg": case "abs": case "sign": return b.emit(name, [s], {}, all);
    case "remainder": case "fmod": {
      const divisor = b.constant(dtype, shape, b.random.pick(dtype === "i32" ? [2, 3, 5, -3, 0] : [2, 3, 5, 0]));
      const m = magnitude(b.factOf(divisor));
      return b.emit(name, [s, divisor], {}, wrapped(dtype, dtype === "i32" ? -m : 0, m));
    }
    default: {
      const other = b.like(s), g = b.factOf(other);
      const known = name === "add" ? wrapped(dtype, f.lo + g.lo, f.hi + g.hi)
        : name === "sub" ? wrapped(dtype, f.lo - g.hi, f.hi - g.lo)
        : name === "maximum" || name === "minimum" ? joined(b, s, other)
        : all;
      return b.emit(name, [s, other], {}, known);
    }
  }
}

export function logic(b: Builder, s: Value): Value {
  const name = b.random.pick(["logicalNot", "bitAnd", "bitOr", "bitXor", "eq", "ne", "maximum", "minimum"] as const);
  return b.emit(name, name === "logicalNot" ? [s] : [s, b.like(s)], {}, fact(0, 1, 0));
}

/** Changes the dtype: floats to integers and bool where they are exact, integers to floats where they are small. */
export function convert(b: Builder, s: Value): Value | undefined {
  const from = s.type.dtype, f = b.factOf(s);
  if (isFloat(from)) {
    if (b.smooth || !isExact(f) || b.random.chance(0.3)) {
      const others = b.floats.filter((d) => d !== from), to = others.length > 1 ? b.random.pick(others) : others[0];
      return to && b.emit("convert", [s], { dtype: to }, f);
    }
    return b.random.chance(0.7)
      ? b.emit("convert", [s], { dtype: "i32" }, fact(Math.floor(f.lo), Math.ceil(f.hi), 0))
      : b.emit("convert", [s], { dtype: "bool" }, fact(0, 1, 0));
  }
  if (from !== "bool" && b.random.chance(0.3)) {
    const dtype = b.random.pick((["i32", "u32", "u8"] as const).filter((d) => d !== from));
    return b.emit("convert", [s], { dtype }, f.lo >= 0 && f.hi < 128 ? f : wrapped(dtype, -Infinity, Infinity));
  }
  const few = from === "bool" ? s : b.into(s, from === "i32" ? -16 : 0, 16);
  return b.emit("convert", [few], { dtype: b.float() }, b.factOf(few));
}

/** Random bits drawn at each element of an integer, as a float in [0, 1) of 16 bits, or of 8 where halves are about. */
export function bits(b: Builder, s: Value): Value {
  const { shape } = s.type, word = (v: number) => b.constant("u32", shape, v), all = wrapped("u32", 0, Infinity);
  const counter = b.emit("convert", [s], { dtype: "u32" }, all);
  const drawn = b.emit("threefry", [word(b.random.below(2 ** 31)), word(7), counter, word(b.random.below(3))], {}, all);
  const kept = b.floats.some(isHalf) ? 8 : 16, most = 2 ** kept - 1;
  const top = b.emit("shiftRight", [drawn, word(32 - kept)], {}, fact(0, most, 0));
  const float = b.emit("convert", [top], { dtype: b.float() }, fact(0, most, 0));
  return b.emit("mul", [float, b.constant(float.type.dtype, shape, 2 ** -kept)], {}, fact(0, 1, kept));
}

/** One elementwise op that keeps the type of `s`. */
export function morph(b: Builder, s: Value): Value {
  const { dtype } = s.type;
  if (dtype === "bool") return logic(b, s);
  if (!isFloat(dtype)) return b.random.chance(0.8) ? integer(b, s) : select(b, s);
  if (!b.smooth && b.exact(s) && b.random.chance(0.3)) return b.tame(jump(b, s));
  return b.tame(b.random.pick([curve, surface, surface, select])(b, s));
}
