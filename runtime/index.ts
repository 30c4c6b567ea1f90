/** What ships with a model: loads an artifact, owns its memory, runs its functions. */
export * from "./types.ts";
export { createLoader, type Artifact } from "./load.ts";
export { formatVersion, type Manifest, type ModelSpec, type FunctionSpec, type ArenaSpec, type ValueSpec, type VariableSpec } from "./manifest.ts";
export type { CompiledFunction, MemoryViews, Run } from "./memory.ts";
export { readSafetensors, writeSafetensors } from "./safetensors.ts";
export * from "./training/index.ts";
