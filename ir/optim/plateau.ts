import { check } from "../graph/error.ts";
import { assign, currentFrame, latest } from "../model/trace.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isFloat, typeText, type DType } from "../types/index.ts";
import type { Schedule } from "./optimizer.ts";
import { settingsOfRate } from "./settings.ts";

export interface PlateauOptions {
  /** Whether the metric should fall or rise; `"min"` unless given. */
  readonly mode?: "min" | "max";
  /** What the rate is multiplied by; 0.1 unless given. */
  readonly factor?: number;
  /** How many epochs without improvement are let pass; 10 unless given. */
  readonly patience?: number;
  /** What counts as an improvement: by this part of the best (`"rel"`), or this much (`"abs"`); 1e-4 and `"rel"` unless given. */
  readonly threshold?: number;
  readonly thresholdMode?: "rel" | "abs";
  /** How many epochs after a change do not count; 0 unless given. */
  readonly cooldown?: number;
  readonly minLr?: number;
  /** A change smaller than this is not made; 1e-8 unless given. */
  readonly eps?: number;
  /** Name of its state in the model; `"plateau"` unless given. */
  readonly name?: string;
  /** Dtype of its state; f32 unless given. */
  readonly dtype?: "f32" | "f64";
}

/** A learning rate that is lowered where a metric no longer improves. */
export interface Plateau {
  /** The present rate, for an optimizer: `optim.sgd({ lr: plateau.lr })`. */
  readonly lr: Schedule;
  /** Takes in the metric of an epoch, a scalar, in a function of the model; the rate as it is from then on. */
  step(metric: Tensor): Tensor;
}

/**
 * Multiplies the rate by `factor` when the metric has not improved for more than `patience` epochs. An epoch is a call of a
 * function that calls `step`:
 *
 * ```ts
 * const plateau = optim.reduceLROnPlateau(0.1, { patience: 2 });
 * m.trainStep("train", inputs, loss, optim.sgd({ lr: plateau.lr }));
 * m.fn("validate", inputs, (given) => { const l = loss(given); return { loss: l, lr: plateau.step(l) }; });
 * ```
 *
 * State of the model: `plateau.lr`, `plateau.best`, `plateau.num_bad_epochs`, `plateau.cooldown_counter`. PyTorch:
 * `lr_scheduler.ReduceLROnPlateau`.
 */
export function reduceLROnPlateau(lr: number, options: PlateauOptions = {}): Plateau {
  const { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = "rel", cooldown = 0, minLr = 0, eps = 1e-8, name = "plateau", dtype = "f32" } = settingsOfRate("reduceLROnPlateau", lr, options);
  check(factor < 1, () => `reduceLROnPlateau: the factor is ${factor}`, "give one below 1");
  const plateau: Plateau = {
    lr: () => latest(state("lr", lr)),
    step(metric) {
      check(metric.rank === 0 && isFloat(metric.dtype), () => `reduceLROnPlateau: the metric is ${typeText(metric.value.type)}`, "give a float scalar");
      const rate = state("lr", lr), best = state("best", mode === "min" ? Infinity : -Infinity);
      const bad = state("num_bad_epochs", 0, "i32"), rest = state("cooldown_counter", 0, "i32");
      const now = metric.convert(dtype), before = latest(best);
      const improved = mode === "min"
        ? now.lt(thresholdMode === "rel" ? before.mul(1 - threshold) : before.sub(threshold))
        : now.gt(thresholdMode === "rel" ? before.mul(1 + threshold) : before.add(threshold));
      const rests = latest(rest).gt(0);
      const without = improved.logicalOr(rests).where(0, latest(bad).add(1));
      const isTired = without.gt(patience);
      const lower = latest(rate).mul(factor).maximum(minLr);
      const changed = isTired.logicalAnd(latest(rate).sub(lower).gt(eps)).where(lower, latest(rate));
      assign(best, improved.where(now, before));
      assign(rest, isTired.where(cooldown, rests.where(latest(rest).sub(1), 0)));
      assign(bad, isTired.where(0, without));
      assign(rate, changed);
      return changed;
    },
  };
  function state(part: string, value: number, as: DType = dtype): Tensor {
    const owner = currentFrame()?.owner;
    check(owner, "reduceLROnPlateau: no function of a model is being traced", "use lr and step in functions of the model");
    return new Tensor(owner.stateOf(plateau, `${name}.${part}`, { dtype: as, shape: [] }, { kind: "constant", value }));
  }
  return plateau;
}
