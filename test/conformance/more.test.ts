import { expect, test } from "vitest";
import { targetNamed } from "./targets.ts";
import { runTorch } from "./torch/suite.ts";

/** Cases of our own, computed with PyTorch by `more/make.py`: every one passes on every target. */
test.each(["interpret", "js", "wasm"] as const)("PyTorch's results on %s, of what the shared suite does not have", async (name) => {
  const results = await runTorch(`${import.meta.dirname}/more`, { target: targetNamed(name)!, symbolic: "none" });
  expect(results.filter((r) => r.outcome !== "passed")).toEqual([]);
  expect(results.length).toBeGreaterThan(15);
}, 300_000);
