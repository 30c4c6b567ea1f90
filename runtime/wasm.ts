import { checkBuild, Runs, type Device, type DeviceMaker, type Run } from "./device.ts";
import { evaluate, type Binding, type Dim } from "./dims.ts";
import type { ModelSpec } from "./manifest.ts";
import { arrayTypes, sizeOf } from "./tensor.ts";
import { cores, lacksThreads, pool, type Pool } from "./threads/pool.ts";
import type { ArenaInfo, DType, TypedArray } from "./types.ts";
import { compile, hasRelaxedSimd, hasSimd } from "./variants.ts";

/** `<name>.wasm.js`: what the WebAssembly module has where, and what it takes from outside. */
export interface WasmKernels {
  /** The build that the module is of. */
  readonly build: string;
  /** Addresses of the variables. */
  readonly variables: Readonly<Record<string, number>>;
  /** The first address that a call may use. */
  readonly end: number;
  readonly functions: Readonly<Record<string, WasmFunction>>;
  /** What an index that is out of range was for, by number. */
  readonly notes: readonly string[];
  /**
   * Where in its bytes a product is added to something: for each multiplication and addition, in order, the bytes from
   * the one before, doubled, and one more if it is the addition.
   */
  readonly fused: readonly number[];
  /** Ops that WebAssembly has no instructions for. */
  readonly ops: Readonly<Record<string, (...x: number[]) => number | boolean>>;
  /** Sorts lines, where the model does. */
  readonly sort?: (input: TypedArray, values: TypedArray, positions: TypedArray, outer: number, length: number, inner: number, descending: boolean) => void;
}

/** A function: where its table is, and what the room of a call consists of. Its inputs come first in both. */
export interface WasmFunction {
  /** Address of its table: an i32 for each input, fill and slot (its address), then for each symbol (its value). */
  readonly table: number;
  readonly symbols: readonly string[];
  readonly fills: readonly { readonly dtype: DType; readonly size: Dim; readonly value: number }[];
  /** The arena: each slot is as large, in bytes, as the largest of these. */
  readonly slots: readonly (readonly Dim[])[];
  /** Where the outputs are: at an address, or in a cell of the table. */
  readonly outputs: readonly ({ readonly at: number } | { readonly cell: number })[];
  readonly restore: readonly string[];
  /** How many threads its work keeps busy, where there is any that threads can share. */
  readonly shares?: Dim;
  /** Slots that hold what a thread keeps for itself, and its bytes: room for all threads'. */
  readonly scratch?: readonly (readonly [slot: number, bytes: Dim])[];
}

/**
 * The device of a WebAssembly module. It is compiled once for each variant that is used, however often the model is
 * loaded: for memory that threads share or not, with the multiply-adds of relaxed SIMD or without.
 */
export function webAssembly(kernels: () => WasmKernels | Promise<WasmKernels>, code: () => URL | Uint8Array): DeviceMaker {
  const compiled: Record<string, Promise<WebAssembly.Module>> = {};
  return async (spec, { threads: wanted = 1, relaxedSimd = true }) => {
    if (!hasSimd()) return { unavailable: "this engine has no WebAssembly with SIMD" };
    const found = await kernels();
    checkBuild(found.build, spec, ".wasm");
    const fused = relaxedSimd && hasRelaxedSimd() ? found.fused : [];
    const variant = (isShared: boolean): Promise<WebAssembly.Module> => (compiled[`${isShared} ${fused.length > 0}`] ??= compile(code(), fused, isShared));
    const count = wanted === "auto" ? Math.min(cores(), mostByDefault) : wanted;
    const isWorthIt = count > 1 && Object.values(found.functions).some((f) => f.shares !== undefined);
    let oneThread = isWorthIt ? lacksThreads() : undefined;
    if (isWorthIt && oneThread === undefined) {
      try {
        return await WasmDevice.create(spec, found, await variant(true), count);
      } catch (e) {
        oneThread = String(e);
      }
    }
    return WasmDevice.create(spec, found, await variant(false), 1, oneThread);
  };
}

/** Threads that `"auto"` takes at most: beyond, few models gain. */
const mostByDefault = 8;

const pageBytes = 65536;
/** Where a vector, and any element, may begin. */
const alignment = 16;
/** Addresses are computed in 32-bit integers with a sign. */
const mostBytes = 2 ** 31;
const dtypes = Object.keys(arrayTypes) as DType[];

