import type { Tensor } from "../tensor/tensor.ts";
import { whileLoop } from "../control/while.ts";
import { check } from "../graph/error.ts";
import type { Schedule } from "./optimizer.ts";
import { checkRate, checkSchedules, settings, settingsOfRate } from "./settings.ts";

/**
 * Learning rates as functions of the number of steps taken: `optim.adam({ lr: optim.stepLR(1e-3, { stepSize: 100 }) })`.
 *
 * The formulas are those of `torch.optim.lr_scheduler` with one scheduler step for each optimizer step; `t` is PyTorch's
 * `last_epoch`. To make a rate change once an epoch, count in steps. A product of two is
 * `(t) => optim.linearLR(0.1)(t).mul(optim.stepLR(1, { stepSize: 6 })(t))`.
 */

/** A scalar of one value, in the dtype of `t`. */
const fixed = (t: Tensor, value: number): Tensor => t.mul(0).add(value);

/** Times `gamma` every `stepSize` steps. PyTorch: `lr_scheduler.StepLR`. */
export const stepLR = (lr: number, options: { stepSize: number; gamma?: number }): Schedule => {
  const { stepSize, gamma = 0.1 } = settingsOfRate("stepLR", lr, options, "stepSize");
  return (t) => powerOf(gamma, t.div(stepSize).floor()).mul(lr);
};

/** Times `gamma` at each milestone. PyTorch: `lr_scheduler.MultiStepLR`. */
export const multiStepLR = (lr: number, options: { milestones: readonly number[]; gamma?: number }): Schedule => {
  const { milestones, gamma = 0.1 } = settingsOfRate("multiStepLR", lr, options, "milestones");
  return (t) => milestones.reduce((rate, milestone) => rate.mul(t.ge(milestone).where(fixed(t, gamma), 1)), fixed(t, lr));
};

/** `lr · factor` for `totalIters` steps, then `lr`. PyTorch: `lr_scheduler.ConstantLR`. */
export const constantLR = (lr: number, options: { factor?: number; totalIters?: number } = {}): Schedule => {
  const { factor = 1 / 3, totalIters = 5 } = settingsOfRate("constantLR", lr, options);
  return (t) => t.lt(totalIters).where(fixed(t, lr * factor), lr);
};

/** From `lr · startFactor` to `lr · endFactor` in `totalIters` steps, in a straight line. PyTorch: `lr_scheduler.LinearLR`. */
export const linearLR = (lr: number, options: { startFactor?: number; endFactor?: number; totalIters?: number } = {}): Schedule => {
  const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = settingsOfRate("linearLR", lr, options);
  return (t) => t.minimum(totalIters).mul((endFactor - startFactor) / totalIters).add(startFactor).mul(lr);
};

/** Times `gamma` every step. PyTorch: `lr_scheduler.ExponentialLR`. */
export const exponentialLR = (lr: number, options: { gamma: number }): Schedule => {
  const { gamma } = settingsOfRate("exponentialLR", lr, options, "gamma");
  return (t) => powerOf(gamma, t).mul(lr);
};

/** From `lr` to 0 in `totalIters` steps: `lr · (1 - t/totalIters)^power`. PyTorch: `lr_scheduler.PolynomialLR`. */
export const polynomialLR = (lr: number, options: { totalIters?: number; power?: number } = {}): Schedule => {
  const { totalIters = 5, power = 1 } = settingsOfRate("polynomialLR", lr, options);
  return (t) => t.minimum(totalIters).div(-totalIters).add(1).pow(power).mul(lr);
};

/** Half a cosine from `lr` down to `etaMin` in `tMax` steps, and up again in as many (Loshchilov & Hutter 2017). PyTorch: `lr_scheduler.CosineAnnealingLR`. */
export const cosineAnnealingLR = (lr: number, options: { tMax: number; etaMin?: number }): Schedule => {
  const { tMax, etaMin = 0 } = settingsOfRate("cosineAnnealingLR", lr, options, "tMax");
  return (t) => cosine(lr, etaMin, t.div(tMax));
};

