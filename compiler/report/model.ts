import type { Model } from "../../ir/graph/index.ts";
import { dims, sizeOf } from "../../ir/types/index.ts";
import { artifactSize, type ArtifactSize, type CompiledModel } from "../artifact/index.ts";
import { planStats, type Binding, type PlanStats } from "../plan/index.ts";
import type { PlannedProgram } from "../plan/program.ts";

/** What a model costs: the JSON of `chainrule inspect --stats --json`. */
export interface ModelStats {
  readonly functions: Readonly<Record<string, PlanStats>>;
  readonly artifact: ArtifactSize;
}

/** The size that a symbol has in statistics where none is given. */
export const usualSize = 64;

/** Statistics of a compiled model's functions (of those named, or all the user declared). */
export async function modelStats(compiled: CompiledModel, given: Binding, names?: readonly string[]): Promise<ModelStats> {
  const functions = userPrograms(compiled).filter((p) => names === undefined || names.includes(p.name));
  return {
    functions: Object.fromEntries(functions.map((p) => [p.name, planStats(p, bindingFor(p, compiled.model, given))])),
    artifact: await artifactSize(compiled),
  };
}

/** The programs of the functions that the user declared. */
export function userPrograms({ model, programs }: CompiledModel): PlannedProgram[] {
  const declared = new Set(model.functions.map((fn) => fn.name));
  return programs.filter((p) => declared.has(p.name));
}

/** A size for each symbol of a program: the given one, else {@link usualSize}, kept within the symbol's range. */
export function bindingFor(program: PlannedProgram, model: Pick<Model, "symbols">, given: Binding): Binding {
  return Object.fromEntries(program.symbols.map((symbol) => {
    const { min, max } = model.symbols[symbol] ?? { min: 1 };
    return [symbol, given[symbol] ?? Math.min(Math.max(usualSize, min), max ?? Infinity)];
  }));
}

/** Trained numbers of a model. */
export const parameterCount = (model: Model): number =>
  model.variables.filter((v) => v.role === "parameter").reduce((sum, v) => sum + dims.evaluate(sizeOf(v.type), {}), 0);
