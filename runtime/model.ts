import { bindSymbols } from "./binding.ts";
import type { Device } from "./device.ts";
import { evaluate } from "./dims.ts";
import { readInput } from "./inputs.ts";
import type { FunctionSpec, ModelSpec } from "./manifest.ts";
import { suggest } from "./suggest.ts";
import { HostTensor } from "./tensor.ts";
import type { ArenaInfo, DeviceName, Inputs, LoadedModel, Outputs, Tensor, TypedArray, VariableInfo } from "./types.ts";
import { Variables } from "./variables.ts";

/** A model on a device whose memory is the host's: a call returns when it is done. */
export class ModelOnHost implements LoadedModel {
  readonly name: string;
  readonly device: DeviceName;
  readonly threads: number;
  readonly variables: readonly VariableInfo[];
  readonly functions: LoadedModel["functions"];
  readonly sync: LoadedModel["sync"];
  readonly #spec: ModelSpec;
  readonly #device: Device;
  readonly #variables: Variables;
  readonly #initial: Uint8Array | undefined;
  readonly #seed: number;

  /** `initial` is a safetensors file with the variables that no seed makes. */
  constructor(spec: ModelSpec, device: Device, seed: number, initial?: Uint8Array) {
    this.name = spec.name;
    this.device = device.name;
    this.threads = device.threads ?? 1;
    this.variables = spec.variables;
    this.#spec = spec;
    this.#device = device;
    this.#variables = new Variables(spec, device);
    this.#initial = initial;
    this.#seed = seed;
    const names = Object.keys(spec.functions).filter((name) => !name.startsWith("$"));
    this.sync = Object.fromEntries(names.map((name) => [name, (inputs: Inputs = {}) => this.#call(name, inputs)]));
    this.functions = Object.fromEntries(names.map((name) => [name, async (inputs?: Inputs) => this.sync[name](inputs)]));
    this.reset();
  }

  get arena(): ArenaInfo { return this.#device.arena; }

  read(name: string): Tensor { return this.#variables.read(name); }
  write(name: string, value: unknown): void { this.#variables.write(name, value); }
  save(): Uint8Array { return this.#variables.save(); }
  restore(file: Uint8Array | ArrayBuffer): void { this.#variables.overlay(file, "the saved file", () => true); }
  /** Sets variables from a file that has every parameter, and other state or not. */
  overlay(file: Uint8Array, what: string): void { this.#variables.overlay(file, what, (v) => v.role === "parameter"); }

  reset(seed = this.#seed): void {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`a seed is an integer from 0, not ${String(seed)}`);
    const init = this.#spec.functions.$init;
    const key = Uint32Array.of(seed, Math.floor(seed / 2 ** 32)); // low word first
    if (init) this.#call("$init", Object.fromEntries(init.inputs.map((x) => [x.name, key])));
    if (this.#initial) this.#variables.overlay(this.#initial, `the weights of ${this.name}`, () => false);
  }

  /**
   * Runs a function. Where it throws, no variable has changed: inputs are checked before it starts, and variables
   * that it may have written before an index turned out to be out of range are put back.
   */
  #call(name: string, inputs: Inputs): Outputs {
    try {
      const spec = this.#spec.functions[name];
      checkNames(spec, inputs);
      const arrived = spec.inputs.map((x) => readInput(x, inputs[x.name]));
      const binding = bindSymbols(spec.inputs, arrived, this.#spec.symbols);
      const run = this.#device.bind(name, binding);
      const arrays = Object.fromEntries(spec.inputs.map((x, i): [string, TypedArray] => [x.name, arrived[i].data]));
      const views = this.#variables.guard(this.#device.restore(name), () => run(arrays));
      return Object.fromEntries(spec.outputs.map((o): [string, Tensor] =>
        [o.name, new HostTensor(o.dtype, o.shape.map((d) => evaluate(d, binding)), views[o.name].slice())]));
    } catch (e) {
      throw new Error(`${this.name}.${name}: ${e instanceof Error ? e.message : String(e)}`, { cause: e });
    }
  }
}

function checkNames({ inputs }: FunctionSpec, given: Inputs): void {
  const names = inputs.map((x) => x.name);
  const takes = names.length > 0 ? `it takes ${names.join(", ")}` : "it takes none";
  if (typeof given !== "object" || given === null) throw new Error(`inputs are an object of named tensors, not ${String(given)}; ${takes}`);
  for (const name of Object.keys(given))
    if (!names.includes(name)) throw new Error(`there is no input "${name}"${suggest(name, names.filter((n) => !(n in given)))} (${takes})`);
  for (const name of names)
    if (given[name] === undefined) throw new Error(`input "${name}" is missing; ${takes}`);
}
