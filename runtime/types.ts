/**
 * The types of a loaded model. This file has no imports and no code: it is copied into every artifact, next to the
 * declarations of the model itself.
 */

export type DType = "bool" | "u8" | "i32" | "u32" | "f16" | "bf16" | "f32" | "f64";

/** The typed array that holds elements of each dtype; a bool is one byte, 0 or 1, and of f16 and bf16 it has the bits. */
export interface ArrayTypes {
  bool: Uint8Array;
  u8: Uint8Array;
  i32: Int32Array;
  u32: Uint32Array;
  f32: Float32Array;
  f64: Float64Array;
  f16: Uint16Array;
  bf16: Uint16Array;
}
export type TypedArray = ArrayTypes[DType];

/** Nested arrays of numbers of a shape, outermost axis first: a number for `[]`, `number[][]` for `[number, 64]`. */
export type Nested<S extends readonly number[] = readonly number[]> =
  number extends S["length"] ? number | AnyNested[]
  : S extends readonly [number, ...infer Rest extends readonly number[]] ? Nested<Rest>[]
  : number;
export type AnyNested = number | AnyNested[];

/** Nested arrays as an argument: read-only, and with booleans for 0 and 1. */
export type NestedInput<S extends readonly number[] = readonly number[]> =
  number extends S["length"] ? AnyNestedInput
  : S extends readonly [number, ...infer Rest extends readonly number[]] ? readonly NestedInput<Rest>[]
  : number | boolean;
export type AnyNestedInput = number | boolean | readonly AnyNestedInput[];

/** Elements in row-major order with their shape: what is needed of a tensor that is passed in. */
export interface TensorLike<D extends DType = DType, S extends readonly number[] = readonly number[]> {
  readonly dtype: D;
  readonly shape: S;
  readonly data: ArrayTypes[D];
}

/** Elements as an argument: in the array of the dtype; of f16 and bf16 also as numbers, each rounded to the nearest. */
export type ElementsInput<D extends DType = DType> = D extends "f16" | "bf16" ? Uint16Array | Float32Array | Float64Array : ArrayTypes[D];

/** A tensor that a model returns. It is the caller's own, and no later call changes it, unless it was asked for as a view. */
export interface Tensor<D extends DType = DType, S extends readonly number[] = readonly number[]> extends TensorLike<D, S> {
  /** The one element of a tensor that has one. Throws for any other. Booleans are 0 and 1. */
  item(): number;
  /** The elements as nested arrays; a number for a scalar. */
  toNested(): Nested<S>;
  /** The elements as numbers of 32 bits, in row-major order: what f16 and bf16 stand for. PyTorch: `torch.Tensor.float`. */
  toFloat32(): Float32Array;
}

/**
 * What a function takes for a tensor of dtype `D` and shape `S`: a typed array of the dtype with the elements in
 * row-major order, nested arrays of numbers, or a tensor. For f16 and bf16 a Uint16Array has the bits of the elements,
 * and a Float32Array, a Float64Array or nested arrays their values.
 */
export type TensorInput<D extends DType = DType, S extends readonly number[] = readonly number[]> = ElementsInput<D> | NestedInput<S> | (Omit<TensorLike<D, S>, "data"> & { readonly data: ElementsInput<D> }) | DeviceInput<D, S>;

/** A tensor that is on the GPU already: from `model.queue`, or a `GPUBuffer` of the model's device with its dtype and shape. Elements are 32 bits each; those of f16 and bf16 are 16. */
export interface DeviceInput<D extends DType = DType, S extends readonly number[] = readonly number[]> {
  readonly dtype: D;
  readonly shape: S;
  readonly buffer: unknown;
}

/** How a call gives its outputs, whose dtypes by name are `O`: `{}`, the default, as copies that are the caller's own. */
export interface CallOptions<O extends Readonly<Record<string, DType>> = Readonly<Record<string, DType>>> {
  /**
   * `"view"`: an output's `data` is the model's own memory, and nothing is copied or allocated. It is to be read, and
   * holds until the model is next called, written to, restored or reset. (A GPU's results are copies all the same.)
   */
  readonly outputs?: "copy" | "view" | undefined;
  /**
   * Arrays that outputs are written into, of the output's dtype and length: the tensor returned has that array. What is
   * not named is given as `outputs` says. PyTorch's `out=`.
   */
  readonly out?: { readonly [K in keyof O]?: ArrayTypes[O[K]] | undefined } | undefined;
}

