import type { Tensor } from "../../tensor/tensor.ts";
import { check } from "../../graph/error.ts";
import { isFloat, roundTo, sameShape, typeText, type DType, type TensorType } from "../../types/index.ts";
import { tabulate, type OpRecord } from "../record.ts";

/**
 * Partial derivative of a scalar op with respect to one operand, as a graph: it gets the operands and the
 * result. `null` where the derivative is zero everywhere (or the operand is no float).
 */
export type Partial = ((operands: readonly Tensor[], out: Tensor) => Tensor) | null;

/** Which dtypes an op takes: `float`; `number` (floats and integers); `integer`; `logic` (integers and bool); `bool`; `any`. */
export type Domain = "float" | "number" | "integer" | "logic" | "bool" | "any";

/**
 * One scalar op: everything there is to know about it. A new one is one more row in a table of this folder,
 * and nothing else changes.
 */
export interface ScalarRow {
  readonly arity: 1 | 2 | 3 | 4;
  readonly domain: Domain;
  /** Dtype of the result: that of the first operand unless `bool`. */
  readonly result?: "bool";
  /** What it means on floats (and on integers and bools unless `int` is given), in double precision. */
  readonly eval: (...x: number[]) => number;
  /** What it means on integers, before wrapping to the dtype. */
  readonly int?: (...x: number[]) => number;
  /** Partial derivatives, one for each operand; `null` for an op that has none anywhere. */
  readonly partials: readonly Partial[] | null;
  /** JavaScript, `$0 $1 …` standing for the operands (already parenthesised where needed). */
  readonly js: string;
  /** JavaScript on integers, before wrapping to the dtype; where it differs. */
  readonly jsInt?: string;
  /**
   * WGSL on f32, `$0 $1 …` standing for the operands. A name with a dtype, `exp_f32`, is of our own library: exact where
   * the built-in function need not be.
   */
  readonly wgsl: string;
  /** WGSL on i32 and u32, `$T` standing for the one of them; where it differs. */
  readonly wgslInt?: string;
  /** Name in StableHLO or CHLO; null where it must be composed. */
  readonly stablehlo: string | null;
  /** Rough cost against an addition: what the fuser weighs recomputation by. Default 1. */
  readonly cost?: number;
}

export interface ScalarRecord extends OpRecord<{}> {
  readonly scalar: ScalarRow;
}

export function allows(domain: Domain, d: DType): boolean {
  switch (domain) {
    case "any": return true;
    case "float": return isFloat(d);
    case "number": return d !== "bool";
    case "integer": return d !== "bool" && !isFloat(d);
    case "logic": return !isFloat(d);
    case "bool": return d === "bool";
  }
}

const domainText: Record<Domain, string> = {
  any: "any dtype", float: "a float", number: "a number", integer: "an integer dtype", logic: "an integer dtype or bool", bool: "bool",
};

/** The op record of a row: operands of one type, the row's function at every index. */
export function scalarOp(name: string, row: ScalarRow): ScalarRecord {
  return {
    kind: "elementwise",
    scalar: row,
    infer(inputs: readonly TensorType[]) {
      const x = inputs[0];
      for (const y of inputs)
        check(y.dtype === x.dtype && sameShape(x.shape, y.shape), () => `internal: ${name} of ${typeText(x)} and ${typeText(y)}`);
      check(allows(row.domain, x.dtype), () => `${name} takes ${domainText[row.domain]}, not ${typeText(x)}`, "convert it first, with .convert(dtype)");
      return [{ dtype: row.result ?? x.dtype, shape: x.shape }];
    },
    evaluate(inputs, _, [out]) {
      const dtype = inputs[0].dtype;
      const f = !isFloat(dtype) && row.int ? row.int : row.eval;
      const wrap = isFloat(out.dtype) ? (v: number) => v : (v: number) => roundTo(out.dtype, v);
      return [tabulate(out, (_, i) => wrap(f(...inputs.map((x) => x.data[i]))))];
    },
  };
}

/** Makes op records of a table of rows, keeping its keys. */
export function scalarOps<K extends string>(rows: Record<K, ScalarRow>): Record<K, ScalarRecord> {
  return Object.fromEntries(Object.entries<ScalarRow>(rows).map(([name, row]) => [name, scalarOp(name, row)])) as Record<K, ScalarRecord>;
}
