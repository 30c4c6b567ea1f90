import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/pipeline.ts";
import { autocast, defineModel, f16, f32, i32, losses, nn, optim, type Tensor } from "../../ir/index.ts";
import type { Model } from "../../ir/graph/index.ts";
import type { Optimizer } from "../../ir/optim/optimizer.ts";
import { readSafetensors } from "../../runtime/index.ts";
import { compiledOn, targets, type TestTarget } from "../targets.ts";

type Precision = "f32" | "f16" | "bf16" | "all f16" | "all bf16";

/** Two layers that learn to tell four classes apart: in f32, with products in a half, or in halves altogether. */
function classifier(precision: Precision, optimizer: () => Optimizer = () => optim.adam({ lr: 0.01 })): Model {
  const dtype = precision === "all f16" ? "f16" : precision === "all bf16" ? "bf16" : "f32";
  return defineModel("classifier", { dtype }, (m) => {
    const fc1 = m.use("fc1", nn.linear(8, 32)), fc2 = m.use("fc2", nn.linear(32, 4));
    const net = (x: Tensor): Tensor => (fc2 as (x: Tensor) => Tensor)((fc1 as (x: Tensor) => Tensor)(x).relu());
    const logits = (x: Tensor): Tensor => (precision === "f16" || precision === "bf16" ? autocast(precision, () => net(x)) : net(x.to(dtype)));
    m.trainStep("train", { x: f32("B", 8), label: i32("B") }, ({ x, label }) => losses.crossEntropy(logits(x as Tensor).float(), label as Tensor), optimizer(),
      precision.endsWith("f16") && !precision.endsWith("bf16") ? { scaler: optim.gradScaler({ initScale: 1024 }) } : {});
  });
}

const rows = 64, x = Float32Array.from({ length: rows * 8 }, (_, i) => Math.sin(i * i + 1)), label = Int32Array.from({ length: rows }, (_, i) => Number(x[8 * i] > 0) + 2 * Number(x[8 * i + 1] > x[8 * i + 2]));

async function trained(target: TestTarget, model: Model, steps = 60): Promise<{ first: number; last: number }> {
  const loaded = await compiledOn(target, model, { seed: 1 });
  let first = NaN, last = NaN;
  for (let i = 0; i < steps; i++) {
    last = (await loaded.functions.train({ x, label })).loss.item();
    if (i === 0) first = last;
  }
  return { first, last };
}

