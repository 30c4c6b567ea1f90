import { check, GraphError } from "../graph/error.ts";
import { locationText } from "../graph/location.ts";
import { assign, currentFrame, latest, variableOf, type StateOwner } from "../model/trace.ts";
import { Tensor } from "../tensor/tensor.ts";
import { mathType, typeText, type Shape, type TensorType } from "../types/index.ts";
import { selectGroups, type Groups } from "./groups.ts";
import { settings } from "./settings.ts";

/** The learning rate, say, as a function of the number of steps taken before this one (0 in the first), a float scalar. */
export type Schedule = (step: Tensor) => Tensor;
/** A setting that may change from step to step: a number, a scalar tensor (an input of the function), or a schedule. */
export type Hyper = number | Tensor | Schedule;

/** What every optimizer takes. */
export interface CommonOptions<O> {
  /** Name of its state in the model, where two optimizers of a kind would have the same. */
  readonly name?: string;
  /** Ascends instead. */
  readonly maximize?: boolean;
  /** Parameters with options of their own, in place of those given for all. */
  readonly groups?: Groups<O>;
}

/** Makes new values of parameters from gradients. */
export interface Optimizer {
  readonly name: string;
  /**
   * Updates each parameter (a tensor of `m.param`) by its gradient: the function being traced writes the parameters
   * and the optimizer's state when it returns. `m.trainStep` calls it; a function written by hand can.
   */
  step(params: readonly Tensor[], gradients: readonly Tensor[]): void;
}

/** What an optimizer's rule sees of one parameter in one step. */
export interface Slot {
  /** How many steps have been taken, this one included: a scalar of the parameter's dtype. */
  readonly t: Tensor;
  /** The value of a setting in this step: a number as it is, or a scalar of the parameter's dtype. */
  value(setting: Hyper): number | Tensor;
  /** Moves a state of the parameter's shape (or of one given) on, and gives the new value. It starts at `init`, zero unless given. */
  next(name: string, f: (old: Tensor) => Tensor, init?: number, shape?: Shape): Tensor;
  /** The same for a scalar. It is f32, also beside a parameter in f64: so PyTorch keeps them. */
  nextScalar(name: string, f: (old: Tensor) => Tensor, init?: number): Tensor;
}

/** An optimizer's formula for one parameter `w` with gradient `g`: the new value of `w`. A half is in f32 here, and so is its state. */
export type Rule<O> = (w: Tensor, g: Tensor, options: O, slot: Slot) => Tensor;

/** An optimizer that applies one rule to each parameter. `defaults` are the options that were not given. */
export function perParameter<O extends object, D extends Partial<O>>(name: string, given: O & CommonOptions<O>, defaults: D, rule: Rule<O & D>): Optimizer {
  checkOptions(name, given);
  const optimizer: Optimizer = {
    name: given.name ?? name,
    step(params, gradients) {
      check(Array.isArray(params) && Array.isArray(gradients), () => `${optimizer.name}.step takes two lists`, "write: step([w, b], grad(loss, [w, b]))");
      check(params.length === gradients.length, () => `${optimizer.name}: ${params.length} parameters and ${gradients.length} gradients`);
      const owner = currentFrame()?.owner;
      check(owner, `${optimizer.name}: no function of a model is being traced`, "call step in the body of a function of the model");
      const counter = new StepCounter(optimizer, owner);
      const overrides = selectGroups(optimizer.name, params, given.groups);
      for (const [i, param] of params.entries()) {
        const options = { ...defaults, ...given, ...overrides[i] };
        const g = checkedGradient(optimizer.name, param, gradients[i]);
        const dtype = mathType(param.dtype), along = (options.maximize ? g.neg() : g).convert(dtype);
        assign(param, rule(latest(param).convert(dtype), along, options, slotOf(optimizer, owner, param, counter)).convert(param.dtype));
      }
    },
  };
  return optimizer;
}

/** A model's parameters, which PyTorch has in front, are the step's; a rate is an option. */
function checkOptions<O>(name: string, given: object & CommonOptions<O> & { readonly lr?: unknown }): void {
  settings(name, given);
  const { lr } = given;
  check(lr === undefined || typeof lr === "function" || lr instanceof Tensor || (typeof lr === "number" && lr >= 0), () =>
    `${name}: lr is ${typeof lr === "string" ? JSON.stringify(lr) : String(lr)}`, "give a number from 0, a scalar tensor or a schedule");
}

function checkedGradient(name: string, param: Tensor, g: Tensor): Tensor {
  const { attrs, at } = variableOf(param);
  if (typeText(attrs.type) !== typeText(g.value.type))
    throw new GraphError(`${name}: the gradient of "${attrs.name}", ${typeText(attrs.type)} (${locationText(at)}), is ${typeText(g.value.type)}`, "give one gradient for each parameter, in the same order");
  return g;
}

/** The optimizer's count of steps, one scalar for all parameters; it is a state of the model only where a rule looks at it. */
class StepCounter {
  readonly #optimizer: Optimizer;
  readonly #owner: StateOwner;
  #counts: { readonly before: Tensor; readonly now: Tensor } | undefined;

  constructor(optimizer: Optimizer, owner: StateOwner) {
    this.#optimizer = optimizer;
    this.#owner = owner;
  }

  /** Steps taken before this one, i32. */
  get before(): Tensor { return this.#count().before; }
  /** Steps taken, this one included, i32. */
  get now(): Tensor { return this.#count().now; }

  #count() {
    if (this.#counts) return this.#counts;
    const state = new Tensor(this.#owner.stateOf(this.#optimizer, `${this.#optimizer.name}.step`, { dtype: "i32", shape: [] }, { kind: "constant", value: 0 }));
    const before = latest(state), now = before.add(1);
    assign(state, now);
    return (this.#counts = { before, now });
  }
}

function slotOf(optimizer: Optimizer, owner: StateOwner, param: Tensor, counter: StepCounter): Slot {
  const { attrs: { name: paramName } } = variableOf(param);
  const dtype = mathType(param.dtype);
  const next = (name: string, type: TensorType, f: (old: Tensor) => Tensor, init: number): Tensor => {
    const state = new Tensor(owner.stateOf(optimizer, `${optimizer.name}.${paramName}.${name}`, type, { kind: "constant", value: init }));
    const value = f(latest(state).convert(dtype)).convert(type.dtype);
    assign(state, value);
    return value.convert(dtype);
  };
  return {
    get t() { return counter.now.convert(dtype); },
    value(setting) {
      if (typeof setting === "number") return setting;
      const x = typeof setting === "function" ? setting(counter.before.convert(dtype)) : setting;
      check(x instanceof Tensor && x.rank === 0, () => `${optimizer.name}: a setting is ${x instanceof Tensor ? typeText(x.value.type) : String(x)}; it must be a scalar`);
      return x.convert(dtype);
    },
    next: (name, f, init = 0, shape = param.shape) => next(name, { dtype, shape }, f, init),
    nextScalar: (name, f, init = 0) => next(name, { dtype: "f32", shape: [] }, f, init),
  };
}
