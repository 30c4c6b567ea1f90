/**
 * The process of one contender: `serve.ts MODULE OPTIONS`. It answers, on file descriptor 3, what `remote.ts` asks on its
 * standard input, a line of JSON each. A process of its own keeps each contender from the others' memory, patches and
 * the engine's assumptions about their code.
 */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { Unavailable, type Contender, type ContenderModule, type Job } from "./contender.ts";
import { sample } from "./measure.ts";
import type { Answer, Question } from "./remote.ts";
import { taskOf } from "./workload.ts";
import { workloads } from "./workloads/index.ts";

const [module, options] = process.argv.slice(2);
let contender: Contender | undefined;
let job: Job | undefined;

async function prepare(id: string, calls: number, file: string): Promise<Answer> {
  const w = workloads.find((x) => x.id === id)!;
  job = undefined;
  contender ??= await (await import(new URL(module, import.meta.url).href) as ContenderModule).create(JSON.parse(options) as Record<string, unknown>);
  job = await contender(taskOf(w));
  const out = openSync(file, "w");
  for (let i = 0; i < calls; i++) {
    const result = await job.call();
    const elements = typeof result === "number" ? Float32Array.of(result) : Float32Array.from(result);
    writeSync(out, elements);
  }
  closeSync(out);
  await sample(job); // the engine has seen it then
  return { ready: true };
}

async function answer(question: Question): Promise<Answer> {
  try {
    return question.ask === "prepare" ? await prepare(question.id, question.calls, question.file) : { samples: await sample(job!, question.seconds) };
  } catch (e) {
    return e instanceof Unavailable ? { unavailable: e.message } : { unavailable: `it fails: ${e instanceof Error ? e.message : String(e)}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) writeFileSync(3, `${JSON.stringify(await answer(JSON.parse(line) as Question))}\n`);
