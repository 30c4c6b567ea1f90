import type { Dim } from "./dims.ts";
import type { DType } from "./types.ts";

/** Version of the artifact format that this runtime reads. */
export const formatVersion = 1;

export interface ValueSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

export interface VariableSpec extends ValueSpec {
  readonly role: "parameter" | "state";
  readonly shape: readonly number[];
}

export interface FunctionSpec {
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
}

/** What the runtime has to know of a model; it is part of the generated module. */
export interface ModelSpec {
  readonly format: string;
  readonly version: number;
  readonly name: string;
  /** Devices that the artifact has code for. */
  readonly devices: readonly string[];
  /** Names the kernels that belong to this module. */
  readonly build: string;
  readonly symbols: Readonly<Record<string, { readonly min: number; readonly max?: number }>>;
  readonly variables: readonly VariableSpec[];
  /** Also has `$init`. */
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  /** The safetensors file with initial values, where there are any. */
  readonly weights: { readonly file: string; readonly sha256: string } | null;
}

/** `manifest.json`: the model, and every file of the artifact. */
export interface Manifest extends ModelSpec {
  readonly generator: string;
  readonly functions: Readonly<Record<string, FunctionSpec & ArenaSpec>>;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

export interface ArenaSpec {
  /** The memory that a call needs: each slot is as large, in bytes, as the largest of these. */
  readonly arena: readonly (readonly Dim[])[];
}

/** Throws where this runtime cannot read what `spec` describes. */
export function checkFormat(spec: { readonly format?: unknown; readonly version?: unknown }, what: string): void {
  if (spec.format !== "chainrule" || typeof spec.version !== "number") throw new Error(`${what} is damaged: it is no chainrule artifact`);
  if (spec.version > formatVersion)
    throw new Error(`${what} has format version ${spec.version}, and this runtime reads version ${formatVersion}: it was built by a newer chainrule; use the runtime.js that came with it`);
  if (spec.version !== formatVersion) throw new Error(`${what} has format version ${spec.version}, and this runtime reads version ${formatVersion}: build it again`);
}
