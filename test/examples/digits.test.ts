import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LoadOptions, ModelBase } from "chainrule/runtime";
import { trainDigits, type Trainable } from "../../examples/digits/recipe.ts";
import { build } from "./build.ts";

/** The model of `examples/digits`, built to a folder of its own and trained by its own recipe. */
const folder = mkdtempSync(join(tmpdir(), "chainrule-digits-"));
let load: (options: LoadOptions) => Promise<ModelBase & Trainable>;

beforeAll(async () => {
  await build("examples/digits/digits.model.ts", folder);
  ({ load } = await import(pathToFileURL(join(folder, "digits/digits.js")).href) as { load: typeof load });
}, 120_000);
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

test.each(["wasm", "js"] as const)("on %s, reads at least 97 percent of the images it was not trained on, and stands beside its report", async (device) => {
  expect((await load({ device: "auto" })).device).toBe("wasm");
  const accuracies: number[] = [];
  for (const seed of [1, 2, 3]) {
    const { accuracy, history, test } = await trainDigits(await load({ seed, device }), { seed, progress: "none" });
    expect(test.label.data.length).toBe(359);
    expect(history.best("val_loss").metrics["val_loss"]).toBeLessThan(0.1);
    accuracies.push(accuracy);
  }
  expect(accuracies.reduce((a, b) => a + b) / 3, `held-out accuracies ${accuracies.join(", ")}`).toBeGreaterThanOrEqual(0.97);
  expect(existsSync(join(folder, "digits/report.html"))).toBe(true);
}, 180_000);

test.each(["wasm", "js"] as const)("on %s, the same seeds give the same bits; other seeds give others", async (device) => {
  const train = async (seed: number): Promise<Uint8Array> => {
    const model = await load({ seed, device });
    await trainDigits(model, { seed, epochs: 2, progress: "none" });
    return model.save();
  };
  const first = await train(7);
  expect(await train(7)).toEqual(first);
  expect(await train(8)).not.toEqual(first);
}, 60_000);

test("two threads train to the bits of one", async () => {
  const train = async (threads: number): Promise<Uint8Array> => {
    const model = await load({ seed: 7, threads });
    expect(model.threads).toBe(threads);
    await trainDigits(model, { seed: 7, epochs: 2, progress: "none" });
    return model.save();
  };
  expect(await train(2)).toEqual(await train(1));
}, 60_000);
