import type { Reducer } from "../../../ir/ops/index.ts";
import { isFloat, type MathType } from "../../../ir/types/index.ts";
import { bare } from "./text.ts";
import { valueType, vectorSuffix } from "./types.ts";

/** One step of a fold. */
export function combined(reducer: Reducer, dtype: MathType, a: string, b: string): string {
  const wrap = (text: string): string => (dtype === "u8" ? `((${text}) & 255u)` : text);
  switch (reducer) {
    case "sum": return wrap(`${a} + ${b}`);
    case "prod": return wrap(`${a} * ${b}`);
    case "max": case "min":
      if (dtype === "bool") return `${a} ${reducer === "max" ? "||" : "&&"} ${b}`;
      return isFloat(dtype) ? `${reducer}_f32(${a}, ${bare(b)})` : `${reducer}(${a}, ${bare(b)})`;
    case "any": return `${a} || ${b}`;
    case "all": return `${a} && ${b}`;
  }
}

/** The same of vectors, part by part. */
export function combinedVectors(reducer: Reducer, dtype: MathType, a: string, b: string): string {
  if (dtype === "bool") return `${a} ${reducer === "max" || reducer === "any" ? "|" : "&"} ${b}`;
  return combined(reducer, dtype, a, b).replace(/^(max|min)_f32\(/, `$1_f32${vectorSuffix}(`);
}

/** Whether a candidate takes the place of the best so far. */
export function beats(reducer: "max" | "min", dtype: MathType, candidate: string, best: string): string {
  const [a, b] = dtype === "bool" ? [`select(0u, 1u, ${candidate})`, `select(0u, 1u, ${best})`] : [candidate, best];
  const order = `${a} ${reducer === "max" ? ">" : "<"} ${b}`;
  return valueType[dtype] === "f32" ? `(!isNan_f32(${best}) && (isNan_f32(${candidate}) || ${order}))` : order;
}
