import { check } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import { assign, currentFrame, latest, within, type Frame } from "../model/trace.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isHalf, typeText, type DType } from "../types/index.ts";
import type { Optimizer } from "./optimizer.ts";
import { settings } from "./settings.ts";

export interface GradScalerOptions {
  /** The first scale; 65536 unless given. */
  readonly initScale?: number;
  /** What the scale is multiplied by after `growthInterval` steps in a row without an overflow; 2 unless given. */
  readonly growthFactor?: number;
  /** What it is multiplied by after a step with one; 0.5 unless given. */
  readonly backoffFactor?: number;
  /** 2000 unless given. */
  readonly growthInterval?: number;
  /** Name of its state in the model; `"scaler"` unless given. */
  readonly name?: string;
}

/** Scales a loss, so that gradients in f16 do not vanish, and leaves out steps whose gradients overflow. */
export interface GradScaler {
  /** The loss (a float scalar) times the scale, a half in f32: what gradients are taken of. */
  scale(loss: Tensor): Tensor;
  /**
   * One step of an optimizer with gradients of the scaled loss: they are divided by the scale, changed by `clip` if there
   * is one, and handed on. Where any is infinite or NaN, parameters and the optimizer's state stay as they are. Then the
   * scale moves on.
   */
  step(optimizer: Optimizer, params: readonly Tensor[], gradients: readonly Tensor[], clip?: (gradients: readonly Tensor[]) => readonly Tensor[]): void;
}

/**
 * Dynamic loss scaling (Micikevicius et al., Mixed Precision Training, 2018), for any optimizer:
 *
 * ```ts
 * m.trainStep("train", inputs, loss, optim.adam(), { scaler: optim.gradScaler() });
 * ```
 *
 * State: `scaler.scale`, f32, and `scaler.growth_tracker`, i32: steps without an overflow since the scale last changed.
 * PyTorch: `torch.amp.GradScaler`.
 */
export function gradScaler(options: GradScalerOptions = {}): GradScaler {
  const { initScale = 65536, growthFactor = 2, backoffFactor = 0.5, growthInterval = 2000, name = "scaler" } = settings("gradScaler", options);
  check(initScale > 0 && growthFactor > 1 && backoffFactor > 0 && backoffFactor < 1, () => `${name}: initScale is ${initScale}, growthFactor ${growthFactor}, backoffFactor ${backoffFactor}`,
    "the scale is positive, it grows by a factor above 1 and backs off by one between 0 and 1");
  check(Number.isInteger(growthInterval) && growthInterval >= 1, () => `${name}: growthInterval is ${growthInterval}`, "give a number of steps, a whole number from 1");
  const state = (part: string, dtype: DType, value: number): Tensor => {
    const owner = currentFrame()?.owner;
    check(owner, `${name}: no function of a model is being traced`, "call it in the body of a function of the model");
    return new Tensor(owner.stateOf(scaler, `${name}.${part}`, { dtype, shape: [] }, { kind: "constant", value }));
  };
  const scaler: GradScaler = {
    scale(loss) {
      check(loss.rank === 0, () => `${name}: the loss is ${typeText(loss.value.type)}`, "scale a float scalar: reduce it with .mean() or .sum()");
      return (isHalf(loss.dtype) ? loss.float() : loss).mul(latest(state("scale", "f32", initScale)));
    },
    step(optimizer, params, gradients, clip) {
      const scale = state("scale", "f32", initScale), tracker = state("growth_tracker", "i32", 0), old = latest(scale), factor = old.reciprocal();
      const unscaled = gradients.map((g) => (isHalf(g.dtype) ? g.float().mul(factor).convert(g.dtype) : g.mul(factor.convert(g.dtype))));
      const overflows = unscaled.map((g) => g.isFinite().all().logicalNot()).reduce((a, b) => a.logicalOr(b));
      unless(overflows, () => optimizer.step(params, clip ? clip(unscaled) : unscaled));
      const passed = latest(tracker).add(1), isDue = passed.eq(growthInterval), grown = old.mul(growthFactor);
      assign(scale, overflows.where(old.mul(backoffFactor), isDue.logicalAnd(grown.isFinite()).where(grown, old)));
      assign(tracker, overflows.logicalOr(isDue).where(0, passed).convert("i32"));
    },
  };
  return scaler;
}

/** Runs `body`; what it assigns is assigned, but where `condition` holds it stays as it was. */
function unless(condition: Tensor, body: () => void): void {
  const outer = currentFrame();
  check(outer, "no function of a model is being traced", "call it in the body of a function of the model");
  const written = new Map<Value, Value>();
  const frame: Frame = {
    training: outer.training,
    owner: outer.owner,
    read: (variable) => written.get(variable) ?? outer.read(variable),
    write: (variable, value) => { written.set(variable, value); },
  };
  within(frame, body);
  for (const [variable, value] of written) outer.write(variable, condition.where(new Tensor(outer.read(variable)), new Tensor(value)).value);
}
