import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "chainrule/runtime";
import type { Entry } from "./contenders.ts";
import { Remote } from "./remote.ts";
import type { Row } from "./results.ts";
import { difference, median } from "./statistics.ts";
import { taskOf, type Workload } from "./workload.ts";

interface Started { readonly entry: Entry; remote: Remote | { readonly unavailable: string } }
interface Ready { readonly name: string; readonly remote: Remote }

/** One run of the benchmark: the processes of the contenders, and why which of them could not do what. */
export class BenchmarkRun {
  private readonly folder = mkdtempSync(join(tmpdir(), "chainrule-bench-"));
  private readonly started: readonly Started[];
  private readonly rounds: number;
  private readonly why = new Map<string, Map<string, string[]>>();

  constructor(entries: readonly Entry[], rounds: number) {
    this.started = entries.map((entry) => ({ entry, remote: entry.start() }));
    this.rounds = rounds;
  }

  /** Reasons for what is missing: by contender and reason, the workloads. */
  get reasons(): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> { return this.why; }

  /** Times a workload with everyone who can do it. */
  async time(w: Workload): Promise<Row> {
    const ready = await this.prepare(w), samples = new Map<string, number[]>(ready.map(({ name }) => [name, []]));
    // they take turns, so that a slow moment of the machine meets all
    for (let round = 0; round < this.rounds; round++)
      for (const { name, remote } of ready) {
        const answer = samples.has(name) ? await remote.ask({ ask: "sample", seconds: 0.3 }) : undefined;
        if (answer && "samples" in answer) samples.get(name)!.push(...answer.samples);
        if (answer && "unavailable" in answer) {
          this.cannot(name, w, answer.unavailable);
          samples.delete(name);
        }
      }
    return { id: w.id, title: w.title, medianMs: Object.fromEntries([...samples].map(([name, ms]) => [name, median(ms)])) };
  }

  /** Ends the processes. */
  close(): void {
    for (const { remote } of this.started) if (remote instanceof Remote) remote.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Those who say that they are ready, and whose results agree with those of the first. */
  private async prepare(w: Workload): Promise<Ready[]> {
    const data = this.started.some(({ entry }) => entry.needsData) ? this.writeTask(w) : undefined;
    const ready: Ready[] = [];
    let want: Float32Array | undefined;
    for (const contender of this.started) {
      const { name, needsData, start } = contender.entry;
      if (contender.remote instanceof Remote && contender.remote.ended) contender.remote = start(); // a workload was too much for it
      const { remote } = contender;
      if (!(remote instanceof Remote)) {
        this.cannot(name, w, remote.unavailable);
        continue;
      }
      const file = join(this.folder, "result.f32");
      const answer = await remote.ask({ ask: "prepare", id: w.id, calls: w.calls, file, ...(needsData && { data }) });
      if ("unavailable" in answer) {
        this.cannot(name, w, answer.unavailable);
        continue;
      }
      const bytes = readFileSync(file), got = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      const wrong = difference(got, want ??= got);
      if (wrong === undefined) ready.push({ name, remote });
      else this.cannot(name, w, `its result is not the others': ${wrong}`);
    }
    return ready;
  }

  /** Inputs and weights in a file, for a contender in another language. */
  private writeTask(w: Workload): string {
    const file = join(this.folder, "task.safetensors"), { inputs, weights } = taskOf(w);
    const named = (kind: string, tensors: typeof inputs) => Object.entries(tensors).map(([name, t]) => [`${kind}.${name}`, t] as const);
    writeFileSync(file, writeSafetensors(Object.fromEntries([...named("input", inputs), ...named("weight", weights)]), {}));
    return file;
  }

  private cannot(name: string, w: Workload, reason: string): void {
    const reasons = this.why.get(name) ?? new Map<string, string[]>();
    this.why.set(name, reasons.set(reason, [...(reasons.get(reason) ?? []), w.id]));
  }
}
