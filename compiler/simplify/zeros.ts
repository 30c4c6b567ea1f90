import type { Value } from "../../ir/graph/index.ts";
import { isFloat } from "../../ir/types/index.ts";
import { splatOf } from "./constants.ts";
import { from } from "./rule.ts";

/** The sign of a float, where it matters: −0 + 0 is 0, and the inverse of one is not that of the other. */

/** How many ops back is looked. */
const reach = 4;

/** Whether a float is never below zero nor −0 (NaN is allowed). */
export function neverNegative(v: Value, depth = reach): boolean {
  const value = splatOf(v);
  if (value !== undefined) return value > 0 || Object.is(value, 0);
  if (depth === 0) return false;
  const all = (inputs: readonly Value[]): boolean => inputs.every((x) => neverNegative(x, depth - 1));
  const { op, inputs } = v.node;
  switch (op) {
    case "abs": case "exp": case "exp2": case "sigmoid": case "softplus": case "cosh": return true;
    case "mul": return inputs[0] === inputs[1] || all(inputs);
    case "add": case "sqrt": case "broadcast": case "reshape": case "transpose": return all(inputs);
    case "reduce": return from(v, "reduce")!.attrs.reducer === "sum" && all(inputs);
    default: return false;
  }
}

/** Whether a value is never −0. */
export function neverMinusZero(v: Value, depth = reach): boolean {
  if (!isFloat(v.type.dtype)) return true;
  const value = splatOf(v);
  if (value !== undefined) return !Object.is(value, -0);
  if (neverNegative(v, depth)) return true;
  if (depth === 0) return false;
  const are = (inputs: readonly Value[]): boolean => inputs.every((x) => neverMinusZero(x, depth - 1));
  const { op, inputs } = v.node;
  switch (op) {
    case "iota": case "erfc": case "log": return true;
    case "constant": return !Array.from(from(v, "constant")!.attrs.data as ArrayLike<number>).some((x) => Object.is(x, -0));
    // a sum is −0 only of −0 and −0, and one of many terms starts from 0; what cancels is 0
    case "add": return inputs.some((x) => neverMinusZero(x, depth - 1));
    case "sub": return neverMinusZero(inputs[0], depth - 1) || !mayBeZero(inputs[1]);
    case "reduce": return from(v, "reduce")!.attrs.reducer === "sum" || are(inputs);
    case "dot": return from(v, "dot")!.attrs.contract.length > 0;
    case "conv": return true;
    case "select": return are(inputs.slice(1));
    case "gather": return are(inputs.slice(0, 1));
    case "maximum": case "minimum": case "convert": case "broadcast": case "reshape": case "transpose": case "slice": case "reverse": case "pad": case "concat": return are(inputs);
    default: return false;
  }
}

/** Whether a value may be zero, as far as is known here. */
const mayBeZero = (v: Value): boolean => (splatOf(v) ?? 0) === 0;
