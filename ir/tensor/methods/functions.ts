import type { DType, Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { convert, requireFloat, toFloat, unary, unaryFloat, unaryRounding } from "../lift.ts";
import type { ToFloat } from "../types/dtype.ts";

/**
 * Functions of one operand, element by element: the result has the operand's shape. Those that compute in
 * floating point turn integers and bool into f32, as PyTorch does.
 */
type Floated<S extends Shape, D extends DType> = Tensor<S, ToFloat<D>>;

// ---- arithmetic

/** `-x`; integers wrap. Not on bool. PyTorch: `torch.neg`. */
export function neg<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function neg(this: Tensor): Tensor { return unary("neg", this); }

/** Absolute value; derivative 0 at 0. Not on bool. PyTorch: `torch.abs`. */
export function abs<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function abs(this: Tensor): Tensor { return unary("abs", this); }

/** -1, 0 or 1; 0 of NaN. Derivative 0. PyTorch: `torch.sign`. */
export function sign<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function sign(this: Tensor): Tensor { return this.dtype === "bool" ? this : unary("sign", this); }

/** `x * x`; bool becomes i32. PyTorch: `torch.square`. */
export function square<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D extends "bool" ? "i32" : D>;
export function square(this: Tensor): Tensor {
  const x = this.dtype === "bool" ? convert(this, "i32") : this;
  return x.mul(x);
}

// ---- rounding: integers are returned as they are; derivative 0

/** Largest whole number not above x. PyTorch: `torch.floor`. */
export function floor<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function floor(this: Tensor): Tensor { return unaryRounding("floor", this); }

/** Smallest whole number not below x. PyTorch: `torch.ceil`. */
export function ceil<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function ceil(this: Tensor): Tensor { return unaryRounding("ceil", this); }

/** Nearest whole number, half to even; with `decimals`, to as many decimal places. PyTorch: `torch.round`. */
export function round<S extends Shape, D extends DType>(this: Tensor<S, D>, options?: { readonly decimals?: number }): Tensor<S, D>;
export function round(this: Tensor, { decimals = 0 }: { readonly decimals?: number } = {}): Tensor {
  if (decimals === 0) return unaryRounding("round", this);
  requireFloat(this, "round to decimals");
  const scale = 10 ** Math.abs(decimals);
  return decimals > 0 ? this.mul(scale).round().div(scale) : this.div(scale).round().mul(scale);
}

/** The whole part, toward 0. PyTorch: `torch.trunc`. */
export function trunc<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function trunc(this: Tensor): Tensor { return unaryRounding("trunc", this); }

/** The part after the point, with the sign of x: `x - trunc(x)`. PyTorch: `torch.frac`. */
export function frac<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function frac(this: Tensor): Tensor { requireFloat(this, "frac"); return this.sub(this.trunc()); }

// ---- exponentials, logarithms, roots, angles, hyperbolic functions, the error function

/** `e^x`. PyTorch: `torch.exp`. */
export function exp<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function exp(this: Tensor): Tensor { return unaryFloat("exp", this); }

/** `2^x`. PyTorch: `torch.exp2`. */
export function exp2<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function exp2(this: Tensor): Tensor { return unaryFloat("exp2", this); }

/** `e^x - 1`, without cancellation near 0. PyTorch: `torch.expm1`. */
export function expm1<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function expm1(this: Tensor): Tensor { return unaryFloat("expm1", this); }

/** Natural logarithm: `-Infinity` at 0, NaN below. PyTorch: `torch.log`. */
export function log<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function log(this: Tensor): Tensor { return unaryFloat("log", this); }

/** Logarithm to base 2. PyTorch: `torch.log2`. */
export function log2<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function log2(this: Tensor): Tensor { return unaryFloat("log2", this); }

/** Logarithm to base 10. PyTorch: `torch.log10`. */
export function log10<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function log10(this: Tensor): Tensor { return unaryFloat("log10", this); }

/** `log(1 + x)`, without cancellation near 0. PyTorch: `torch.log1p`. */
export function log1p<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function log1p(this: Tensor): Tensor { return unaryFloat("log1p", this); }

/** Square root: NaN below 0; its derivative is infinite at 0. PyTorch: `torch.sqrt`. */
export function sqrt<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function sqrt(this: Tensor): Tensor { return unaryFloat("sqrt", this); }

/** `1 / sqrt(x)`. PyTorch: `torch.rsqrt`. */
export function rsqrt<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function rsqrt(this: Tensor): Tensor { return unaryFloat("rsqrt", this); }

/** `1 / x`. PyTorch: `torch.reciprocal`. */
export function reciprocal<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function reciprocal(this: Tensor): Tensor { return unaryFloat("reciprocal", this); }

/** Sine of radians. PyTorch: `torch.sin`. */
export function sin<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function sin(this: Tensor): Tensor { return unaryFloat("sin", this); }

/** Cosine of radians. PyTorch: `torch.cos`. */
export function cos<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function cos(this: Tensor): Tensor { return unaryFloat("cos", this); }

/** Tangent of radians. PyTorch: `torch.tan`. */
export function tan<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function tan(this: Tensor): Tensor { return unaryFloat("tan", this); }

/** Arcsine, in radians: NaN outside [-1, 1]. PyTorch: `torch.asin`. */
export function asin<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function asin(this: Tensor): Tensor { return unaryFloat("asin", this); }

/** Arccosine, in radians: NaN outside [-1, 1]. PyTorch: `torch.acos`. */
export function acos<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function acos(this: Tensor): Tensor { return unaryFloat("acos", this); }

/** Arctangent, in radians. PyTorch: `torch.atan`. */
export function atan<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function atan(this: Tensor): Tensor { return unaryFloat("atan", this); }

/** Hyperbolic sine. PyTorch: `torch.sinh`. */
export function sinh<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function sinh(this: Tensor): Tensor { return unaryFloat("sinh", this); }

/** Hyperbolic cosine. PyTorch: `torch.cosh`. */
export function cosh<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function cosh(this: Tensor): Tensor { return unaryFloat("cosh", this); }

/** Hyperbolic tangent. PyTorch: `torch.tanh`. */
export function tanh<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function tanh(this: Tensor): Tensor { return unaryFloat("tanh", this); }

/** Inverse hyperbolic sine. PyTorch: `torch.asinh`. */
export function asinh<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function asinh(this: Tensor): Tensor { return unaryFloat("asinh", this); }

/** Inverse hyperbolic cosine: NaN below 1. PyTorch: `torch.acosh`. */
export function acosh<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function acosh(this: Tensor): Tensor { return unaryFloat("acosh", this); }

/** Inverse hyperbolic tangent: NaN outside [-1, 1]. PyTorch: `torch.atanh`. */
export function atanh<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function atanh(this: Tensor): Tensor { return unaryFloat("atanh", this); }

/** Error function, `2/sqrt(π) ∫₀ˣ e^(-t²) dt`. PyTorch: `torch.erf`. */
export function erf<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function erf(this: Tensor): Tensor { return unaryFloat("erf", this); }

/** Complementary error function `1 - erf(x)`, accurate in its tail. PyTorch: `torch.erfc`. */
export function erfc<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function erfc(this: Tensor): Tensor { return unaryFloat("erfc", this); }

/** Inverse of erf on (-1, 1): infinite at ±1, NaN outside. PyTorch: `torch.erfinv`. */
export function erfinv<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function erfinv(this: Tensor): Tensor { return unaryFloat("erfinv", this); }

/** Logistic function `1 / (1 + e^-x)`, without overflow. PyTorch: `torch.sigmoid`. */
export function sigmoid<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function sigmoid(this: Tensor): Tensor { return unaryFloat("sigmoid", this); }

/** Degrees as radians. PyTorch: `torch.deg2rad`. */
export function deg2rad<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function deg2rad(this: Tensor): Tensor { return toFloat(this).mul(Math.PI / 180); }

/** Radians as degrees. PyTorch: `torch.rad2deg`. */
export function rad2deg<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function rad2deg(this: Tensor): Tensor { return toFloat(this).mul(180 / Math.PI); }

/** `sin(πx) / (πx)`, 1 at 0 (with derivative 0 there). PyTorch: `torch.sinc`. */
export function sinc<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function sinc(this: Tensor): Tensor {
  const isZero = this.eq(0);
  const angle = isZero.where(1, toFloat(this).mul(Math.PI)); // no 0/0, in the value or in the derivative
  return isZero.where(1, angle.sin().div(angle));
}

/**
 * Inverse of sigmoid, `log(x / (1 - x))`. With `eps`, x is clamped to [eps, 1 - eps] first; without, it is
 * infinite at 0 and 1 and NaN outside. PyTorch: `torch.logit`.
 */
export function logit<S extends Shape, D extends DType>(this: Tensor<S, D>, eps?: number): Floated<S, D>;
export function logit(this: Tensor, eps?: number): Tensor {
  const x = eps === undefined ? toFloat(this) : toFloat(this).clamp(eps, 1 - eps);
  return x.log().sub(x.neg().log1p());
}

/**
 * Replaces NaN by `nan` (0), and the infinities by `posinf` and `neginf` (the largest and lowest finite numbers of
 * the dtype). What is replaced has derivative 0. PyTorch: `torch.nan_to_num`.
 */
export function nanToNum<S extends Shape, D extends DType>(this: Tensor<S, D>, nan?: number, posinf?: number, neginf?: number): Tensor<S, D>;
export function nanToNum(this: Tensor, nan = 0, posinf?: number, neginf?: number): Tensor {
  if (this.dtype !== "f32" && this.dtype !== "f64") return this;
  const largest = this.dtype === "f32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
  const bounded = this.eq(Infinity).where(posinf ?? largest, this.eq(-Infinity).where(neginf ?? -largest, this));
  return this.isNan().where(nan, bounded);
}

/** x itself. PyTorch: `torch.positive`. */
export function positive<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function positive(this: Tensor): Tensor { return this; }
