import { checkBuild, Runs, type Device, type DeviceMaker, type Run } from "./device.ts";
import { evaluate, type Binding, type Dim } from "./dims.ts";
import type { ModelSpec } from "./manifest.ts";
import { fileSystem } from "./source.ts";
import { arrayTypes, sizeOf } from "./tensor.ts";
import type { ArenaInfo, DType, TypedArray } from "./types.ts";

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
}

/** The device of a WebAssembly module, which is compiled once, however often the model is loaded. */
export function webAssembly(kernels: () => WasmKernels | Promise<WasmKernels>, code: () => URL | Uint8Array): DeviceMaker {
  let compiled: Promise<WebAssembly.Module> | undefined;
  return async (spec) => {
    if (!hasSimd()) return { unavailable: "this engine has no WebAssembly with SIMD" };
    const found = await kernels();
    checkBuild(found.build, spec, ".wasm");
    return WasmDevice.create(spec, found, await (compiled ??= compile(code())));
  };
}

/** Whether the engine takes a module that uses a vector: `(func (result v128) (i8x16.splat (i32.const 0)))`. */
const hasSimd = (): boolean => typeof WebAssembly === "object" &&
  WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11));

async function compile(code: URL | Uint8Array): Promise<WebAssembly.Module> {
  const fs = fileSystem();
  // at once where that is allowed: functions are compiled when they are first called
  if (fs && (code instanceof Uint8Array || code.protocol === "file:")) return new WebAssembly.Module(code instanceof Uint8Array ? code as Uint8Array<ArrayBuffer> : fs.readFileSync(code));
  if (code instanceof Uint8Array) return WebAssembly.compile(code as Uint8Array<ArrayBuffer>);
  const response = await fetch(code);
  if (!response.ok) throw new Error(`cannot load ${String(code)}: ${response.status} ${response.statusText}`);
  // a server that does not know the type of .wasm files keeps it from being compiled as it comes
  const streams = response.headers.get("content-type")?.startsWith("application/wasm");
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

const pageBytes = 65536;
/** Where a vector, and any element, may begin. */
const alignment = 16;
/** Addresses are computed in 32-bit integers with a sign. */
const mostBytes = 2 ** 31;
const dtypes = Object.keys(arrayTypes) as DType[];

/** Kernels in WebAssembly, on a linear memory of their own: variables and constants, then the room for a call. */
class WasmDevice implements Device {
  readonly name = "wasm";
  variables: Readonly<Record<string, TypedArray>> = {};
  private readonly spec: ModelSpec;
  private readonly kernels: WasmKernels;
  private readonly memory: WebAssembly.Memory;
  private exports: WebAssembly.Exports = {};
  private readonly runs = new Runs();
  /** The run whose table and fills are in memory. */
  private current: Run | undefined;
  private allocations = 0;

  static async create(spec: ModelSpec, kernels: WasmKernels, module: WebAssembly.Module): Promise<WasmDevice> {
    const device = new WasmDevice(spec, kernels);
    device.exports = (await WebAssembly.instantiate(module, device.imports())).exports;
    return device;
  }

  private constructor(spec: ModelSpec, kernels: WasmKernels) {
    this.spec = spec;
    this.kernels = kernels;
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(kernels.end / pageBytes) });
    this.viewVariables();
  }

  get arena(): ArenaInfo { return { bytes: this.memory.buffer.byteLength - this.kernels.end, allocations: this.allocations }; }
  restore(name: string): readonly string[] { return this.kernels.functions[name].restore; }
  bind(name: string, binding: Binding): Run { return this.runs.get(name, binding, () => this.makeRun(name, binding)); }

  private imports(): WebAssembly.Imports {
    const { notes, ops, sort } = this.kernels;
    return {
      op: ops,
      env: {
        memory: this.memory,
        outOfRange(index: number, size: number, note: number): void { throw new RangeError(`${notes[note]}: index ${index} is out of range for size ${size}`); },
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
    let end = this.kernels.end;
    const place = (bytes: number): number => {
      const at = end;
      end += Math.ceil(bytes / alignment) * alignment;
      return at;
    };
    const bytesOf = (dtype: DType, size: number): number => size * arrayTypes[dtype].BYTES_PER_ELEMENT;
    const cells = [
      ...inputs.map((x) => place(bytesOf(x.dtype, count(x.shape)))),
      ...fn.fills.map((f) => place(bytesOf(f.dtype, evaluate(f.size, binding)))),
      ...fn.slots.map((sizes) => place(Math.max(0, ...sizes.map((bytes) => evaluate(bytes, binding))))),
    ];
    this.reserve(end);

    const table = this.view("i32", fn.table, cells.length + fn.symbols.length);
    const entries = [...cells, ...fn.symbols.map((s) => binding[s])];
    const fills = fn.fills.map((f, i) => ({ array: this.view(f.dtype, cells[inputs.length + i], evaluate(f.size, binding)), value: f.value }));
    const given = inputs.map((x, i) => ({ name: x.name, array: this.view(x.dtype, cells[i], count(x.shape)) }));
    const results = Object.fromEntries(outputs.map((o, i) => {
      const place = fn.outputs[i];
      return [o.name, this.view(o.dtype, "at" in place ? place.at : cells[place.cell], count(o.shape))];
    }));
    const code = this.exports[name] as () => void;
    const run: Run = (values) => {
      if (this.current !== run) {
        table.set(entries);
        for (const { array, value } of fills) array.fill(value);
        this.current = run;
      }
      for (const { name, array } of given) array.set(values[name]);
      code();
      return results;
    };
    return run;
  }

  /** Grows the memory to `end`, if it is smaller. */
  private reserve(end: number): void {
    const missing = end - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    if (end > mostBytes) throw new RangeError(`it needs ${(end / 2 ** 30).toFixed(1)} GiB of memory, and WebAssembly has 2 GiB: use smaller inputs`);
    this.memory.grow(Math.ceil(missing / pageBytes));
    this.allocations++;
    // the views of the memory as it was are empty now
    this.runs.clear();
    this.current = undefined;
    this.viewVariables();
  }
}
