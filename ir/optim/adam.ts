import type { Tensor } from "../tensor/tensor.ts";
import { biasCorrection, decayedGradient } from "./formulas.ts";
import { perParameter, type CommonOptions, type Hyper, type Optimizer, type Rule } from "./optimizer.ts";

export interface AdamOptions {
  /** Learning rate; 1e-3 unless given. */
  readonly lr?: Hyper;
  /** Decay of the averages of the gradient and of its square; 0.9 and 0.999 unless given. */
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
  /** Divides by the largest average so far (Reddi et al. 2018). */
  readonly amsgrad?: boolean;
}

type Complete = Required<AdamOptions>;
const defaults = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, amsgrad: false } satisfies AdamOptions;

/** The step that Adam and AdamW share; they differ in where the weight decay goes. */
const adamStep: Rule<Complete> = (w, g, { lr, betas: [beta1, beta2], eps, amsgrad }, slot) => {
  const average = slot.next("exp_avg", (m) => m.mul(beta1).add(g.mul(1 - beta1)));
  const square = slot.next("exp_avg_sq", (v) => v.mul(beta2).add(g.square().mul(1 - beta2)));
  const largest = amsgrad ? slot.next("max_exp_avg_sq", (max) => max.maximum(square)) : square;
  // a scalar's reciprocal is cheaper than a division for every element
  const root = largest.sqrt().mul(biasCorrection(beta2, slot.t).rsqrt()).add(eps);
  return w.sub(average.div(root).mul(ratio(slot.value(lr), biasCorrection(beta1, slot.t))));
};

/** `lr / correction`, a scalar of the parameter's dtype. */
const ratio = (lr: number | Tensor, correction: Tensor): Tensor => (typeof lr === "number" ? correction.reciprocal().mul(lr) : lr.div(correction));

/**
 * Adam (Kingma & Ba 2015); weight decay is added to the gradient. State: `step`, and for each parameter `exp_avg`,
 * `exp_avg_sq` (and `max_exp_avg_sq` with amsgrad). PyTorch: `torch.optim.Adam`.
 */
export function adam(options: AdamOptions & CommonOptions<AdamOptions> = {}): Optimizer {
  return perParameter<AdamOptions, Complete>("adam", options, { ...defaults, weightDecay: 0 }, (w, g, o, slot) =>
    adamStep(w, decayedGradient(w, g, o.weightDecay), o, slot));
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019): the parameter shrinks by `lr · weightDecay` beside the
 * step; 0.01 unless given. State as of {@link adam}. PyTorch: `torch.optim.AdamW`.
 */
export function adamw(options: AdamOptions & CommonOptions<AdamOptions> = {}): Optimizer {
  return perParameter<AdamOptions, Complete>("adamw", options, { ...defaults, weightDecay: 0.01 }, (w, g, o, slot) => {
    const lr = slot.value(o.lr);
    if (o.weightDecay === 0) return adamStep(w, g, o, slot);
    const keep = typeof lr === "number" ? 1 - lr * o.weightDecay : lr.mul(-o.weightDecay).add(1);
    return adamStep(w.mul(keep), g, o, slot);
  });
}
