import type { Binding } from "./dims.ts";
import type { ModelSpec } from "./manifest.ts";
import type { ArenaInfo, DeviceName, DType, GpuDeviceLike, GpuModel, LoadOptions, TypedArray } from "./types.ts";

/** What runs the functions of one model, and has its memory. */
export interface Device {
  readonly name: DeviceName;
  readonly arena: ArenaInfo;
  /** Threads that it computes with; 1 where it does not say. */
  readonly threads?: number;
  /** What is in the way of more than one thread. */
  readonly oneThread?: string | undefined;
  /** The variables, as views of where they live. After `bind` they may be other views: ask for them again. */
  readonly variables: Readonly<Record<string, TypedArray>>;
  /** Grows when memory moves: what was bound in an earlier generation must be bound again. */
  readonly generation: number;
  /** What runs a function for one binding of the symbols. */
  bind(name: string, binding: Binding): Run;
  /** Room of its own for elements, zeros at first, that calls read where they are; the view may be another after `bind`. Any array will do, where there is no such room. */
  buffer?(dtype: DType, size: number): () => TypedArray;
  /** Whether elements are in such room. */
  isBuffer?(data: TypedArray): boolean;
  /** Variables to put back if a call fails: those it may have written before it can fail. */
  restore(name: string): readonly string[];
}

/** Runs a function, whose inputs and outputs have the order of its spec; gives the outputs as views that the next call may overwrite. */
export type Run = (inputs: readonly TypedArray[]) => readonly TypedArray[];

/** Makes a device with variables of its own. A reason, where this engine lacks what the device needs. */
export type DeviceMaker = (spec: ModelSpec, options: DeviceOptions) => Promise<Device | { readonly unavailable: string }>;
export type DeviceOptions = Pick<LoadOptions, "threads" | "relaxedSimd">;

/** Makes a model on a GPU: on the caller's device, or one of the engine's. A reason, where there is none. */
export type GpuMaker = (spec: ModelSpec, device: GpuDeviceLike | undefined, seed: number, initial: Uint8Array | undefined) => Promise<(GpuModel & { overlay(file: Uint8Array, what: string): void }) | { readonly unavailable: string }>;

/** Bindings whose runs are kept. */
const kept = 64;

/** Runs that were made for bindings of the symbols, the most recent ones. */
export class Runs {
  private readonly made = new Map<string, Run>();
  /** How often all of them have become void. */
  generation = 0;

  get(name: string, binding: Binding, make: () => Run): Run {
    const key = JSON.stringify([name, binding]);
    const run = this.made.get(key) ?? make();
    // the most recent last, so that the first is the one to drop
    this.made.delete(key);
    this.made.set(key, run);
    if (this.made.size > kept) this.made.delete(this.made.keys().next().value!);
    return run;
  }

  clear(): void {
    this.made.clear();
    this.generation++;
  }
}

/** Throws where kernels are not those of the spec. */
export function checkBuild(build: string, spec: ModelSpec, file: string): void {
  if (build !== spec.build) throw new Error(`${spec.name}.js and ${spec.name}${file} are of different builds; build them again`);
}
