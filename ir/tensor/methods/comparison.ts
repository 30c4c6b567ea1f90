import { isFloat, type DType, type Shape } from "../../types/index.ts";
import { Tensor } from "../core.ts";
import { binary, convert, unary } from "../lift.ts";
import { scalarValue } from "../scalar.ts";
import type { BroadcastCheck, Combined, Compared, Operand } from "../types/check.ts";

/** Comparisons, logic and bits. Operands broadcast, and are promoted to one dtype before they are compared. */

/** Whether equal; false where either is NaN. PyTorch: `torch.eq`. */
export function eq<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Compared<S, O>;
export function eq(this: Tensor, y: Operand): Tensor { return binary("eq", this, y); }

/** Whether not equal; true where either is NaN. PyTorch: `torch.ne`. */
export function ne<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Compared<S, O>;
export function ne(this: Tensor, y: Operand): Tensor { return binary("ne", this, y); }

/** Whether less. PyTorch: `torch.lt`. */
export function lt<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Compared<S, O>;
export function lt(this: Tensor, y: Operand): Tensor { return binary("lt", this, y); }

/** Whether less or equal. PyTorch: `torch.le`. */
export function le<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Compared<S, O>;
export function le(this: Tensor, y: Operand): Tensor { return binary("le", this, y); }

/** Whether greater. PyTorch: `torch.gt`. */
export function gt<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Compared<S, O>;
export function gt(this: Tensor, y: Operand): Tensor { return binary("gt", this, y); }

/** Whether greater or equal. PyTorch: `torch.ge`. */
export function ge<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Compared<S, O>;
export function ge(this: Tensor, y: Operand): Tensor { return binary("ge", this, y); }

/** How near counts as equal: `|x - y| <= atol + rtol * |y|`. */
interface Closeness { readonly rtol?: number; readonly atol?: number; readonly equalNan?: boolean }

/** Whether `|x - y| <= atol + rtol * |y|` (1e-8, 1e-5), or both are the same infinity. PyTorch: `torch.isclose`. */
export function isClose<S extends Shape, D extends DType, const O extends Operand>(
  this: Tensor<S, D>, y: O & BroadcastCheck<S, O>, options?: Closeness,
): Compared<S, O>;
export function isClose(this: Tensor, y: Operand, { rtol = 1e-5, atol = 1e-8, equalNan = false }: Closeness = {}): Tensor {
  if (this.dtype === "bool") return this.int().isClose(y, { rtol, atol, equalNan });
  if (y instanceof Tensor && y.dtype === "bool") return this.isClose(y.int(), { rtol, atol, equalNan });
  const distance = this.sub(y).abs();
  const allowed: Operand = y instanceof Tensor ? y.abs().mul(rtol).add(atol) : Math.abs(scalarValue(y)) * rtol + atol;
  const near = this.eq(y).logicalOr(distance.isFinite().logicalAnd(distance.le(allowed)));
  return equalNan ? near.logicalOr(this.isNan().logicalAnd(y instanceof Tensor ? y.isNan() : Number.isNaN(scalarValue(y)))) : near;
}

/** Whether all elements are close, as one bool. PyTorch: `torch.allclose`. */
export function allClose<S extends Shape, D extends DType, const O extends Operand>(
  this: Tensor<S, D>, y: O & BroadcastCheck<S, O>, options?: Closeness,
): Tensor<[], "bool">;
export function allClose(this: Tensor, y: Operand, options?: Closeness): Tensor { return this.isClose(y, options).all(); }

/** Whether NaN; false on integers. PyTorch: `torch.isnan`. */
export function isNan<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "bool">;
export function isNan(this: Tensor): Tensor { return isFloat(this.dtype) ? unary("isNan", this) : this.zerosLike("bool"); }

/** Whether ∞ or -∞; false on integers. PyTorch: `torch.isinf`. */
export function isInf<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "bool">;
export function isInf(this: Tensor): Tensor { return isFloat(this.dtype) ? this.abs().eq(Infinity) : this.zerosLike("bool"); }

/** Whether neither NaN nor infinite; true on integers. PyTorch: `torch.isfinite`. */
export function isFinite<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "bool">;
export function isFinite(this: Tensor): Tensor { return isFloat(this.dtype) ? unary("isFinite", this) : this.onesLike("bool"); }

