import { check } from "../graph/error.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Shape } from "../types/index.ts";
import { bernoulli, uniform, type DrawOptions, type Float } from "./distributions.ts";

/** Distributions that are functions of uniform numbers. Options as for `uniform`. */

/** Uniform in (0, 1]: never 0, so that its logarithm is finite. */
const unit = <S extends Shape, D extends Float>(options: DrawOptions<S, D>): Tensor => (uniform({ ...options, low: 0, high: 1 }) as Tensor).neg().add(1);
/** Uniform in the open interval (0, 1), symmetric about its middle. */
function inside<S extends Shape, D extends Float>(options: DrawOptions<S, D>): Tensor {
  const u: Tensor = uniform({ ...options, low: 0, high: 1 });
  return u.add(options.dtype === "f64" ? 2 ** -54 : 2 ** -25).clampMax(options.dtype === "f64" ? 1 - 2 ** -53 : 1 - 2 ** -24);
}

/** Density `rate · e^(-rate·x)`, x ≥ 0; rate 1 unless given. PyTorch: `torch.Tensor.exponential_`. */
export function exponential<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D> & { readonly rate?: number }): Tensor<S, D> {
  const { rate = 1, ...draw } = options;
  check(rate > 0, () => `random.exponential with the rate ${rate}`, "give a number above 0");
  return unit(draw).log().div(-rate) as Tensor<S, D>;
}

/** The largest of many: `-log(-log u)`, times `scale` (1) and moved by `loc` (0). PyTorch: `torch.distributions.Gumbel`. */
export function gumbel<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D> & { readonly loc?: number; readonly scale?: number }): Tensor<S, D> {
  const { loc = 0, scale = 1, ...draw } = options;
  return inside(draw).log().neg().log().mul(-scale).add(loc) as Tensor<S, D>;
}

/** Density `e^-|x| / 2`, times `scale` (1) and moved by `loc` (0). PyTorch: `torch.distributions.Laplace`. */
export function laplace<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D> & { readonly loc?: number; readonly scale?: number }): Tensor<S, D> {
  const { loc = 0, scale = 1, ...draw } = options;
  const u = inside(draw).sub(0.5);
  return u.sign().mul(u.abs().mul(-2).log1p()).mul(-scale).add(loc) as Tensor<S, D>;
}

/** `log(u / (1 - u))`, times `scale` (1) and moved by `loc` (0). PyTorch: `torch.distributions.LogisticNormal`'s base, SciPy's `logistic`. */
export function logistic<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D> & { readonly loc?: number; readonly scale?: number }): Tensor<S, D> {
  const { loc = 0, scale = 1, ...draw } = options;
  return inside(draw).logit().mul(scale).add(loc) as Tensor<S, D>;
}

/** `tan(π(u - 1/2))`, times `sigma` (1) and moved by `median` (0). PyTorch: `torch.Tensor.cauchy_`. */
export function cauchy<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D> & { readonly median?: number; readonly sigma?: number }): Tensor<S, D> {
  const { median = 0, sigma = 1, ...draw } = options;
  return inside(draw).sub(0.5).mul(Math.PI).tan().mul(sigma).add(median) as Tensor<S, D>;
}

/** `e^z` of normal z of a mean (1 unless given, as in PyTorch) and standard deviation (2). PyTorch: `torch.Tensor.log_normal_`. */
export function logNormal<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D> & { readonly mean?: number; readonly std?: number }): Tensor<S, D> {
  const { mean = 1, std = 2, ...draw } = options;
  return inside(draw).ndtri().mul(std).add(mean).exp() as Tensor<S, D>;
}

/** How many trials until the first success of probability `p`: 1, 2, …, as floats. PyTorch: `torch.Tensor.geometric_`. */
export function geometric<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D> & { readonly p: number }): Tensor<S, D> {
  const { p, ...draw } = options;
  check(p > 0 && p < 1, () => `random.geometric: p = ${p}`, "give a probability above 0 and below 1");
  return unit(draw).log().div(Math.log1p(-p)).floor().add(1) as Tensor<S, D>;
}

/** -1 or 1, one as likely as the other: f32 unless given. JAX: `jax.random.rademacher`. */
export function rademacher<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D>): Tensor<S, D> {
  const { dtype = "f32" as D, ...draw } = options;
  const isUp: Tensor = bernoulli({ ...draw, p: 0.5 });
  return (isUp.convert(dtype) as Tensor).mul(2).sub(1) as Tensor<S, D>;
}

/**
 * Normal numbers of a mean (0) and standard deviation (1) under the condition that they are in [low, high] (-2 and 2), by the
 * inverse of their distribution. PyTorch: `torch.nn.init.trunc_normal_`.
 */
export function truncatedNormal<const S extends Shape, D extends Float = "f32">(
  options: DrawOptions<S, D> & { readonly mean?: number; readonly std?: number; readonly low?: number; readonly high?: number },
): Tensor<S, D> {
  const { mean = 0, std = 1, low = -2, high = 2, ...draw } = options;
  check(std > 0 && low < high, () => `random.truncatedNormal with std ${std} from ${low} to ${high}`, "std must be above 0, and low below high");
  const u = inside(draw), share = (end: number): Tensor => u.fullLike((end - mean) / std).ndtr();
  return share(low).lerp(share(high), u).ndtri().mul(std).add(mean).clamp(low, high) as Tensor<S, D>;
}
