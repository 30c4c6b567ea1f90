import type { Value } from "../../ir/graph/index.ts";
import { scalarRow } from "../../ir/ops/index.ts";
import { isFloat, type DType } from "../../ir/types/index.ts";
import { isSplat, splat, splatOf } from "./constants.ts";
import { from, type Rule, type RuleTable } from "./rule.ts";

/** Identities of comparisons, logic, choice and conversion. A comparison of floats is never turned around: NaN fails both ways. */

// ---- logic and bits

const notTwice: Rule<"logicalNot"> = ({ inputs: [x] }) => from(x, "logicalNot")?.inputs[0];

const notEqual: Rule<"logicalNot"> = ({ inputs: [x] }, build) => {
  const eq = from(x, "eq"), ne = from(x, "ne");
  return eq ? build.make("ne", eq.inputs, {}) : ne ? build.make("eq", ne.inputs, {}) : undefined;
};

const complementTwice: Rule<"bitNot"> = ({ inputs: [x] }) => from(x, "bitNot")?.inputs[0];

/** All bits of a dtype set, as the number it holds. */
const allOnes: Record<DType, number> = { bool: 1, u8: 255, i32: -1, u32: 4294967295, f16: NaN, bf16: NaN, f32: NaN, f64: NaN };

type Bits = "bitAnd" | "bitOr" | "bitXor";

/** What an operand of all zeros or all ones does: `neutral` leaves the other, `absorbing` is the result. */
const bitConstant = (neutral: "zeros" | "ones", absorbing?: "zeros" | "ones"): Rule<Bits> => ({ inputs: [x, y] }, build) => {
  const value = (which: "zeros" | "ones"): number => (which === "zeros" ? 0 : allOnes[x.type.dtype]);
  for (const [a, b] of [[x, y], [y, x]]) {
    if (isSplat(b, value(neutral))) return a;
    if (absorbing && isSplat(b, value(absorbing))) return splat(build, value(absorbing), x.type);
  }
  return undefined;
};

const bitsOfItself: Rule<"bitAnd" | "bitOr"> = ({ inputs: [x, y] }) => (x === y ? x : undefined);
const xorOfItself: Rule<"bitXor"> = ({ inputs: [x, y] }, build) => (x === y ? splat(build, 0, x.type) : undefined);
const xorTrue: Rule<"bitXor"> = ({ inputs: [x, y] }, build) =>
  (x.type.dtype === "bool" && isSplat(y, 1) ? build.make("logicalNot", [x], {}) : undefined);
const shiftByZero: Rule<"shiftLeft" | "shiftRight"> = ({ inputs: [x, y] }) => (isSplat(y, 0) ? x : undefined);

// ---- comparisons

type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/** The same comparison with its operands exchanged. */
const mirrored = { eq: "eq", ne: "ne", lt: "gt", le: "ge", gt: "lt", ge: "le" } as const satisfies Record<Comparison, Comparison>;

/** A constant operand comes second, so that other rules need not look twice. */
const constantSecond: Rule<Comparison> = ({ op, inputs: [x, y] }, build) =>
  (splatOf(x) !== undefined && splatOf(y) === undefined ? build.make(mirrored[op], [y, x], {}) : undefined);

/** `x < x` is false even for NaN; `x <= x` is true only where there is no NaN. */
const compareWithItself: Rule<Comparison> = ({ op, inputs: [x, y], outputs: [out] }, build) => {
  if (x !== y) return undefined;
  const strict = op === "lt" || op === "gt";
  return strict || !isFloat(x.type.dtype) ? splat(build, strict || op === "ne" ? 0 : 1, out.type) : undefined;
};

/** A bool, perhaps as a number, against a constant: the bool, its negation, or known. */
const compareBool: Rule<Comparison> = ({ op, inputs: [x, y], outputs: [out] }, build) => {
  const c = splatOf(y);
  const source = x.type.dtype === "bool" ? x : from(x, "convert")?.inputs[0];
  if (c === undefined || source?.type.dtype !== "bool") return undefined;
  const compare = scalarRow(op).eval, ifFalse = compare(0, c), ifTrue = compare(1, c);
  if (ifFalse === ifTrue) return splat(build, ifTrue, out.type);
  return ifTrue ? source : build.make("logicalNot", [source], {});
};

