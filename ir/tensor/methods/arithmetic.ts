import { check } from "../../graph/error.ts";
import { isFloat, isInteger, type DType, type Shape } from "../../types/index.ts";
import { resultType } from "../broadcast.ts";
import { Tensor } from "../core.ts";
import { binary, binaryFloat, describe, floatOperand, raw, select, toFloat } from "../lift.ts";
import { isScalar, scalarDType, scalarValue } from "../scalar.ts";
import type { BroadcastCheck, Combined, FloatCombined, Operand } from "../types/check.ts";

/**
 * Arithmetic with a second operand: a tensor that broadcasts with this one, or a number.
 *
 * Shapes are aligned at the end, and a 1 stretches; dtypes are promoted as by PyTorch's `result_type`. Shapes that
 * do not broadcast are an error that names both.
 */

/** Multiplies the second operand of `add` and `sub`. */
interface Alpha { readonly alpha?: number }
const scaled = (y: Operand, alpha: number): Operand => (alpha === 1 ? y : y instanceof Tensor ? y.mul(alpha) : scalarValue(y) * alpha);

/** `x + alpha * y`; on two bools, logical or. PyTorch: `torch.add`. */
export function add<S extends Shape, D extends DType, const O extends Operand>(
  this: Tensor<S, D>, y: O & BroadcastCheck<S, O>, options?: Alpha,
): Combined<S, D, O>;
export function add(this: Tensor, y: Operand, { alpha = 1 }: Alpha = {}): Tensor {
  const dtype = resultType([this.value, raw(y)]);
  return binary(dtype === "bool" ? "bitOr" : "add", this, scaled(y, alpha));
}

/** `x - alpha * y`. Not on two bools. PyTorch: `torch.sub`. */
export function sub<S extends Shape, D extends DType, const O extends Operand>(
  this: Tensor<S, D>, y: O & BroadcastCheck<S, O>, options?: Alpha,
): Combined<S, D, O>;
export function sub(this: Tensor, y: Operand, { alpha = 1 }: Alpha = {}): Tensor { return binary("sub", this, scaled(y, alpha)); }

/** `y - x`: subtraction with the operands exchanged, for a number on the left. PyTorch: `torch.rsub`. */
export function rsub<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function rsub(this: Tensor, y: Operand): Tensor { return binary("sub", y, this); }

/** `x * y`; on two bools, logical and. PyTorch: `torch.mul`. */
export function mul<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function mul(this: Tensor, y: Operand): Tensor { return binary(resultType([this.value, raw(y)]) === "bool" ? "bitAnd" : "mul", this, y); }

/** How `div` rounds: not at all (`null`), down (`"floor"`), or toward 0 (`"trunc"`). */
interface Rounding { readonly roundingMode?: "floor" | "trunc" | null }

/**
 * `x / y`. True division by default: integers give f32, and division by zero an infinity or NaN. With
 * `roundingMode` the dtype is kept, the derivative is 0, and integers divided by zero give 0.
 * PyTorch: `torch.div`.
 */
export function div<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function div<S extends Shape, D extends DType, const O extends Operand>(
  this: Tensor<S, D>, y: O & BroadcastCheck<S, O>, options: Rounding,
): Combined<S, D, O>;
export function div(this: Tensor, y: Operand, { roundingMode = null }: Rounding = {}): Tensor {
  if (roundingMode === "floor") return this.floorDivide(y);
  if (roundingMode === null) return binaryFloat("div", this, y);
  return isFloat(resultType([this.value, raw(y)])) ? binary("div", this, y).trunc() : binary("div", this, y);
}

/** `y / x`: true division with the operands exchanged, for a number on the left. PyTorch: `y / x`. */
export function rdiv<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function rdiv(this: Tensor, y: Operand): Tensor { return binaryFloat("div", y, this); }

/** Quotient rounded down, Python's `//`; derivative 0. Integers divided by zero give 0. PyTorch: `torch.floor_divide`. */
export function floorDivide<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function floorDivide(this: Tensor, y: Operand): Tensor { return binary("floorDivide", this, y); }

/** Remainder with the sign of the divisor, Python's `%`. PyTorch: `torch.remainder`. */
export function remainder<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function remainder(this: Tensor, y: Operand): Tensor { return binary("remainder", this, y); }

/** Remainder with the sign of the dividend, C's `fmod`. PyTorch: `torch.fmod`. */
export function fmod<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function fmod(this: Tensor, y: Operand): Tensor { return binary("fmod", this, y); }

