import { check } from "../graph/error.ts";
import { decayedGradient } from "./formulas.ts";
import { perParameter, type CommonOptions, type Hyper, type Optimizer } from "./optimizer.ts";

export interface SgdOptions {
  /** Learning rate; 1e-3 unless given. */
  readonly lr?: Hyper;
  readonly momentum?: Hyper;
  readonly dampening?: number;
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent, with momentum and Nesterov's variant of it. State: `momentum_buffer`, where there is
 * momentum. PyTorch: `torch.optim.SGD` (whose first momentum is the gradient itself, whatever the dampening).
 */
export function sgd(options: SgdOptions & CommonOptions<SgdOptions> = {}): Optimizer {
  const defaults = { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false } satisfies SgdOptions;
  return perParameter<SgdOptions, typeof defaults>("sgd", options, defaults, (w, gradient, o, slot) => {
    check(!o.nesterov || (o.momentum !== 0 && o.dampening === 0), "sgd: nesterov needs a momentum, and no dampening");
    let g = decayedGradient(w, gradient, o.weightDecay);
    if (o.momentum !== 0) {
      const momentum = slot.value(o.momentum);
      const damped = (buffer: typeof g) => buffer.mul(momentum).add(g.mul(1 - o.dampening));
      const buffer = slot.next("momentum_buffer", (old) => (o.dampening === 0 ? old.mul(momentum).add(g) : slot.t.eq(1).where(g, damped(old))));
      g = o.nesterov ? g.add(buffer.mul(momentum)) : buffer;
    }
    return w.sub(g.mul(slot.value(o.lr)));
  });
}
