import type { Binding } from "./dims.ts";
import type { ArenaInfo, TypedArray } from "./types.ts";

/** A function of the model, as the kernels module has it. */
export interface CompiledFunction {
  /** Bytes of each slot of the arena. */
  arena(symbols: Binding): number[];
  /** Variables to put back if a call fails: those it may have written before it can fail. */
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

export type Run = (inputs: Readonly<Record<string, TypedArray>>) => Record<string, TypedArray>;

/** Bindings whose views are kept. */
const keptBindings = 64;

/** The memory of a model: one arena for all its functions, as only one runs at a time, and the views into it. */
export class Memory {
  private readonly variables: Readonly<Record<string, TypedArray>>;
  private readonly bound = new Map<string, Run>();
  private arena = new ArrayBuffer(0);
  private allocations = 0;

  constructor(variables: Readonly<Record<string, TypedArray>>) { this.variables = variables; }

  get info(): ArenaInfo { return { bytes: this.arena.byteLength, allocations: this.allocations }; }

  bind(name: string, fn: CompiledFunction, binding: Binding): Run {
    const key = JSON.stringify([name, binding]);
    const run = this.bound.get(key) ?? this.makeViews(fn, binding);
    // the most recent last, so that the first is the one to drop
    this.bound.delete(key);
    this.bound.set(key, run);
    if (this.bound.size > keptBindings) this.bound.delete(this.bound.keys().next().value!);
    return run;
  }

  private makeViews(fn: CompiledFunction, binding: Binding): Run {
    let end = 0;
    const at = fn.arena(binding).map((bytes) => {
      const start = end;
      end += Math.ceil(bytes / 8) * 8; // where an f64 may begin
      return start;
    });
    if (end > this.arena.byteLength) {
      this.bound.clear(); // views of the arena that is given up
      this.arena = new ArrayBuffer(end);
      this.allocations++;
    }
    return fn.bind(binding, { arena: this.arena, at, variables: this.variables });
  }
}
