import { check } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import type { Value } from "../graph/node.ts";
import { dims, isFloat, promote, sameShape, shapeText, typeText, type DType, type Shape } from "../types/index.ts";
import { isScalar, scalarDType, type Scalar } from "./scalar.ts";

/**
 * Broadcasting and promotion: what the authoring layer does so that the IR need not. Values go in, values come
 * out whose shapes and dtypes are equal.
 */

/** Shape two shapes broadcast to, PyTorch's rule: aligned at the end, a 1 stretches. */
export function broadcastShape(a: Shape, b: Shape, name = "broadcast"): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - (rank - a.length)] ?? 1, y = b[i - (rank - b.length)] ?? 1;
    check(x === y || x === 1 || y === 1, () => `${name}: cannot broadcast ${shapeText(a)} with ${shapeText(b)}: ${x} against ${y}`,
      "dimensions must be equal, or one of them 1; line the axes up with unsqueeze, reshape or transpose");
    return x === 1 ? y : x;
  });
}

/** `x` stretched to `shape`, to which it must broadcast. */
export function broadcastTo(x: Value, shape: Shape): Value {
  const from = x.type.shape;
  if (sameShape(from, shape)) return x;
  const offset = shape.length - from.length;
  check(offset >= 0 && from.every((d, i) => d === 1 || d === shape[i + offset]), () => `cannot expand ${typeText(x.type)} to ${shapeText(shape)}`,
    "only dimensions of size 1 can be expanded");
  // drop the axes that stretch, then repeat along them
  const kept = from.map((_, i) => i).filter((i) => from[i] !== 1 || shape[i + offset] === 1);
  const squeezed = kept.length === from.length ? x : emitOne("reshape", [x], { shape: kept.map((i) => from[i]) });
  const axes = kept.map((i) => i + offset);
  return axes.length === shape.length ? squeezed : emitOne("broadcast", [squeezed], { shape, axes });
}

export const convertTo = (x: Value, dtype: DType): Value => (x.type.dtype === dtype ? x : emitOne("convert", [x], { dtype }));

/** A tensor of one number, of any shape. */
export const full = (value: number, dtype: DType, shape: Shape = []): Value => emitOne("constant", [], { dtype, shape: shape.map(dims.dim), data: value });

const category = (d: DType): number => (d === "bool" ? 0 : isFloat(d) ? 2 : 1);

/**
 * PyTorch's `result_type`: tensors with dimensions decide the dtype; a 0-d tensor only counts where its category
 * (bool, integer, float) is higher than theirs, and a JavaScript number only where it is higher than both. A
 * whole JavaScript number is an integer here: JavaScript cannot tell 2.0 from 2.
 */
export function resultType(operands: readonly (Value | Scalar)[]): DType {
  const groups: DType[][] = [[], [], []]; // with dimensions, 0-d, numbers
  for (const x of operands)
    if (isScalar(x)) groups[2].push(scalarDType(x));
    else groups[x.type.shape.length > 0 ? 0 : 1].push(x.type.dtype);
  let result: DType | undefined;
  for (const group of groups) {
    if (group.length === 0) continue;
    const g = group.reduce(promote);
    if (result === undefined || category(g) > category(result)) result = g;
  }
  return result ?? "f32";
}
