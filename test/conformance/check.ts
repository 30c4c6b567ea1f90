import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { CaseResult } from "./outcome.ts";
import { count, familyOf } from "./report.ts";
import { runSeeds } from "./seeds/suite.ts";
import { targetNamed, type Target, type TargetName } from "./targets.ts";
import { runTorch } from "./torch/suite.ts";
import type { SymbolicMode } from "./torch/symbols.ts";

/**
 * The suites as tests: nothing may fail, and each family must pass at least as many cases as it did when the numbers
 * were written, so that coverage cannot shrink unnoticed.
 */
const shared = fileURLToPath(new URL("../../../shared/conformance/", import.meta.url));
const present = existsSync(shared);
if (!present) console.warn(`\n!!! ${shared} is missing: NOTHING is compared with PyTorch's results in this run !!!\n`);

const failures = (results: readonly CaseResult[]): string[] =>
  results.filter((r) => r.outcome === "failed").map((r) => `${r.id} ${r.op}: ${r.reason}`);

/** Declares the test that a target gives PyTorch's results, and that in each family at least so many cases pass. */
export function checkTorch(name: TargetName, symbolic: SymbolicMode, leastPassed: Readonly<Record<string, number>>): void {
  describe.skipIf(!present)(`PyTorch's results on ${name}, sizes that are symbols: ${symbolic}`, () => {
    test("nothing fails, and what passed before passes", async () => {
      const results = await runTorch(`${shared}torch`, { target: targetNamed(name)!, symbolic });
      expect(failures(results)).toEqual([]);
      for (const [family, least] of Object.entries(leastPassed))
        expect(count(results.filter((r) => familyOf(r.id) === family)).passed, `${family} cases that passed`).toBeGreaterThanOrEqual(least);
    }, 300_000);
  });
}

/** Declares the test that one in so many of PyTorch's results come out right on a target that may be absent, and that at least so many cases pass. */
export function checkTorchSample(what: string, target: () => Promise<Target | string>, oneIn: number, least: number): void {
  test.skipIf(!present)(`one in ${oneIn} of PyTorch's results on ${what}`, async ({ skip }) => {
    const found = await target();
    if (typeof found === "string") return skip(found);
    const results = await runTorch(`${shared}torch`, { target: found, symbolic: "none", oneIn });
    expect(failures(results)).toEqual([]);
    expect(count(results).passed).toBeGreaterThanOrEqual(least);
  }, 600_000);
}

/** Declares the test that the programs of the tutorials give the tutorials' numbers. */
export function checkSeeds(name: TargetName): void {
  test.skipIf(!present)(`the programs of the tutorials on ${name}`, async () => {
    const results = await runSeeds(`${shared}seeds.json`, { target: targetNamed(name)!, symbolic: "none" });
    expect(failures(results)).toEqual([]);
    expect(results.filter((r) => r.outcome === "unsupported").map((r) => r.id)).toEqual([]);
  }, 120_000);
}

/** What passes of each family when sizes are numbers. */
export const leastPassed: Readonly<Record<string, number>> = {
  unary: 502, binary: 326, reductions: 352, matmul: 93, shape: 220, indexing: 149, norm: 59, losses: 144,
  second_order: 42, dtype: 552, optimizers: 41, schedulers: 26, recurrent: 44, attention: 52, linalg: 52, conv_pool: 94,
};
