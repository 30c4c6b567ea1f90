import type { GraphFunction, Model, Value } from "../ir/graph/index.ts";
import { dims } from "../ir/types/index.ts";
import { initFunction } from "../ir/init/index.ts";
import { expandDerivatives } from "./autodiff/index.ts";
import type { CompiledModel, Target } from "./artifact/compiled.ts";
import { checkFirst, lower } from "./fuse/index.ts";
import { narrowConcats } from "./fuse/narrow.ts";
import { checkForGpu } from "./codegen/wgsl/index.ts";
import { rulesOfFunctions, type FusingRules, type LoopBuilder } from "./loops/builder.ts";
import { gridLoops, rulesOfGrids } from "./loops/grid/builder.ts";
import { isPaddedInStage, padFirst } from "./fuse/padding.ts";
import { packCaptured } from "./fuse/panels.ts";
import { scalarLoops } from "./loops/tile.ts";
import { panelWidth, registerTiles, type VectorBits } from "./loops/contract/index.ts";
import { packedOperands, vectorLoops } from "./loops/vectorise.ts";
import { bindSlotsOnce, planMemory } from "./plan/index.ts";
import type { PlannedProgram, Program } from "./plan/program.ts";
import { variablesAtRisk } from "./plan/risk.ts";
import { fitMemory, type MemoryBudget, type MemoryFit } from "./recompute/index.ts";
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
  /** What it took to keep to a memory budget, where there is one. */
  readonly memory?: MemoryFit;
}

/**
 * The compiler: its passes, in order. What comes after the plan depends on the target: `codegen/` prints the
 * kernels and `artifact/` writes the files.
 */
export function compileFunction(fn: GraphFunction, target: Target = "js", memory?: MemoryBudget, symbols: Model["symbols"] = {}, vectorBits: VectorBits = 128): Stages {
  const graph = fn;
  // Before anything is rewritten: the chain rule follows the ops the user wrote, line by line.
  const autodiff = expandDerivatives(graph);
  // After the chain rule, whose output is full of products with one and of work that forward and backward share.
  const simplified = simplify(autodiff);
  return { graph, autodiff, simplify: simplified, ...toKernels(simplified, target, memory, symbols, vectorBits) };
}

/** The second half of the compiler, which depends on the target. */
function toKernels(simplified: GraphFunction, target: Target, memory: MemoryBudget | undefined, symbols: Model["symbols"], vectorBits: VectorBits = 128): Pick<Stages, "fuse" | "plan" | "memory"> {
  if (target === "webgpu") checkForGpu(simplified);
  // Where the target's loops are better off, graphs are rewritten for them first: before grouping, which decides what is in memory.
  const prepared = preparations[target](simplified, vectorBits), loops = builders[target](vectorBits);
  // Needs simple graphs: what is written twice would be computed twice, and a stray reshape can keep two ops apart.
  const toLoops = (fn: GraphFunction, first?: readonly Value[]): Program => lower(fn, loops, rules[target](vectorBits), first);
  // Last: lifetimes are only known once the kernels and their order are. A budget takes another round for each value that it has computed again.
  const fitted = memory && fitMemory(prepared, (fn) => planMemory(toLoops(fn)), memory.bytes, sizesFor(prepared, memory, symbols));
  const { fuse, plan } = withFewAtRisk(fitted?.fn ?? prepared, (fn, first) => {
    const fuse = toLoops(fn, first);
    return { fuse, plan: planMemory(fuse) };
  });
  return { fuse, plan: target === "webgpu" ? bindSlotsOnce(plan) : plan, ...(fitted && { memory: fitted.fit }) };
}

/**
 * A plan in which as few variables as can be are written before an index may turn out to be out of range: they would be
 * copied in every call. Whether there are any is seen in a plan; then a second one has its checks first.
 */
function withFewAtRisk(fn: GraphFunction, planned: (fn: GraphFunction, first?: readonly Value[]) => Pick<Stages, "fuse" | "plan">): Pick<Stages, "fuse" | "plan"> {
  const plain = planned(fn), atRisk = variablesAtRisk(plain.plan).length;
  if (atRisk === 0) return plain;
  const checked = checkFirst(fn), other = checked.first.length > 0 ? planned(checked.fn, checked.first) : plain;
  return variablesAtRisk(other.plan).length < atRisk ? other : plain;
}

/** Sizes of a function's symbols that a budget has to hold for. */
function sizesFor({ inputs }: GraphFunction, { at = {} }: MemoryBudget, symbols: Model["symbols"]): Readonly<Record<string, number>> {
  const names = new Set(inputs.flatMap((v) => v.type.shape.flatMap(dims.symbolsOf)));
  return Object.fromEntries([...names].map((name) => [name, at[name] ?? symbols[name]?.max ?? Math.max(64, symbols[name]?.min ?? 1)]));
}

/** A concatenation has as many parts as a GPU can bind; padding that a CPU has in memory needs no tests in the innermost loops; what loops multiply by is packed once for all steps. */
const preparations: Record<Target, (fn: GraphFunction, bits: VectorBits) => GraphFunction> = { webgpu: narrowConcats, wasm: (fn, bits) => packCaptured(padFirst(fn, isPaddedInStage), panelWidth(registerTiles[bits][0])), js: (fn) => padFirst(fn) };

/** How loops run: in vectors where there are any, as grids on a GPU. */
const builders: Record<Target, (bits: VectorBits) => LoopBuilder> = { webgpu: () => gridLoops, wasm: vectorLoops, js: () => scalarLoops };

/** What is fused: a product in vectors packs its operands, and can compute them as it does. */
const rules: Record<Target, (bits: VectorBits) => FusingRules> = {
  webgpu: () => rulesOfGrids,
  wasm: (bits) => ({ ...rulesOfFunctions, operands: packedOperands(bits) }),
  js: () => rulesOfFunctions,
};

export interface CompileOptions {
  /** What to generate. `cpu` is WebAssembly, with JavaScript for engines that have no SIMD; `all` is WebGPU beside them. */
  readonly target?: Target | "cpu" | "all";
  /** Work that is worth a thread; 1 shares whatever can be. By default, what measurements say. */
  readonly grain?: number;
  /**
   * Bits of the engine's vectors, for WebAssembly, whose own have 128. 256 is for engines that make one of two neighbours
   * (V8 with `--experimental-wasm-revectorize`, from Node 24 on): up to twice as fast there, and slower anywhere else.
   * Default 128.
   */
  readonly vectorBits?: VectorBits;
  /**
   * Memory that each function may take on its way: what does not fit is computed again instead of being kept. Throws a
   * GraphError where that is not enough.
   */
  readonly memory?: MemoryBudget | undefined;
}

/** Compiles every function of a model, and the function that initialises its variables. */
export function compile(model: Model, { target = "js", grain, memory, vectorBits }: CompileOptions = {}): CompiledModel {
  const init = initFunction(model);
  const functions = init.updates.length > 0 ? [...model.functions, init] : model.functions;
  const best = target === "all" || target === "cpu" ? "wasm" : target;
  const stages = functions.map((fn) => compileFunction(fn, best, memory, model.symbols, vectorBits));
  const fallback = best !== target ? stages.map((s) => toKernels(s.simplify, "js", memory, model.symbols).plan) : undefined;
  const gpu = target === "all" ? stages.map((s) => toKernels(s.simplify, "webgpu", memory, model.symbols).plan) : undefined;
  return { model, target: best, programs: stages.map((s) => s.plan), ...(fallback && { fallback }), ...(gpu && { gpu }), ...(grain !== undefined && { grain }), ...(memory && { memory: stages.map((s) => s.memory!) }) };
}
