import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { LoadedModel, LoadOptions } from "chainrule/runtime";
import type { TorchRun } from "../../examples/common/torch-run.ts";
import { build, root } from "./build.ts";

/**
 * The examples with a run of PyTorch beside them: each takes its first steps from the same parameters, on the same
 * batches, to the same losses; and its recipe, cut short where it is long, learns.
 */
const folder = mkdtempSync(join(tmpdir(), "chainrule-examples-"));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

interface Recipe { readonly run: TorchRun & { readonly weights: Uint8Array }; firstLosses(model: LoadedModel): Promise<number[]> }
type Load = (options: LoadOptions) => Promise<LoadedModel>;

/** The model of an example, built, and what its program does with it. */
async function example<R extends Recipe>(name: string): Promise<{ recipe: R; load: Load }> {
  await build(`examples/${name}/${name}.model.ts`, folder);
  const recipe = (await import(pathToFileURL(join(root, `examples/${name}/recipe.ts`)).href)) as R;
  const { load } = (await import(pathToFileURL(join(folder, name, `${name}.js`)).href)) as { load: Load };
  return { recipe, load };
}

/** Holds the first losses against PyTorch's. */
async function holdLosses({ recipe: { run, firstLosses }, load }: { recipe: Recipe; load: Load }): Promise<void> {
  const losses = await firstLosses(await load({ device: "wasm", weights: run.weights }));
  expect(losses.length).toBe(20);
  expect(run.losses.length).toBe(20);
  for (const [i, loss] of losses.entries()) expect(Math.abs(loss - run.losses[i]), `loss ${i}: ${loss}, and PyTorch has ${run.losses[i]}`).toBeLessThanOrEqual(1e-4);
  expect(run.losses[19], "the parameters move").not.toBeCloseTo(run.losses[0], 2);
}

describe("iris", () => {
  test("PyTorch's first losses, and at least nine of ten flowers that it was not trained on", async () => {
    const { recipe, load } = await example<Recipe & typeof import("../../examples/iris/recipe.ts")>("iris");
    await holdLosses({ recipe, load });
    const model = await load({ seed: 1 });
    const { accuracy, history } = await recipe.trainIris(model.functions as unknown as Parameters<typeof recipe.trainIris>[0], { seed: 1, progress: "none" });
    expect(accuracy).toBeGreaterThanOrEqual(0.9);
    expect(history.series("loss").at(-1)).toBeLessThan(0.1);
  }, 60_000);
});

describe("cnn-digits", () => {
  test("PyTorch's first losses, and most images right after a few epochs", async () => {
    const { recipe, load } = await example<Recipe & typeof import("../../examples/cnn-digits/recipe.ts")>("cnn-digits");
    await holdLosses({ recipe, load });
    const model = await load({ seed: 1 });
    const { accuracy } = await recipe.trainCnn(model.functions as unknown as Parameters<typeof recipe.trainCnn>[0], { seed: 1, epochs: 8, progress: "none" });
    expect(accuracy).toBeGreaterThanOrEqual(0.93);
  }, 60_000);
});