// ---- choice

const chooseConstant: Rule<"select"> = ({ inputs: [pred, a, b] }) => {
  const p = splatOf(pred);
  return p === undefined ? undefined : p ? a : b;
};

const chooseEither: Rule<"select"> = ({ inputs: [, a, b] }) => (a === b || sameSplat(a, b) ? a : undefined);
const sameSplat = (a: Value, b: Value): boolean => splatOf(a) !== undefined && Object.is(splatOf(a), splatOf(b));

const chooseByNegation: Rule<"select"> = ({ inputs: [pred, a, b] }, build) => {
  const not = from(pred, "logicalNot");
  return not && build.make("select", [not.inputs[0], b, a], {});
};

/** `p ? 1 : 0` is p as a number. */
const chooseOneOrZero: Rule<"select"> = ({ inputs: [pred, a, b] }, build) => {
  const { dtype } = a.type, one = splatOf(a), zero = splatOf(b);
  if (one === 1 && Object.is(zero, 0)) return build.make("convert", [pred], { dtype });
  if (Object.is(one, 0) && zero === 1) return build.make("convert", [build.make("logicalNot", [pred], {})], { dtype });
  return undefined;
};

/** Inside `p ? … : …`, a choice by the same p is made. */
const chooseAgain: Rule<"select"> = ({ inputs: [pred, a, b] }, build) => {
  const inA = from(a, "select"), inB = from(b, "select");
  if (inA?.inputs[0] === pred) return build.make("select", [pred, inA.inputs[1], b], {});
  if (inB?.inputs[0] === pred) return build.make("select", [pred, a, inB.inputs[2]], {});
  return undefined;
};

// ---- conversion

const convertToSame: Rule<"convert"> = ({ inputs: [x], attrs: { dtype } }) => (x.type.dtype === dtype ? x : undefined);

/** Dtypes that hold every value of a dtype exactly. */
const holders: Record<DType, readonly DType[]> = {
  bool: ["bool", "u8", "i32", "u32", "f16", "bf16", "f32", "f64"],
  u8: ["u8", "i32", "u32", "f16", "bf16", "f32", "f64"],
  i32: ["i32", "f64"],
  u32: ["u32", "f64"],
  f16: ["f16", "f32", "f64"],
  bf16: ["bf16", "f32", "f64"],
  f32: ["f32", "f64"],
  f64: ["f64"],
};

/** Leaves out a conversion on the way that loses nothing, or only changes how 32 bits that go on as bits are read. */
const convertTwice: Rule<"convert"> = ({ inputs: [x], attrs: { dtype } }, build) => {
  const inner = from(x, "convert");
  if (!inner) return undefined;
  const [source] = inner.inputs, start = source.type.dtype, middle = x.type.dtype;
  const isWord = (d: DType): boolean => d === "i32" || d === "u32";
  const exact = holders[start].includes(middle) || (isWord(start) && isWord(middle) && !isFloat(dtype));
  return exact ? build.make("convert", [source], { dtype }) : undefined;
};

/** What was a whole number is neither NaN nor infinite. */
const testConverted: Rule<"isNan" | "isFinite"> = ({ op, inputs: [x], outputs: [out] }, build) => {
  const source = from(x, "convert")?.inputs[0];
  return source && !isFloat(source.type.dtype) ? splat(build, op === "isFinite" ? 1 : 0, out.type) : undefined;
};

const comparisons: readonly Rule<Comparison>[] = [constantSecond, compareWithItself, compareBool];

export const logic: RuleTable = {
  logicalNot: [notTwice, notEqual],
  bitNot: [complementTwice],
  bitAnd: [bitConstant("ones", "zeros"), bitsOfItself],
  bitOr: [bitConstant("zeros", "ones"), bitsOfItself],
  bitXor: [bitConstant("zeros"), xorOfItself, xorTrue],
  shiftLeft: [shiftByZero],
  shiftRight: [shiftByZero],
  eq: comparisons, ne: comparisons, lt: comparisons, le: comparisons, gt: comparisons, ge: comparisons,
  select: [chooseConstant, chooseEither, chooseByNegation, chooseOneOrZero, chooseAgain],
  convert: [convertToSame, convertTwice],
  isNan: [testConverted],
  isFinite: [testConverted],
};
