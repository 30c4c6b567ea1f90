import { scan } from "../control/scan.ts";
import { grad, influences, nameOf } from "../derivatives/derivatives.ts";
import { check, GraphError } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { GradScaler } from "../optim/scaler.ts";
import { broadcastTo, full } from "../tensor/broadcast.ts";
import { Tensor } from "../tensor/tensor.ts";
import { dims, isFloat, typeText, type Dim } from "../types/index.ts";
import type { InputsOf, InputSpecs, Outputs } from "./function.ts";
import type { Registry } from "./registry.ts";
import type { InputSpec } from "./spec.ts";
import { FunctionFrame, variableOf, within } from "./trace.ts";

/** What a loss function returns: the scalar to minimise, alone or with metrics beside it. */
export type LossResult = Tensor | ({ readonly loss: Tensor } & Outputs);

/** The results of a training step: the loss, and the metrics as they were returned. */
export type StepOutputs<L extends LossResult> = L extends Tensor ? { readonly loss: L } : L;

export interface TrainStepOptions {
  /** The parameters to train: all that the loss depends on, unless given. */
  readonly params?: readonly Tensor[];
  /**
   * Gradient accumulation: the step takes this many micro-batches, runs the loss on one after another, and updates
   * once with the mean of their gradients, so that a large batch needs the memory of a small one. Inputs are
   * declared as one micro-batch; each whose first dimension is that of the first input with dimensions then has
   * shape `[accumulate, …declared]` in the artifact (the rows of the large batch, in order, are the same memory).
   * Other inputs go to every micro-batch whole. The loss and the metrics returned are means over the micro-batches.
   */
  readonly accumulate?: number;
  /** Scales the loss that gradients are taken of, and leaves out steps whose gradients overflow: `optim.gradScaler()`, for f16. */
  readonly scaler?: GradScaler;
  /** Changes the gradients before the optimizer sees them: `optim.clipGradNorm(1)`. */
  readonly clip?: (gradients: readonly Tensor[]) => readonly Tensor[];
}

/** The inputs that a training step has for the ones declared: a leading axis for accumulation. */
export function stepInputs<I extends InputSpecs>(name: string, specs: I, { accumulate }: TrainStepOptions): InputSpecs {
  if (accumulate === undefined) return specs;
  check(Number.isInteger(accumulate) && accumulate >= 1, () => `${name}: accumulate is ${accumulate}`, "give the number of micro-batches, a whole number from 1");
  const split = microBatched(specs);
  return Object.fromEntries(Object.entries(specs).map(([key, s]): [string, InputSpec] =>
    [key, split.includes(key) ? { dtype: s.dtype, shape: [accumulate, ...s.shape] } : s]));
}

/** Names of the inputs that come in micro-batches. */
function microBatched(specs: InputSpecs): string[] {
  const batch = Object.values(specs).find((s) => s.shape.length > 0)?.shape[0];
  return Object.keys(specs).filter((key) => specs[key].shape.length > 0 && specs[key].shape[0] === batch);
}

/** The body of a training step: loss, gradients, the optimizer's updates. Returns the loss and the metrics. */
export function trainingStep<I extends InputSpecs>(
  registry: Registry, name: string, specs: I, inputs: Outputs, lossOf: (inputs: InputsOf<I>) => LossResult, optimizer: Optimizer, options: TrainStepOptions,
): Outputs {
  const { results, params, gradients } = options.accumulate === undefined
    ? oneBatch(registry, name, inputs, lossOf, options)
    : microBatches(registry, name, specs, inputs, lossOf, options, options.accumulate);
  if (options.scaler) options.scaler.step(optimizer, params, gradients, options.clip);
  else optimizer.step(params, options.clip ? options.clip(gradients) : gradients);
  return results;
}

interface Gradients {
  readonly results: Outputs & { readonly loss: Tensor };
  readonly params: readonly Tensor[];
  readonly gradients: readonly Tensor[];
}

function oneBatch<I extends InputSpecs>(registry: Registry, name: string, inputs: Outputs, lossOf: (inputs: InputsOf<I>) => LossResult, options: TrainStepOptions): Gradients {
  const results = resultsOf(name, lossOf(inputs as InputsOf<I>));
  const params = trained(registry, name, results.loss, options);
  return { results, params, gradients: grad(scaled(results.loss, options), params) };
}

function microBatches<I extends InputSpecs>(
  registry: Registry, name: string, specs: I, inputs: Outputs, lossOf: (inputs: InputsOf<I>) => LossResult, options: TrainStepOptions, n: number,
): Gradients {
  const split = microBatched(specs);
  const rows = Object.fromEntries(split.map((key) => [key, inputs[key]]));
  // a first trace, thrown away, tells which parameters the loss depends on
  const sample = within(new FunctionFrame(true, registry), () =>
    resultsOf(name, lossOf({ ...inputs, ...Object.fromEntries(split.map((key) => [key, new Tensor(firstRow(inputs[key]))])) } as InputsOf<I>)));
  const params = trained(registry, name, sample.loss, options);
  for (const [metric, t] of Object.entries(sample))
    check(t.rank === 0 && isFloat(t.dtype), () => `${name}: the metric "${metric}" is ${typeText(t.value.type)}, and with accumulate its mean over the micro-batches is returned`, "return float scalars: reduce it, or convert it to f32");

  const [sums, stacked] = scan((sums: readonly Tensor[], row: Outputs) => {
    const results = resultsOf(name, lossOf({ ...inputs, ...row } as InputsOf<I>));
    return [grad(scaled(results.loss, options), params).map((g, i) => sums[i].add(g)), results];
  }, params.map((p) => new Tensor(full(0, p.dtype, p.shape))), rows, { length: n });
  const results = Object.fromEntries(Object.entries(stacked as Outputs).map(([key, t]) => [key, t.mean(0)]));
  return { results: results as Gradients["results"], params, gradients: sums.map((s) => s.div(n)) };
}

/** What gradients are taken of. */
const scaled = (loss: Tensor, { scaler }: TrainStepOptions): Tensor => scaler?.scale(loss) ?? loss;

/** A value of the type of one row of `x`; what it holds does not matter. */
const firstRow = (x: Tensor): Value => broadcastTo(full(0, x.dtype), x.shape.slice(1));

function resultsOf(name: string, returned: LossResult): Outputs & { readonly loss: Tensor } {
  const results = returned instanceof Tensor ? { loss: returned } : returned;
  const loss: unknown = results?.loss;
  check(loss instanceof Tensor, () => `${name}: the loss function returns no loss`, "return a scalar, or { loss, …metrics }");
  check(loss.rank === 0 && isFloat(loss.dtype), () => `${name}: the loss is ${typeText(loss.value.type)}; it must be a float scalar`, "reduce it with .mean() or .sum()");
  return results;
}

/** The parameters to train, in order of declaration unless they are listed. */
function trained(registry: Registry, name: string, loss: Tensor, { params }: TrainStepOptions): readonly Tensor[] {
  const used = influences([loss.value]);
  if (params) {
    for (const p of params) {
      variableOf(p);
      if (!used.has(p.value)) throw new GraphError(`${name}: the loss does not depend on ${nameOf(p.value)}`, "train only parameters that the loss is computed from");
    }
    return params;
  }
  const all = registry.parameters.filter((v) => used.has(v)).map((v) => new Tensor(v));
  check(all.length > 0, () => `${name}: the loss depends on no parameter`, "make parameters with m.param or m.use, and compute the loss from them");
  return all;
}
