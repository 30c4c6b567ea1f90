import type { Tensor } from "../tensor/tensor.ts";

/** Formulas that several optimizers share. */

/** Gradient of the loss plus `weightDecay/2 · |w|²`. */
export const decayedGradient = (w: Tensor, g: Tensor, weightDecay: number): Tensor =>
  weightDecay === 0 ? g : g.add(w.mul(weightDecay));

/**
 * `1 - beta^t`: what a moving average that started at zero has to be divided by. As `-expm1(t · ln beta)`, because
 * 1 - 0.999 in f32 would lose half of its digits.
 */
export const biasCorrection = (beta: number, t: Tensor): Tensor =>
  beta === 0 ? t.onesLike() : t.mul(Math.log(beta)).expm1().neg();