/** Half a cosine from `lr` down to `etaMin`, again and again: in `t0` steps, then `t0 · tMult`, and so on. PyTorch: `lr_scheduler.CosineAnnealingWarmRestarts`. */
export const cosineAnnealingWarmRestarts = (lr: number, options: { t0: number; tMult?: number; etaMin?: number }): Schedule => {
  const { t0, tMult = 1, etaMin = 0 } = settingsOfRate("cosineAnnealingWarmRestarts", lr, options, "t0");
  check(Number.isInteger(t0) && t0 > 0 && Number.isInteger(tMult) && tMult >= 1, () => `cosineAnnealingWarmRestarts: t0 = ${t0}, tMult = ${tMult}`, "give whole numbers from 1");
  return (t) => {
    if (tMult === 1) return cosine(lr, etaMin, t.remainder(t0).div(t0));
    // cycle n starts at t0·(tMult^n - 1)/(tMult - 1); half a step more keeps the logarithm off the edges
    const n = t.add(0.5).mul((tMult - 1) / t0).add(1).log().div(Math.log(tMult)).floor();
    const scale = powerOf(tMult, n).round();
    const start = scale.sub(1).mul(t0 / (tMult - 1));
    return cosine(lr, etaMin, t.sub(start).div(scale.mul(t0)));
  };
};

/** Where `t` is in [from, to], straight or along half a cosine from one value to another. */
const anneal = (strategy: "cos" | "linear", from: number, to: number, progress: Tensor): Tensor =>
  strategy === "cos" ? cosine(from, to, progress) : progress.mul(to - from).add(from);

export interface OneCycleOptions {
  readonly totalSteps: number;
  /** Fraction of the steps in which the rate rises; 0.3 unless given. */
  readonly pctStart?: number;
  readonly annealStrategy?: "cos" | "linear";
  /** The first rate is `maxLr / divFactor`; 25 unless given. */
  readonly divFactor?: number;
  /** The last rate is the first over this; 1e4 unless given. */
  readonly finalDivFactor?: number;
  /** Whether the rate falls to where it began in as many steps as it rose, and only then below; false unless given. */
  readonly threePhase?: boolean;
}

/** The steps at which the phases of one cycle end: the last has the last step. */
function phasesOf({ totalSteps, pctStart = 0.3, threePhase = false }: OneCycleOptions): readonly number[] {
  check(Number.isInteger(totalSteps) && totalSteps >= 2 && pctStart >= 0 && pctStart <= 1, () => `oneCycleLR of totalSteps = ${totalSteps}, pctStart = ${pctStart}`, "give at least 2 steps, and a fraction of them in which to rise");
  return threePhase ? [pctStart * totalSteps - 1, 2 * pctStart * totalSteps - 2, totalSteps - 1] : [pctStart * totalSteps - 1, totalSteps - 1];
}

/** From each of `values` to the next, each phase until its end. */
const inPhases = (strategy: "cos" | "linear", ends: readonly number[], values: readonly number[]): Schedule => (t) => {
  const phase = (i: number): Tensor => {
    const start = ends[i - 1] ?? 0, progress = (i === ends.length - 1 ? t.minimum(ends[i]) : t).sub(start).div(ends[i] - start);
    return anneal(strategy, values[i], values[i + 1], progress);
  };
  return ends.slice(0, -1).reduceRight((later, end, i) => t.le(end).where(phase(i), later), phase(ends.length - 1));
};

/** One rise to `maxLr` and one fall far below the start (Smith & Topin 2018), in two phases. PyTorch: `lr_scheduler.OneCycleLR`. */
export const oneCycleLR = (maxLr: number, options: OneCycleOptions): Schedule => {
  const { annealStrategy = "cos", divFactor = 25, finalDivFactor = 1e4, threePhase = false } = settingsOfRate("oneCycleLR", maxLr, options, "totalSteps"), first = maxLr / divFactor;
  return inPhases(annealStrategy, phasesOf(options), [first, maxLr, ...(threePhase ? [first] : []), first / finalDivFactor]);
};

/** The momentum that goes with {@link oneCycleLR}: down while the rate rises, up while it falls. PyTorch: `lr_scheduler.OneCycleLR` with `cycle_momentum`. */
export const oneCycleMomentum = (options: OneCycleOptions & { readonly baseMomentum?: number; readonly maxMomentum?: number }): Schedule => {
  const { annealStrategy = "cos", baseMomentum = 0.85, maxMomentum = 0.95, threePhase = false } = settings("oneCycleMomentum", options, "totalSteps");
  return inPhases(annealStrategy, phasesOf(options), [maxMomentum, baseMomentum, maxMomentum, ...(threePhase ? [maxMomentum] : [])]);
};

export interface CyclicOptions {
  readonly stepSizeUp?: number;
  /** As many as up unless given. */
  readonly stepSizeDown?: number;
  /** `triangular2` halves the height each cycle; `expRange` scales it by `gamma^t`. */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  readonly gamma?: number;
}

