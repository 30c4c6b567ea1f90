import { initFunction } from "../../ir/init/index.ts";
import { interpret, ndarray } from "../../ir/interpret/index.ts";
import { GraphError, type GraphFunction, type Model } from "../../ir/graph/index.ts";
import type { NdArray } from "../../ir/ops/index.ts";
import { storedArray, unstored } from "../../ir/types/index.ts";
import { instantiate, type CompiledModel } from "../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import { compile } from "../../compiler/pipeline.ts";
import type { Tensor as Result, TensorLike } from "../../runtime/types.ts";
import { sharedGpu } from "../webgpu/gpu.ts";
import { Unsupported } from "./outcome.ts";

/** Named arrays: inputs, outputs, variables. */
export type Arrays = Readonly<Record<string, NdArray>>;

/** A model that can be called. Variables keep their values between calls. */
export interface Executable {
  call(fn: string, inputs: Arrays): Promise<Arrays>;
  /** The present value of a variable. */
  variable(name: string): NdArray;
}

export type TargetName = "interpret" | "js" | "wasm" | "webgpu";

/** Something that runs models. */
export interface Target {
  readonly name: TargetName;
  load(model: Model): Promise<Executable>;
}

/** The reference interpreter, on graphs whose derivatives are expanded and nothing else. It rounds as PyTorch does. */
const interpreter: Target = {
  name: "interpret",
  async load(model) {
    const functions = new Map<string, GraphFunction>();
    const prepared = (name: string): GraphFunction => {
      if (!functions.has(name)) functions.set(name, expandDerivatives(functionOf(model, name)));
      return functions.get(name)!;
    };
    const variables: Record<string, NdArray> = initialValues(model);
    return {
      async call(name, inputs) {
        const { outputs, updates } = interpret(prepared(name), { inputs, variables }, { storesF32: true });
        for (const [variable, value] of Object.entries(updates)) variables[variable] = rounded(value);
        return Object.fromEntries(Object.entries(outputs).map(([output, value]) => [output, rounded(value)]));
      },
      variable: (name) => variables[name],
    };
  },
};

function functionOf(model: Model, name: string): GraphFunction {
  const fn = model.functions.find((f) => f.name === name);
  if (!fn) throw new Error(`the model has no function ${name}`);
  return fn;
}

/** Values of variables that start with data; the others are set by the model's init function. */
function initialValues(model: Model): Record<string, NdArray> {
  const values: Record<string, NdArray> = {};
  for (const { name, type, init } of model.variables)
    if (init.kind === "data") values[name] = ndarray(type.dtype, type.shape as readonly number[], init.data);
  const init = initFunction(model);
  return { ...values, ...interpret(init, { inputs: { seed: ndarray("u32", [2], 0) }, variables: {} }).updates };
}

/** The interpreter computes in double precision; a result has its dtype's. */
const rounded = ({ dtype, shape, data }: NdArray): NdArray => ndarray(dtype, shape, data);

/**
 * The whole compiler, the kernels that it prints for a target, and the runtime that ships. Several threads share
 * whatever can be shared, however small.
 */
const compiled = (name: "js" | "wasm", threads: number): Target => ({
  name,
  async load(model) {
    const loaded = await instantiate(compile(model, { target: name, ...(threads > 1 && { grain: 1 }) }), { threads });
    return {
      async call(name, inputs) {
        const results = await loaded.functions[name](Object.fromEntries(Object.entries(inputs).map(([input, array]) => [input, asTensor(array)])));
        return Object.fromEntries(Object.entries(results).map(([output, tensor]) => [output, asArray(tensor)]));
      },
      variable: (name) => asArray(loaded.read(name)),
    };
  },
});

/** … and a GPU, one device for all models. What needs double precision, a GPU has not. */
const onGpu: Target = {
  name: "webgpu",
  async load(model) {
    const device = await sharedGpu();
    const loaded = await instantiate(compiledForGpu(model), { device });
    const values: Record<string, NdArray> = {};
    const readVariables = async (): Promise<void> => {
      for (const { name } of loaded.variables) values[name] = asArray(await loaded.read(name));
    };
    await readVariables();
    return {
      async call(name, inputs) {
        const results = await loaded.functions[name](Object.fromEntries(Object.entries(inputs).map(([input, array]) => [input, asTensor(array)])));
        await readVariables();
        return Object.fromEntries(Object.entries(results).map(([output, tensor]) => [output, asArray(tensor)]));
      },
      variable: (name) => values[name],
    };
  },
};

/** A model compiled for a GPU; one that needs double precision is not for it. */
export function compiledForGpu(model: Model): CompiledModel {
  try {
    return compile(model, { target: "webgpu" });
  } catch (e) {
    if (e instanceof GraphError && e.message.includes("a GPU has no f64")) throw new Unsupported("f64 on a GPU");
    throw e;
  }
}

const asTensor = ({ dtype, shape, data }: NdArray): TensorLike => ({ dtype, shape, data: storedArray(dtype, data) as TensorLike["data"] });
const asArray = ({ dtype, shape, data }: Result): NdArray => ({ dtype, shape, data: Float64Array.from(data, (x) => unstored(dtype, x)) });

/** A target by its name; the number of threads is for wasm. */
export function targetNamed(name: string, threads = 1): Target | undefined {
  if (name === "interpret") return interpreter;
  if (name === "webgpu") return onGpu;
  return name === "js" || name === "wasm" ? compiled(name, threads) : undefined;
}
