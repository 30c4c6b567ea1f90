import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { LoadedModel, LoadOptions, Tensor, TensorInput } from "chainrule/runtime";
import { encode } from "../../examples/common/shakespeare.ts";
import type { TorchRun } from "../../examples/common/torch-run.ts";
import type * as cnn from "../../examples/cnn-digits/recipe.ts";
import type * as gpt from "../../examples/char-gpt/recipe.ts";
import type * as iris from "../../examples/iris/recipe.ts";
import type * as lstm from "../../examples/lstm-text/recipe.ts";
import type * as unet from "../../examples/unet-denoise/recipe.ts";
import type * as vae from "../../examples/vae-digits/recipe.ts";
import { build, root } from "./build.ts";

/**
 * The examples with a run of PyTorch beside them: each takes its first steps from the same parameters, on the same
 * batches, to the same losses; and its recipe, cut short where it is long, learns.
 */
const folder = mkdtempSync(join(tmpdir(), "chainrule-examples-"));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

interface Recipe<M> { readonly run: TorchRun & { readonly weights: Uint8Array }; firstLosses(model: M): Promise<number[]> }
interface Example<R, M> { readonly recipe: R; readonly load: (options: LoadOptions) => Promise<LoadedModel & M> }

/** The model of an example, built, and what its program does with it. */
async function example<R extends Recipe<M>, M>(name: string): Promise<Example<R, M>> {
  await build(`examples/${name}/${name}.model.ts`, folder);
  const recipe = (await import(pathToFileURL(join(root, `examples/${name}/recipe.ts`)).href)) as R;
  const { load } = (await import(pathToFileURL(join(folder, name, `${name}.js`)).href)) as Pick<Example<R, M>, "load">;
  return { recipe, load };
}

/** Holds the first losses against PyTorch's. */
async function holdLosses<M>({ recipe: { run, firstLosses }, load }: Example<Recipe<M>, M>): Promise<void> {
  const losses = await firstLosses(await load({ device: "wasm", weights: run.weights }));
  expect(losses.length).toBe(20);
  expect(run.losses.length).toBe(20);
  for (const [i, loss] of losses.entries()) expect(Math.abs(loss - run.losses[i]), `loss ${i}: ${loss}, and PyTorch has ${run.losses[i]}`).toBeLessThanOrEqual(1e-4);
  expect(run.losses[19], "the parameters move").not.toBeCloseTo(run.losses[0], 2);
}

describe("iris", () => {
  test("PyTorch's first losses, and at least nine of ten flowers that it was not trained on", async () => {
    const { recipe, load } = await example<typeof iris, iris.Trainable>("iris");
    await holdLosses({ recipe, load });
    const model = await load({ seed: 1 });
    const { accuracy, history } = await recipe.trainIris(model, { seed: 1, progress: "none" });
    expect(accuracy).toBeGreaterThanOrEqual(0.9);
    expect(history.series("loss").at(-1)).toBeLessThan(0.1);
  }, 60_000);
});

describe("cnn-digits", () => {
  test("PyTorch's first losses, and most images right after a few epochs", async () => {
    const { recipe, load } = await example<typeof cnn, cnn.Trainable>("cnn-digits");
    await holdLosses({ recipe, load });
    const model = await load({ seed: 1 });
    const { accuracy } = await recipe.trainCnn(model, { seed: 1, epochs: 8, progress: "none" });
    expect(accuracy).toBeGreaterThanOrEqual(0.93);
  }, 60_000);
});

describe("vae-digits", () => {
  test("PyTorch's first losses, and images told in fewer nats", async () => {
    const { recipe, load } = await example<typeof vae, vae.Trainable & vae.Comparable>("vae-digits");
    await holdLosses({ recipe, load });
    const model = await load({ seed: 1 });
    const { loss } = await recipe.trainVae(model, { seed: 1, epochs: 15, progress: "none" });
    expect(loss).toBeLessThan(27.5);
    const { image } = await model.functions["decode"]({ code: [[0, 0], [1, -1]] });
    expect(image.shape).toEqual([2, 64]);
    expect(image.data.every((v) => v > 0 && v < 1)).toBe(true);
  }, 60_000);
});

describe("lstm-text", () => {
  test("PyTorch's first losses, and a text read at once or character by character goes on in the same way", async () => {
    const { recipe, load } = await example<typeof lstm, lstm.Trainable>("lstm-text");
    await holdLosses({ recipe, load });
    const model = await load({ seed: 1 });
    const { loss } = await recipe.trainLstm(model, { seed: 1, epochs: 1, progress: "none" });
    expect(loss).toBeLessThan(2.6);
    const tokens = [...encode("ROMEO:\nWhat")], zero = new Float32Array(64);
    const whole = await model.functions["predict"]({ tokens: [tokens], h: zero, c: zero, temperature: 1 });
    let state: Readonly<Record<string, TensorInput>> = { h: zero, c: zero }, chances: Tensor | undefined;
    for (const token of tokens) ({ chances, ...state } = await model.functions["predict"]({ tokens: [[token]], temperature: 1, ...state }));
    for (const [i, chance] of chances!.data.entries()) expect(chance).toBeCloseTo(whole.chances.data[i], 5);
  }, 90_000);
});

describe("unet-denoise", () => {
  test("PyTorch's first losses, and less noise after a few epochs", async () => {
    const { recipe, load } = await example<typeof unet, unet.Trainable>("unet-denoise");
    await holdLosses({ recipe, load });
    const { error } = await recipe.trainUnet(await load({ seed: 1 }), { seed: 1, epochs: 2, progress: "none" });
    expect(recipe.decibels(error)).toBeGreaterThan(14); // of noisy images it is 10.4
  }, 90_000);
});

describe("char-gpt", () => {
  test("PyTorch's first losses, and what is read character by character goes on as what is read at once", async () => {
    const { recipe, load } = await example<typeof gpt, gpt.Trainable & gpt.Writer>("char-gpt");
    await holdLosses({ recipe, load });
    const model = await load({ weights: recipe.run.weights });
    const heldOut: number[] = [];
    await recipe.trainGpt(model, 60, 30, (_, __, loss) => { heldOut.push(loss); });
    expect(heldOut[0]).toBeLessThan(3);
    expect(heldOut[1]).toBeLessThan(2.65);

    // a cache that another text has been written into first
    expect(await recipe.write(model, "ROMEO:\n", 0.6, () => 0.5)).toMatch(/^ROMEO:\n[^]{57}$/);
    const tokens = [...encode("First Citizen:\nBefore we proceed")];
    const { logits } = await model.functions["predict"]({ tokens: [tokens] });
    for (const [position, token] of tokens.entries()) {
      const { chances } = await model.step({ token, position, temperature: 1 });
      const row = Array.from(logits.data.subarray(61 * position, 61 * (position + 1)), Math.exp), sum = row.reduce((a, b) => a + b);
      row.forEach((e, i) => { expect(chances.data[i]).toBeCloseTo(e / sum, 5); });
    }
  }, 120_000);
});
