import { Buffer } from "node:buffer";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { artifactFiles, writeArtifact, type CompiledModel } from "../artifact/index.ts";
import { closest, DiagnosticError, fail, findModelFiles, loadModels, showDiagnostics, shownPath, type LoadedModel } from "../frontend/index.ts";
import { registerTiles, type VectorBits } from "../loops/contract/index.ts";
import { compile } from "../pipeline.ts";
import { bindingFor, bytesText, modelStats, reportHtml, userPrograms, type ModelStats, type ReportFile } from "../report/index.ts";
import { command } from "./command.ts";
import type { Binding } from "../plan/index.ts";
import type { MemoryBudget } from "../recompute/index.ts";
import { guarded } from "./guard.ts";
import type { Io } from "./io.ts";
import { checkBudget, memoryOptions, memoryText, parseMemory } from "./memory.ts";
import { counted } from "./numbers.ts";
import { table } from "./table.ts";
import { watch } from "./watch.ts";

/** What can be generated. WebAssembly comes with JavaScript beside it, unless it is asked for alone. */
const targets = ["cpu", "all", "webgpu", "wasm", "js"] as const;
type Choice = (typeof targets)[number];

/** `chainrule build`: from model files to artifacts. */
export const build = command({
  name: "build",
  summary: "compiles the models of files, folders or globs (default **/*.model.ts)",
  positionals: "[FILES]",
  options: {
    out: { type: "string", value: "DIR", help: "where the folders go (default dist)" },
    target: { type: "string", value: "TARGET", help: `what to generate: ${targets.join(", ")} (default cpu: wasm, and js where it cannot run; all: webgpu beside them)` },
    standalone: { type: "boolean", help: "one dependency-free module, weights included" },
    minify: { type: "boolean", help: "minifies the JavaScript" },
    ...memoryOptions,
    "vector-bits": { type: "string", value: "256", help: "tiles for engines that make one vector of two neighbours; slower on others (default 128)" },
    watch: { type: "boolean", help: "builds again whenever a file changes" },
  },
  async run(options, patterns, io) {
    const target = options.target ?? "cpu";
    if (!isTarget(target)) {
      const meant = closest(target, targets);
      return fail(`there is no target "${target}"`, meant ? `did you mean ${meant}?` : `the targets are: ${targets.join(", ")}`);
    }
    const settings: Settings = { target, out: resolve(io.cwd, options.out ?? "dist"), standalone: options.standalone ?? false, minify: options.minify ?? false, memory: parseMemory(options), vectorBits: parseVectorBits(options["vector-bits"]) };
    if (!options.watch) return (await buildAll(patterns, settings, io)).isRight ? 0 : 1;
    await findModelFiles(patterns, io.cwd); // with nothing to watch there is nothing to wait for
    await watch(async () => {
      const { sources } = await buildAll(patterns, settings, io);
      io.out(`${new Date().toLocaleTimeString()}  watching ${counted(sources.length, "file")}\n`);
      return sources;
    }, io.signal);
    return 0;
  },
});

function parseVectorBits(text = "128"): VectorBits {
  const bits = Object.keys(registerTiles).map(Number).find((b) => String(b) === text);
  return (bits ?? fail(`--vector-bits ${text}: there are tiles for vectors of ${Object.keys(registerTiles).join(" and ")} bits`, "for example: --vector-bits 256")) as VectorBits;
}

const isTarget = (name: string): name is Choice => (targets as readonly string[]).includes(name);

interface Settings {
  readonly target: Choice;
  readonly out: string;
  readonly standalone: boolean;
  readonly minify: boolean;
  readonly memory: MemoryBudget | undefined;
  readonly vectorBits: VectorBits;
}

/** A model on its way to disk: everything that can go wrong in compiling it has not. */
interface Built extends LoadedModel {
  readonly compiled: CompiledModel;
  readonly stats: ModelStats;
  readonly report: string;
}

/**
 * One build. Nothing is written before everything is compiled, so that a mistake in one model leaves the output
 * as it was. Gives the files to watch, after a mistake too.
 */
