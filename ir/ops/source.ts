import { check } from "../graph/error.ts";
import { roundTo, type DType, type Dim, type Shape, type TensorType, type TypedArray } from "../types/index.ts";
import { op, sizeOfShape, tabulate } from "./record.ts";

const internal = (): never => { throw new Error("internal: the interpreter supplies this value"); };

/** An argument of a function. */
export const input = op<{ name: string; type: TensorType }>({
  kind: "source",
  infer: (_, { type }) => [type],
  evaluate: internal,
});

/** The value of a model variable when the function is entered. */
export const variable = op<{ name: string; type: TensorType }>({
  kind: "source",
  infer: (_, { type }) => [type],
  evaluate: internal,
});

/** A parameter of a region. */
export const parameter = op<{ index: number; type: TensorType }>({
  kind: "source",
  infer: (_, { type }) => [type],
  evaluate: internal,
});

/** Given elements in row-major order; a number stands for a tensor of it, of any shape. */
export const constant = op<{ dtype: DType; shape: Shape; data: number | TypedArray }>({
  kind: "source",
  infer(_, { dtype, shape, data }) {
    check(typeof data === "number" || shape.reduce<number>((n, d) => n * (d as number), 1) === data.length, () =>
      `a constant of shape [${shape.join(",")}] cannot have ${(data as TypedArray).length} elements`);
    return [{ dtype, shape }];
  },
  evaluate: (_, { dtype, data }, [out]) => [{
    ...out,
    data: typeof data === "number"
      ? new Float64Array(sizeOfShape(out.shape)).fill(roundTo(dtype, data))
      : Float64Array.from(data, (x) => roundTo(dtype, x)),
  }],
});

/** 0, 1, 2, … along `axis`, the same along the others. */
export const iota = op<{ dtype: DType; shape: Shape; axis: number }>({
  kind: "source",
  infer(_, { dtype, shape, axis }) {
    check(axis >= 0 && axis < shape.length, () => `iota: axis ${axis} is outside [${shape.join(",")}]`);
    return [{ dtype, shape }];
  },
  evaluate: (_, { dtype, axis }, [out]) => [tabulate(out, (index) => roundTo(dtype, index[axis]))],
});

/** The value of a dimension, as an i32 scalar: how a formula divides by `"B"`. */
export const dimension = op<{ size: Dim }>({
  kind: "source",
  infer: () => [{ dtype: "i32", shape: [] }],
  evaluate: (_, { size }, [out]) => [{ ...out, data: Float64Array.of(size as number) }],
});
