import { check } from "../../graph/error.ts";
import { dims, type DType, type Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { axisOf } from "../dims.ts";
import { describe, requireFits, select, toFloat, unary } from "../lift.ts";
import type { Axis } from "../types/check.ts";
import type { ToFloat } from "../types/dtype.ts";

/**
 * Activations, as in `torch.nn.functional`, with PyTorch's derivatives at their kinks. Each is a composition; where
 * a branch that is not taken could overflow, its argument is held at the kink, so that no NaN reaches the
 * derivative of the branch that is.
 */
type Floated<S extends Shape, D extends DType> = Tensor<S, ToFloat<D>>;

/** `max(x, 0)`; derivative 0 at 0. PyTorch: `torch.relu`. */
export function relu<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function relu(this: Tensor): Tensor { return select(this.le(0), 0, this); } // NaN is not <= 0, and stays

/** `min(max(x, 0), 6)`; derivative 0 on the bounds. PyTorch: `torch.nn.functional.relu6`. */
export function relu6<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<S, D>;
export function relu6(this: Tensor): Tensor { return this.hardtanh(0, 6); }

/** x above 0, `negativeSlope * x` at 0 and below. PyTorch: `torch.nn.functional.leaky_relu`. */
export function leakyRelu<S extends Shape, D extends DType>(this: Tensor<S, D>, negativeSlope?: number): Floated<S, D>;
export function leakyRelu(this: Tensor, negativeSlope = 0.01): Tensor { return select(this.gt(0), this, toFloat(this).mul(negativeSlope)); }

/**
 * x above 0, `weight * x` at 0 and below; `weight` broadcasts, so one for each channel is reshaped to `[C, 1, …]`.
 * PyTorch: `torch.nn.functional.prelu`.
 */
export function prelu<S extends Shape, D extends DType>(this: Tensor<S, D>, weight: Tensor): Floated<S, D>;
export function prelu(this: Tensor, weight: Tensor): Tensor { return select(this.gt(0), this, toFloat(this).mul(weight)); }

/** x above 0, `alpha * (e^x - 1)` below. PyTorch: `torch.nn.functional.elu`. */
export function elu<S extends Shape, D extends DType>(this: Tensor<S, D>, alpha?: number): Floated<S, D>;
export function elu(this: Tensor, alpha = 1): Tensor { return exponentialUnit(toFloat(this), alpha, 1); }

/** Self-normalising `scale * elu(x, alpha)` with the constants of Klambauer et al. (2017). PyTorch: `torch.selu`. */
export function selu<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function selu(this: Tensor): Tensor { return exponentialUnit(toFloat(this), 1.6732632423543772, 1).mul(1.0507009873554805); }

/** x above 0, `alpha * (e^(x / alpha) - 1)` below. PyTorch: `torch.nn.functional.celu`. */
export function celu<S extends Shape, D extends DType>(this: Tensor<S, D>, alpha?: number): Floated<S, D>;
export function celu(this: Tensor, alpha = 1): Tensor { return exponentialUnit(toFloat(this), alpha, alpha); }

function exponentialUnit(x: Tensor, alpha: number, width: number): Tensor {
  const isPositive = x.gt(0);
  const negative = select(isPositive, 0, x);
  return select(isPositive, x, (width === 1 ? negative : negative.div(width)).expm1().mul(alpha));
}

/**
 * Gaussian error linear unit `x Φ(x)`: exact (`"none"`), by erf, or by `"tanh"`:
 * `x/2 (1 + tanh(sqrt(2/π) (x + 0.044715 x³)))`. Hendrycks & Gimpel (2016). PyTorch: `torch.nn.functional.gelu`.
 */
export function gelu<S extends Shape, D extends DType>(this: Tensor<S, D>, approximate?: "none" | "tanh"): Floated<S, D>;
export function gelu(this: Tensor, approximate: "none" | "tanh" = "none"): Tensor {
  const x = toFloat(this);
  if (approximate === "none") return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));
  check(approximate === "tanh", () => `gelu: the approximation is ${JSON.stringify(approximate)}; it can be "none" or "tanh"`);
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(inner.tanh().add(1));
}

/** `x * sigmoid(x)`, also called swish. PyTorch: `torch.nn.functional.silu`. */
export function silu<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function silu(this: Tensor): Tensor { return toFloat(this).mul(this.sigmoid()); }

/** `x * tanh(softplus(x))`. PyTorch: `torch.nn.functional.mish`. */
export function mish<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function mish(this: Tensor): Tensor { return toFloat(this).mul(unary("softplus", toFloat(this)).tanh()); }

