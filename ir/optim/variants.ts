import type { Tensor } from "../tensor/tensor.ts";
import { biasCorrection, decayedGradient } from "./formulas.ts";
import { perParameter, type CommonOptions, type Hyper, type Optimizer } from "./optimizer.ts";

/** Variants of Adam and of SGD. */

export interface AdamaxOptions {
  /** Learning rate; 2e-3 unless given. */
  readonly lr?: Hyper;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
}

/** Adamax (Kingma & Ba 2015, section 7.1). State: `step`, `exp_avg`, `exp_inf`. PyTorch: `torch.optim.Adamax`. */
export function adamax(options: AdamaxOptions & CommonOptions<AdamaxOptions> = {}): Optimizer {
  const defaults = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 } satisfies AdamaxOptions;
  return perParameter<AdamaxOptions, Required<AdamaxOptions>>("adamax", options, defaults, (w, gradient, { lr, betas: [beta1, beta2], eps, weightDecay }, slot) => {
    const g = decayedGradient(w, gradient, weightDecay);
    const average = slot.next("exp_avg", (m) => m.mul(beta1).add(g.mul(1 - beta1)));
    const largest = slot.next("exp_inf", (u) => u.mul(beta2).maximum(g.abs().add(eps)));
    return w.sub(average.div(largest).div(biasCorrection(beta1, slot.t)).mul(slot.value(lr)));
  });
}

export interface NadamOptions {
  /** Learning rate; 2e-3 unless given. */
  readonly lr?: Hyper;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
  readonly momentumDecay?: number;
}

/**
 * Adam with Nesterov momentum (Dozat 2016). State: `step`, `mu_product`, `exp_avg`, `exp_avg_sq`.
 * PyTorch: `torch.optim.NAdam`, as of 1.13: its product for the step ahead counts this step's mu twice, which later
 * versions do not. The step is a few thousandths smaller for it.
 */
export function nadam(options: NadamOptions & CommonOptions<NadamOptions> = {}): Optimizer {
  const defaults = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, momentumDecay: 4e-3 } satisfies NadamOptions;
  return perParameter<NadamOptions, Required<NadamOptions>>("nadam", options, defaults, (w, gradient, { lr, betas: [beta1, beta2], eps, weightDecay, momentumDecay }, slot) => {
    const g = decayedGradient(w, gradient, weightDecay), rate = slot.value(lr);
    const momentumAt = (t: Tensor): Tensor => t.mul(momentumDecay * Math.log(0.96)).exp().mul(-0.5).add(1).mul(beta1);
    const mu = momentumAt(slot.t), muNext = momentumAt(slot.t.add(1));
    const product = slot.nextScalar("mu_product", (p) => p.mul(mu.convert("f32").convert(w.dtype)), 1); // PyTorch multiplies in f32
    const average = slot.next("exp_avg", (m) => m.mul(beta1).add(g.mul(1 - beta1)));
    const square = slot.next("exp_avg_sq", (v) => v.mul(beta2).add(g.square().mul(1 - beta2)));
    const root = square.div(biasCorrection(beta2, slot.t)).sqrt().add(eps);
    const ofGradient = mu.neg().add(1).div(product.neg().add(1)).mul(rate);
    const productNext = product.mul(mu).mul(muNext);
    const ofAverage = muNext.div(productNext.neg().add(1)).mul(rate);
    return w.sub(g.div(root).mul(ofGradient)).sub(average.div(root).mul(ofAverage));
  });
}

export interface RadamOptions {
  /** Learning rate; 1e-3 unless given. */
  readonly lr?: Hyper;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
}

