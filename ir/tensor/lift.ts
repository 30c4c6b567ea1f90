import { check, GraphError } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import type { Value } from "../graph/node.ts";
import type { ScalarName } from "../ops/index.ts";
import { dtypes, isDType, isFloat, isInteger, typeText, type DType, type Shape } from "../types/index.ts";
import { broadcastShape, broadcastTo, convertTo, full, resultType } from "./broadcast.ts";
import { Tensor, wrap } from "./core.ts";
import { precisionOf } from "./precision.ts";
import { isScalar, scalarAs, scalarDType, scalarValue, type Scalar } from "./scalar.ts";
import type { Operand } from "./types/check.ts";

/** Scalar ops lifted to tensors: operands are promoted to one dtype, broadcast to one shape, and then meet. */

/** `f32[B,64]`, for messages. */
export const describe = (x: Tensor): string => typeText(x.value.type);

/** What promotion looks at: the value of a tensor, a scalar as it is. */
export function raw(x: Operand): Value | Scalar {
  if (x instanceof Tensor) return x.value;
  if (isScalar(x)) return x;
  if (typeof x === "string")
    throw new GraphError(`an operand is ${JSON.stringify(x)}`, `pass a tensor, a number or a boolean; the size of a dimension by its name is only known when the program runs: take a mean, or ones([${JSON.stringify(x)}]).sum()`);
  throw new GraphError(`an operand is ${x === null ? "null" : typeof x}`, "pass a tensor, a number or a boolean; arrays become tensors with tensor([...])");
}
export const shapeOf = (x: Operand): Shape => (x instanceof Tensor ? x.shape : []);

/** An operand as a value of the given dtype and shape. */
export function operand(x: Operand, dtype: DType, shape: Shape): Value {
  return x instanceof Tensor ? broadcastTo(convertTo(x.value, dtype), shape) : full(scalarAs(x, dtype), dtype, shape);
}

/** An operand as a tensor: a scalar becomes one without dimensions, of the given dtype. */
export const lifted = (x: Operand, dtype: DType): Tensor => (x instanceof Tensor ? x : wrap(full(scalarAs(x, dtype), dtype)));

/** A scalar op of one operand. */
export const unary = (name: ScalarName, x: Tensor): Tensor => wrap(emitOne(name, [x.value], {}));
/** A scalar op that computes in floating point: integers and bool are converted to f32. */
export const unaryFloat = (name: ScalarName, x: Tensor): Tensor => unary(name, convert(toFloat(x), precisionOf(name, toFloat(x).dtype)));
/** A rounding: integers are whole already. */
export const unaryRounding = (name: ScalarName, x: Tensor): Tensor => (isInteger(x.dtype) ? x : unary(name, x));

/** A scalar op of two operands, promoted and broadcast. */
export function binary(name: ScalarName, x: Operand, y: Operand, dtype: DType = precisionOf(name, resultType([raw(x), raw(y)]))): Tensor {
  const shape = broadcastShape(shapeOf(x), shapeOf(y), name);
  return wrap(emitOne(name, [operand(x, dtype, shape), operand(y, dtype, shape)], {}));
}
/** A scalar op of two operands that computes in floating point. */
export function binaryFloat(name: ScalarName, x: Operand, y: Operand): Tensor {
  const dtype = resultType([raw(x), raw(y)]);
  return binary(name, x, y, isFloat(dtype) ? dtype : "f32");
}

/** The second operand of a function in floating point, as a tensor in the dtype of the result. */
export function floatOperand(x: Tensor, y: Operand): Tensor {
  const both = resultType([raw(x), raw(y)]), dtype = isFloat(both) ? both : "f32";
  return isScalar(y) ? x.fullLike(scalarValue(y), dtype) : convert(y, dtype);
}

/** `a` where `condition` holds, else `b`. */
export function select(condition: Tensor, a: Operand, b: Operand): Tensor {
  check(condition.dtype === "bool", () => `where: the condition is ${describe(condition)}; it must be bool`, "compare first, or convert it with .bool()");
  const dtype = resultType([raw(a), raw(b)]);
  const shape = broadcastShape(broadcastShape(condition.shape, shapeOf(a), "where"), shapeOf(b), "where");
  return wrap(emitOne("select", [broadcastTo(condition.value, shape), operand(a, dtype, shape), operand(b, dtype, shape)], {}));
}

export function convert(x: Tensor, dtype: DType): Tensor {
  check(isDType(dtype), () => `${JSON.stringify(dtype)} is not a dtype`, `the dtypes are ${dtypes.join(", ")}`);
  return x.dtype === dtype ? x : wrap(convertTo(x.value, dtype));
}
/** Integers and bool as f32. */
export const toFloat = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : convert(x, "f32"));

/** Integers and bool as the dtype in which they are summed: i32, or u32 where they are that. Floats in that of sums. */
export const accumulator = (x: Tensor): Tensor => (isFloat(x.dtype) ? convert(x, precisionOf("sum", x.dtype)) : convert(x, x.dtype === "u32" ? "u32" : "i32"));

/** Throws unless the tensor is a float: for formulas that PyTorch defines on floats only. */
export function requireFloat(x: Tensor, name: string): void {
  check(isFloat(x.dtype), () => `${name} of ${describe(x)}: it takes a float`, "convert it first, with .float()");
}

/** Throws unless the tensor holds integers. */
export function requireInteger(x: Tensor, name: string): void {
  check(isInteger(x.dtype), () => `${name} of ${describe(x)}: it takes integers`, "convert it first, with .int()");
}

/** Throws where a value cannot be written into a tensor without changing its dtype: a float into integers. */
export function requireFits(x: Tensor, value: Operand, name: string): void {
  const from = isScalar(value) ? scalarDType(value) : value.dtype;
  check(isFloat(x.dtype) || !isFloat(from), () =>
    `${name} of ${describe(x)}: ${isScalar(value) ? scalarValue(value) : describe(value)} does not fit in ${x.dtype}`, "convert the tensor to a float first");
}

/** A value to write into a tensor, in its dtype: no dimensions, and no float into integers. */
export function fillValue(x: Tensor, value: Operand, name: string): Tensor {
  requireFits(x, value, name);
  check(isScalar(value) || value.rank === 0, () => `${name} of ${describe(x)}: the value is ${describe(value as Tensor)}; it must have no dimensions`);
  return convert(lifted(value, x.dtype), x.dtype);
}

/** Square root whose derivative at 0 is 0, not infinite. */
export function rootOrZero(x: Tensor): Tensor {
  const isZero = x.eq(0);
  return select(isZero, 0, select(isZero, 1, x).sqrt());
}