/**
 * `x` to the power `y`. Integers to an integer power stay integers and wrap; a negative whole exponent given as a
 * number is an error there, as in PyTorch. PyTorch: `torch.pow`.
 */
export function pow<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function pow(this: Tensor, y: Operand): Tensor {
  const isNegative = isScalar(y) && scalarDType(y) === "i32" && scalarValue(y) < 0;
  check(!isNegative || !isInteger(this.dtype), () =>
    `${describe(this)} to the power ${scalarValue(y as number)}: integers have no negative powers`, "convert it first, with .float()");
  return binary("pow", this, y);
}

/** `y` to the power `x`: `pow` with the operands exchanged, for a number on the left. PyTorch: `y ** x`. */
export function rpow<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function rpow(this: Tensor, y: Operand): Tensor { return binary("pow", y, this); }

/** Larger of the two; NaN where either is. Equal operands share the derivative. PyTorch: `torch.maximum`. */
export function maximum<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function maximum(this: Tensor, y: Operand): Tensor { return binary("maximum", this, y); }

/** Smaller of the two; NaN where either is. Equal operands share the derivative. PyTorch: `torch.minimum`. */
export function minimum<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function minimum(this: Tensor, y: Operand): Tensor { return binary("minimum", this, y); }

/** Larger of the two, ignoring a NaN beside a number; of equals, the first has the derivative. PyTorch: `torch.fmax`. */
export function fmax<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function fmax(this: Tensor, y: Operand): Tensor { return select(this.ge(y).logicalOr(isNanOperand(y)), this, y); }

/** Smaller of the two, ignoring a NaN beside a number; of equals, the first has the derivative. PyTorch: `torch.fmin`. */
export function fmin<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function fmin(this: Tensor, y: Operand): Tensor { return select(this.le(y).logicalOr(isNanOperand(y)), this, y); }
const isNanOperand = (y: Operand): Operand => (y instanceof Tensor ? y.isNan() : Number.isNaN(scalarValue(y)));

/** Angle, in radians, of the point (y, x) for `y.atan2(x)`. PyTorch: `torch.atan2`. */
export function atan2<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, x: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function atan2(this: Tensor, x: Operand): Tensor { return binaryFloat("atan2", this, x); }

/** `sqrt(x² + y²)` without overflow; derivative 0 at the origin. PyTorch: `torch.hypot`. */
export function hypot<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function hypot(this: Tensor, y: Operand): Tensor { return binaryFloat("hypot", this, y); }

/** `log(e^x + e^y)` without overflow. PyTorch: `torch.logaddexp`. */
export function logaddexp<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function logaddexp(this: Tensor, y: Operand): Tensor { return binaryFloat("logaddexp", this, y); }

/** `log2(2^x + 2^y)` without overflow. PyTorch: `torch.logaddexp2`. */
export function logaddexp2<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function logaddexp2(this: Tensor, y: Operand): Tensor {
  const b = y instanceof Tensor ? toFloat(y).mul(Math.LN2) : scalarValue(y) * Math.LN2;
  return toFloat(this).mul(Math.LN2).logaddexp(b).div(Math.LN2);
}

/** `x * log(y)`, 0 where x is 0 (unless y is NaN). PyTorch: `torch.xlogy`. */
export function xlogy<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function xlogy(this: Tensor, y: Operand): Tensor {
  const other = floatOperand(this, y);
  // where x is 0, log(y) is infinite at y = 0 and ∞: a 1 in its place makes the product and both derivatives 0
  const isZero = this.eq(0).logicalAnd(other.le(0).logicalOr(other.eq(Infinity)));
  return this.mul(isZero.where(1, other).log());
}

/** Magnitude of x with the sign of y (that of -0 too). PyTorch: `torch.copysign`. */
export function copysign<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function copysign(this: Tensor, y: Operand): Tensor { return binaryFloat("copysign", this, y); }

/** 0 below 0 (and for NaN), 1 above, `values` at 0. PyTorch: `torch.heaviside`. */
export function heaviside<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, values: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function heaviside(this: Tensor, values: Operand): Tensor { return select(this.eq(0), values, this.gt(0).convert(this.dtype)); }

/** `x · 2^y`. PyTorch: `torch.ldexp`. */
export function ldexp<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function ldexp(this: Tensor, y: Operand): Tensor { return y instanceof Tensor ? this.mul(y.exp2()) : toFloat(this).mul(2 ** scalarValue(y)); }
