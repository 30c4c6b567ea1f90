import { ndarray } from "../../../ir/interpret/index.ts";
import { ops, type AttrsOf, type NdArray, type OpName, type OpRecord } from "../../../ir/ops/index.ts";
import type { DType } from "../../../ir/types/index.ts";

/** Runs one op's record on arrays: its types are inferred, then its definition evaluated. */
export function evaluate<K extends OpName>(op: K, inputs: readonly NdArray[], attrs: AttrsOf<K>): NdArray[] {
  const record = ops[op] as OpRecord<AttrsOf<K>>;
  const types = record.infer(inputs, attrs, []) as { dtype: DType; shape: number[] }[];
  return record.evaluate!(inputs, attrs, types);
}

/** The elements of the first result. */
export const elements = <K extends OpName>(op: K, inputs: readonly NdArray[], attrs: AttrsOf<K>): number[] => [...evaluate(op, inputs, attrs)[0].data];

export const f64 = (shape: number[], ...data: number[]): NdArray => ndarray("f64", shape, data);
export const i32 = (shape: number[], ...data: number[]): NdArray => ndarray("i32", shape, data);
/** 0, 1, 2, … in a shape. */
export const counting = (...shape: number[]): NdArray => ndarray("f64", shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i));
/** A vector of a dtype. */
export const vector = (dtype: DType, data: readonly number[]): NdArray => ndarray(dtype, [data.length], data);
