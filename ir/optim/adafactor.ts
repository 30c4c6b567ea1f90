import type { Tensor } from "../tensor/tensor.ts";
import { perParameter, type CommonOptions, type Hyper, type Optimizer, type Slot } from "./optimizer.ts";

export interface AdafactorOptions {
  /** Upper bound of the relative step; 0.01 unless given. */
  readonly lr?: Hyper;
  /** Power of the step that the average of squares forgets by; -0.8 unless given. */
  readonly beta2Decay?: number;
  /** Least size of a second moment (the machine epsilon of the dtype, if null) and of a parameter; null and 1e-3 unless given. */
  readonly eps?: readonly [number | null, number];
  /** Bound of the root mean square of an update; 1 unless given. */
  readonly d?: number;
  readonly weightDecay?: number;
}

const rms = (x: Tensor): Tensor => x.square().mean().sqrt();

/**
 * Adafactor (Shazeer & Stern 2018): second moments of a matrix are kept as those of its rows and columns; steps are
 * relative to the size of the parameter. State: `step`, and for each parameter `row_var` and `col_var`, or `variance` of a
 * vector. PyTorch: `torch.optim.Adafactor`.
 */
export function adafactor(options: AdafactorOptions & CommonOptions<AdafactorOptions> = {}): Optimizer {
  const defaults = { lr: 0.01, beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0 } satisfies AdafactorOptions;
  return perParameter<AdafactorOptions, Required<AdafactorOptions>>("adafactor", options, defaults, (w, g, { lr, beta2Decay, eps: [least, leastWeight], d, weightDecay }, slot) => {
    const rate = slot.value(lr), tiny = least ?? (w.dtype === "f64" ? Number.EPSILON : 2 ** -23);
    const bound = slot.t.rsqrt().minimum(rate), scale = rms(w).maximum(leastWeight).mul(bound);
    const kept = weightDecay === 0 ? w : w.sub(w.mul(typeof rate === "number" ? rate * weightDecay : rate.mul(weightDecay)));
    const update = secondMoment(g, slot.t.pow(beta2Decay), tiny, slot).maximum(tiny * tiny).rsqrt().mul(g);
    return kept.sub(update.mul(scale.div(rms(update).div(d).maximum(1))));
  });
}

/** The moving average of squares, which takes in this part of the new ones: of a matrix, rows times columns. */
function secondMoment(g: Tensor, part: Tensor, tiny: number, slot: Slot): Tensor {
  const moved = (name: string, now: Tensor): Tensor => slot.next(name, (old) => old.add(now.sub(old).mul(part)), 0, now.shape);
  if (g.rank < 2) return moved("variance", g.square());
  const rows = moved("row_var", g.square().mean(-1, true)), columns = moved("col_var", g.square().mean(-2, true));
  return rows.mul(columns).div(rows.mean(-2, true).maximum(tiny));
}
