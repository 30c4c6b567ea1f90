import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "vitest";

/**
 * The numbers PyTorch computed, of `../shared/conformance/torch`. Where that folder is not there, the tests that need
 * it are skipped, and say so.
 */
export function torchCases<C extends { readonly id: string }>(family: string, run: (cases: readonly C[]) => void): void {
  const file = fileURLToPath(new URL(`../../../shared/conformance/torch/${family}.json`, import.meta.url));
  if (existsSync(file)) return run((JSON.parse(readFileSync(file, "utf8")) as { cases: C[] }).cases);
  console.warn(`\n!!! ${file} is missing: what is checked against PyTorch's ${family} is NOT checked in this run !!!\n`);
  test.skip(`PyTorch's ${family}: ../shared/conformance/torch/${family}.json is missing`, () => {});
}
