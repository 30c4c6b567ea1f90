import { GraphError } from "../graph/error.ts";
import { sizeOfShape, type NdArray } from "../ops/index.ts";
import { roundTo, shapeText, type DType } from "../types/index.ts";

/** Numbers in any container, flat and row-major; booleans count as 0 and 1. */
export type Elements = ArrayLike<number | boolean>;

/**
 * A dense array of `dtype` and `shape` from flat row-major data, or from one number for every element. Each
 * number is rounded to a value the dtype holds. Throws a GraphError where the number of elements is not that
 * of the shape.
 */
export function ndarray(dtype: DType, shape: readonly number[], data: Elements | number | boolean): NdArray {
  const size = sizeOfShape(shape);
  const result = new Float64Array(size);
  if (typeof data === "object") {
    if (data.length !== size)
      throw new GraphError(`an array of shape ${shapeText(shape)} has ${size} elements, not ${data.length}`);
    for (let i = 0; i < size; i++) result[i] = roundTo(dtype, Number(data[i]));
  } else result.fill(roundTo(dtype, Number(data)));
  return { dtype, shape: [...shape], data: result };
}