/** Where weights come from: the bytes of a safetensors file, or its URL, or (in Node) its path. */
export type WeightsSource = Uint8Array | ArrayBuffer | URL | string;

/** What a model can run on: a GPU, WebAssembly, or the JavaScript engine itself. */
export type DeviceName = "webgpu" | "wasm" | "js";

/** A `GPUDevice` of the caller's, to share: its buffers can be inputs. */
export interface GpuDeviceLike {
  readonly queue: object;
  readonly limits: object;
  readonly lost: Promise<unknown>;
}

export interface LoadOptions {
  /**
   * Where to run: `"auto"` (the default) takes the best there is in the artifact, webgpu before wasm before js. A
   * `GPUDevice` is webgpu on that device.
   */
  readonly device?: "auto" | DeviceName | GpuDeviceLike | undefined;
  /**
   * Threads to compute with, the calling one among them. They share the work of larger kernels, and the results have
   * the same bits whatever their number. Only on wasm, where memory can be shared: in Node, and in pages that are
   * cross-origin isolated; elsewhere it is one thread, and a warning says why. `"auto"` takes as many as there are
   * cores, up to 8, where it can, and says nothing where it cannot. Default 1.
   */
  readonly threads?: number | "auto" | undefined;
  /**
   * Whether WebAssembly may multiply and add in one step (relaxed SIMD), where the engine can: faster, and rounded once
   * instead of twice, so that last bits differ from those of engines that cannot. Default true.
   */
  readonly relaxedSimd?: boolean | undefined;
  /** Seed of the initial values and of the model's random numbers; an integer from 0. Default 0. */
  readonly seed?: number | undefined;
  /** Values for variables, in place of their initial ones: a safetensors file with every parameter of the model. */
  readonly weights?: WeightsSource | undefined;
}

