import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { targetNamed } from "./targets.ts";
import { runTorch } from "./torch/suite.ts";

const torch = fileURLToPath(new URL("../../../shared/conformance/torch", import.meta.url));
const present = existsSync(torch);
if (!present) console.warn(`\n!!! ${torch} is missing: NOTHING is compared with PyTorch's results on two threads !!!\n`);

// The families whose kernels have the most shapes; `npm run conformance -- --target wasm --threads 2` runs all.
test.skipIf(!present).each([["matmul", 93], ["norm", 59], ["second_order", 42], ["optimizers", 41]])("PyTorch's results on two threads of wasm: %s", async (family, least) => {
  const results = await runTorch(torch, { target: targetNamed("wasm", 2)!, symbolic: "none", only: family });
  expect(results.filter((r) => r.outcome === "failed").map((r) => `${r.id}: ${r.reason}`)).toEqual([]);
  expect(results.filter((r) => r.outcome === "passed").length).toBeGreaterThanOrEqual(least);
}, 120_000);
