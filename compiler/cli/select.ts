import type { GraphFunction, Model } from "../../ir/graph/index.ts";
import { closest, DiagnosticError, fail, findModelFiles, loadModels, type LoadedModel } from "../frontend/index.ts";
import type { Io } from "./io.ts";

/** The models of the one file that a command was given. */
export async function loadFile(name: string, positionals: readonly string[], io: Io): Promise<readonly LoadedModel[]> {
  if (positionals.length !== 1) fail(`${name} takes one model file, and got ${positionals.length === 0 ? "none" : positionals.join(" ")}`, `for example: chainrule ${name} digits.model.ts`);
  const files = await findModelFiles(positionals, io.cwd);
  if (files.length !== 1) fail(`${name} takes one model file; "${positionals[0]}" matches ${files.length}`);
  const { models, diagnostics } = await loadModels(files);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  return models;
}

/** The model called `name`, or all. */
export function chooseModels(models: readonly LoadedModel[], name: string | undefined): readonly LoadedModel[] {
  if (name === undefined) return models;
  const chosen = models.filter(({ model }) => model.name === name);
  return chosen.length > 0 ? chosen : missing("model", name, models.map(({ model }) => model.name));
}

/** The function called `name`, or all. */
export function chooseFunctions(model: Model, name: string | undefined): readonly GraphFunction[] {
  if (name === undefined) return model.functions;
  const chosen = model.functions.filter((fn) => fn.name === name);
  return chosen.length > 0 ? chosen : missing("function", name, model.functions.map((fn) => fn.name));
}

function missing(kind: string, name: string, names: readonly string[]): never {
  const meant = closest(name, names);
  return fail(`there is no ${kind} "${name}"`, `${meant ? `did you mean "${meant}"? ` : ""}the ${kind}s are: ${names.join(", ") || "none"}`);
}
