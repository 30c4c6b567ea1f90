import { perParameter, type CommonOptions, type Optimizer } from "./optimizer.ts";

export interface RpropOptions {
  /** First step size of each element; 0.01 unless given. */
  readonly lr?: number;
  /** Factors of a step size where the sign of the gradient changes, and where it stays; 0.5 and 1.2 unless given. */
  readonly etas?: readonly [number, number];
  /** Least and largest step size; 1e-6 and 50 unless given. */
  readonly stepSizes?: readonly [number, number];
}

/**
 * Resilient backpropagation (Riedmiller & Braun 1993): each element steps by its own size, in the direction of the sign of its
 * gradient, for whole batches. Where the sign changes, the element stays. State: `prev`, `step_size`. PyTorch: `torch.optim.Rprop`.
 */
export function rprop(options: RpropOptions & CommonOptions<RpropOptions> = {}): Optimizer {
  const defaults = { lr: 0.01, etas: [0.5, 1.2], stepSizes: [1e-6, 50] } satisfies RpropOptions;
  return perParameter<RpropOptions, Required<RpropOptions>>("rprop", options, defaults, (w, g, { lr, etas: [shrink, grow], stepSizes: [least, largest] }, slot) => {
    let kept = g;
    const size = (prev: typeof g) => {
      const agreement = g.mul(prev).sign();
      kept = agreement.lt(0).where(0, g);
      return slot.next("step_size", (old) => old.mul(agreement.lt(0).where(shrink, agreement.gt(0).where(grow, agreement.mul(0).add(1)))).clamp(least, largest), lr);
    };
    let step = g;
    slot.next("prev", (prev) => {
      step = size(prev);
      return kept;
    });
    return w.sub(kept.sign().mul(step));
  });
}
