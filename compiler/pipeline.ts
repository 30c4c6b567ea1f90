import type { GraphFunction, Model } from "../ir/graph/index.ts";
import { initFunction } from "../ir/init/index.ts";
import { expandDerivatives } from "./autodiff/index.ts";
import type { CompiledModel, Target } from "./artifact/compiled.ts";
import { lower } from "./fuse/index.ts";
import { planMemory } from "./plan/index.ts";
import type { PlannedProgram, Program } from "./plan/program.ts";
import { simplify } from "./simplify/index.ts";

/** What a function looks like after each stage of the compiler. */
export interface Stages {
  /** As declared: derivatives are ops. */
  readonly graph: GraphFunction;
  /** Derivatives are graphs. */
  readonly autodiff: GraphFunction;
  readonly simplify: GraphFunction;
  /** Kernels, and the steps that call them. */
  readonly fuse: Program;
  /** The same with every buffer placed. */
  readonly plan: PlannedProgram;
}

/**
 * The compiler: its passes, in order. What comes after the plan depends on the target: `codegen/` prints the
 * kernels and `artifact/` writes the files.
 */
export function compileFunction(fn: GraphFunction): Stages {
  const graph = fn;
  // Before anything is rewritten: the chain rule follows the ops the user wrote, line by line.
  const autodiff = expandDerivatives(graph);
  // After the chain rule, whose output is full of products with one and of work that forward and backward share.
  const simplified = simplify(autodiff);
  // Needs simple graphs: what is written twice would be computed twice, and a stray reshape can keep two ops apart.
  const fuse = lower(simplified);
  // Last: lifetimes are only known once the kernels and their order are.
  const plan = planMemory(fuse);
  return { graph, autodiff, simplify: simplified, fuse, plan };
}

export interface CompileOptions {
  readonly target?: Target;
}

/** Compiles every function of a model, and the function that initialises its variables. */
export function compile(model: Model, options: CompileOptions = {}): CompiledModel {
  const init = initFunction(model);
  const functions = init.updates.length > 0 ? [...model.functions, init] : model.functions;
  return { model, target: options.target ?? "js", programs: functions.map((fn) => compileFunction(fn).plan) };
}
