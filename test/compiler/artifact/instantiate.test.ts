import { expect, test } from "vitest";
import { defineModel } from "../../../ir/model/index.ts";
import type { Tensor } from "../../../ir/tensor/tensor.ts";
import type { Model } from "../../../ir/graph/index.ts";
import { formatVersion, instantiate } from "../../../compiler/artifact/index.ts";
import { reservedNames } from "../../../compiler/artifact/manifest.ts";
import { writeSafetensors } from "../../../compiler/interop/safetensors.ts";
import * as runtime from "../../../runtime/index.ts";
import { ModelOnGpu } from "../../../runtime/webgpu/model.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { f32 } from "../../../ir/model/spec.ts";
import { line } from "./models.ts";

const x = Float32Array.of(1, 2, 3, 4, 5, 6);

test("a compiled model runs in this process, on the runtime that ships", async () => {
  const model = await instantiate(compile(line()));
  expect(model.sync.predict({ x }).y.toNested()).toEqual([[4.5], [9]]);
  const { loss } = await model.functions.train({ x, y: [[4.5], [9]], lr: 0.1 });
  expect(loss.item()).toBe(0);
  expect(model.read("steps").item()).toBe(1);
  await expect(model.functions.predict({ x: Float64Array.from(x) })).rejects.toThrow("line.predict: x is f32[B,3] and takes a Float32Array, not a Float64Array");
});

test("a call after the first allocates no arena memory, whatever the batch up to the largest", async () => {
  const model = await instantiate(compile(line()));
  const train = (rows: number) => model.sync.train({ x: new Float32Array(3 * rows), y: new Float32Array(rows), lr: 0.1 });
  train(64);
  const { allocations } = model.arena;
  for (const rows of [64, 32, 17, 64]) train(rows);
  model.sync.predict({ x: new Float32Array(192) });
  expect(model.arena.allocations).toBe(allocations);
  train(65);
  expect(model.arena.allocations).toBe(allocations + 1);
});

test("initial weights and weights of the caller", async () => {
  const file = (value: number) => writeSafetensors(new Map([["fc.bias", { dtype: "f32", shape: [1], data: Float32Array.of(value) }], ["w", { dtype: "f32", shape: [3, 1], data: new Float32Array(3) }]]));
  const model = await instantiate(compile(line()), { initialWeights: file(3), weights: file(4), seed: 1 });
  expect(model.read("fc.bias").item()).toBe(4);
  model.reset();
  expect(model.read("fc.bias").item()).toBe(3);
});

test("names that a loaded model has already are refused for functions; the list is complete", async () => {
  const model = await instantiate(compile(line()));
  const own = new Set<string>(Object.keys(model));
  for (let p: unknown = Object.getPrototypeOf(model); p !== Object.prototype; p = Object.getPrototypeOf(p)) for (const name of Object.getOwnPropertyNames(p)) own.add(name);
  for (const name of ["predict", "train"]) own.delete(name);
  // a model on a GPU has some of its own, and one that is a field
  for (const name of [...Object.getOwnPropertyNames(ModelOnGpu.prototype), "queue"]) own.add(name);
  expect([...own, "then"].sort()).toEqual([...reservedNames].sort());
  const named = (name: string): Model => defineModel("m", (m) => { m.fn(name, { x: f32("B") }, ({ x }) => ({ y: (x as Tensor).neg() })); });
  for (const name of ["save", "then"])
    await expect(instantiate(compile(named(name)))).rejects.toThrow(`a function of m cannot be called "${name}": a loaded model has something else of that name\n  rename it\n  at ${import.meta.filename}:`);
});

test("compiler and runtime speak of one format", () => { expect(formatVersion).toBe(runtime.formatVersion); });

test("many models at once: each has its own kernels and variables", async () => {
  const models = await Promise.all(Array.from({ length: 50 }, (_, k) => instantiate(compile(defineModel("m", (m) => {
    const w = m.param("w", [2], { init: k });
    m.fn("f", { x: f32("B", 2) }, ({ x }) => ({ y: (x as Tensor).mul(w).add(k) }));
  })))));
  for (const [k, model] of models.entries()) expect(model.sync.f({ x: [[1, 2]] }).y.toNested()).toEqual([[2 * k, 3 * k]]);
});
