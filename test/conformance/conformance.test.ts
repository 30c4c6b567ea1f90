import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CaseResult } from "./outcome.ts";
import { count, familyOf } from "./report.ts";
import { runSeeds } from "./seeds/suite.ts";
import { targetNamed } from "./targets.ts";
import { runTorch } from "./torch/suite.ts";

/**
 * Both suites on every target. Nothing may fail, and each family must pass at least as many cases as it did when
 * the number below was written, so that coverage cannot shrink unnoticed.
 */
const shared = new URL("../../../shared/conformance/", import.meta.url).pathname;
const present = existsSync(shared);
if (!present) console.warn(`\nCONFORMANCE NOT CHECKED: ${shared} is not here, so no result was compared with PyTorch's\n`);

const leastPassed: Readonly<Record<string, number>> = {
};

const failures = (results: readonly CaseResult[]): string[] =>
  results.filter((r) => r.outcome === "failed").map((r) => `${r.id} ${r.op}: ${r.reason}`);

const passedByFamily = (results: readonly CaseResult[]): Record<string, number> => {
  const families = [...new Set(results.map((r) => familyOf(r.id)))];
  return Object.fromEntries(families.map((f) => [f, count(results.filter((r) => familyOf(r.id) === f)).passed]));
};

describe.skipIf(!present).each(["interpret", "js"])("on the target %s", (name) => {
  const target = targetNamed(name)!;

  test("PyTorch's results, by op", async () => {
    const results = await runTorch(`${shared}torch`, { target, symbolic: false });
    expect(failures(results)).toEqual([]);
    const passed = passedByFamily(results);
    for (const [family, least] of Object.entries(leastPassed)) expect(passed[family], `${family} cases passed`).toBeGreaterThanOrEqual(least);
  }, 300_000);

  test("the programs of the tutorials", async () => {
    const results = await runSeeds(`${shared}seeds.json`, { target, symbolic: false });
    expect(failures(results)).toEqual([]);
    expect(results.filter((r) => r.outcome === "unsupported").map((r) => r.id)).toEqual([
      "seed3/conv3d", "seed3/rnn_forward", "seed3/rnn_seq_first", "seed3/lstm_forward", "seed3/lstm_seq_first",
    ]);
  }, 120_000);
});
