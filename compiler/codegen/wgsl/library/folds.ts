import type { Reducer } from "../../../../ir/ops/index.ts";
import type { MathType } from "../../../../ir/types/index.ts";
import { beats, combined } from "../fold.ts";
import { storedType } from "../types.ts";

/**
 * What invocations that share a row fold together, two at a time: `sum_f32(a, b)`. How the values of all of them get
 * there is the device's matter: the runtime adds a `combine_sum_f32` to a shader that suits it.
 */
export interface SharedFold {
  readonly name: string;
  /** What is handed over: a bool as a u32; for the place of an extreme value its bits and its index. */
  readonly type: "f32" | "i32" | "u32" | "vec2<u32>";
}

export const sharedFold = (reducer: Reducer, dtype: MathType): SharedFold => ({ name: `${reducer}_${dtype}`, type: storedType[dtype] });
export const sharedPlace = (reducer: "max" | "min", dtype: MathType): SharedFold => ({ name: `${reducer}At_${dtype}`, type: "vec2<u32>" });

const reducers: readonly Reducer[] = ["sum", "prod", "max", "min", "any", "all"];
const dtypes = ["f32", "i32", "u32", "u8", "bool"] as const;

const foldText = (reducer: Reducer, dtype: MathType): string => {
  const { name, type } = sharedFold(reducer, dtype), load = (x: string): string => (dtype === "bool" ? `(${x} != 0u)` : x);
  const both = combined(reducer, dtype, load("a"), load("b"));
  return `fn ${name}(a: ${type}, b: ${type}) -> ${type} {\n  return ${dtype === "bool" ? `select(0u, 1u, ${both})` : both};\n}`;
};

/** Of equals the first, and of NaN; an index of -1, all bits set, is none yet. */
const placeText = (reducer: "max" | "min", dtype: MathType): string => {
  const { name } = sharedPlace(reducer, dtype), type = storedType[dtype] === "u32" ? "u32" : dtype;
  const value = (x: string): string => (type === "u32" ? `${x}.x` : `bitcast<${type}>(${x}.x)`);
  // a bool is handed over as a number
  const of = dtype === "bool" ? "u32" : dtype;
  return `fn ${name}(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let x = ${value("a")};
  let y = ${value("b")};
  let isBetter = ${beats(reducer, of, "x", "y")} || (a.y < b.y && !(${beats(reducer, of, "y", "x")}));
  return select(b, a, a.y != 0xffffffffu && (b.y == 0xffffffffu || isBetter));
}`;
};

/** All of them, one function after the other. */
export const folds = [
  // what the library has for a value's own op is not written twice
  ...reducers.flatMap((r) => dtypes.filter((d) => !((r === "max" || r === "min") && d === "f32")).map((d) => foldText(r, d))),
  ...(["max", "min"] as const).flatMap((r) => dtypes.map((d) => placeText(r, d))),
].join("\n");
