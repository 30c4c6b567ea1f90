import type { DType } from "./dtype.ts";
import { product, type Dim, type Shape } from "./dim.ts";

/** Dtype and shape of a value. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** `f32[B,64]`, as the textual IR and every error message spell a type. */
export const typeText = (t: TensorType): string => `${t.dtype}${shapeText(t.shape)}`;
export const shapeText = (shape: Shape): string => `[${shape.join(",")}]`;

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
export const sameType = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);
export const sizeOf = (t: TensorType): Dim => product(t.shape);
