import type { Value } from "../../ir/graph/index.ts";
import type { Dim, TensorType, TypedArray } from "../../ir/types/index.ts";
import type { Kernel } from "../loops/ir.ts";

/**
 * A function as a sequence of kernel calls on buffers: what the memory planner places and a code generator prints.
 */
export interface Program {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly buffer: BufferId }[];
  /** An output may name the buffer of an input, a variable or another output: the runtime copies it out. */
  readonly outputs: readonly { readonly name: string; readonly buffer: BufferId }[];
  readonly buffers: readonly Buffer[];
  readonly kernels: readonly Kernel[];
  readonly steps: readonly Step[];
  /** Why kernels that could have been one are not, for people. */
  readonly notes?: readonly string[];
  /** Symbolic dimensions the inputs bind, in order of appearance. */
  readonly symbols: readonly string[];
}

export type BufferId = number;

export interface Buffer {
  readonly id: BufferId;
  /** For people: the value's name in generated code, e.g. `dot_fc1`. Unique in the program. */
  readonly name: string;
  readonly type: TensorType;
  readonly storage: Storage;
  /** The value that it holds, of the function that was lowered or of a region of it; absent for what only kernels know of. */
  readonly value?: Value;
}

export type Storage =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "constant"; readonly data: number | TypedArray }
  /** Lives as long as the call; the planner gives it a slot. */
  | { readonly kind: "arena"; readonly slot: number | null };

export type Step =
  | { readonly kind: "kernel"; readonly kernel: number; readonly args: readonly BufferId[] }
  /** Copies a whole buffer, of the same type. */
  | { readonly kind: "copy"; readonly from: BufferId; readonly to: BufferId }
  | { readonly kind: "cond"; readonly pred: BufferId; readonly then: readonly Step[]; readonly otherwise: readonly Step[] }
  /** Runs `test`, reads the bool in `pred`, runs `body` while it is true. */
  | { readonly kind: "while"; readonly test: readonly Step[]; readonly pred: BufferId; readonly body: readonly Step[] }
  /** Runs `body` with the integer `counter` from 0 to length−1, or backwards; kernels in it may mention `counter` as a scalar. */
  | { readonly kind: "for"; readonly counter: string; readonly length: Dim; readonly reverse: boolean; readonly body: readonly Step[] };

/** A planned program: every arena buffer has a slot; a slot is as large as the largest of its buffers. */
export interface PlannedProgram extends Program {
  /** Bytes of each slot: the largest of these, for any binding of the symbols. */
  readonly slots: readonly { readonly bytes: readonly Dim[] }[];
}
