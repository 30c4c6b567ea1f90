/**
 * `npm run bench`: times workloads, every contender in the same run, and prints medians and ratios.
 *
 *   --only W1,dot512   these workloads
 *   --json FILE        { workloads: [{ id, medianMs: { contender: ms } }] } as well
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Benchmark from "benchmark";
import { compile } from "chainrule/compiler";
import { instantiate } from "../../compiler/artifact/index.ts";
import { workloads, type Workload } from "./workloads.ts";

type Contender = readonly [name: string, run: () => unknown];

/** Contenders of a workload, each checked to give what the first gives. */
async function contenders(w: Workload): Promise<Contender[]> {
  const inputs = w.inputs();
  const list: Contender[] = [];
  let want: ArrayLike<number> | undefined;
  const agree = (name: string, got: ArrayLike<number>): void => {
    want ??= Array.from(got);
    for (let i = 0; i < want.length; i++)
      if (!(Math.abs(got[i] - want[i]) <= 1e-3 * Math.max(1, Math.abs(want[i])))) throw new Error(`${w.id}: element ${i} of ${name} is ${got[i]}, of the first ${want[i]}`);
  };
  for (const target of ["js", "wasm"] as const) {
    const model = await instantiate(compile(w.model(), { target }));
    agree(target, Object.values(model.sync[w.call](inputs))[0].data);
    list.push([`chainrule-${target}`, () => model.sync[w.call](inputs)]);
  }
  if (w.byHand) {
    const byHand = w.byHand(inputs);
    agree("by hand", byHand());
    list.push(["by-hand-js", byHand]);
  }
  return list;
}

const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)];

/** Median milliseconds of each contender: rounds go in turn, so that a slow moment of the machine meets all. */
function time(list: readonly Contender[], rounds = 5): Record<string, number> {
  const samples = new Map<string, number[]>();
  for (let r = 0; r < rounds; r++)
    for (const [name, run] of list) {
      const b = new Benchmark(name, run, { maxTime: 0.3, minSamples: 3 });
      b.run({ async: false });
      if (b.error) throw b.error;
      samples.set(name, [...(samples.get(name) ?? []), ...b.stats.sample.map((s) => 1000 * s)]);
    }
  return Object.fromEntries([...samples].map(([name, s]) => [name, median(s)]));
}

const { values } = parseArgs({ options: { only: { type: "string" }, json: { type: "string" } } });
const only = values.only?.split(",");
const unknown = only?.filter((id) => !workloads.some((w) => w.id === id)) ?? [];
if (unknown.length > 0) {
  console.error(`there is no workload ${unknown.join(", ")}; there are ${workloads.map((w) => w.id).join(", ")}`);
  process.exit(1);
}
const results: { id: string; medianMs: Record<string, number> }[] = [];
for (const w of workloads.filter((x) => !only || only.includes(x.id))) {
  const medianMs = time(await contenders(w));
  results.push({ id: w.id, medianMs });
  const first = medianMs["chainrule-js"];
  const text = Object.entries(medianMs).map(([name, ms]) => `${name} ${ms.toPrecision(3)} ms${name === "chainrule-js" ? "" : ` (${(ms / first).toFixed(2)}× of js)`}`);
  console.log(`${w.id.padEnd(7)} ${w.title.padEnd(66)} ${text.join("   ")}`);
}
if (values.json) writeFileSync(values.json, `${JSON.stringify({ workloads: results }, null, 2)}\n`);