describe("training in mixed precision", () => {
  for (const target of targets)
    test.skipIf(target.why)(`on ${target.name}: halves reach the loss of f32`, async () => {
      const exact = await trained(target, classifier("f32"));
      expect(exact.last).toBeLessThan(exact.first / 3);
      // f16 has 11 digits and bf16 8: losses agree to a few units of these, of losses about 1; weights in halves lose the digits of small steps
      for (const [precision, near] of [["f16", 0.01], ["bf16", 0.03], ["all f16", 0.03], ["all bf16", 0.1]] as const) {
        const half = await trained(target, classifier(precision));
        expect(Math.abs(half.first - exact.first), `${precision}: first loss ${half.first}, not ${exact.first}`).toBeLessThan(near);
        expect(Math.abs(half.last - exact.last), `${precision}: last loss ${half.last}, not ${exact.last}`).toBeLessThan(near);
      }
    });

  const optimizers = {
    sgd: () => optim.sgd({ lr: 0.1, momentum: 0.9 }), adam: () => optim.adam(), adamw: () => optim.adamw(), rmsprop: () => optim.rmsprop(), adagrad: () => optim.adagrad(), adadelta: () => optim.adadelta(),
    adamax: () => optim.adamax(), nadam: () => optim.nadam(), radam: () => optim.radam(), lion: () => optim.lion(), rprop: () => optim.rprop(), asgd: () => optim.asgd(), adafactor: () => optim.adafactor(),
    average: () => optim.average(optim.adam(), { decay: 0.9 }),
  } satisfies Record<string, () => Optimizer>;

  for (const [name, optimizer] of Object.entries(optimizers))
    test(`${name}: a step whose gradients overflow changes nothing but the scale`, async () => {
      const model = await compiledOn(targets[0], defineModel("m", (m) => {
        const w = m.param("w", [4, 4]);
        m.trainStep("train", { x: f32(2, 4) }, ({ x }) => autocast("f16", () => x.matmul(w)).square().mean(), optimizer(), { scaler: optim.gradScaler({ initScale: 8, growthInterval: 2 }), clip: optim.clipGradValue(1) });
      }), { seed: 3 });
      const state = async (): Promise<Record<string, unknown>> => Object.fromEntries([...readSafetensors(await model.save())].map(([key, t]) => [key, t.toNested()]));
      const small = new Float32Array(8).fill(0.5), large = new Float32Array(8).fill(60000);
      await model.functions.train({ x: small });
      const before = await state();
      expect([before["scaler.scale"], before["scaler.growth_tracker"]]).toEqual([8, 1]);
      for (const [i, scale] of [4, 2].entries()) {
        await model.functions.train({ x: large });
        expect(await state(), `overflow ${i}`).toEqual({ ...before, "scaler.scale": scale, "scaler.growth_tracker": 0 });
      }
      await model.functions.train({ x: new Float32Array(8).fill(NaN) });
      expect(await state()).toEqual({ ...before, "scaler.scale": 1, "scaler.growth_tracker": 0 });
      // two steps without an overflow, and the scale grows
      await model.functions.train({ x: small });
      await model.functions.train({ x: small });
      const after = await state();
      expect([after["scaler.scale"], after["scaler.growth_tracker"]]).toEqual([2, 0]);
      expect(after.w).not.toEqual(before.w);
    });

  test("scaling changes no gradient that fits: the steps are those without it", async () => {
    const of = (scaled: boolean): Model => defineModel("m", (m) => {
      const w = m.param("w", [8, 4]);
      m.trainStep("train", { x: f32("B", 8) }, ({ x }) => x.matmul(w).tanh().mean(), optim.adam({ lr: 0.1 }), { ...(scaled && { scaler: optim.gradScaler({ growthInterval: 3 }) }), accumulate: 2, clip: optim.clipGradNorm(0.1) });
    });
    const [plain, scaled] = await Promise.all([of(false), of(true)].map((m) => compiledOn(targets[1], m, { seed: 5 })));
    for (let i = 0; i < 8; i++) {
      const rows = { x: x.slice(0, 2 * 16 * 8 / 2) };
      const given = { x: { dtype: "f32" as const, shape: [2, 8, 8], data: rows.x } };
      expect((await scaled.functions.train(given)).loss.item()).toBe((await plain.functions.train(given)).loss.item());
    }
    expect((await scaled.read("w")).toNested()).toEqual((await plain.read("w")).toNested());
    expect((await scaled.read("scaler.scale")).item()).toBe(65536 * 4);
  });

  test("what a network keeps for its backward pass takes half the memory", () => {
    const of = (dtype: "f32" | "f16"): number => {
      const model = defineModel("deep", { dtype }, (m) => {
        const layers = Array.from({ length: 6 }, (_, i) => m.use(`fc${i}`, nn.linear(256, 256)) as (x: Tensor) => Tensor);
        m.trainStep("train", { x: (dtype === "f16" ? f16 : f32)(1024, 256) }, ({ x }) => layers.reduce((y, layer) => layer(y).tanh(), x as Tensor).square().mean(), optim.sgd({ lr: 0.1 }));
      });
      return arenaBytes(model);
    };
    const [single, half] = [of("f32"), of("f16")];
    expect(half / single).toBeLessThan(0.52);
  });
});

/** Bytes of the arena of a model's training step, without symbols, on wasm. */
function arenaBytes(model: Model): number {
  const program = compile(model, { target: "wasm" }).programs.find((p) => p.name === "train")!;
  return program.slots.reduce((sum, s) => sum + Math.max(...s.bytes.map(Number)), 0);
}