/** A variable: a trained parameter, or other state that lives between calls. */
export interface VariableInfo<N extends string = string> {
  readonly name: N;
  readonly role: "parameter" | "state";
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Memory for intermediate values. It is made when it is first needed, and grows when larger inputs come. */
export interface ArenaInfo {
  readonly bytes: number;
  /** How often it was made or made larger. */
  readonly allocations: number;
}

/** What every loaded model has, whatever its functions. `V` has the model's variables as keys. */
export interface ModelBase<V extends object = Record<string, Tensor>> {
  readonly name: string;
  /** The device it runs on. */
  readonly device: DeviceName;
  /** Threads that it computes with. */
  readonly threads: number;
  readonly variables: readonly VariableInfo<keyof V & string>[];
  readonly arena: ArenaInfo;
  /**
   * A tensor of zeros in the memory of the device, to be written in place and passed as an input again and again: a
   * call reads it where it is. PyTorch's `zeros` on a device. It lives as long as the model; where the model's memory
   * grows (a call with larger inputs, another buffer), `data` becomes another array with the same elements: ask for it
   * again. Views from earlier calls end with it. Throws for what is no dtype or shape.
   */
  buffer<D extends DType, const S extends readonly number[]>(dtype: D, shape: S): Tensor<D, S>;
  /** A copy of a variable's present value. */
  read<N extends keyof V & string>(name: N): V[N];
  /** Sets a variable. Throws, and changes nothing, where dtype or shape differ. */
  write<N extends keyof V & string>(name: N, value: InputOf<V[N]>): void;
  /** All variables, optimizer state included, as a safetensors file. */
  save(): Uint8Array;
  /** Sets all variables from what `save` returned. Throws, and changes nothing, where one is missing or differs. */
  restore(file: Uint8Array | ArrayBuffer): void;
  /** Sets all variables to their initial values, drawn from `seed` (default: the seed it was loaded with). */
  reset(seed?: number): void;
}

export type InputOf<T> = T extends Tensor<infer D, infer S> ? TensorInput<D, S> : never;

export type Inputs = Readonly<Record<string, TensorInput>>;
export type Outputs = Record<string, Tensor>;

/** Functions by name, as `model.sync` has them. */
export type SyncFunctions<F> = { readonly [K in keyof F]: F[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never };

/** A model loaded without knowledge of its types: its functions are under `functions`, and each on the model too. */
export interface LoadedModel extends ModelBase {
  readonly functions: Readonly<Record<string, (inputs?: Inputs, options?: CallOptions) => Promise<Outputs>>>;
  /** The same, returning at once: a call on the wasm and js devices does not wait for anything. */
  readonly sync: Readonly<Record<string, (inputs?: Inputs, options?: CallOptions) => Outputs>>;
}

/** A tensor on a GPU: a result that has not been read, or an input that is there already. A result may be given to the model's next call. */
export interface DeviceTensor<D extends DType = DType, S extends readonly number[] = readonly number[]> {
  readonly dtype: D;
  readonly shape: S;
  /** The `GPUBuffer` with its elements, 32 bits each (f16 and bf16: 16), in row-major order. The model's next call may overwrite it. */
  readonly buffer: unknown;
  /** Its elements, when the device has come so far. Rejects where a later call has overwritten them, or where the call has failed. */
  read(): Promise<Tensor<D, S>>;
}
export type DeviceOutputs = Record<string, DeviceTensor>;

/** What a kernel took in one call. */
export interface KernelTime {
  readonly kernel: string;
  /** Its ops, with the user's lines. */
  readonly at: string;
  /** How often it ran. */
  readonly calls: number;
  readonly milliseconds: number;
}

/**
 * Functions by name, as `model.queue` has them: a promise of results on the device, there as soon as the call is handed to
 * it, so that many can be queued without waiting for any. What is given is taken at once: arrays may be used again.
 *
 * Each is done in order, as if it had been waited for. One that finds an index out of range does nothing: variables are
 * as before it, and the calls behind it are done, except those that take its results. As nobody waits for it, the error is
 * told later: whatever the model is next asked for that waits (a function, `read`, `save`, `profile`), or that is queued
 * when it is known, rejects with it, and does nothing itself. Of several that have failed by then, the first is told. Then
 * the model goes on; the results of the call that failed are an error whenever they are asked for.
 */
export type QueueFunctions<F> = { readonly [K in keyof F]: F[K] extends (...args: infer A) => Promise<infer R> ? (...args: A extends [infer I, ...unknown[]] ? [inputs: I] : [inputs?: A[0]]) => Promise<{ readonly [O in keyof R]: R[O] extends Tensor<infer D, infer S> ? DeviceTensor<D, S> : never }> : never };

/**
 * What a model on a GPU has beyond its functions. Variables live on the device, so that what reads them is a promise;
 * all else is as it is elsewhere. Calls are handed to the device in order, and wait for nothing.
 */
export interface GpuModelBase<V extends object = Record<string, Tensor>> extends Omit<ModelBase<V>, "read" | "save" | "device" | "threads"> {
  readonly device: "webgpu";
  /** What the adapter is called. */
  readonly adapter: string;
  /** The `GPUDevice`. */
  readonly gpu: unknown;
  /** A copy of a variable's value after all calls made so far. */
  read<N extends keyof V & string>(name: N): Promise<V[N]>;
  /** All variables, optimizer state included, as a safetensors file: also where `recover` starts again. */
  save(): Promise<Uint8Array>;
  /** Runs a function, and measures each of its kernels. */
  profile(name: string, inputs?: Inputs): Promise<readonly KernelTime[]>;
  /** After the device was lost: a new one, with the variables as they were last saved (or restored, or initialised). */
  recover(): Promise<void>;
  /** Buffers made, and command buffers submitted, so far. */
  readonly counts: { readonly buffers: number; readonly submits: number };
  /** Gives the device's memory back. The model cannot be used afterwards. */
  destroy(): void;
}

/** A model loaded on a GPU without knowledge of its types. */
export interface GpuModel extends GpuModelBase {
  readonly functions: LoadedModel["functions"];
  /** The functions with results that stay on the device. */
  readonly queue: Readonly<Record<string, (inputs?: Inputs) => Promise<DeviceOutputs>>>;
  /** Not on a GPU: each throws. */
  readonly sync: LoadedModel["sync"];
}
