import type { Model } from "../../ir/graph/index.ts";
import { fail } from "../frontend/index.ts";
import type { MemoryBudget, MemoryFit } from "../recompute/index.ts";
import { bytesText } from "../report/index.ts";
import { checkSymbols, parseBindings } from "./bindings.ts";

/** `--memory` and `--at`, for the commands that take them. */
export const memoryOptions = {
  memory: { type: "string", value: "64MB", help: "keeps the arena of each function within this, by computing again what is cheap to" },
  at: { type: "string", value: "B=32", multiple: true, help: "sizes of symbolic dimensions that --memory is for (default their maxima, or 64)" },
} as const;

const units: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** `64MB` to bytes. */
function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim()), unit = match && units[match[2] || "B"];
  if (!match || unit === null || unit === undefined) return fail(`--memory ${text}: "${text}" is no amount of memory`, `write a number and a unit, of ${Object.keys(units).join(", ")}: --memory 64MB`);
  return Math.floor(Number(match[1]) * unit);
}

/** The budget that the options give, if any. */
export function parseMemory({ memory, at }: { readonly memory: string | undefined; readonly at: readonly string[] | undefined }): MemoryBudget | undefined {
  if (memory === undefined && at) return fail("--at goes with --memory", "give the memory that the sizes are for: --memory 64MB --at B=32");
  return memory === undefined ? undefined : { bytes: parseBytes(memory), at: parseBindings(at ?? [], "--at") };
}

/** Stops where the budget is for a size that none of the models has: it is misspelt. */
export function checkBudget(budget: MemoryBudget | undefined, models: readonly Model[]): void {
  if (budget?.at) checkSymbols(budget.at, models, "--at");
}

/** `arena 108 kB -> 62 kB, computing again: 3 erf net.model.ts:8`: what a budget came to. */
export function memoryText({ before, after, recomputed }: MemoryFit): string {
  const times = new Map<string, number>();
  for (const what of recomputed) times.set(what, (times.get(what) ?? 0) + 1);
  const again = [...times].map(([what, n]) => (n > 1 ? `${n} ${what}` : what));
  return again.length === 0 ? `arena ${bytesText(before)}, within the budget as it is` : `arena ${bytesText(before)} -> ${bytesText(after)}, computing again: ${again.join(", ")}`;
}
