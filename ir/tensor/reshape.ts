import { check } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import { dims, sameShape, shapeText, type Dim, type Shape } from "../types/index.ts";
import { wrap, type Tensor } from "./core.ts";

/** Dimensions given one by one or as one array, as a list. */
export const listed = (shape: readonly Dim[] | readonly [readonly Dim[]]): readonly Dim[] => (Array.isArray(shape[0]) ? shape[0] : (shape as readonly Dim[]));

/** `x` in another shape of as many elements; nothing is emitted where the shape is the same. */
export function reshapeTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : wrap(emitOne("reshape", [x.value], { shape }));
}

/** A shape with its -1, if any, replaced by the size that the others leave. */
export function inferSize(from: Shape, to: Shape): Shape {
  const text = (): string => `cannot reshape ${shapeText(from)} to ${shapeText(to)}`;
  for (const d of to) check(typeof d === "string" || (Number.isInteger(d) && d >= -1), () => `${text()}: ${d} is not a size`);
  const unknown = to.indexOf(-1);
  if (unknown < 0) return to.map(dims.dim);
  check(to.lastIndexOf(-1) === unknown, () => `${text()}: only one dimension can be -1`);
  const rest = dims.product(to.filter((_, i) => i !== unknown));
  check(rest !== 0, () => `${text()}: any size fits the -1`, "say the size");
  const size: Dim | undefined = dims.divExact(dims.product(from), rest);
  check(size !== undefined, () => `${text()}: ${dims.product(from)} elements do not divide by ${rest}, so no size fits the -1`);
  return to.map((d, i) => (i === unknown ? size : dims.dim(d)));
}