const isCell = (place: WasmFunction["outputs"][number], cell: number): boolean => "cell" in place && place.cell === cell;

/** For a few elements a loop is faster than what copies any number. */
function copyInto(to: TypedArray, from: TypedArray): void {
  if (from.length > 16) to.set(from);
  else for (let i = 0; i < from.length; i++) to[i] = from[i];
}

/** Kernels in WebAssembly, on a linear memory of their own: variables and constants, then the room for a call. */
class WasmDevice implements Device {
  readonly name = "wasm";
  readonly threads: number;
  readonly oneThread: string | undefined;
  variables: Readonly<Record<string, TypedArray>> = {};
  private readonly spec: ModelSpec;
  private readonly kernels: WasmKernels;
  private readonly memory: WebAssembly.Memory;
  private exports: WebAssembly.Exports = {};
  private readonly runs = new Runs();
  /** The first address after the buffers: the room of a call begins there. */
  private end: number;
  /** Addresses of buffers, by what they have been viewed as. */
  private buffers: WeakMap<TypedArray, number> | undefined;
  /** The run whose table and fills are in memory. */
  private current: Run | undefined;
  private allocations = 0;
  /** Those who share the work, and the number of this model among them. */
  private team: { readonly pool: Pool; readonly id: number } | undefined;

  static async create(spec: ModelSpec, kernels: WasmKernels, module: WebAssembly.Module, threads: number, oneThread?: string): Promise<WasmDevice> {
    const device = new WasmDevice(spec, kernels, threads, oneThread), together = threads > 1 ? pool() : undefined;
    device.exports = (await WebAssembly.instantiate(module, device.imports(together))).exports;
    if (together) device.team = { pool: together, id: await together.add({ module, memory: device.memory, functions: Object.keys(kernels.functions) }, threads, device) };
    return device;
  }

