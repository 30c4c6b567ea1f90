import { check, GraphError } from "../graph/error.ts";
import { dims, typeText, type Dim, type DType, type Shape, type TensorType } from "../types/index.ts";

/** The declared type of a function's input: `f32("B", 64)`. */
export interface InputSpec<S extends Shape = Shape, D extends DType = DType> {
  readonly dtype: D;
  readonly shape: S;
}

const spec = <D extends DType>(dtype: D) =>
  <const S extends readonly Dim[]>(...shape: S): InputSpec<[...S], D> => ({ dtype, shape: checkedShape(shape, () => `${dtype}(${shape.join(", ")})`) as unknown as [...S] });

/** Declares an input of dtype f32: `f32("B", 64)` is a matrix of any number of rows; `f32()` is a scalar. */
export const f32 = spec("f32");
/** Declares an input of dtype f64, as {@link f32} does. */
export const f64 = spec("f64");
/** Declares an input of dtype f16, as {@link f32} does. A call takes numbers, which it rounds, or the bits in a Uint16Array. */
export const f16 = spec("f16");
/** Declares an input of dtype bf16, as {@link f16} does. */
export const bf16 = spec("bf16");
/** Declares an input of dtype i32, as {@link f32} does. */
export const i32 = spec("i32");
/** Declares an input of dtype u32, as {@link f32} does. */
export const u32 = spec("u32");
/** Declares an input of dtype u8, as {@link f32} does. */
export const u8 = spec("u8");
/** Declares an input of dtype bool, as {@link f32} does. */
export const bool = spec("bool");

/** A shape in canonical form (`"B*2"` becomes `"2*B"`). Throws on what is no dimension. */
export function checkedShape(shape: Shape, what: () => string): Shape {
  return shape.map((d) => {
    if (typeof d === "number") {
      check(Number.isInteger(d) && d >= 0, () => `${what()}: ${d} is not a dimension`, "a dimension is a whole number from 0, or a name such as \"B\"");
      return d;
    }
    try { return dims.dim(d); } catch (e) { throw new GraphError(`${what()}: ${(e as Error).message}`); }
  });
}

/** The shape of a variable: it is there before any function is called, so nothing could give a symbol its size. */
export function concreteShape(shape: Shape, what: () => string): readonly number[] {
  return checkedShape(shape, what).map((d) => {
    check(typeof d === "number", () => `${what()} has the symbolic dimension "${d}"`, "variables keep one shape for the life of the model: write numbers");
    return d;
  });
}

/**
 * Checks that a call can tell every symbol in `used` from its inputs: for each there must be an input with a
 * dimension that is the symbol alone. Derived dimensions (`"2*B"`) are then checked, not solved.
 */
export function checkSymbolsBound(fn: string, inputs: readonly TensorType[], used: Iterable<string>): void {
  const bound = new Set(inputs.flatMap((t) => t.shape).filter((d) => typeof d === "string" && dims.symbolsOf(d)[0] === d));
  for (const symbol of used)
    check(bound.has(symbol), () => `${fn}: no input gives a size to "${symbol}" (its inputs are ${inputs.map(typeText).join(", ") || "none"})`,
      `declare an input with a dimension that is "${symbol}" alone`);
}
