import { checkBuild, Runs, type Device, type DeviceMaker, type Run } from "./device.ts";
import type { Binding } from "./dims.ts";
import type { ModelSpec } from "./manifest.ts";
import { arrayTypes, sizeOf } from "./tensor.ts";
import type { ArenaInfo, TypedArray } from "./types.ts";

/** The kernels module: `<name>.kernels.js`. */
export interface JavaScriptKernels {
  /** The build that the kernels are of. */
  readonly build: string;
  readonly functions: Readonly<Record<string, CompiledFunction>>;
}

/** A function of the model, as the kernels module has it. */
export interface CompiledFunction {
  /** Bytes of each slot of the arena. */
  arena(symbols: Binding): number[];
  readonly restore: readonly string[];
  /** Makes the views for one binding of the symbols; returns what runs the function and gives its outputs, as views. */
  bind(symbols: Binding, memory: MemoryViews): Run;
}

export interface MemoryViews {
  readonly arena: ArrayBuffer;
  /** Byte offset of each slot. */
  readonly at: readonly number[];
  readonly variables: Readonly<Record<string, TypedArray>>;
}

/** The device of kernels that are JavaScript. */
export const javascript = (kernels: () => JavaScriptKernels | Promise<JavaScriptKernels>): DeviceMaker => async (spec) => {
  const { build, functions } = await kernels();
  checkBuild(build, spec, ".kernels.js");
  return new JavaScriptDevice(spec, functions);
};

/** Kernels that run on the JavaScript engine: one arena for all functions, as only one runs at a time. */
class JavaScriptDevice implements Device {
  readonly name = "js";
  readonly oneThread = "only WebAssembly has threads";
  readonly variables: Readonly<Record<string, TypedArray>>;
  private readonly functions: Readonly<Record<string, CompiledFunction>>;
  private readonly runs = new Runs();
  private memory = new ArrayBuffer(0);
  private allocations = 0;

  constructor(spec: ModelSpec, functions: Readonly<Record<string, CompiledFunction>>) {
    this.functions = functions;
    this.variables = Object.fromEntries(spec.variables.map((v) => [v.name, new arrayTypes[v.dtype](sizeOf(v.shape))]));
  }

  get arena(): ArenaInfo { return { bytes: this.memory.byteLength, allocations: this.allocations }; }
  get generation(): number { return this.runs.generation; }
  restore(name: string): readonly string[] { return this.functions[name].restore; }
  bind(name: string, binding: Binding): Run { return this.runs.get(name, binding, () => this.makeViews(this.functions[name], binding)); }

  private makeViews(fn: CompiledFunction, binding: Binding): Run {
    let end = 0;
    const at = fn.arena(binding).map((bytes) => {
      const start = end;
      end += Math.ceil(bytes / 8) * 8; // where an f64 may begin
      return start;
    });
    if (end > this.memory.byteLength) {
      this.runs.clear(); // views of the arena that is given up
      this.memory = new ArrayBuffer(end);
      this.allocations++;
    }
    return fn.bind(binding, { arena: this.memory, at, variables: this.variables });
  }
}