  private constructor(spec: ModelSpec, kernels: WasmKernels, threads: number, oneThread: string | undefined) {
    this.spec = spec;
    this.kernels = kernels;
    this.end = kernels.end;
    this.threads = threads;
    this.oneThread = oneThread;
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(kernels.end / pageBytes), maximum: mostBytes / pageBytes, shared: threads > 1 });
    this.viewVariables();
  }

  get arena(): ArenaInfo { return { bytes: this.memory.buffer.byteLength - this.end, allocations: this.allocations }; }
  get generation(): number { return this.runs.generation; }
  restore(name: string): readonly string[] { return this.kernels.functions[name].restore; }
  bind(name: string, binding: Binding): Run { return this.runs.get(name, binding, () => this.makeRun(name, binding)); }

  /** The memory of buffers is never part of the room of a call. */
  buffer(dtype: DType, size: number): () => TypedArray {
    const at = this.end, end = at + Math.ceil((size * arrayTypes[dtype].BYTES_PER_ELEMENT) / alignment) * alignment;
    this.reserve(end);
    this.end = end;
    this.makeVoid();
    let view = this.view(dtype, at, size).fill(0), { allocations } = this;
    const buffers = (this.buffers ??= new WeakMap()).set(view, at);
    return () => {
      if (allocations !== this.allocations) {
        buffers.set((view = this.view(dtype, at, size)), at);
        ({ allocations } = this);
      }
      return view;
    };
  }

  isBuffer(data: TypedArray): boolean { return this.buffers?.has(data) ?? false; }

  private readonly outOfRange = (index: number, size: number, note: number): never => { throw new RangeError(`${this.kernels.notes[note]}: index ${index} is out of range for size ${size}`); };

  private imports(together: Pool | undefined): WebAssembly.Imports {
    const { ops, sort } = this.kernels;
    return {
      op: ops,
      env: {
        memory: this.memory,
        barrier: together?.team.barrier ?? (() => {}),
        outOfRange: this.outOfRange,
        sort: (input: number, values: number, positions: number, outer: number, length: number, inner: number, dtype: number, descending: number): void => {
          const size = outer * length * inner, type = dtypes[dtype];
          sort?.(this.view(type, input, size), this.view(type, values, size), this.view("i32", positions, size), outer, length, inner, descending !== 0);
        },
      },
    };
  }

  private view(dtype: DType, address: number, size: number): TypedArray { return new arrayTypes[dtype](this.memory.buffer, address, size); }

  private viewVariables(): void {
    this.variables = Object.fromEntries(this.spec.variables.map((v) => [v.name, this.view(v.dtype, this.kernels.variables[v.name], sizeOf(v.shape))]));
  }

  /** Lays out the room of a call: inputs, fills, slots. */
  private makeRun(name: string, binding: Binding): Run {
    const fn = this.kernels.functions[name], { inputs, outputs } = this.spec.functions[name];
    const count = (shape: readonly Dim[]): number => sizeOf(shape.map((d) => evaluate(d, binding)));
    let end = this.end;
    const place = (bytes: number): number => {
      const at = end;
      end += Math.ceil(bytes / alignment) * alignment;
      return at;
    };
    const bytesOf = (dtype: DType, size: number): number => size * arrayTypes[dtype].BYTES_PER_ELEMENT;
    const cells = [
      ...inputs.map((x) => place(bytesOf(x.dtype, count(x.shape)))),
      ...fn.fills.map((f) => place(bytesOf(f.dtype, evaluate(f.size, binding)))),
      ...fn.slots.map((sizes, slot) => place(Math.max(
        0, ...sizes.map((bytes) => evaluate(bytes, binding)),
        ...(fn.scratch ?? []).map(([at, bytes]) => (at === slot ? this.threads * Math.ceil(evaluate(bytes, binding) / alignment) * alignment : 0))))),
    ];
    this.reserve(end);

    const table = this.view("i32", fn.table, cells.length + fn.symbols.length);
    const entries = [...cells, ...fn.symbols.map((s) => binding[s])];
    const fills = fn.fills.map((f, i) => ({ array: this.view(f.dtype, cells[inputs.length + i], evaluate(f.size, binding)), value: f.value }));
    const given = inputs.map((x, i) => ({ dtype: x.dtype, array: this.view(x.dtype, cells[i], count(x.shape)), at: cells[i], isOutput: outputs.some((_, o) => isCell(fn.outputs[o], i)), last: undefined as TypedArray | undefined }));
    const results = outputs.map((o, i) => {
      const place = fn.outputs[i];
      return this.view(o.dtype, "at" in place ? place.at : cells[place.cell], count(o.shape));
    });
    const code = this.code(name, binding);
    const run: Run = (values) => {
      if (this.current !== run) {
        table.set(entries);
        for (const g of given) g.last = undefined;
        for (const { array, value } of fills) array.fill(value);
        this.current = run;
      }
      for (let i = 0; i < given.length; i++) {
        const input = given[i], { dtype, array, at, isOutput } = input, value = values[i];
        if (value === input.last) continue; // its address is in the table
        const address = this.buffers?.get(value);
        input.last = address === undefined || isOutput ? undefined : value;
        if (address === undefined) copyInto(array, value);
        // what is an output too is read from its place by whoever called; memory may have moved since this view was made
        else if (isOutput) copyInto(array, this.view(dtype, address, array.length));
        table[i] = isOutput ? at : (address ?? at);
      }
      code();
      return results;
    };
    return run;
  }

  /** What runs a function: by as many threads as have something to do. */
  private code(name: string, binding: Binding): () => void {
    const code = this.exports[name] as () => void, { shares = 0 } = this.kernels.functions[name], { team, threads } = this;
    const sharers = team ? Math.min(threads, evaluate(shares, binding)) : 1;
    const running = this.exports.$threads as WebAssembly.Global<"i32"> | undefined;
    if (!team || !running || !(sharers > 1)) return running && team ? () => { running.value = 1; code(); } : code;
    const fn = Object.keys(this.kernels.functions).indexOf(name);
    return () => {
      running.value = sharers;
      try {
        team.pool.team.call(team.id, fn, sharers, code);
      } catch (e) {
        if (Array.isArray(e)) this.outOfRange(...(e as [number, number, number]));
        throw typeof e === "string" ? new Error(`a worker failed: ${e}`) : e;
      }
    };
  }

  /** What was bound before is laid out elsewhere now. */
  private makeVoid(): void {
    this.runs.clear();
    this.current = undefined;
  }

  /** Grows the memory to `end`, if it is smaller. */
  private reserve(end: number): void {
    const missing = end - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    if (end > mostBytes) throw new RangeError(`it needs ${(end / 2 ** 30).toFixed(1)} GiB of memory, and WebAssembly has 2 GiB: use smaller inputs`);
    this.memory.grow(Math.ceil(missing / pageBytes));
    this.allocations++;
    // the views of the memory as it was are empty now
    this.makeVoid();
    this.viewVariables();
  }
}
