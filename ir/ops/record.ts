import type { Region } from "../graph/node.ts";
import type { DType, TensorType } from "../types/index.ts";

/**
 * What a pass looks at to decide what it may do with an op. A new op of an existing kind rarely touches a pass.
 *
 * - `source`: no operands: inputs, variables, constants, iota.
 * - `elementwise`: one scalar function at every index; operands and results share a shape.
 * - `movement`: result elements are operand elements at other indices (or padding).
 * - `reduce`: folds axes away.
 * - `contract`: sums products over shared axes.
 * - `index`: reads or writes at indices that are data.
 * - `ordered`: a result element depends on many operand elements in order: cumulative, sort.
 * - `control`: runs regions.
 * - `derivative`: stands for a derivative until the chain-rule pass replaces it.
 */
export type OpKind = "source" | "elementwise" | "movement" | "reduce" | "contract" | "index" | "ordered" | "control" | "derivative";

/** A dense array of concrete shape: what the reference interpreter computes on. Booleans are 0 and 1. */
export interface NdArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** One primitive op, whole: what it takes, what type it gives, what it means. */
export interface OpRecord<A = unknown> {
  readonly kind: OpKind;
  /** Types of the outputs. Throws a GraphError on operands the op does not take. */
  infer(inputs: readonly TensorType[], attrs: A, regions: readonly Region[]): TensorType[];
  /**
   * What the op means, in double precision on dense arrays: the definition every target is tested against.
   * `out` has the output types with symbols replaced by numbers (attributes too are already numeric).
   * Absent for control and derivative ops, which the interpreter runs itself.
   */
  evaluate?(inputs: readonly NdArray[], attrs: A, out: readonly { dtype: DType; shape: readonly number[] }[]): NdArray[];
}

/** Declares a record with its attributes' type, inferring nothing else. */
export const op = <A>(record: OpRecord<A>): OpRecord<A> => record;

export const sizeOfShape = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, s = 1; i >= 0; s *= shape[i], i--) strides[i] = s;
  return strides;
}

/** Calls `visit(index, linear)` for every index of a shape in row-major order. `index` is reused. */
export function forEachIndex(shape: readonly number[], visit: (index: number[], linear: number) => void): void {
  const size = sizeOfShape(shape);
  const index = new Array<number>(shape.length).fill(0);
  for (let linear = 0; linear < size; linear++) {
    visit(index, linear);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

export const linearIndex = (index: readonly number[], strides: readonly number[]): number =>
  index.reduce((sum, i, axis) => sum + i * strides[axis], 0);

/** An array whose element at each index is `at(index)`. */
export function tabulate(type: { dtype: DType; shape: readonly number[] }, at: (index: number[], linear: number) => number): NdArray {
  const data = new Float64Array(sizeOfShape(type.shape));
  forEachIndex(type.shape, (index, linear) => { data[linear] = at(index, linear); });
  return { dtype: type.dtype, shape: type.shape, data };
}