async function buildAll(patterns: readonly string[], settings: Settings, io: Io): Promise<{ isRight: boolean; sources: readonly string[] }> {
  let sources: readonly string[] = [];
  try {
    const files = await findModelFiles(patterns, io.cwd);
    let built: readonly Built[] = [];
    const loaded = await loadModels(files, async (models) => {
      checkBudget(settings.memory, models.map((m) => m.model));
      built = await compileAll(models, settings);
    });
    sources = loaded.sources;
    if (loaded.diagnostics.length > 0) throw new DiagnosticError(loaded.diagnostics);
    for (const b of built) {
      const folder = join(settings.out, b.model.name);
      await guarded(b.file, () => writeArtifact(b.compiled, folder, { ...settings, extraFiles: { "report.html": b.report } }).catch(explainWrite(shownPath(folder, io.cwd))));
      io.out(summary(b, folder, io));
    }
    return { isRight: true, sources };
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    io.err(showDiagnostics(e.diagnostics, io));
    return { isRight: false, sources };
  }
}

/** What the file system has against an artifact, in words. */
const explainWrite = (folder: string) => (e: unknown): never => {
  if (e instanceof Error && "syscall" in e) fail(`the artifact cannot be written to ${folder}: ${e.message}`, "choose another folder with --out");
  throw e;
};

/** Compiles every model, collecting the mistakes of all. */
async function compileAll(models: readonly LoadedModel[], settings: Settings): Promise<Built[]> {
  const built: Built[] = [], errors: DiagnosticError[] = [];
  for (const loaded of models) {
    try {
      built.push(await guarded(loaded.file, () => compileOne(loaded, settings)));
    } catch (e) {
      if (!(e instanceof DiagnosticError)) throw e;
      errors.push(e);
    }
  }
  if (errors.length > 0) throw new DiagnosticError(errors.flatMap((e) => e.diagnostics));
  return built;
}

async function compileOne(loaded: LoadedModel, settings: Settings): Promise<Built> {
  const compiled = compile(loaded.model, settings);
  const stats = await modelStats(compiled, sizesOf(compiled));
  const files: ReportFile[] = [...await artifactFiles(compiled, settings)]
    .filter(([name]) => name !== "manifest.json") // it lists the report, and so is made after it
    .map(([name, content]) => ({ name, bytes: Buffer.byteLength(content), gzipBytes: gzipSync(content).length }));
  return { ...loaded, compiled, stats, report: reportHtml(compiled, stats, files, sizesOf(compiled)) };
}

/** Sizes of symbols that a budget was kept for: what is counted is counted for the same. */
const sizesOf = ({ memory = [] }: CompiledModel): Binding => Object.assign({}, ...memory.map((m) => m.at)) as Binding;

/** What was built, function by function. */
function summary({ model, file, compiled, stats }: Built, folder: string, io: Io): string {
  const rows = userPrograms(compiled).map((p) => {
    const { kernels, arenaBytes } = stats.functions[p.name], fit = compiled.memory?.[compiled.programs.indexOf(p)];
    const at = Object.entries(bindingFor(p, model, sizesOf(compiled))).map(([name, size]) => `${name}=${size}`).join(" ");
    return [p.name, counted(kernels, "kernel"), fit ? memoryText(fit) : `arena ${bytesText(arenaBytes)}`, at && `at ${at}`];
  });
  const { bytes, gzipBytes, loadedBytes } = stats.artifact, loaded = Object.entries(loadedBytes);
  return `${model.name}: ${shownPath(file, io.cwd)} -> ${shownPath(folder, io.cwd)}\n${rows.length > 0 ? `${table(["", "", "", ""], rows)}\n` : ""}` +
    `  ${bytesText(bytes)} of ${[...(compiled.target === "wasm" ? ["WebAssembly"] : []), ...(compiled.gpu || compiled.target === "webgpu" ? ["WGSL"] : []), "JavaScript"].join(" and ")} minified with its runtime, ${bytesText(gzipBytes)} gzipped` +
    (loaded.length > 1 ? `, of which a page loads ${loaded.map(([device, size]) => `${bytesText(size)} (${device})`).join(" or ")}\n` : "\n");
}
