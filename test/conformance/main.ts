import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { itemsText, opsText, reportOf } from "./report.ts";
import { runSeeds } from "./seeds/suite.ts";
import { targetNamed } from "./targets.ts";
import { symbolicModes } from "./torch/symbols.ts";
import { runTorch } from "./torch/suite.ts";

/**
 * npm run conformance -- --suite torch --dir DIR [--target js|wasm|webgpu|interpret] [--threads N] [--symbolic batch|all] [--only family/op] [--json OUT]
 * npm run conformance -- --suite seeds --file FILE [--target js|wasm|webgpu|interpret] [--threads N] [--only seed0/name] [--json OUT]
 *
 * Runs cases that were computed with PyTorch, and prints what passed, failed, and is unsupported. The exit status
 * is 0 when nothing failed, 1 when something did, 2 when the arguments are wrong.
 */
const usage = "usage: npm run conformance -- --suite torch --dir DIR | --suite seeds --file FILE [--target js|wasm|webgpu|interpret] [--threads N] [--only PREFIX] [--symbolic batch|all] [--verbose] [--json OUT]";

async function main(): Promise<number> {
  const { values: options } = parseArgs({
    options: {
      suite: { type: "string" }, dir: { type: "string" }, file: { type: "string" }, target: { type: "string", default: "js" }, threads: { type: "string", default: "1" },
      only: { type: "string" }, json: { type: "string" }, symbolic: { type: "string", default: "none" }, verbose: { type: "boolean", default: false },
    },
  });
  const threads = Number(options.threads);
  if (!Number.isInteger(threads) || threads < 1) return wrong(`--threads takes a number from 1, not "${options.threads}"`);
  if (threads > 1 && options.target !== "wasm") return wrong("--threads is for --target wasm");
  const target = targetNamed(options.target, threads);
  if (!target) return wrong(`unknown target "${options.target}"`);
  const symbolic = symbolicModes.find((mode) => mode === options.symbolic);
  if (!symbolic) return wrong(`unknown symbolic mode "${options.symbolic}"`);
  const onCase = options.verbose ? (r: { id: string; outcome: string; reason: string | null }) => console.log(`${r.outcome.padEnd(11)} ${r.id}${r.reason ? `  ${r.reason}` : ""}`) : undefined;
  const settings = { target, only: options.only, symbolic, onCase };

  if (options.suite === "torch") {
    if (!options.dir) return wrong("--suite torch needs --dir");
    const report = reportOf(await runTorch(options.dir, settings));
    console.log(opsText(report));
    return finish(report);
  }
  if (options.suite === "seeds") {
    if (!options.file) return wrong("--suite seeds needs --file");
    const report = reportOf(await runSeeds(options.file, settings));
    console.log(itemsText(report));
    return finish(report);
  }
  return wrong(`unknown suite "${options.suite ?? ""}"`);

  function finish(report: ReturnType<typeof reportOf>): number {
    if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);
    return report.total.failed > 0 ? 1 : 0;
  }
}

function wrong(what: string): number {
  console.error(`${what}\n${usage}`);
  return 2;
}

process.exitCode = await main().catch((e: unknown) => wrong(e instanceof Error ? e.message : String(e)));
