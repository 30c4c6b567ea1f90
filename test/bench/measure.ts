import Benchmark from "benchmark";
import type { Job } from "./contender.ts";

/** Milliseconds of one call, several times over, by the benchmark package: some 0.3 s of calls, three samples or more. */
export async function sample(job: Job, seconds = 0.3): Promise<number[]> {
  await job.reset?.();
  const first = job.call(), waits = typeof first === "object" && "then" in first;
  await first;
  const options = { maxTime: seconds, minSamples: 3 };
  let failure: unknown;
  const b = waits
    ? new Benchmark((deferred: { resolve(): void }) => {
      (job.call() as Promise<unknown>).catch((e: unknown) => { failure = e; }).finally(() => { deferred.resolve(); });
    }, { ...options, defer: true })
    : new Benchmark(() => job.call(), options);
  await new Promise((done) => b.on("complete error", done).run({ async: waits }));
  failure ??= b.error;
  if (failure !== undefined) throw failure;
  return b.stats.sample.map((s) => 1000 * s);
}
