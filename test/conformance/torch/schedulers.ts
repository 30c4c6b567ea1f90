import { defineModel, f64, optim, type Tensor } from "chainrule";
import { expectNumber } from "../compare.ts";
import type { Json, SchedulerCase } from "../format.ts";
import { Unsupported } from "../outcome.ts";
import type { Target } from "../targets.ts";
import { evaluate } from "./expression.ts";

type Kwargs = Readonly<Record<string, Json>>;
/** A scheduler as chainrule has it: a function of the number of steps, made for a base rate. */
type Maker = (lr: number, options: never) => optim.Schedule;

/** PyTorch's schedulers that start from the optimizer's rate, and the spelling of their options here. */
const schedulers: Readonly<Record<string, { readonly make: Maker; readonly options: Readonly<Record<string, string>> }>> = {
  StepLR: { make: optim.stepLR, options: { step_size: "stepSize", gamma: "gamma" } },
  MultiStepLR: { make: optim.multiStepLR, options: { milestones: "milestones", gamma: "gamma" } },
  ConstantLR: { make: optim.constantLR, options: { factor: "factor", total_iters: "totalIters" } },
  LinearLR: { make: optim.linearLR, options: { start_factor: "startFactor", end_factor: "endFactor", total_iters: "totalIters" } },
  ExponentialLR: { make: optim.exponentialLR, options: { gamma: "gamma" } },
  PolynomialLR: { make: optim.polynomialLR, options: { total_iters: "totalIters", power: "power" } },
  CosineAnnealingLR: { make: optim.cosineAnnealingLR, options: { T_max: "tMax", eta_min: "etaMin" } },
  CosineAnnealingWarmRestarts: { make: optim.cosineAnnealingWarmRestarts, options: { T_0: "t0", T_mult: "tMult", eta_min: "etaMin" } },
};

/** The options of a scheduler here; one that it does not take makes the case unsupported. */
function translate(name: string, kwargs: Kwargs, options: Readonly<Record<string, string>>): Record<string, unknown> {
  const unknown = Object.keys(kwargs).filter((k) => !Object.hasOwn(options, k));
  if (unknown.length > 0) throw new Unsupported(`${name} with ${unknown.join(", ")}`);
  return Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [options[k], v]));
}

/** The schedule of a rate that starts, as the optimizer has it, at `lr`. */
export function scheduleOf(fullName: string, kwargs: Kwargs, lr: number): optim.Schedule {
  const name = fullName.slice(fullName.lastIndexOf(".") + 1);
  if (name === "LambdaLR") return optim.lambdaLR(lr, userSchedule(kwargs));
  if (name === "MultiplicativeLR") return optim.multiplicativeLR(lr, userSchedule(kwargs));
  if (name === "ChainedScheduler") return optim.chainedLR(lr, partsOf(kwargs).map((p) => scheduleOf(p.name, p.kwargs, 1))); // each multiplies the rate by its own factor, whatever the others do
  if (name === "SequentialLR") return optim.sequentialLR(partsOf(kwargs).map((p) => scheduleOf(p.name, p.kwargs, lr)), kwargs.milestones as readonly number[]);
  if (name === "OneCycleLR") return oneCycle(kwargs).lr(0);
  if (name === "CyclicLR") return cyclic(kwargs).lr;
  if (!Object.hasOwn(schedulers, name)) throw new Unsupported(fullName);
  const { make, options } = schedulers[name];
  return make(lr, translate(fullName, kwargs, options) as never);
}

/** A function of the epoch, which here is a schedule that the user writes. */
function userSchedule({ lr_lambda, ...rest }: Kwargs): optim.Schedule {
  translate("LambdaLR", rest, {});
  return (t) => evaluate(lr_lambda as string, "epoch", t);
}

/** The schedulers that another is made of. */
const partsOf = (kwargs: Kwargs) => kwargs.schedulers as unknown as readonly { readonly name: string; readonly kwargs: Kwargs }[];

/** One cycle: rates of each group, and the momentum that goes against them. */
function oneCycle({ max_lr, epochs, steps_per_epoch, total_steps, cycle_momentum = true, ...rest }: Kwargs) {
  const totalSteps = total_steps ?? (epochs as number) * (steps_per_epoch as number);
  const options = { totalSteps, ...translate("OneCycleLR", rest, {
    pct_start: "pctStart", anneal_strategy: "annealStrategy", div_factor: "divFactor", final_div_factor: "finalDivFactor", base_momentum: "baseMomentum", max_momentum: "maxMomentum", three_phase: "threePhase",
  }) } as optim.OneCycleOptions;
  return {
    lr: (group: number) => optim.oneCycleLR((Array.isArray(max_lr) ? max_lr[group] : max_lr) as number, options),
    momentum: cycle_momentum === true ? optim.oneCycleMomentum(options) : undefined,
  };
}

