/**
 * The types of a loaded model. This file has no imports and no code: it is copied into every artifact, next to the
 * declarations of the model itself.
 */

export type DType = "bool" | "u8" | "i32" | "u32" | "f32" | "f64";

/** The typed array that holds elements of each dtype; a bool is one byte, 0 or 1. */
export interface ArrayTypes {
  bool: Uint8Array;
  u8: Uint8Array;
  i32: Int32Array;
  u32: Uint32Array;
  f32: Float32Array;
  f64: Float64Array;
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

/** A tensor that a model returns. It is the caller's own: no later call changes it. */
export interface Tensor<D extends DType = DType, S extends readonly number[] = readonly number[]> extends TensorLike<D, S> {
  /** The one element of a tensor that has one. Throws for any other. Booleans are 0 and 1. */
  item(): number;
  /** The elements as nested arrays; a number for a scalar. */
  toNested(): Nested<S>;
}

/**
 * What a function takes for a tensor of dtype `D` and shape `S`: a typed array of the dtype with the elements in
 * row-major order, nested arrays of numbers, or a tensor.
 */
export type TensorInput<D extends DType = DType, S extends readonly number[] = readonly number[]> = ArrayTypes[D] | NestedInput<S> | TensorLike<D, S>;

/** Where weights come from: the bytes of a safetensors file, or its URL, or (in Node) its path. */
export type WeightsSource = Uint8Array | ArrayBuffer | URL | string;

/** What a model can run on: WebAssembly, or the JavaScript engine itself. */
export type DeviceName = "wasm" | "js";

export interface LoadOptions {
  /** Where to run: `"auto"` (the default) takes the best there is in the artifact. */
  readonly device?: "auto" | DeviceName | undefined;
  /**
   * Threads to compute with, the calling one among them. They share the work of larger kernels, and the results have
   * the same bits whatever their number. Only on wasm, where memory can be shared: in Node, and in pages that are
   * cross-origin isolated; elsewhere it is one thread, and a warning says why. `"auto"` takes as many as there are
   * cores, up to 8, where it can, and says nothing where it cannot. Default 1.
   */
  readonly threads?: number | "auto" | undefined;
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
  readonly functions: Readonly<Record<string, (inputs?: Inputs) => Promise<Outputs>>>;
  /** The same, returning at once: a call on the wasm and js devices does not wait for anything. */
  readonly sync: Readonly<Record<string, (inputs?: Inputs) => Outputs>>;
}
