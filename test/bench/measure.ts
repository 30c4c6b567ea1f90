import Benchmark from "benchmark";
import type { Job } from "./contender.ts";

/** Milliseconds of one call, several times over, by the benchmark package: some 0.3 s of calls, three samples or more. */
export async function sample(job: Job, seconds = 0.3): Promise<number[]> {
  await job.reset?.();
  const options = { maxTime: seconds, minSamples: 3 };
  const first = job.call();
  const waits = typeof first === "object" && "then" in first;
  await first;
  const b = waits
    ? new Benchmark((deferred: { resolve(): void }) => { void (job.call() as Promise<unknown>).then(() => { deferred.resolve(); }); }, { ...options, defer: true })
    : new Benchmark(() => job.call(), options);
  await new Promise((done) => b.on("complete error", done).run({ async: waits }));
  if (b.error) throw new Error(String(b.error));
  return b.stats.sample.map((s) => 1000 * s);
}
