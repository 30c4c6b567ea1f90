import type { Tensor } from "../tensor/tensor.ts";
import { check } from "../graph/error.ts";
import { settings } from "./settings.ts";

/** Limits on gradients, for the `clip` option of `trainStep` or by hand. */

/** Each element within ±`value`. PyTorch: `clip_grad_value_`. */
export const clipGradValue = (value: number) => {
  check(value >= 0, () => `clipGradValue(${value})`, "give a bound that is not negative");
  return (gradients: readonly Tensor[]): readonly Tensor[] => gradients.map((g) => g.clamp(-value, value));
};

/**
 * All gradients scaled by one factor, so that their norm together is at most `maxNorm`; the norm of order `normType`
 * (2 unless given, `Infinity` for the largest element). PyTorch: `clip_grad_norm_`.
 */
export const clipGradNorm = (maxNorm: number, options: { normType?: number } = {}) => {
  const { normType = 2 } = settings("clipGradNorm", options);
  check(maxNorm >= 0 && normType > 0, () => `clipGradNorm(${maxNorm}, { normType: ${normType} })`, "give a bound that is not negative and a positive order");
  return (gradients: readonly Tensor[]): readonly Tensor[] => {
    const factor = totalNorm(gradients, normType).add(1e-6).reciprocal().mul(maxNorm).minimum(1);
    return gradients.map((g) => g.mul(factor.convert(g.dtype)));
  };
};

/** The norm of all gradients taken as one vector. PyTorch: `torch.nn.utils.get_total_norm`. */
export function totalNorm(gradients: readonly Tensor[], normType = 2): Tensor {
  if (normType === Infinity) return gradients.map((g) => g.abs().amax()).reduce((a, b) => a.maximum(b));
  if (normType === 1) return gradients.map((g) => g.abs().sum()).reduce((a, b) => a.add(b));
  if (normType === 2) return gradients.map((g) => g.square().sum()).reduce((a, b) => a.add(b)).sqrt();
  return gradients.map((g) => g.abs().pow(normType).sum()).reduce((a, b) => a.add(b)).pow(1 / normType);
}
