import { expect, test } from "vitest";
import { defineModel, f32, losses, nn, optim } from "chainrule";
import type { Model } from "../../../ir/graph/index.ts";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { printKernel } from "../../../compiler/loops/print.ts";
import { compile, compileFunction } from "../../../compiler/pipeline.ts";

const kernelsOf = (model: Model): string[] => compileFunction(model.functions[0], "wasm").plan.kernels.map((k) => printKernel(k));
const numbers = (size: number, seed: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.7 + seed));

function close(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < got.length; i++) if (!(Math.abs(got[i] - want[i]) <= 1e-4 * (1 + Math.abs(want[i])))) expect.fail(`element ${i} is ${got[i]}, not ${want[i]}`);
}

/** Heads side by side as the columns that a product folds over, and as those that it stores. */
const heads = defineModel("heads", (m) => {
  m.fn("f", { x: f32("B", 3, 10, 32), w: f32(96, 24) }, ({ x, w }) => ({ y: x.permute(0, 2, 1, 3).reshape([x.shape[0], 10, 96]).matmul(w) }));
  m.fn("sums", { x: f32("B", 3, 10, 32) }, ({ x }) => ({ y: x.permute(0, 2, 1, 3).reshape([x.shape[0], 10, 96]).sum([0, 1]) }));
});

test("a loop over heads side by side is one over heads and one over the columns of each", async () => {
  for (const text of heads.functions.flatMap((f) => compileFunction(f, "wasm").plan.kernels.map((k) => printKernel(k)))) expect(text).not.toMatch(/[/%] 32/);
  const x = numbers(2 * 960, 1), w = numbers(96 * 24, 2);
  const [wasm, js] = await Promise.all((["wasm", "js"] as const).map((target) => instantiate(compile(heads, { target }), { device: target })));
  close((await wasm.functions.f({ x, w })).y.data, (await js.functions.f({ x, w })).y.data);
  close((await wasm.functions.sums({ x })).y.data, (await js.functions.sums({ x })).y.data);
});

const training = (inputs: number, outputs: number) => defineModel("training", (m) => {
  const net = m.use("net", nn.linear(inputs, outputs));
  m.trainStep("train", { x: f32("B", inputs), y: f32("B", outputs) }, ({ x, y }) => losses.mse(net(x), y), optim.adam({ lr: 0.01 }));
});

test("an update that goes through more than a cache holds is made after the product, with the same bits on two threads", async () => {
  const isApart = (text: string): boolean => text.includes("scratch sums");
  expect(kernelsOf(training(300, 200)).filter(isApart)).toHaveLength(1);
  expect(kernelsOf(training(30, 20)).filter(isApart)).toHaveLength(0);
  const inputs = { x: numbers(8 * 300, 1), y: numbers(8 * 200, 2) };
  const weights = await Promise.all([["wasm", 1], ["wasm", 2], ["js", 1]].map(async ([device, threads]) => {
    const target = device as "wasm" | "js", model = await instantiate(compile(training(300, 200), { target, grain: 1 }), { device: target, threads: threads as number });
    for (let step = 0; step < 3; step++) await model.functions.train(inputs);
    return model.read("net.weight").data as Float32Array;
  }));
  expect(weights[1]).toEqual(weights[0]);
  close(weights[0], weights[2]);
});
