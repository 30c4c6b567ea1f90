import { fail, closest } from "../frontend/index.ts";
import { compile } from "../pipeline.ts";
import { bytesText, modelStats } from "../report/index.ts";
import { checkSymbols, parseBindings } from "./bindings.ts";
import { command } from "./command.ts";
import { guarded } from "./guard.ts";
import { checkBudget, memoryOptions, parseMemory } from "./memory.ts";
import { chooseFunctions, chooseModels, loadFile } from "./select.ts";
import { isStageName, stageNames, stageText } from "./stages.ts";
import { table } from "./table.ts";

/** `chainrule inspect`: what the compiler makes of a model, stage by stage, or what it costs. */
export const inspect = command({
  name: "inspect",
  summary: "prints what the compiler makes of a model, at any stage",
  positionals: "FILE",
  options: {
    model: { type: "string", value: "NAME", help: "only this model of the file" },
    function: { type: "string", value: "NAME", help: "only this function" },
    stage: { type: "string", value: "STAGE", help: `one of ${Object.keys(stageNames).join(", ")} (default graph)` },
    stats: { type: "boolean", help: "kernels, flops, bytes moved and arena of each function, and the size of the artifact" },
    json: { type: "boolean", help: "the statistics as JSON" },
    ...memoryOptions,
    bind: { type: "string", value: "B=64", multiple: true, help: "sizes of symbolic dimensions for the statistics (default 64 each)" },
  },
  async run(options, positionals, io) {
    const stage = options.stage ?? "graph";
    if (!isStageName(stage)) return fail(`there is no stage "${stage}"`, unknownStage(stage));
    if (options.stats && options.stage !== undefined) fail("--stats counts the compiled functions, and --stage prints one stage", "give one of the two");
    if (options.json && !options.stats) fail("--json goes with --stats", "stages are printed as text; for the statistics as JSON: --stats --json");
    if (options.bind && !options.stats) fail("--bind goes with --stats", "stages are printed for every size of the symbols");
    if (options.memory !== undefined && ["graph", "autodiff", "simplify"].includes(stage) && !options.stats)
      fail("--memory changes what is stored: the stages from fuse on, and the statistics", "give one of these: --stage plan, or --stats");
    const binding = parseBindings(options.bind ?? []), memory = parseMemory(options);
    const models = chooseModels(await loadFile("inspect", positionals, io), options.model);
    checkBudget(memory, models.map((m) => m.model));

    if (!options.stats) {
      const texts = await Promise.all(models.map(({ model, file }) => guarded(file, () => stageText(model, chooseFunctions(model, options.function), stage, memory))));
      io.out(texts.join("\n"));
      return 0;
    }
    if (models.length > 1) fail(`"${positionals[0]}" has ${models.length} models`, `choose one with --model: ${models.map(({ model }) => model.name).join(", ")}`);
    const [{ model, file }] = models;
    const names = chooseFunctions(model, options.function).map((fn) => fn.name);
    checkSymbols(binding, [model]);
    const stats = await guarded(file, () => modelStats(compile(model, { memory }), binding, names));
    if (options.json) io.out(`${JSON.stringify(stats, null, 2)}\n`);
    else {
      const rows = Object.entries(stats.functions).map(([name, f]) => [name, String(f.kernels), f.flops.toLocaleString("en"), bytesText(f.bytesMoved), bytesText(f.arenaBytes)]);
      io.out(`${table(["function", "kernels", "flops", "moved", "arena"], rows)}\n\n  artifact ${bytesText(stats.artifact.bytes)}, gzipped ${bytesText(stats.artifact.gzipBytes)}\n`);
    }
    return 0;
  },
});

function unknownStage(name: string): string {
  const meant = closest(name, Object.keys(stageNames));
  return `${meant ? `did you mean ${meant}? ` : ""}the stages are:\n${Object.entries(stageNames).map(([stage, what]) => `  ${stage.padEnd(9)}${what}`).join("\n")}`;
}
