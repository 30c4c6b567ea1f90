import { basename } from "node:path";
import { explained, GraphError, type Model } from "../../ir/graph/index.ts";
import { DiagnosticError, type Diagnostic } from "./diagnostic.ts";
import { typeChecker } from "./checker.ts";
import { evaluate } from "./evaluate.ts";
import { isModelSource, modelFrames } from "./sourcemap.ts";

export interface LoadedModel {
  readonly model: Model;
  /** Absolute path of the file that exports it. */
  readonly file: string;
}

export interface Loaded {
  readonly models: readonly LoadedModel[];
  readonly diagnostics: readonly Diagnostic[];
  /** The user's files the models were made of: what a watcher watches. After an error, those known so far. */
  readonly sources: readonly string[];
}

/**
 * From model files to models: checks their types and, meanwhile, runs them and collects what they export. Where anything
 * is wrong there are diagnostics and no models; where types are, only those are told, as the rest may follow from them.
 *
 * @param work What to do with the models while their types are still being checked: nothing that a mistake in them
 *   would make wrong. Its own mistakes are told as the models' are.
 */
export async function loadModels(files: readonly string[], work: (models: readonly LoadedModel[]) => Promise<void> = async () => {}): Promise<Loaded> {
  const [checked, run] = await Promise.all([typeChecker().check(files), runModels(files, work)]);
  const sources = [...new Set([...checked.sources, ...run.sources])];
  return checked.diagnostics.length > 0 ? { models: [], diagnostics: checked.diagnostics, sources } : { ...run, sources };
}

async function runModels(files: readonly string[], work: (models: readonly LoadedModel[]) => Promise<void>): Promise<Loaded> {
  const models: LoadedModel[] = [], diagnostics: Diagnostic[] = [], sources = new Set<string>();
  for (const file of files) {
    try {
      const evaluated = await withLongStacks(() => evaluate(file));
      for (const source of evaluated.sources) sources.add(source);
      models.push(...collect(evaluated.exports, file));
    } catch (e) {
      diagnostics.push(...await diagnose(explained(e), file));
    }
  }
  diagnostics.push(...clashes(models));
  if (diagnostics.length === 0) {
    try {
      await work(models);
    } catch (e) {
      if (!(e instanceof DiagnosticError)) throw e;
      diagnostics.push(...e.diagnostics);
    }
  }
  return { models: diagnostics.length > 0 ? [] : models, diagnostics, sources: [...sources] };
}

/** Models among the exports, the default one first; one exported under two names counts once. */
function collect(exports: Readonly<Record<string, unknown>>, file: string): LoadedModel[] {
  const values = [exports.default, ...Object.values(exports)].filter(isModel);
  if (values.length > 0) return [...new Set(values)].map((model) => ({ model, file }));
  const names = Object.keys(exports);
  throw new GraphError(
    `this file exports no model${names.length > 0 ? `, only ${names.join(", ")}` : ""}`,
    `write: export default defineModel("name", (m) => { … })`, { file, line: 1, column: 1 });
}

/** Structural, so that a model written out by hand or read from text counts as well. */
function isModel(x: unknown): x is Model {
  const m = x as Partial<Model> | null;
  return typeof m === "object" && m !== null && typeof m.name === "string" && Array.isArray(m.variables) && Array.isArray(m.functions);
}

/** A name is a folder of the output: two models of one name would overwrite each other. */
function clashes(models: readonly LoadedModel[]): Diagnostic[] {
  const first = new Map<string, string>();
  return models.flatMap(({ model: { name }, file }) => {
    const other = first.get(name);
    if (other === undefined) { first.set(name, file); return []; }
    const where = other === file ? `both in ${file}` : `in ${other} and in ${file}`;
    return [{ code: "chainrule", message: `two models are named "${name}", ${where}`, advice: "a model is built to a folder of its name: give each a name of its own" }];
  });
}

/**
 * Whatever running or compiling a model threw, as diagnostics with the user's line: graph errors, what the user
 * threw, and also our own bugs, which say that they are.
 */
export async function diagnose(e: unknown, file: string): Promise<readonly Diagnostic[]> {
  if (e instanceof DiagnosticError) return e.diagnostics;
  const [innermost, ...callers] = e instanceof Error ? modelFrames(e.stack ?? "") : [];
  const at = e instanceof GraphError && e.at && isModelSource(e.at.file) ? e.at : innermost;
  const base = { code: "chainrule", ...describe(e) };
  if (!at) return [{ ...base, message: `${basename(file)}: ${base.message}` }];
  const { underline } = await import("./underline.ts"); // with its parser, for which a build without a mistake has no use
  // where the mistake is in a helper, the line of the other file that called it
  const caller = callers.find((f) => f.file !== at.file);
  return [{ ...base, span: underline(at), ...(caller && { related: [{ span: underline(caller), message: "called from here" }] }) }];
}

function describe(e: unknown): { message: string; advice?: string } {
  if (e instanceof GraphError) return { message: e.what, ...(e.advice !== undefined && { advice: e.advice }) };
  if (!(e instanceof Error)) return { message: `the model file threw ${String(e)}` };
  if (e.message.startsWith("internal")) return { message: e.message, advice: `this is a mistake in chainrule, not in your model; please report it with the model file\n${ownFrames(e)}` };
  return { message: e.name === "Error" ? e.message : `${e.name}: ${e.message}` };
}

const ownFrames = (e: Error): string => (e.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 6).join("\n");

/** Runs `body` with stack traces long enough to reach the user's line from deep inside a library of layers. */
async function withLongStacks<T>(body: () => Promise<T>): Promise<T> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  try { return await body(); } finally { Error.stackTraceLimit = limit; }
}
