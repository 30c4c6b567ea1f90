import type { Node, Value } from "../../ir/graph/index.ts";
import type { ScalarName } from "../../ir/ops/index.ts";
import { highest, isFloat, isInteger, lowest, roundTo } from "../../ir/types/index.ts";
import { isSplat, splat, splatOf } from "./constants.ts";
import { from, type Builder, type Rule, type RuleTable } from "./rule.ts";
import { neverMinusZero, neverNegative } from "./zeros.ts";

/**
 * Arithmetic identities.
 *
 * They keep NaN, infinities and the sign of zero: `x·0`, `x−x` and `x/x` are only folded on integers, `x + 0` only
 * where x cannot be −0. Nothing is reassociated on floats, where a product that comes early can overflow.
 */

type Binary = Node<"add" | "sub" | "mul" | "div" | "maximum" | "minimum">;

/** The other operand, where one is the given number everywhere. */
function besides({ inputs: [x, y] }: Binary, value: number): Value | undefined {
  return isSplat(y, value) ? x : isSplat(x, value) ? y : undefined;
}

/** A constant operand comes second, so that other rules need not look twice. */
const constantSecond: Rule<"add" | "mul" | "maximum" | "minimum"> = ({ op, inputs: [x, y] }, build) =>
  (splatOf(x) !== undefined && splatOf(y) === undefined ? build.make(op, [y, x], {}) : undefined);

const negated = (v: Value): Value | undefined => from(v, "neg")?.inputs[0];

// ---- sums

/** `x + −0` is x always. */
const addZero: Rule<"add"> = (node) => {
  const x = besides(node, 0);
  if (!x) return undefined;
  const [p, q] = node.inputs;
  return Object.is(splatOf(x === p ? q : p), -0) || neverMinusZero(x) ? x : undefined;
};

const addNegation: Rule<"add"> = ({ inputs: [x, y] }, build) => {
  const nx = negated(x), ny = negated(y);
  return ny ? build.make("sub", [x, ny], {}) : nx ? build.make("sub", [y, nx], {}) : undefined;
};

/** `x − 0` is x always, `x − −0` as `x + 0` is. */
const subtractZero: Rule<"sub"> = ({ inputs: [x, y] }) => (isSplat(y, 0) && (Object.is(splatOf(y), 0) || neverMinusZero(x)) ? x : undefined);

const subtractNegation: Rule<"sub"> = ({ inputs: [x, y] }, build) => {
  const ny = negated(y);
  return ny && build.make("add", [x, ny], {});
};

const subtractFromItself: Rule<"sub"> = ({ inputs: [x, y] }, build) =>
  (x === y && isInteger(x.type.dtype) ? splat(build, 0, x.type) : undefined);

const subtractFromZero: Rule<"sub"> = ({ inputs: [x, y] }, build) =>
  (isInteger(x.type.dtype) && isSplat(x, 0) ? build.make("neg", [y], {}) : undefined);

const negateTwice: Rule<"neg"> = ({ inputs: [x] }) => negated(x);

const negateProduct: Rule<"neg"> = ({ inputs: [x] }, build) => {
  const product = from(x, "mul"), c = product && splatOf(product.inputs[1]);
  return product && c !== undefined ? build.make("mul", [product.inputs[0], splat(build, roundTo(x.type.dtype, -c), x.type)], {}) : undefined;
};

// ---- products

const multiplyByOne: Rule<"mul"> = (node) => besides(node, 1);

const multiplyByMinusOne: Rule<"mul"> = (node, build) => {
  const x = besides(node, -1);
  return x && build.make("neg", [x], {});
};

const multiplyByZero: Rule<"mul"> = (node, build) =>
  (isInteger(node.inputs[0].type.dtype) && besides(node, 0) ? splat(build, 0, node.inputs[0].type) : undefined);

const multiplyNegations: Rule<"mul"> = ({ inputs: [x, y] }, build) => {
  const nx = negated(x), ny = negated(y), c = splatOf(y);
  if (nx && ny) return build.make("mul", [nx, ny], {});
  return nx && c !== undefined ? build.make("mul", [nx, splat(build, roundTo(y.type.dtype, -c), y.type)], {}) : undefined;
};

/** `(x ∘ a) ∘ b` is `x ∘ (a ∘ b)` on integers, which wrap. */
const combineConstants = <K extends "add" | "mul" | "maximum" | "minimum">(op: K): Rule<K> => ({ inputs: [x, y] }, build) => {
  const inner = from(x, op);
  if (!inner || splatOf(y) === undefined || splatOf(inner.inputs[1]) === undefined) return undefined;
  const exact = isInteger(x.type.dtype) || op === "maximum" || op === "minimum";
  return exact ? build.make(op as ScalarName, [inner.inputs[0], build.make(op as ScalarName, [inner.inputs[1], y], {})], {}) : undefined;
};

// ---- quotients

const divideByOne: Rule<"div"> = ({ inputs: [x, y] }) => (isSplat(y, 1) ? x : undefined);

const divideByMinusOne: Rule<"div"> = ({ inputs: [x, y] }, build) => (isSplat(y, -1) ? build.make("neg", [x], {}) : undefined);

const divideOne: Rule<"div"> = ({ inputs: [x, y] }, build) =>
  (isFloat(x.type.dtype) && isSplat(x, 1) ? build.make("reciprocal", [y], {}) : undefined);

