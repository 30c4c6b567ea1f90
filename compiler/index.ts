/** `chainrule/compiler`: from a model to an artifact, as functions to call from a build script. */
export { compile, compileFunction, type CompileOptions, type Stages } from "./pipeline.ts";
export type { CompiledModel, Target } from "./artifact/compiled.ts";
export type { MemoryBudget, MemoryFit } from "./recompute/index.ts";
export { printKernel } from "./loops/index.ts";