/** x kept within [min, max]; derivative 0 on the bounds and outside. PyTorch: `torch.nn.functional.hardtanh`. */
export function hardtanh<S extends Shape, D extends DType>(this: Tensor<S, D>, min?: number, max?: number): Tensor<S, D>;
export function hardtanh(this: Tensor, min = -1, max = 1): Tensor {
  requireFits(this, min, "hardtanh");
  requireFits(this, max, "hardtanh");
  return select(this.le(min), min, select(this.ge(max), max, this));
}

/** `x * relu6(x + 3) / 6`. PyTorch: `torch.nn.functional.hardswish`. */
export function hardswish<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function hardswish(this: Tensor): Tensor {
  const x = toFloat(this);
  return select(x.lt(-3), 0, select(x.gt(3), x, x.mul(x.add(3)).div(6)));
}

/** `relu6(x + 3) / 6`. PyTorch: `torch.nn.functional.hardsigmoid`. */
export function hardsigmoid<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function hardsigmoid(this: Tensor): Tensor {
  const shifted = toFloat(this).add(3).relu6(), value = shifted.div(6);
  if (value.dtype === "f32") return value;
  // PyTorch's kernel has the slope 1/6 in f32, for f64 too: the value is exact, its derivative is that
  const sloped = shifted.mul(Math.fround(1 / 6));
  return sloped.add(value.sub(sloped).stopGradient());
}

/** `x / (1 + |x|)`. PyTorch: `torch.nn.functional.softsign`. */
export function softsign<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function softsign(this: Tensor): Tensor { return toFloat(this).div(toFloat(this).abs().add(1)); }

/** `x - tanh(x)`. PyTorch: `torch.nn.functional.tanhshrink`. */
export function tanhshrink<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function tanhshrink(this: Tensor): Tensor { return toFloat(this).sub(this.tanh()); }

/** x moved toward 0 by `lambd`, 0 within it, and for NaN. PyTorch: `torch.nn.functional.softshrink`. */
export function softshrink<S extends Shape, D extends DType>(this: Tensor<S, D>, lambd?: number): Floated<S, D>;
export function softshrink(this: Tensor, lambd = 0.5): Tensor {
  const x = toFloat(this);
  return select(x.gt(lambd), x.sub(lambd), select(x.lt(-lambd), x.add(lambd), 0));
}

/** x, but 0 within `lambd` of 0. PyTorch: `torch.nn.functional.hardshrink`. */
export function hardshrink<S extends Shape, D extends DType>(this: Tensor<S, D>, lambd?: number): Floated<S, D>;
export function hardshrink(this: Tensor, lambd = 0.5): Tensor { return select(toFloat(this).abs().le(lambd), 0, toFloat(this)); }

/** `log(sigmoid(x))`, without overflow. PyTorch: `torch.nn.functional.logsigmoid`. */
export function logSigmoid<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function logSigmoid(this: Tensor): Tensor { return unary("softplus", toFloat(this).neg()).neg(); }

/**
 * `log(1 + e^(beta x)) / beta`, without overflow; x itself where `beta * x` is above `threshold`.
 * PyTorch: `torch.nn.functional.softplus`.
 */
export function softplus<S extends Shape, D extends DType>(this: Tensor<S, D>, beta?: number, threshold?: number): Floated<S, D>;
export function softplus(this: Tensor, beta = 1, threshold = 20): Tensor {
  const x = toFloat(this), scaled = beta === 1 ? x : x.mul(beta);
  const soft = unary("softplus", scaled);
  return select(scaled.gt(threshold), x, beta === 1 ? soft : soft.div(beta));
}

/** x above `threshold`, else `value`. PyTorch: `torch.nn.functional.threshold`. */
export function threshold<S extends Shape, D extends DType>(this: Tensor<S, D>, threshold: number, value: number): Tensor<S, D>;
export function threshold(this: Tensor, threshold: number, value: number): Tensor {
  requireFits(this, value, "threshold");
  return select(this.le(threshold), value, this);
}

/** `softmax(-x)` along an axis. PyTorch: `torch.nn.functional.softmin`. */
export function softmin<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>): Tensor<S, D>;
export function softmin(this: Tensor, dim: number): Tensor { return this.neg().softmax(dim); }

/** The first half along an axis times the sigmoid of the second; the size must be even. PyTorch: `torch.nn.functional.glu`. */
export function glu<D extends DType>(this: Tensor<Shape, D>, dim?: number): Tensor<Shape, ToFloat<D>>;
export function glu(this: Tensor, dim = -1): Tensor {
  const axis = axisOf(dim, this), half = this.rank > 0 ? dims.divExact(this.shape[axis], 2) : undefined;
  check(half !== undefined, () => `glu of ${describe(this)}: axis ${axis} must have an even size`);
  return this.narrow(axis, 0, half).mul(this.narrow(axis, half, half).sigmoid());
}