/** Up from `base` to `peak` and down again, over and over (Smith 2017). For the momentum, swap the two. PyTorch: `lr_scheduler.CyclicLR`. */
export const cyclicLR = (base: number, peak: number, options: CyclicOptions = {}): Schedule => {
  checkRate("cyclicLR", peak);
  const { stepSizeUp = 2000, mode = "triangular", gamma = 1, stepSizeDown = stepSizeUp } = settingsOfRate("cyclicLR", base, options);
  const total = stepSizeUp + stepSizeDown;
  return (t) => {
    const at = t.remainder(total);
    const height = at.le(stepSizeUp).where(at.div(stepSizeUp), at.sub(total).div(-stepSizeDown)).mul(peak - base);
    const scale = mode === "triangular" ? 1 : mode === "triangular2" ? powerOf(0.5, t.div(total).floor()) : powerOf(gamma, t);
    return height.mul(scale).add(base);
  };
};

/** From `high` at progress 0 to `low` at progress 1, along half a cosine. */
const cosine = (high: number, low: number, progress: Tensor): Tensor =>
  progress.mul(Math.PI).cos().add(1).mul((high - low) / 2).add(low);

/** `base^x` for a number above 0. */
const powerOf = (base: number, x: Tensor): Tensor => x.mul(Math.log(base)).exp();

/** The rate times a function of the step: `optim.lambdaLR(0.1, (t) => t.rpow(0.95))`. PyTorch: `lr_scheduler.LambdaLR`. */
export const lambdaLR = (lr: number, factor: Schedule): Schedule => {
  checkRate("lambdaLR", lr);
  checkSchedules("lambdaLR", [factor]);
  return (t) => factor(t).mul(lr);
};

/**
 * The rate times the factors of all steps so far, `lr · f(1) · f(2) · … · f(t)`: computed anew at each step, so prefer
 * {@link lambdaLR} where the product has a formula. PyTorch: `lr_scheduler.MultiplicativeLR`.
 */
export const multiplicativeLR = (lr: number, factor: Schedule): Schedule => {
  checkRate("multiplicativeLR", lr);
  checkSchedules("multiplicativeLR", [factor]);
  return (t) => {
    const start: readonly [Tensor, Tensor] = [fixed(t, lr), fixed(t, 1)];
    const [rate] = whileLoop(start, ([, step]) => step.le(t), ([rate, step]) => [rate.mul(factor(step)), step.add(1)] as const);
    return rate;
  };
};

/**
 * One schedule after another: each from its milestone on, counting steps from there. As many milestones as there are
 * changes: `sequentialLR([linearLR(0.1), cosineAnnealingLR(0.1, { tMax: 90 })], [10])`. PyTorch: `lr_scheduler.SequentialLR`.
 */
export const sequentialLR = (schedules: readonly Schedule[], milestones: readonly number[]): Schedule => {
  checkSchedules("sequentialLR", schedules);
  check(Array.isArray(milestones) && schedules.length >= 1 && milestones.length === schedules.length - 1 && milestones.every((m, i) => m > (milestones[i - 1] ?? 0)), () =>
    `sequentialLR of ${schedules.length} schedules with the milestones ${String(milestones)}`, "give one milestone less than schedules, each larger than the one before");
  return (t) => schedules.slice(1).reduce((rate, schedule, i) => t.ge(milestones[i]).where(schedule(t.sub(milestones[i]).clampMin(0)), rate), schedules[0](t));
};

/** `lr` times the factors of several schedules, each written for the rate 1. PyTorch: `lr_scheduler.ChainedScheduler`. */
export const chainedLR = (lr: number, factors: readonly Schedule[]): Schedule => {
  checkRate("chainedLR", lr);
  checkSchedules("chainedLR", factors);
  return (t) => factors.reduce((rate, factor) => rate.mul(factor(t)), fixed(t, lr));
};

/** From `from · lr` (0 unless given) up to `lr` in `steps` steps in a straight line, then another schedule, counted from there; `lr` unless given. PyTorch: `lr_scheduler.LinearLR` and `SequentialLR`. */
export const warmupLR = (lr: number, options: { readonly steps: number; readonly from?: number; readonly then?: Schedule }): Schedule => {
  const { steps, from = 0, then = (t: Tensor) => fixed(t, lr) } = settingsOfRate("warmupLR", lr, options, "steps");
  return sequentialLR([linearLR(lr, { startFactor: from, totalIters: steps }), then], [steps]);
};
