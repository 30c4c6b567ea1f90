import { defineModel, optim, type Tensor } from "chainrule";
import type { NdArray } from "../../../ir/ops/index.ts";
import { expectClose } from "../compare.ts";
import { readTensor, type Json, type NamedCall, type OptimizerCase, type Tensors } from "../format.ts";
import { inputOf } from "../inputs.ts";
import { Unsupported } from "../outcome.ts";
import type { Target } from "../targets.ts";
import { camelCase } from "./arguments.ts";
import { runProgram } from "./case.ts";
import { scheduleOf } from "./schedulers.ts";

type Options = Readonly<Record<string, unknown>>;
type Maker = (options: Options) => optim.Optimizer;

/** Options that every optimizer takes, in PyTorch's spelling. */
const common = ["lr", "weight_decay", "maximize"];

/** PyTorch's optimizers: chainrule's, and the options it takes, in PyTorch's spelling. */
const optimizers: Readonly<Record<string, { readonly make: Maker; readonly options: readonly string[] }>> = {
  "torch.optim.SGD": { make: optim.sgd, options: ["momentum", "dampening", "nesterov"] },
  "torch.optim.Adam": { make: optim.adam, options: ["betas", "eps", "amsgrad"] },
  "torch.optim.AdamW": { make: optim.adamw, options: ["betas", "eps", "amsgrad"] },
  "torch.optim.RMSprop": { make: optim.rmsprop, options: ["alpha", "eps", "momentum", "centered"] },
  "torch.optim.Adagrad": { make: optim.adagrad, options: ["lr_decay", "initial_accumulator_value", "eps"] },
  "torch.optim.Adadelta": { make: optim.adadelta, options: ["rho", "eps"] },
  "torch.optim.Adamax": { make: optim.adamax, options: ["betas", "eps"] },
  "torch.optim.NAdam": { make: optim.nadam, options: ["betas", "eps", "momentum_decay"] },
  "torch.optim.RAdam": { make: optim.radam, options: ["betas", "eps"] },
  "torch.optim.Adafactor": { make: optim.adafactor, options: ["beta2_decay", "eps", "d"] },
  "torch.optim.Muon": { make: optim.muon, options: ["momentum", "nesterov", "ns_coefficients", "ns_steps", "eps", "adjust_lr_fn"] },
  "torch.optim.Rprop": { make: optim.rprop, options: ["etas", "step_sizes"] },
  "torch.optim.ASGD": { make: optim.asgd, options: ["lambd", "alpha", "t0"] },
};

/** Gradient clipping between `backward` and `step`. */
const clips: Readonly<Record<string, (kwargs: Readonly<Record<string, Json>>) => (gradients: readonly Tensor[]) => readonly Tensor[]>> = {
  "torch.nn.utils.clip_grad_norm_": ({ max_norm, norm_type = 2, ...rest }) => {
    refuseRest("clip_grad_norm_", rest);
    return optim.clipGradNorm(max_norm as number, { normType: plainNumber(norm_type) });
  },
  "torch.nn.utils.clip_grad_value_": ({ clip_value, ...rest }) => {
    refuseRest("clip_grad_value_", rest);
    return optim.clipGradValue(clip_value as number);
  },
};

const plainNumber = (x: Json): number => (typeof x === "object" && x !== null && "float" in x ? Infinity : (x as number));

function refuseRest(name: string, rest: object): void {
  const left = Object.keys(rest);
  if (left.length > 0) throw new Unsupported(`${name} with ${left.join(", ")}`);
}

/** Trains the case's model, a step at a time, and compares the loss and every parameter after each. */
export async function runOptimizerCase(c: OptimizerCase, target: Target): Promise<void> {
  const inputs = readAll(c.inputs), params = readAll(c.params), trajectory = readAll(c.trajectory), losses = readTensor(c.losses);
  const optimizer = optimizerOf(c);
  const clip = c.clip && clipOf(c.clip);
  const model = defineModel("trajectory", (m) => {
    const weights = new Map<string, Tensor>(Object.entries(params).map(([name, { dtype, shape, data }]) => [name, m.param(name, shape, { dtype, init: Array.from(data) })]));
    m.trainStep("train", Object.fromEntries(Object.entries(inputs).map(([name, a]) => [name, inputOf(a.dtype, a.shape)])),
      (given: Readonly<Record<string, Tensor>>) => runProgram(c.program, c.returns, new Map([...weights, ...Object.entries(given)]))[0],
      optimizer, { clip });
  });
  const executable = await target.load(model);
  for (let step = 0; step < c.steps; step++) {
    const { loss } = await executable.call("train", inputs);
    expectClose(`loss of step ${step}`, loss, at(losses, step), c.tol);
    for (const [name, want] of Object.entries(trajectory)) expectClose(`${name} after step ${step}`, executable.variable(name), at(want, step), c.tol);
  }
}

const readAll = (tensors: Tensors): Record<string, NdArray> => Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, readTensor(t)]));

/** One entry along the first axis. */
function at({ dtype, shape, data }: NdArray, index: number): NdArray {
  const size = data.length / shape[0];
  return { dtype, shape: shape.slice(1), data: data.slice(index * size, (index + 1) * size) };
}

function optimizerOf(c: OptimizerCase): optim.Optimizer {
  if (!Object.hasOwn(optimizers, c.optimizer)) throw new Unsupported(c.optimizer);
  const { make, options } = optimizers[c.optimizer];
  const translate = (kwargs: Readonly<Record<string, Json>>): Record<string, unknown> => {
    const known = [...common, ...options], unknown = Object.keys(kwargs).filter((k) => !known.includes(k));
    if (unknown.length > 0) throw new Unsupported(`${c.optimizer} with ${unknown.join(", ")}`);
    return Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [camelCase(k), v]));
  };
  const all = translate(c.kwargs);
  if (c.scheduler) {
    if (c.groups) throw new Unsupported(`${c.optimizer} with groups and a scheduler`);
    if (typeof all.lr !== "number") throw new Unsupported(`${c.optimizer} with a scheduler and its own default rate`);
    all.lr = scheduleOf(c.scheduler.name, c.scheduler.kwargs, all.lr);
  }
  return make({ ...all, groups: c.groups?.map(({ params, kwargs }) => ({ params, ...translate(kwargs) })) });
}

function clipOf({ name, kwargs }: NamedCall) {
  if (!Object.hasOwn(clips, name)) throw new Unsupported(name);
  return clips[name](kwargs);
}
