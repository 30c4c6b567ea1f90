import { decayedGradient } from "./formulas.ts";
import { perParameter, type CommonOptions, type Hyper, type Optimizer } from "./optimizer.ts";

/** Optimizers that scale each element by the size of its past gradients. */

export interface RmspropOptions {
  /** Learning rate; 0.01 unless given. */
  readonly lr?: Hyper;
  /** Decay of the average of squares; 0.99 unless given. */
  readonly alpha?: number;
  readonly eps?: number;
  readonly weightDecay?: number;
  readonly momentum?: number;
  /** Divides by the standard deviation instead of the root mean square. */
  readonly centered?: boolean;
}

/** RMSProp (Hinton 2012). State: `square_avg`, `grad_avg` (centered), `momentum_buffer`. PyTorch: `torch.optim.RMSprop`. */
export function rmsprop(options: RmspropOptions & CommonOptions<RmspropOptions> = {}): Optimizer {
  const defaults = { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false } satisfies RmspropOptions;
  return perParameter<RmspropOptions, typeof defaults>("rmsprop", options, defaults, (w, gradient, o, slot) => {
    const g = decayedGradient(w, gradient, o.weightDecay), lr = slot.value(o.lr);
    const square = slot.next("square_avg", (v) => v.mul(o.alpha).add(g.square().mul(1 - o.alpha)));
    const variance = o.centered ? square.sub(slot.next("grad_avg", (m) => m.mul(o.alpha).add(g.mul(1 - o.alpha))).square()) : square;
    const scaled = g.div(variance.sqrt().add(o.eps));
    const direction = o.momentum === 0 ? scaled : slot.next("momentum_buffer", (b) => b.mul(o.momentum).add(scaled));
    return w.sub(direction.mul(lr));
  });
}

export interface AdagradOptions {
  /** Learning rate; 0.01 unless given. */
  readonly lr?: Hyper;
  readonly lrDecay?: number;
  readonly weightDecay?: number;
  readonly initialAccumulatorValue?: number;
  readonly eps?: number;
}

/** Adagrad (Duchi et al. 2011). State: `step`, `sum`. PyTorch: `torch.optim.Adagrad`. */
export function adagrad(options: AdagradOptions & CommonOptions<AdagradOptions> = {}): Optimizer {
  const defaults = { lr: 0.01, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10 } satisfies AdagradOptions;
  return perParameter<AdagradOptions, typeof defaults>("adagrad", options, defaults, (w, gradient, o, slot) => {
    const g = decayedGradient(w, gradient, o.weightDecay);
    const sum = slot.next("sum", (s) => s.add(g.square()), o.initialAccumulatorValue);
    const scaled = g.div(sum.sqrt().add(o.eps)).mul(slot.value(o.lr));
    return w.sub(o.lrDecay === 0 ? scaled : scaled.div(slot.t.sub(1).mul(o.lrDecay).add(1)));
  });
}

export interface AdadeltaOptions {
  /** 1 unless given. */
  readonly lr?: Hyper;
  /** Decay of the averages; 0.9 unless given. */
  readonly rho?: number;
  readonly eps?: number;
  readonly weightDecay?: number;
}

/** Adadelta (Zeiler 2012). State: `square_avg`, `acc_delta`. PyTorch: `torch.optim.Adadelta`. */
export function adadelta(options: AdadeltaOptions & CommonOptions<AdadeltaOptions> = {}): Optimizer {
  const defaults = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 } satisfies AdadeltaOptions;
  return perParameter<AdadeltaOptions, typeof defaults>("adadelta", options, defaults, (w, gradient, o, slot) => {
    const g = decayedGradient(w, gradient, o.weightDecay);
    const square = slot.next("square_avg", (v) => v.mul(o.rho).add(g.square().mul(1 - o.rho)));
    let delta = g;
    slot.next("acc_delta", (sum) => {
      delta = sum.add(o.eps).sqrt().div(square.add(o.eps).sqrt()).mul(g);
      return sum.mul(o.rho).add(delta.square().mul(1 - o.rho));
    });
    return w.sub(delta.mul(slot.value(o.lr)));
  });
}
