import { expect, test } from "vitest";
import { defineModel, f64, optim, type Tensor } from "chainrule";
import { expectNumber } from "../../conformance/compare.ts";
import type { Json, SchedulerCase } from "../../conformance/format.ts";
import { Session } from "../session.ts";
import { torchCases } from "../torch.ts";

type Options = Record<string, never>;
type Kwargs = Readonly<Record<string, Json>>;
const camel = (name: string): string => name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()).replace(/^T/, "t");
const camelKeys = (kwargs: Kwargs): Options => Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [camel(k), v])) as Options;

/** A schedule for a group's base rate; `g` is the group's number. */
const schedules: Record<string, (lr: number, k: Options, g: number) => optim.Schedule> = {
  StepLR: (lr, k) => optim.stepLR(lr, k as never),
  MultiStepLR: (lr, k) => optim.multiStepLR(lr, k as never),
  ConstantLR: (lr, k) => optim.constantLR(lr, k),
  LinearLR: (lr, k) => optim.linearLR(lr, k),
  ExponentialLR: (lr, k) => optim.exponentialLR(lr, k as never),
  PolynomialLR: (lr, k) => optim.polynomialLR(lr, k),
  CosineAnnealingLR: (lr, k) => optim.cosineAnnealingLR(lr, k as never),
  CosineAnnealingWarmRestarts: (lr, k) => optim.cosineAnnealingWarmRestarts(lr, k as never),
  OneCycleLR: (_, k, g) => optim.oneCycleLR(([k.maxLr] as number[][]).flat()[g] ?? (k.maxLr as number), oneCycle(k)),
  CyclicLR: (_, k) => optim.cyclicLR(k.baseLr, k.maxLr, { ...k, mode: (k.mode as string) === "exp_range" ? "expRange" : k.mode }),
  LambdaLR: (lr, k) => {
    expect(k.lrLambda).toBe("0.9 ** epoch");
    return (t) => t.mul(Math.log(0.9)).exp().mul(lr);
  },
  ChainedScheduler: (lr, k, g) => {
    const parts = (k.schedulers as unknown as { name: string; kwargs: Kwargs }[]).map((s, i) => schedules[s.name](i === 0 ? lr : 1, camelKeys(s.kwargs), g));
    return (t) => parts.map((part) => part(t)).reduce((a, b) => a.mul(b));
  },
};
const oneCycle = (k: Options): never => ({ ...k, totalSteps: k.totalSteps ?? (k.epochs as number) * k.stepsPerEpoch }) as never;

/** The values of schedules at steps 0, 1, 2, …, in f64. */
function values(list: readonly optim.Schedule[], steps: number): number[][] {
  const s = new Session(defineModel("schedule", (m) => {
    m.fn("f", { t: f64() }, ({ t }: { t: Tensor }) => Object.fromEntries(list.map((f, i) => [`lr${i}`, f(t)])));
  }));
  return Array.from({ length: steps }, (_, t) => Object.values(s.numbers("f", { t })).map(([v]) => v));
}

torchCases<SchedulerCase>("schedulers", (cases) => {
  // what depends on a metric is not a function of the step
  const known = cases.filter((c) => !c.scheduler.endsWith("ReduceLROnPlateau"));
  test.each(known.map((c) => [c.id, c] as const))("%s", (_, c) => {
    const name = c.scheduler.replace("torch.optim.lr_scheduler.", ""), k = camelKeys(c.kwargs);
    const got = values(c.optimizer.group_lrs.map((lr, g) => schedules[name](lr, k, g)), c.lrs.length);
    for (const [t, want] of c.lrs.entries()) for (const [g, w] of want.entries()) expectNumber(`rate ${g} after ${t} steps`, got[t][g], w, c.tol);

    const cycled = c.momentums ?? c.beta1s;
    if (!cycled) return;
    const momentum = name === "OneCycleLR" ? optim.oneCycleMomentum(oneCycle(k)) : optim.cyclicLR(0.9, 0.8, { ...k, mode: (k.mode as string) === "exp_range" ? "expRange" : k.mode });
    const moments = values([momentum], cycled.length);
    for (const [t, [w]] of cycled.entries()) expectNumber(`momentum after ${t} steps`, moments[t][0], w, c.tol);
  });
});

test("polynomial decay, and a schedule that an optimizer follows", () => {
  expect(values([optim.polynomialLR(1, { totalIters: 4, power: 2 })], 6).flat()).toEqual([1, 0.5625, 0.25, 0.0625, 0, 0]);
  const s = new Session(defineModel("net", (m) => {
    const w = m.param("w", [], { init: 0 });
    m.trainStep("train", { x: f64() }, ({ x }) => x.convert("f32").mul(w), optim.sgd({ lr: optim.stepLR(1, { stepSize: 2, gamma: 0.1 }) }));
  }));
  const path = Array.from({ length: 5 }, () => { s.call("train", { x: 1 }); return Number(s.variables.w.data[0].toFixed(6)); });
  expect(path).toEqual([-1, -2, -2.1, -2.2, -2.21]);
});

test("one schedule after another, products of schedules, warm-up", () => {
  const near = (lists: number[][]) => lists.map((l) => l.map((v) => Number(v.toFixed(9))));
  expect(near(values([optim.sequentialLR([optim.linearLR(1, { startFactor: 0.5, totalIters: 2 }), optim.exponentialLR(1, { gamma: 0.5 })], [2])], 5))).toEqual([[0.5], [0.75], [1], [0.5], [0.25]]);
  expect(near(values([optim.warmupLR(2, { steps: 4 }), optim.warmupLR(2, { steps: 2, from: 0.5, then: optim.stepLR(2, { stepSize: 1 }) })], 6))).toEqual([[0, 1], [0.5, 1.5], [1, 2], [1.5, 0.2], [2, 0.02], [2, 0.002]]);
  expect(near(values([optim.chainedLR(3, [optim.exponentialLR(1, { gamma: 0.5 }), optim.constantLR(1, { factor: 0.1, totalIters: 1 })]), optim.lambdaLR(2, (t) => t.add(1))], 3))).toEqual([[0.3, 2], [1.5, 4], [0.75, 6]]);
  expect(() => optim.sequentialLR([optim.exponentialLR(1, { gamma: 1 })], [3])).toThrow(/one milestone less than schedules/);
});
