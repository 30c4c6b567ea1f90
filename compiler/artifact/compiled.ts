import type { Model } from "../../ir/graph/index.ts";
import type { PlannedProgram } from "../plan/program.ts";
import type { MemoryFit } from "../recompute/index.ts";

/** The targets there is a code generator for. */
export type Target = "webgpu" | "wasm" | "js";

/** A model after the last pass: what `writeArtifact` writes and `instantiate` runs. */
export interface CompiledModel {
  readonly model: Model;
  /** One for each function of the model, by its name, and `$init`, which sets every variable whose init is not data. */
  readonly programs: readonly PlannedProgram[];
  readonly target: Target;
  /** The programs again, for JavaScript: for engines that lack what the target takes. */
  readonly fallback?: readonly PlannedProgram[];
  /** The programs again, for a GPU where there is one: beside a target of the CPU. */
  readonly gpu?: readonly PlannedProgram[];
  /** What it took to keep each program to a memory budget, where there is one. */
  readonly memory?: readonly MemoryFit[];
  /** Work that is worth a thread, where that is not left to the code generator. */
  readonly grain?: number;
}

/** Devices that the compiled model runs on, best first. */
export const devicesOf = ({ target, fallback, gpu }: CompiledModel): Target[] => [...(gpu ? ["webgpu" as const] : []), target, ...(fallback ? ["js" as const] : [])];

/** Name of the program that initialises the variables. It takes the seed as a u32[2] key, if it takes anything. */
export const initName = "$init";