/** Only where the reciprocal is exact: then the product rounds as the quotient does, to the last bit. */
const divideByPowerOfTwo: Rule<"div"> = ({ inputs: [x, y] }, build) => {
  const c = splatOf(y);
  return c !== undefined && isFloat(x.type.dtype) && isPowerOfTwo(Math.abs(c)) ? build.make("mul", [x, splat(build, 1 / c, y.type)], {}) : undefined;
};

/** A power of two whose reciprocal is a normal number of f32. */
const isPowerOfTwo = (x: number): boolean => x >= 2 ** -126 && x <= 2 ** 126 && 2 ** Math.round(Math.log2(x)) === x;

const divideNegations: Rule<"div"> = ({ inputs: [x, y] }, build) => {
  const nx = negated(x), ny = negated(y);
  return nx && ny && isFloat(x.type.dtype) ? build.make("div", [nx, ny], {}) : undefined;
};

const floorDivideByOne: Rule<"floorDivide"> = ({ inputs: [x, y] }) => (isInteger(x.type.dtype) && isSplat(y, 1) ? x : undefined);

const remainderByOne: Rule<"remainder" | "fmod"> = ({ inputs: [x, y] }, build) =>
  (isInteger(x.type.dtype) && isSplat(y, 1) ? splat(build, 0, x.type) : undefined);

// ---- powers

const zerothPower: Rule<"pow"> = ({ inputs: [x, y] }, build) => (isSplat(y, 0) ? splat(build, 1, x.type) : undefined);

const firstPower: Rule<"pow"> = ({ inputs: [x, y] }) => (isSplat(y, 1) ? x : undefined);

const smallPower: Rule<"pow"> = ({ inputs: [x, y] }, build) => {
  const n = splatOf(y), square = (): Value => build.make("mul", [x, x], {});
  switch (n) {
    case 2: return square();
    case 3: return build.make("mul", [square(), x], {});
    case 4: return build.make("mul", [square(), square()], {});
    default: return undefined;
  }
};

const powerMinusOne: Rule<"pow"> = ({ inputs: [x, y] }, build) =>
  (isFloat(x.type.dtype) && isSplat(y, -1) ? build.make("reciprocal", [x], {}) : undefined);

/** `pow(−∞, ½)` is ∞, and `sqrt(−∞)` is NaN: the one value that needs a look. */
const powerHalf: Rule<"pow"> = ({ inputs: [x, y] }, build) => {
  if (!isSplat(y, 0.5)) return undefined;
  const root = build.make("sqrt", [x], {});
  if (neverNegative(x)) return root;
  const isLowest = build.make("eq", [x, splat(build, -Infinity, x.type)], {});
  return build.make("select", [isLowest, splat(build, Infinity, x.type), root], {});
};

const powerMinusHalf: Rule<"pow"> = ({ inputs: [x, y] }, build) =>
  (isSplat(y, -0.5) && neverNegative(x) ? build.make("rsqrt", [x], {}) : undefined);

// ---- rounding and size

const absOfAbs: Rule<"abs"> = ({ inputs: [x] }, build) => {
  const nx = negated(x);
  return nx ? build.make("abs", [nx], {}) : isFloat(x.type.dtype) && neverNegative(x) ? x : from(x, "abs")?.outputs[0];
};

type Rounding = "floor" | "ceil" | "round" | "trunc";
const roundings: readonly string[] = ["floor", "ceil", "round", "trunc"] satisfies Rounding[];
const roundTwice: Rule<Rounding> = ({ inputs: [x] }) => (roundings.includes(x.node.op) ? x : undefined);

const ofItself: Rule<"maximum" | "minimum"> = ({ inputs: [x, y] }) => (x === y ? x : undefined);

/** `max(x, lowest)` is x; on integers `max(x, highest)` is `highest` (a float may be NaN). */
const atTheEnds = <K extends "maximum" | "minimum">(op: K): Rule<K> => (node, build: Builder) => {
  const { type } = node.outputs[0];
  const [neutral, absorbing] = op === "maximum" ? [lowest, highest] : [highest, lowest];
  const x = besides(node, neutral[type.dtype]);
  if (x) return x;
  return !isFloat(type.dtype) && besides(node, absorbing[type.dtype]) ? splat(build, absorbing[type.dtype], type) : undefined;
};

export const algebra: RuleTable = {
  add: [addZero, constantSecond, addNegation, combineConstants("add")],
  sub: [subtractZero, subtractNegation, subtractFromItself, subtractFromZero],
  neg: [negateTwice, negateProduct],
  mul: [multiplyByOne, multiplyByMinusOne, multiplyByZero, constantSecond, multiplyNegations, combineConstants("mul")],
  div: [divideByOne, divideByMinusOne, divideOne, divideByPowerOfTwo, divideNegations],
  floorDivide: [floorDivideByOne],
  remainder: [remainderByOne],
  fmod: [remainderByOne],
  pow: [zerothPower, firstPower, smallPower, powerMinusOne, powerHalf, powerMinusHalf],
  abs: [absOfAbs],
  floor: [roundTwice], ceil: [roundTwice], round: [roundTwice], trunc: [roundTwice],
  maximum: [ofItself, atTheEnds("maximum"), constantSecond, combineConstants("maximum")],
  minimum: [ofItself, atTheEnds("minimum"), constantSecond, combineConstants("minimum")],
};
