import { emitOne } from "../../graph/build.ts";
import { isFloat, type DType, type Shape } from "../../types/index.ts";
import { full } from "../broadcast.ts";
import { Tensor, wrap } from "../core.ts";
import * as lift from "../lift.ts";
import { scalarAs, type Scalar } from "../scalar.ts";

/** Dtypes, tensors like another, and what stops derivatives. */

/**
 * The elements in another dtype. Float to integer truncates toward 0 and wraps (NaN and the infinities give 0);
 * to bool asks "is not zero"; to a float it rounds to the nearest value, of two equally near ones the even one (what is
 * too large for f16 becomes infinite). A float to a float has a derivative.
 * PyTorch: `torch.Tensor.to`.
 */
export function convert<S extends Shape, D extends DType, E extends DType>(this: Tensor<S, D>, dtype: E): Tensor<S, E>;
export function convert(this: Tensor, dtype: DType): Tensor { return lift.convert(this, dtype); }

/** {@link convert} to a dtype, or to that of another tensor. PyTorch: `torch.Tensor.to`. */
export function to<S extends Shape, D extends DType, E extends DType>(this: Tensor<S, D>, dtype: E | Tensor<Shape, E>): Tensor<S, E>;
export function to(this: Tensor, dtype: DType | Tensor): Tensor { return lift.convert(this, dtype instanceof Tensor ? dtype.dtype : dtype); }

/** {@link convert} to the dtype of another tensor. PyTorch: `torch.Tensor.type_as`. */
export function typeAs<S extends Shape, D extends DType, E extends DType>(this: Tensor<S, D>, other: Tensor<Shape, E>): Tensor<S, E>;
export function typeAs(this: Tensor, other: Tensor): Tensor { return lift.convert(this, other.dtype); }

/** {@link convert} to f32. PyTorch: `torch.Tensor.float`. */
export function float<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "f32">;
export function float(this: Tensor): Tensor { return lift.convert(this, "f32"); }
/** {@link convert} to f64. PyTorch: `torch.Tensor.double`. */
export function double<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "f64">;
export function double(this: Tensor): Tensor { return lift.convert(this, "f64"); }
/** {@link convert} to f16. PyTorch: `torch.Tensor.half`. */
export function half<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "f16">;
export function half(this: Tensor): Tensor { return lift.convert(this, "f16"); }
/** {@link convert} to bf16. PyTorch: `torch.Tensor.bfloat16`. */
export function bfloat16<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "bf16">;
export function bfloat16(this: Tensor): Tensor { return lift.convert(this, "bf16"); }
/** {@link convert} to i32. PyTorch: `torch.Tensor.int`. */
export function int<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "i32">;
export function int(this: Tensor): Tensor { return lift.convert(this, "i32"); }
/** {@link convert} to u8. PyTorch: `torch.Tensor.byte`. */
export function byte<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "u8">;
export function byte(this: Tensor): Tensor { return lift.convert(this, "u8"); }
/** {@link convert} to bool: "is not zero". PyTorch: `torch.Tensor.bool`. */
export function bool<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, "bool">;
export function bool(this: Tensor): Tensor { return lift.convert(this, "bool"); }

/** Whether the dtype is a float: f16, bf16, f32 or f64. PyTorch: `torch.is_floating_point`. */
export function isFloatingPoint(this: Tensor): boolean { return isFloat(this.dtype); }

// ---- tensors like this one: of its shape and dtype, unless others are given

/** A tensor of one number. A fraction for an integer dtype is cut to its whole part. PyTorch: `torch.full_like`. */
export function fullLike<S extends Shape, D extends DType>(this: Tensor<S, D>, value: Scalar): Tensor<S, D>;
export function fullLike<S extends Shape, E extends DType>(this: Tensor<S>, value: Scalar, dtype: E): Tensor<S, E>;
export function fullLike(this: Tensor, value: Scalar, dtype: DType = this.dtype): Tensor { return wrap(full(scalarAs(value, dtype), dtype, this.shape)); }
/** Zeros. PyTorch: `torch.zeros_like`. */
export function zerosLike<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function zerosLike<S extends Shape, E extends DType>(this: Tensor<S>, dtype: E): Tensor<S, E>;
export function zerosLike(this: Tensor, dtype: DType = this.dtype): Tensor { return this.fullLike(0, dtype); }
/** Ones. PyTorch: `torch.ones_like`. */
export function onesLike<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function onesLike<S extends Shape, E extends DType>(this: Tensor<S>, dtype: E): Tensor<S, E>;
export function onesLike(this: Tensor, dtype: DType = this.dtype): Tensor { return this.fullLike(1, dtype); }

// ---- derivatives

/** The same values, constant to every derivative. PyTorch: `torch.Tensor.detach`. */
export function stopGradient<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function stopGradient(this: Tensor): Tensor { return wrap(emitOne("stopGradient", [this.value], {})); }
/** {@link stopGradient}, under PyTorch's name: `torch.Tensor.detach`. */
export function detach<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function detach(this: Tensor): Tensor { return this.stopGradient(); }

/** The tensor itself: values of a graph are never written to. PyTorch: `torch.clone`. */
export function clone<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function clone(this: Tensor): Tensor { return this; }
/** The tensor itself: there are no strides here. PyTorch: `torch.Tensor.contiguous`. */
export function contiguous<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function contiguous(this: Tensor): Tensor { return this; }
