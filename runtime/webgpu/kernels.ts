import type { Dim } from "../dims.ts";
import type { DType } from "../types.ts";

/** `<name>.wgsl.js`: the shaders of a model, and how its functions run them. */
export interface WebGpuKernels {
  /** The build that the shaders are of. */
  readonly build: string;
  /** WGSL functions that kernels call, by name. */
  readonly library: Readonly<Record<string, string>>;
  readonly kernels: readonly GpuKernel[];
  readonly functions: Readonly<Record<string, GpuFunction>>;
  /** Dense constants: base64 of their elements, 32 bits each, of halves 16. */
  readonly constants: readonly string[];
  /** What an index that is out of range was for, from number 1 up. */
  readonly notes: readonly string[];
}

export interface GpuKernel {
  /** Its entry point. */
  readonly name: string;
  /** The ops computed in it, with the user's lines. */
  readonly at: string;
  readonly text: string;
  /** How its buffers of halves are declared and accessed; absent in a kernel without halves. */
  readonly halves?: GpuHalves;
  /** What runs instead on a device that computes few invocations at once: a processor that plays a GPU. */
  readonly narrow?: { readonly text: string; readonly halves?: GpuHalves; readonly groups: Dim };
  /** What runs instead on a device whose subgroups multiply matrices, where there is room for it. */
  readonly matrices?: GpuMatrices;
  /** Functions of the library that it calls, in any of its shaders. */
  readonly calls: readonly string[];
  /** `r` for each buffer that it only reads, `w` for the others. */
  readonly access: string;
  /** Symbols and counters that it takes, in the order of its uniform buffer. */
  readonly scalars: readonly string[];
  /** Workgroups to run; rows, where invocations share these. */
  readonly groups: Dim;
  readonly row?: GpuRow;
  /** Whether it may find an index out of range. */
  readonly canFault: boolean;
  /** Whether it looks if an index was found out of range: to leave a variable as it is then, or to put it back only then. */
  readonly heedsFault?: boolean;
}

/** A shader that says `matrixRows`, `Left`, `groupSize` and so on for what suits the device, which has `shader-f16`. */
export interface GpuMatrices {
  readonly text: string;
  readonly groups: Dim;
  /** Subgroups of a workgroup. */
  readonly subgroups: number;
  /** Numbers that the tiles of its operands consist of. */
  readonly elements: number;
}

/** Halves lie in 16 bits everywhere: two to a word for any device, or as numbers of one that has `shader-f16`. */
export interface GpuHalves {
  readonly words: string;
  readonly f16?: string;
}

/** Rows that are shared among invocations, as suits the device. */
export interface GpuRow {
  /** Invocations that a row is work for. */
  readonly lanes: number;
  /** What they fold over all of them: functions of the library that take two, and what these are. */
  readonly folds: Readonly<Record<string, string>>;
}

export interface GpuFunction {
  readonly symbols: readonly string[];
  readonly buffers: readonly GpuBufferSpec[];
  readonly steps: readonly GpuStep[];
  /** The arena: each slot is as large, in bytes, as the largest of these. */
  readonly slots: readonly (readonly Dim[])[];
  /** The buffer of each output. */
  readonly outputs: readonly number[];
}

export type GpuBufferSpec =
  | { readonly input: string }
  | { readonly variable: string }
  /** Where a variable is put aside that may have been written when an index turns out to be out of range. */
  | { readonly before: string }
  | { readonly slot: number }
  | { readonly constant: number }
  /** Of halves, their bits. */
  | { readonly fill: number; readonly dtype: DType; readonly size: Dim };

export type GpuStep =
  | { readonly kernel: number; readonly args: readonly number[] }
  /** A sort: `runs` sorts runs of `from` elements, and `merge` merges two by two until there is one of `length`, back and forth between the two pairs of buffers; in `to` it ends. */
  | { readonly runs: number; readonly merge: number; readonly input: number; readonly to: readonly number[]; readonly other: readonly number[]; readonly from: number; readonly length: Dim; readonly counter: string }
  | { readonly copy: readonly [from: number, to: number]; readonly bytes: Dim }
  | { readonly cond: number; readonly then: readonly GpuStep[]; readonly otherwise: readonly GpuStep[] }
  | { readonly while: number; readonly test: readonly GpuStep[]; readonly body: readonly GpuStep[] }
  | { readonly for: string; readonly length: Dim; readonly reverse: boolean; readonly body: readonly GpuStep[] };
