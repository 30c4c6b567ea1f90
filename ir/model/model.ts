import { check, GraphError } from "../graph/error.ts";
import { currentLocation, locationText, type SourceLocation } from "../graph/location.ts";
import { explaining } from "../graph/misuse.ts";
import type { GraphFunction, Model, SymbolRange } from "../graph/node.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { dims } from "../types/index.ts";
import { traceFunction, type FunctionOptions, type InputsOf, type InputSpecs, type Outputs, type Returned } from "./function.ts";
import { Registry, scopeOf } from "./registry.ts";
import type { Float, Scope } from "./scope.ts";
import { stepInputs, trainingStep, type LossResult, type TrainStepOptions } from "./train.ts";

/** What the body of `defineModel` gets: the top scope, and the ways to declare functions. */
export interface ModelBuilder<F extends Float = "f32"> extends Scope<F> {
  /**
   * A function of the model: named inputs, and a body that is traced once on symbolic tensors of their types. It
   * returns results by name, or `{ outputs, updates }` where `updates` lists variables with their new values, all
   * computed from the old ones. Returns the body, for use in other functions.
   */
  fn<const I extends InputSpecs, R extends Returned>(name: string, inputs: I, body: (inputs: InputsOf<I>) => R, options?: FunctionOptions): (inputs: InputsOf<I>) => R;
  /**
   * A function that computes a loss (a scalar, or `{ loss, …metrics }`), its gradients, and the optimizer's updates,
   * and returns the loss and the metrics. The optimizer may be computed from the inputs: `({ lr }) => optim.sgd({ lr })`.
   */
  trainStep<const I extends InputSpecs, L extends LossResult>(
    name: string, inputs: I, loss: (inputs: InputsOf<I>) => L, optimizer: Optimizer | ((inputs: InputsOf<I>) => Optimizer), options?: TrainStepOptions): void;
  /**
   * Bounds a symbolic dimension; a call outside them is an error. Without, any size from 1 up is allowed. What comes
   * after may rely on the least size: slices of it, for one.
   */
  symbol(name: string, range: { readonly min?: number; readonly max?: number }): void;
}

export interface ModelOptions<F extends Float = Float> {
  /** Dtype of parameters and state that do not say theirs; f32 unless given. */
  readonly dtype?: F;
}

/**
 * Declares a model: parameters and state, shared by named functions.
 *
 * ```ts
 * export default defineModel("digits", (m) => {
 *   const fc1 = m.use("fc1", nn.linear(64, 128));
 *   const fc2 = m.use("fc2", nn.linear(128, 10));
 *   const logits = (x: Tensor<["B", 64]>) => fc2(fc1(x).relu());
 *
 *   m.fn("predict", { x: f32("B", 64) }, ({ x }) => ({ probs: logits(x).softmax(-1) }));
 *   m.trainStep("train", { x: f32("B", 64), label: i32("B") },
 *     ({ x, label }) => losses.crossEntropy(logits(x), label), optim.adam({ lr: 1e-3 }));
 * });
 * ```
 *
 * Throws a GraphError, with the line to blame, for anything that cannot be: shapes that do not fit, a name used
 * twice, a tensor of one function used in another.
 */
export function defineModel(name: string, body: (m: ModelBuilder) => void): Model;
export function defineModel<F extends Float>(name: string, options: ModelOptions<F>, body: (m: ModelBuilder<F>) => void): Model;
export function defineModel(name: string, ...rest: [(m: ModelBuilder) => void] | [ModelOptions, (m: ModelBuilder<Float>) => void]): Model {
  check(/^[A-Za-z_][\w-]*$/.test(name), () => `"${name}" is no name for a model`, "use letters, digits, _ and -: it names the folder and the module");
  const registry = new Registry();
  const functions: GraphFunction[] = [];
  const symbols: Record<string, SymbolRange> = {}, minima: Record<string, number> = {};
  const lines = new Map<string, SourceLocation | undefined>();

  const declareFunction = (fn: string): void => {
    check(/^[A-Za-z_][\w$]*$/.test(fn), () => `"${fn}" is no name for a function`, "use letters, digits and _");
    if (lines.has(fn)) throw new GraphError(`there are two functions "${fn}": ${locationText(lines.get(fn)) || "one before"}, and here`, "give each a name of its own");
    lines.set(fn, currentLocation());
  };

  const builder = <F extends Float>(dtype: F): ModelBuilder<F> => ({
    ...scopeOf(registry, "", dtype),
    fn(fn, inputs, body, options = {}) {
      declareFunction(fn);
      functions.push(traceFunction(registry, fn, inputs, body, options));
      return body;
    },
    trainStep(fn, inputs, loss, optimizer, options = {}) {
      declareFunction(fn);
      functions.push(traceFunction(registry, fn, stepInputs(fn, inputs, options), (given: Outputs) => {
        const chosen = typeof optimizer === "function" ? optimizer(given as InputsOf<typeof inputs>) : optimizer;
        return trainingStep(registry, fn, inputs, given, loss, chosen, options);
      }, { train: true }));
    },
    symbol(symbol, { min = 1, max }) {
      check(/^[A-Za-z_]\w*$/.test(symbol), () => `"${symbol}" is no symbol`, "a symbol is a name, such as \"B\"");
      check(!Object.hasOwn(symbols, symbol), () => `the range of "${symbol}" is given twice`);
      check(Number.isInteger(min) && min >= 0 && (max === undefined || (Number.isInteger(max) && max >= min)), () => `the range of "${symbol}" is from ${min} to ${max}`, "give whole numbers, min <= max");
      symbols[symbol] = max === undefined ? { min } : { min, max };
      minima[symbol] = min;
    },
  });
  explaining(() => dims.withMinima(minima, () => (rest.length === 1 ? rest[0](builder("f32")) : rest[1](builder<Float>(rest[0].dtype ?? "f32")))));
  return { name, variables: registry.variables, symbols, functions };
}
