import { FunctionCall } from "./call.ts";
import type { Device } from "./device.ts";
import type { ModelSpec } from "./manifest.ts";
import { Lent } from "./lent.ts";
import { makeBuffer } from "./tensor.ts";
import type { ArenaInfo, CallOptions, DeviceName, DType, Inputs, LoadedModel, Tensor, VariableInfo } from "./types.ts";
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
  readonly #calls: Readonly<Record<string, FunctionCall>>;
  readonly #initial: Uint8Array | undefined;
  readonly #seed: number;
  readonly #lent = new Lent();

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
    this.#calls = Object.fromEntries(Object.keys(spec.functions).map((name) => [name, new FunctionCall(name, spec, device, this.#variables, this.#lent)]));
    const names = Object.keys(spec.functions).filter((name) => !name.startsWith("$"));
    this.sync = Object.fromEntries(names.map((name) => [name, ((call) => (inputs: Inputs = {}, options?: CallOptions) => call.run(inputs, options))(this.#calls[name])]));
    this.functions = Object.fromEntries(names.map((name) => [name, async (inputs?: Inputs, options?: CallOptions) => this.sync[name](inputs, options)]));
    this.reset();
  }

  get arena(): ArenaInfo { return this.#device.arena; }

  buffer<D extends DType, const S extends readonly number[]>(dtype: D, shape: S): Tensor<D, S> {
    return makeBuffer(dtype, shape, (size) => {
      const view = this.#device.buffer?.(dtype, size);
      return view && this.#lent.lend(view);
    });
  }

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
    if (init) this.#calls.$init.run(Object.fromEntries(init.inputs.map((x) => [x.name, key])));
    if (this.#initial) this.#variables.overlay(this.#initial, `the weights of ${this.name}`, () => false);
  }
}
