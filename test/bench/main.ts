/** `npm run bench`: times workloads, every contender in the same run and in turn, and prints medians and ratios. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { barChart } from "./chart.ts";
import { contenders, installPeers, peerNames } from "./contenders.ts";
import { firstStep } from "./first-step.ts";
import { baseOf, toJson, type Row } from "./results.ts";
import { BenchmarkRun } from "./run.ts";
import { explain, markdownTable, meansTable, textTable } from "./table.ts";
import { workloads } from "./workloads/index.ts";

const usage = `usage: npm run bench -- …
  --only W1,W6        these workloads
  --peers LIST        these peers: none, or names as the table has them
  --json FILE         { workloads: [{ id, medianMs: { contender: ms } }], geomean: { contender: ratio } } as well
  --report DIR        the table as Markdown and a chart as SVG as well
  --rounds N          rounds (5)
  --python PATH       the Python to look for PyTorch in (python3)
  --re-vectorise      chainrule on a newer Node as well, where the engine makes 256-bit vectors of pairs of ours
  --first-step        instead: from the import of a built model to the end of its first training step
  --device DEVICE     where to run: cpu, or webgpu against the peers' WebGPU on the same adapter (cpu)`;

/** The command's options; ends the process, saying which there are, where one is unknown. */
const options = (() => {
  try {
    return parseArgs({
      options: {
        only: { type: "string" }, peers: { type: "string" }, json: { type: "string" }, report: { type: "string" }, rounds: { type: "string", default: "5" },
        python: { type: "string", default: "python3" }, "re-vectorise": { type: "boolean", default: false }, "first-step": { type: "boolean", default: false },
        device: { type: "string", default: "cpu" }, help: { type: "boolean", default: false },
      },
    }).values;
  } catch (e) {
    return fail(`${(e as Error).message}\n${usage}`);
  }
})();
if (options.help) {
  console.log(usage);
  process.exit();
}

/** The names of a list that are known; ends the process where one is not. */
function chosen(list: string | undefined, known: readonly string[], what: string): readonly string[] {
  if (list === undefined) return known;
  const names = list === "none" ? [] : list.split(",");
  const unknown = names.filter((n) => !known.includes(n));
  if (unknown.length > 0) fail(`there is no ${what} ${unknown.join(", ")}; there are ${known.join(", ")}`);
  return names;
}

function fail(text: string): never {
  console.error(text);
  process.exit(1);
}

const { device } = options;
if (device !== "cpu" && device !== "webgpu") fail(`--device ${device} is not there; there are cpu and webgpu`);
const only = chosen(options.only, workloads.map((w) => w.id), "workload");
const peers = chosen(options.peers, peerNames[device], "peer");
const rounds = Number(options.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) fail(`--rounds ${options.rounds} is no number of rounds`);
if (peers.length > 0 || options["re-vectorise"]) installPeers(console.log);
if (options["first-step"]) {
  for (const [name, ms] of Object.entries(await firstStep(peers, rounds))) console.log(`${name.padEnd(16)} ${ms.toFixed(1)} ms from import to the end of the first training step of W1`);
  process.exit();
}

const entries = contenders({ python: options.python, reVectorise: options["re-vectorise"], device }).filter(({ name }) => name.startsWith("chainrule") || peers.includes(name));
const names = entries.map((e) => e.name);
const run = new BenchmarkRun(entries, rounds), rows: Row[] = [];
for (const w of workloads.filter((x) => only.includes(x.id))) {
  console.log(`${w.id} ${w.title}`);
  rows.push(await run.time(w));
}
run.close();

console.log(`\nmilliseconds (times as long as ${baseOf(names)})\n${textTable(rows, names)}\n`);
if (peers.length > 0) console.log(`geometric means (but W2) of chainrule's times over theirs\n${meansTable(rows, names)}\n`);
for (const line of explain(run.reasons)) console.log(line);
const write = (file: string, text: string): void => {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, text);
  console.log(`${file} is written`);
};
if (options.json) write(options.json, toJson(rows, names));
if (options.report) {
  write(join(options.report, "benchmarks.md"), `${markdownTable(rows, names)}\n`);
  write(join(options.report, "benchmarks.svg"), barChart(rows, entries));
}