/** Rectified Adam (Liu et al. 2020). State: `step`, `exp_avg`, `exp_avg_sq`. PyTorch: `torch.optim.RAdam`. */
export function radam(options: RadamOptions & CommonOptions<RadamOptions> = {}): Optimizer {
  const defaults = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 } satisfies RadamOptions;
  return perParameter<RadamOptions, Required<RadamOptions>>("radam", options, defaults, (w, gradient, { lr, betas: [beta1, beta2], eps, weightDecay }, slot) => {
    const g = decayedGradient(w, gradient, weightDecay);
    const average = slot.next("exp_avg", (m) => m.mul(beta1).add(g.mul(1 - beta1)));
    const square = slot.next("exp_avg_sq", (v) => v.mul(beta2).add(g.square().mul(1 - beta2)));
    const corrected = average.div(biasCorrection(beta1, slot.t)).mul(slot.value(lr));
    const limit = 2 / (1 - beta2) - 1;
    const length = averageLength(beta2, slot.t);
    const trusted = length.gt(5);
    // where the average is too short to trust, the rectification is not a number: compute it at a harmless length
    const safe = trusted.where(length, limit);
    const rectified = safe.sub(4).mul(safe.sub(2)).div(safe).mul(limit / ((limit - 4) * (limit - 2))).sqrt();
    const scale = biasCorrection(beta2, slot.t).sqrt().div(square.sqrt().add(eps)).mul(rectified);
    return w.sub(trusted.where(corrected.mul(scale), corrected));
  });
}

/**
 * Length of the approximated simple moving average, `2/(1-β) - 1 - 2t·β^t / (1-β^t)`. With x = -t·ln β the last term is
 * `(2/-ln β) · x/(e^x - 1)`: nearly as large as the first, so that f32 would keep few digits of their difference. Its
 * series about 0 takes out what cancels.
 */
function averageLength(beta: number, t: Tensor): Tensor {
  const rate = -Math.log(beta), x = t.mul(rate), xx = x.square();
  // 1 - x/(e^x - 1) = x/2 - x²/12 + x⁴/720 - x⁶/30240 + …
  const series = x.div(2).sub(xx.mul(xx.mul(xx.div(30240).sub(1 / 720)).add(1 / 12)));
  const direct = x.div(x.expm1()).neg().add(1);
  return x.lt(0.5).where(series, direct).mul(2 / rate).add(2 / (1 - beta) - 1 - 2 / rate);
}

export interface AsgdOptions {
  /** Learning rate; 0.01 unless given. */
  readonly lr?: number;
  /** Decay term; 1e-4 unless given. */
  readonly lambd?: number;
  /** Power of the decay of the rate; 0.75 unless given. */
  readonly alpha?: number;
  /** Step at which averaging starts; 1e6 unless given. */
  readonly t0?: number;
  readonly weightDecay?: number;
}

/** Averaged SGD (Polyak & Juditsky 1992). State: `step`, `ax` (the average). PyTorch: `torch.optim.ASGD`. */
export function asgd(options: AsgdOptions & CommonOptions<AsgdOptions> = {}): Optimizer {
  const defaults = { lr: 0.01, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0 } satisfies AsgdOptions;
  return perParameter<AsgdOptions, typeof defaults>("asgd", options, defaults, (w, gradient, { lr, lambd, alpha, t0, weightDecay }, slot) => {
    const g = decayedGradient(w, gradient, weightDecay), before = slot.t.sub(1);
    // PyTorch keeps the rate in f32, also beside a parameter in f64
    const eta = before.mul(lambd * lr).add(1).pow(-alpha).mul(lr).convert("f32").convert(w.dtype);
    const moved = w.mul(eta.mul(-lambd).add(1)).sub(g.mul(eta));
    const mu = before.sub(t0).maximum(1).reciprocal();
    slot.next("ax", (ax) => mu.eq(1).where(moved, ax.add(moved.sub(ax).mul(mu))));
    return moved;
  });
}

export interface LionOptions {
  /** Learning rate; 1e-4 unless given. */
  readonly lr?: Hyper;
  /** 0.9 and 0.99 unless given. */
  readonly betas?: readonly [number, number];
  readonly weightDecay?: number;
}

/** Lion (Chen et al. 2023): the sign of an interpolated momentum. Weight decay is decoupled. State: `exp_avg`. */
export function lion(options: LionOptions & CommonOptions<LionOptions> = {}): Optimizer {
  const defaults = { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 } satisfies LionOptions;
  return perParameter<LionOptions, Required<LionOptions>>("lion", options, defaults, (w, g, { lr, betas: [beta1, beta2], weightDecay }, slot) => {
    let direction = g;
    slot.next("exp_avg", (m) => {
      direction = m.mul(beta1).add(g.mul(1 - beta1)).sign();
      return m.mul(beta2).add(g.mul(1 - beta2));
    });
    return w.sub(direction.add(w.mul(weightDecay)).mul(slot.value(lr)));
  });
}
