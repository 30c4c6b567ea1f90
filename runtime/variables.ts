import type { Device } from "./device.ts";
import { readInput } from "./inputs.ts";
import type { ModelSpec, VariableSpec } from "./manifest.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { suggest } from "./suggest.ts";
import { HostTensor, typeText } from "./tensor.ts";
import type { Tensor, TensorLike, TypedArray } from "./types.ts";

/** The variables of a model, in the memory of its device. */
export class Variables {
  private readonly device: Pick<Device, "variables">;
  private readonly specs = new Map<string, VariableSpec>();
  private readonly copies: Record<string, TypedArray> = {};
  private readonly model: string;

  constructor(spec: ModelSpec, device: Pick<Device, "variables">) {
    this.model = spec.name;
    this.device = device;
    for (const v of spec.variables) this.specs.set(v.name, v);
  }

  private get arrays(): Readonly<Record<string, TypedArray>> { return this.device.variables; }

  specOf(name: string): VariableSpec {
    const spec = this.specs.get(name);
    if (!spec) throw new Error(`${this.model} has no variable "${name}"${suggest(name, [...this.specs.keys()])}`);
    return spec;
  }

  read(name: string): Tensor {
    const { dtype, shape } = this.specOf(name);
    return new HostTensor(dtype, shape, this.arrays[name].slice());
  }

  write(name: string, value: unknown): void {
    const spec = this.specOf(name);
    const { data, shape } = readInput(spec, value);
    if (data.length !== this.arrays[name].length || (shape && shape.join() !== spec.shape.join()))
      throw new Error(`${name} is ${typeText(spec.dtype, spec.shape)}, not ${shape ? `of shape [${shape.join(",")}]` : `${data.length} elements`}`);
    this.arrays[name].set(data);
  }

  save(): Uint8Array {
    const tensors = Object.fromEntries([...this.specs.values()].map((v): [string, TensorLike] => [v.name, { ...v, data: this.arrays[v.name] }]));
    return writeSafetensors(tensors, { format: "chainrule", model: this.model });
  }

  /**
   * Sets variables from a safetensors file. Throws, and changes nothing, where the file has a variable that the model
   * does not, or of another type, or lacks one of those that `must` be there.
   */
  overlay(file: Uint8Array | ArrayBuffer, what: string, must: (v: VariableSpec) => boolean): void {
    const tensors = readSafetensors(file, what);
    for (const [name, t] of tensors) {
      const spec = this.specs.get(name);
      if (!spec) throw new Error(`${what} has "${name}", which is no variable of ${this.model}${suggest(name, [...this.specs.keys()])}`);
      if (t.dtype !== spec.dtype || t.shape.join() !== spec.shape.join())
        throw new Error(`${what} has ${name} as ${typeText(t.dtype, t.shape)}; in ${this.model} it is ${typeText(spec.dtype, spec.shape)}`);
    }
    const missing = [...this.specs.values()].filter((v) => must(v) && !tensors.has(v.name)).map((v) => v.name);
    if (missing.length > 0) throw new Error(`${what} lacks ${missing.join(", ")}`);
    for (const [name, t] of tensors) this.arrays[name].set(t.data);
  }

  /** Runs `body`; if it throws, puts the named variables back. */
  guard<T>(names: readonly string[], body: () => T): T {
    for (const name of names) (this.copies[name] ??= this.arrays[name].slice()).set(this.arrays[name]);
    try {
      return body();
    } catch (e) {
      for (const name of names) this.arrays[name].set(this.copies[name]);
      throw e;
    }
  }
}