/** Whether the sign bit is set, as -0 has it. PyTorch: `torch.signbit`. */
export function signbit<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "bool">;
export function signbit(this: Tensor): Tensor { return isFloat(this.dtype) ? this.onesLike().copysign(this).lt(0) : this.lt(0); }

// ---- logic: "not zero" is true, NaN too

const truth = (y: Operand): Operand => (y instanceof Tensor ? convert(y, "bool") : scalarValue(y) !== 0);

/** Whether zero (or false). PyTorch: `torch.logical_not`. */
export function logicalNot<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "bool">;
export function logicalNot(this: Tensor): Tensor { return unary("logicalNot", convert(this, "bool")); }

/** Whether both are true. PyTorch: `torch.logical_and`. */
export function logicalAnd<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Compared<S, O>;
export function logicalAnd(this: Tensor, y: Operand): Tensor { return binary("bitAnd", convert(this, "bool"), truth(y)); }

/** Whether at least one is true. PyTorch: `torch.logical_or`. */
export function logicalOr<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Compared<S, O>;
export function logicalOr(this: Tensor, y: Operand): Tensor { return binary("bitOr", convert(this, "bool"), truth(y)); }

/** Whether exactly one is true. PyTorch: `torch.logical_xor`. */
export function logicalXor<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Compared<S, O>;
export function logicalXor(this: Tensor, y: Operand): Tensor { return binary("bitXor", convert(this, "bool"), truth(y)); }

// ---- bits: integers and bool

/** Each bit turned around; logical not on bool. PyTorch: `torch.bitwise_not`. */
export function bitwiseNot<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function bitwiseNot(this: Tensor): Tensor { return this.dtype === "bool" ? this.logicalNot() : unary("bitNot", this); }

/** Bits set in both. PyTorch: `torch.bitwise_and`. */
export function bitwiseAnd<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function bitwiseAnd(this: Tensor, y: Operand): Tensor { return binary("bitAnd", this, y); }

/** Bits set in either. PyTorch: `torch.bitwise_or`. */
export function bitwiseOr<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function bitwiseOr(this: Tensor, y: Operand): Tensor { return binary("bitOr", this, y); }

/** Bits set in one of the two. PyTorch: `torch.bitwise_xor`. */
export function bitwiseXor<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function bitwiseXor(this: Tensor, y: Operand): Tensor { return binary("bitXor", this, y); }

/** `x << y`: 0 for a shift by 32 or more, or by less than 0. PyTorch: `torch.bitwise_left_shift`. */
export function bitwiseLeftShift<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function bitwiseLeftShift(this: Tensor, y: Operand): Tensor { return binary("shiftLeft", this, y); }

/** `x >> y`, keeping the sign of i32. PyTorch: `torch.bitwise_right_shift`. */
export function bitwiseRightShift<S extends Shape, D extends DType, const O extends Operand>(
  this: Tensor<S, D>, y: O & BroadcastCheck<S, O>,
): Combined<S, D, O>;
export function bitwiseRightShift(this: Tensor, y: Operand): Tensor { return binary("shiftRight", this, y); }

/** Whether +∞. PyTorch: `torch.isposinf`. */
export function isPosInf<S extends Shape>(this: Tensor<S>): Tensor<S, "bool">;
export function isPosInf(this: Tensor): Tensor { return isFloat(this.dtype) ? this.eq(Infinity) : this.zerosLike("bool"); }

/** Whether -∞. PyTorch: `torch.isneginf`. */
export function isNegInf<S extends Shape>(this: Tensor<S>): Tensor<S, "bool">;
export function isNegInf(this: Tensor): Tensor { return isFloat(this.dtype) ? this.eq(-Infinity) : this.zerosLike("bool"); }

/** Whether each element is one of `values`, of any shape: every element meets every value. PyTorch: `torch.isin`. */
export function isIn<S extends Shape>(this: Tensor<S>, values: Tensor): Tensor<S, "bool">;
export function isIn(this: Tensor, values: Tensor): Tensor { return this.unsqueeze(-1).eq(values.flatten()).any(-1); }
