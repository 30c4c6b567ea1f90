import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import type { GraphFunction, Model } from "../../ir/graph/index.ts";
import { initFunction } from "../../ir/init/index.ts";
import { interpret, ndarray, type NdArray } from "../../ir/interpret/index.ts";
import { verify, verifyModel } from "../../ir/verify/index.ts";

type Nested = number | boolean | readonly Nested[];
export type Given = Readonly<Record<string, Nested | NdArray>>;

/** A model that runs in the interpreter: its variables, and its functions with their derivatives expanded. */
export class Session {
  readonly model: Model;
  readonly variables: Record<string, NdArray> = {};
  readonly #functions = new Map<string, GraphFunction>();

  constructor(model: Model, seed: readonly [number, number] = [0, 0]) {
    this.model = model;
    verifyModel(model);
    const init = initFunction(model);
    verify(init);
    const first = interpret(init, { inputs: { seed: ndarray("u32", [2], seed) }, variables: {} });
    for (const { name, type, init } of model.variables)
      this.variables[name] = init.kind === "data" ? ndarray(type.dtype, type.shape as number[], init.data) : first.updates[name];
  }

  /** Calls a function and writes its updates. */
  call(name: string, inputs: Given = {}): Record<string, NdArray> {
    const { outputs, updates } = interpret(this.expanded(name), { inputs: this.arrays(name, inputs), variables: this.variables });
    Object.assign(this.variables, updates);
    return outputs;
  }

  /** Calls a function whose outputs are wanted as plain numbers. */
  numbers(name: string, inputs: Given = {}): Record<string, number[]> {
    return Object.fromEntries(Object.entries(this.call(name, inputs)).map(([key, a]) => [key, [...a.data]]));
  }

  set(name: string, value: Nested): void {
    const { type } = this.model.variables.find((v) => v.name === name)!;
    this.variables[name] = ndarray(type.dtype, type.shape as number[], flat(value));
  }

  expanded(name: string): GraphFunction {
    let fn = this.#functions.get(name);
    if (!fn) {
      fn = expandDerivatives(this.model.functions.find((f) => f.name === name)!);
      verify(fn);
      this.#functions.set(name, fn);
    }
    return fn;
  }

  private arrays(name: string, inputs: Given): Record<string, NdArray> {
    const fn = this.model.functions.find((f) => f.name === name)!;
    return Object.fromEntries(Object.entries(inputs).map(([key, value]) => {
      if (typeof value === "object" && "dtype" in value) return [key, value];
      const input = fn.inputs.find((v) => (v.node.attrs as { name: string }).name === key)!;
      return [key, ndarray(input.type.dtype, shapeOf(value), flat(value))];
    }));
  }
}

const flat = (x: Nested): number[] => (Array.isArray(x) ? x.flatMap(flat) : [Number(x)]);
const shapeOf = (x: Nested): number[] => (Array.isArray(x) ? [x.length, ...(x.length > 0 ? shapeOf(x[0]) : [])] : []);