/** Up and down between two rates, and the momentum down and up. */
function cyclic({ base_lr, max_lr, base_momentum = 0.8, max_momentum = 0.9, cycle_momentum = true, ...rest }: Kwargs) {
  const translated = translate("CyclicLR", rest, { step_size_up: "stepSizeUp", step_size_down: "stepSizeDown", mode: "mode", gamma: "gamma" });
  const options = { ...translated, ...(translated.mode === "exp_range" && { mode: "expRange" }) } as optim.CyclicOptions;
  return {
    lr: optim.cyclicLR(base_lr as number, max_lr as number, options),
    momentum: cycle_momentum === true ? optim.cyclicLR(max_momentum as number, base_momentum as number, options) : undefined,
  };
}

/** The schedule of each parameter group, and of the momentum where that is scheduled too. */
function schedulesOf(c: SchedulerCase): { lrs: optim.Schedule[]; momentum: optim.Schedule | undefined } {
  const name = c.scheduler.slice(c.scheduler.lastIndexOf(".") + 1), groups = c.optimizer.group_lrs;
  if (name === "OneCycleLR") {
    const { lr, momentum } = oneCycle(c.kwargs);
    return { lrs: groups.map((_, group) => lr(group)), momentum };
  }
  if (name === "CyclicLR") {
    const { lr, momentum } = cyclic(c.kwargs);
    return { lrs: groups.map(() => lr), momentum };
  }
  return { lrs: groups.map((lr, group) => scheduleOf(c.scheduler, { ...c.kwargs, ...(Array.isArray(c.kwargs.lr_lambda) && { lr_lambda: c.kwargs.lr_lambda[group] as Json }) }, lr)), momentum: undefined };
}

/** Steps a schedule that looks at a metric, and compares the rates before the first step and after each. */
async function runPlateauCase(c: SchedulerCase, target: Target): Promise<void> {
  const options = translate(c.scheduler, c.kwargs, {
    mode: "mode", factor: "factor", patience: "patience", threshold: "threshold", threshold_mode: "thresholdMode", cooldown: "cooldown", min_lr: "minLr", eps: "eps",
  });
  const executable = await target.load(defineModel("schedule", (m) => {
    const plateaus = c.optimizer.group_lrs.map((lr, group) => optim.reduceLROnPlateau(lr, { ...options, name: `group${group}`, dtype: "f64" }));
    m.fn("now", { t: f64() }, ({ t }) => Object.fromEntries(plateaus.map((p, group) => [`lr_${group}`, p.lr(t)])));
    m.fn("step", { metric: f64() }, ({ metric }) => Object.fromEntries(plateaus.map((p, group) => [`lr_${group}`, p.step(metric)])));
  }));
  const scalar = (value: number) => ({ dtype: "f64" as const, shape: [], data: Float64Array.of(value) });
  for (const [step, want] of c.lrs.entries()) {
    const stepped = step === 0 ? undefined : await executable.call("step", { metric: scalar(c.metrics![step - 1]) });
    for (const got of [stepped, await executable.call("now", { t: scalar(step) })])
      for (const [group, lr] of want.entries()) if (got) expectNumber(`rate of group ${group} after ${step} steps`, got[`lr_${group}`].data[0], lr, c.tol);
  }
}

/** Computes the rates after 0, 1, … steps, in f64, and compares them. */
export async function runSchedulerCase(c: SchedulerCase, target: Target): Promise<void> {
  if (c.metrics) return runPlateauCase(c, target);
  const { lrs, momentum } = schedulesOf(c);
  const wanted = c.momentums ?? c.beta1s;
  const model = defineModel("schedule", (m) => {
    m.fn("rates", { step: f64() }, ({ step }) => ({
      ...Object.fromEntries(lrs.map((lr, group) => [`lr_${group}`, lr(step)])),
      ...(momentum && { momentum: momentum(step) }),
    }));
  });
  const executable = await target.load(model);
  for (const [step, want] of c.lrs.entries()) {
    const got = await executable.call("rates", { step: { dtype: "f64", shape: [], data: Float64Array.of(step) } });
    for (const [group, lr] of want.entries()) expectNumber(`rate of group ${group} after ${step} steps`, got[`lr_${group}`].data[0], lr, c.tol);
    if (wanted) {
      if (!momentum) throw new Error(`${c.scheduler} changes a momentum that is not computed`);
      for (const value of wanted[step]) expectNumber(`momentum after ${step} steps`, got.momentum.data[0], value, c.tol);
    }
  }
}
