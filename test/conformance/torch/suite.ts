import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readFormatted, type AnyCase, type CaseFile } from "../format.ts";
import { resultOf, type CaseResult } from "../outcome.ts";
import type { Target } from "../targets.ts";
import { runTensorCase } from "./case.ts";
import { runSequence } from "./modules.ts";
import { runOptimizerCase } from "./optimizers.ts";
import { runSchedulerCase } from "./schedulers.ts";
import type { SymbolicMode } from "./symbols.ts";

export interface Settings {
  readonly target: Target;
  /** Runs cases whose id starts with this: a family, `family/op`, or one case. */
  readonly only?: string;
  /** Of those, runs only one in so many, spread over the suite. Default 1: all. */
  readonly oneIn?: number;
  /** Which sizes of the inputs are symbols. */
  readonly symbolic: SymbolicMode;
  /** Called after each case. */
  readonly onCase?: (result: CaseResult) => void;
}

/** Runs every case of every file of a folder, in order. */
export async function runTorch(dir: string, settings: Settings): Promise<CaseResult[]> {
  const results: CaseResult[] = [], { only, oneIn = 1 } = settings;
  let met = 0;
  const files = readdirSync(dir).filter((f) => f.endsWith(".json")).sort();
  if (files.length === 0) throw new Error(`${dir} has no .json files`);
  for (const file of files)
    for (const c of readFormatted<CaseFile>(join(dir, file), "tensor-conformance-v1").cases) {
      if ((only && !startsWithPath(c.id, only)) || met++ % oneIn !== 0) continue;
      const result = await resultOf(c.id, opOf(c), () => runCase(c, settings));
      results.push(result);
      settings.onCase?.(result);
    }
  return results;
}

export const startsWithPath = (id: string, prefix: string): boolean => id === prefix || id.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);

function opOf(c: AnyCase): string {
  if ("trajectory" in c) return c.optimizer;
  if ("lrs" in c) return c.scheduler;
  return c.op;
}

async function runCase(c: AnyCase, { target, symbolic }: Settings): Promise<void> {
  if ("trajectory" in c) return runOptimizerCase(c, target);
  if ("lrs" in c) return runSchedulerCase(c, target);
  if (c.sequence) return runSequence(c, target);
  return runTensorCase(c, target, symbolic);
}
