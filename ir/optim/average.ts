import { rebuild } from "../graph/build.ts";
import { check } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import { flatten, tensorsOf, valuesOf, type Structure } from "../control/structure.ts";
import { assign, currentFrame, latest, variableOf } from "../model/trace.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { DType, TensorType } from "../types/index.ts";
import type { Optimizer } from "./optimizer.ts";
import { settings } from "./settings.ts";

export interface AverageOptions {
  /** Part of the old average that stays: an exponential average. Without, the average counts all steps alike. */
  readonly decay?: number;
  /** Steps before the first that counts; 0 unless given. */
  readonly start?: number;
  /** Counts every so many steps; 1 unless given. */
  readonly every?: number;
  /** Name of its state in the model; `"average"` unless given. */
  readonly name?: string;
}

/** An optimizer that keeps an average of the parameters beside them. */
export interface Averaged extends Optimizer {
  /**
   * What `body` computes, with the averages in place of the parameters (those that the optimizer trains):
   * `m.fn("predict", { x }, ({ x }) => ({ probs: averaged.apply(() => net(x).softmax(-1)) }))`.
   */
  apply<const R extends Structure>(body: () => R): R;
}

/**
 * Averages of the weights along an optimizer's way: exponential (Polyak & Juditsky 1992; Tarvainen & Valpola 2017), or equal
 * (stochastic weight averaging, Izmailov et al. 2018). The first that counts is taken over as it is.
 *
 * ```ts
 * const averaged = optim.average(optim.adam(), { decay: 0.999 });
 * m.trainStep("train", inputs, loss, averaged);
 * m.fn("predict", { x: f32("B", 64) }, ({ x }) => ({ y: averaged.apply(() => net(x)) }));
 * ```
 *
 * Declare the training step before functions that `apply`: it says which parameters there are. State: `average.<parameter>`
 * and `average.n_averaged`. PyTorch: `torch.optim.swa_utils.AveragedModel`.
 */
export function average(optimizer: Optimizer, options: AverageOptions = {}): Averaged {
  check(typeof optimizer?.step === "function", "average: what it is given first is no optimizer", "write: optim.average(optim.adam(), { decay: 0.999 })");
  const { decay, start = 0, every = 1, name = "average" } = settings("average", options);
  check(decay === undefined || (decay >= 0 && decay <= 1), () => `average: the decay is ${decay}`, "give a number from 0 to 1");
  check(Number.isInteger(every) && every >= 1 && Number.isInteger(start) && start >= 0, () => `average: start is ${start}, every is ${every}`, "give whole numbers, every from 1");
  const known = new Map<Value, Value>(); // parameters to their averages
  const averaged: Averaged = {
    name: optimizer.name,
    step(params, gradients) {
      optimizer.step(params, gradients);
      const steps = state("steps", { dtype: "i32", shape: [] }), count = state("n_averaged", { dtype: "i32", shape: [] });
      const before = latest(count), passed = latest(steps).sub(start);
      const counts = passed.ge(0).logicalAnd(passed.remainder(every).eq(0)), isFirst = before.eq(0);
      for (const param of params) {
        const mean = state(variableOf(param).attrs.name, param.value.type), old = latest(mean), now = latest(param);
        known.set(param.value, mean.value);
        const moved = old.add(now.sub(old).mul(decay === undefined ? before.add(1).convert(param.dtype as DType).reciprocal() : 1 - decay));
        assign(mean, counts.where(isFirst.where(now, moved), old));
      }
      assign(count, before.add(counts.convert("i32")));
      assign(steps, latest(steps).add(1));
    },
    apply(body) {
      check(known.size > 0, `${name}.apply: no parameter has an average yet`, "declare the training step before");
      const made = flatten(body(), `what is computed of ${name}`);
      return made.rebuild(tensorsOf(inTheirPlace(valuesOf(made.leaves))));
    },
  };
  const state = (part: string, type: TensorType): Tensor => {
    const owner = currentFrame()?.owner;
    check(owner, `${name}: no function of a model is being traced`, "call it in the body of a function of the model");
    return new Tensor(owner.stateOf(averaged, `${name}.${part}`, type, { kind: "constant", value: 0 }));
  };
  /** The values, computed of the averages. */
  const inTheirPlace = (values: readonly Value[]): Value[] => {
    const map = new Map([...known].map(([param, mean]) => [param, latest(new Tensor(mean)).value]));
    const image = (v: Value): Value => map.get(v) ?? v;
    for (const node of reachable(values)) {
      const outputs = rebuild(node, node.inputs.map(image));
      for (const [i, v] of node.outputs.entries()) if (outputs[i] !== v) map.set(v, outputs[i]);
    }
    return values.map(image);
  };
  return averaged;
}
