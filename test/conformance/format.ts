import { readFileSync } from "node:fs";
import type { DType } from "../../ir/types/index.ts";
import type { NdArray } from "../../ir/ops/index.ts";
import { Unsupported } from "./outcome.ts";

/**
 * The files of ../shared/conformance, as types. The README beside them is the definition.
 */
export type TorchDType = "float32" | "float64" | "int32" | "int64" | "uint8" | "bool";

export interface FileTensor {
  readonly dtype: TorchDType;
  readonly shape: readonly number[];
  /** Base64 of the raw little-endian row-major elements. */
  readonly data: string;
}

export interface Tolerance { readonly rtol: number; readonly atol: number }

/** An argument as JSON: a reference, a marked value (`{"scalar"}`, `{"float"}`, `{"dtype"}`, `{"slice"}`, `{"ellipsis"}`) or itself. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type Tensors = Readonly<Record<string, FileTensor>>;

export interface ProgramStep {
  readonly out: string;
  readonly op: string;
  readonly args: readonly Json[];
  readonly kwargs: Readonly<Record<string, Json>>;
}

export interface TensorCase {
  readonly id: string;
  readonly op: string;
  readonly args: readonly Json[];
  readonly kwargs: Readonly<Record<string, Json>>;
  readonly inputs: Tensors;
  readonly outputs: readonly FileTensor[];
  readonly cotangents: readonly (FileTensor | null)[];
  readonly grads: Tensors;
  readonly tol: Tolerance;
  readonly note?: string;
  /** Of a module: the inputs that are its parameters, and the keywords of its call (`kwargs` are the constructor's). */
  readonly params?: readonly string[];
  readonly call_kwargs?: Readonly<Record<string, Json>>;
  /** A module that is called several times. */
  readonly sequence?: boolean;
  readonly program?: readonly ProgramStep[];
  readonly returns?: readonly Json[];
  readonly result_dtype?: TorchDType;
  readonly second?: { readonly v: Tensors; readonly grads: Tensors; readonly grad_cotangents: readonly (FileTensor | null)[]; readonly tol: Tolerance };
  readonly jvp?: { readonly tangents: Tensors; readonly outputs: readonly FileTensor[] };
  readonly hessian?: { readonly of: string; readonly value: FileTensor };
  readonly higher?: { readonly of: string; readonly values: readonly FileTensor[] };
}

export interface NamedCall { readonly name: string; readonly kwargs: Readonly<Record<string, Json>> }

export interface OptimizerCase {
  readonly id: string;
  readonly optimizer: string;
  readonly kwargs: Readonly<Record<string, Json>>;
  readonly program: readonly ProgramStep[];
  readonly returns: readonly Json[];
  readonly inputs: Tensors;
  readonly params: Tensors;
  readonly steps: number;
  readonly losses: FileTensor;
  readonly trajectory: Tensors;
  readonly tol: Tolerance;
  readonly groups?: readonly { readonly params: readonly string[]; readonly kwargs: Readonly<Record<string, Json>> }[];
  readonly clip?: NamedCall;
  readonly scheduler?: NamedCall;
}

export interface SchedulerCase {
  readonly id: string;
  readonly scheduler: string;
  readonly kwargs: Readonly<Record<string, Json>>;
  readonly optimizer: { readonly name: string; readonly kwargs: Readonly<Record<string, Json>>; readonly group_lrs: readonly number[] };
  readonly steps: number;
  readonly lrs: readonly (readonly number[])[];
  /** Arguments of the steps, where a schedule looks at a metric. */
  readonly metrics?: readonly number[];
  readonly momentums?: readonly (readonly number[])[];
  readonly beta1s?: readonly (readonly number[])[];
  readonly tol: Tolerance;
}

export type AnyCase = TensorCase | OptimizerCase | SchedulerCase;

export interface CaseFile { readonly format: string; readonly family: string; readonly cases: readonly AnyCase[] }

export interface Seed {
  readonly id: string;
  readonly seed_file: string;
  readonly feature: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tolerance: Tolerance;
}

export interface SeedFile { readonly format: string; readonly items: readonly Seed[] }

/** Reads a JSON file and checks that it says it is of the format. */
export function readFormatted<T extends { readonly format: string }>(path: string, format: T["format"]): T {
  const file = JSON.parse(readFileSync(path, "utf8")) as T;
  if (file.format !== format) throw new Error(`${path} is of format ${JSON.stringify(file.format)}, not ${format}`);
  return file;
}

/** The dtype that stands for one of PyTorch's: itself, and i32 for int64. */
export const dtypeOf = (d: TorchDType): DType => ({
  float32: "f32", float64: "f64", int32: "i32", int64: "i32", uint8: "u8", bool: "bool",
} as const)[d];

/**
 * Elements of a tensor of a file, as numbers. An int64 that an i32 cannot hold makes the case unsupported: there
 * is no 64-bit integer dtype.
 */
export function readTensor(t: FileTensor): NdArray {
  const bytes = Buffer.from(t.data, "base64");
  const size = t.shape.reduce((a, b) => a * b, 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = { float32: 4, float64: 8, int32: 4, int64: 8, uint8: 1, bool: 1 }[t.dtype];
  if (width === undefined) throw new Error(`unknown dtype ${t.dtype}`);
  if (bytes.byteLength !== size * width) throw new Error(`${t.dtype} tensor of shape [${t.shape.join(",")}] has ${bytes.byteLength} bytes of data, not ${size * width}`);
  const data = new Float64Array(size);
  for (let i = 0; i < size; i++) data[i] = element(view, t.dtype, i * width);
  return { dtype: dtypeOf(t.dtype), shape: t.shape, data };
}

function element(view: DataView, dtype: TorchDType, at: number): number {
  switch (dtype) {
    case "float32": return view.getFloat32(at, true);
    case "float64": return view.getFloat64(at, true);
    case "int32": return view.getInt32(at, true);
    case "uint8": case "bool": return view.getUint8(at);
    case "int64": {
      const x = view.getBigInt64(at, true);
      if (x !== BigInt.asIntN(32, x)) throw new Unsupported(`64-bit integers: ${x} does not fit an i32`);
      return Number(x);
    }
  }
}

export const isFileTensor = (x: unknown): x is FileTensor =>
  typeof x === "object" && x !== null && "dtype" in x && "shape" in x && "data" in x;
