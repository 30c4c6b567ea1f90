import { expect, test } from "vitest";
import { defineModel, f32, i32, losses, nn, optim, type Tensor } from "../../../ir/index.ts";
import { artifactSize, instantiate } from "../../../compiler/artifact/index.ts";
import { compile } from "../../../compiler/pipeline.ts";

/** The two-layer classifier of the README: a prediction, and a training step with Adam. */
const digits = defineModel("digits", (m) => {
  const fc1 = m.use("fc1", nn.linear(64, 128)), fc2 = m.use("fc2", nn.linear(128, 10));
  const logits = (x: Tensor<["B", 64]>) => fc2(fc1(x).relu());
  m.fn("predict", { x: f32("B", 64) }, ({ x }) => ({ probs: logits(x).softmax(-1) }));
  m.trainStep("train", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => losses.crossEntropy(logits(x), label), optim.adam({ lr: 1e-2 }));
});

test("a two-layer network with its training step, runtime included, is at most 12 KB", async () => {
  expect((await artifactSize(compile(digits))).gzipBytes).toBeLessThanOrEqual(12_000);
});

test("it learns, its state survives a save, and training is reproducible to the bit", async () => {
  const compiled = compile(digits);
  const x = Float32Array.from({ length: 40 * 64 }, (_, i) => Math.sin(i * i)), label = Int32Array.from({ length: 40 }, (_, i) => i % 10);
  const [a, b] = [await instantiate(compiled, { seed: 1 }), await instantiate(compiled, { seed: 1 })];
  const first = a.sync.train({ x, label }).loss.item();
  for (let i = 0; i < 40; i++) a.sync.train({ x, label });
  expect(a.sync.train({ x, label }).loss.item()).toBeLessThan(first / 10);
  b.restore(a.save());
  expect(b.sync.train({ x, label })).toEqual(a.sync.train({ x, label }));
  expect(b.save()).toEqual(a.save());
  a.reset();
  expect(a.sync.train({ x, label }).loss.item()).toBe(first);
  expect((await instantiate(compiled, { seed: 2 })).sync.train({ x, label }).loss.item()).not.toBe(first);
  for (const row of a.sync.predict({ x }).probs.toNested() as number[][]) expect(row.reduce((p, q) => p + q, 0)).toBeCloseTo(1, 5);
});
