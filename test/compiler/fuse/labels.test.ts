import { describe, expect, test } from "vitest";
import { defineModel, f32, grad, i32, losses, nn, optim, u8, type Tensor } from "chainrule";
import type { GpuModel, Inputs, LoadedModel } from "chainrule/runtime";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile, compileFunction } from "../../../compiler/pipeline.ts";
import { variablesAtRisk } from "../../../compiler/plan/risk.ts";
import { faultsOf } from "../../../compiler/codegen/wgsl/faults.ts";
import type { Model } from "../../../ir/graph/index.ts";
import { sharedGpu } from "../../webgpu/gpu.ts";
import { targets } from "../../targets.ts";

/** Labels that are to be classes: a loss checks each once, before any variable has changed. */

/** Batch norm has statistics that a step writes on its way to the loss. */
const classifier = defineModel("net", (m) => {
  const net = m.use("net", nn.sequential(nn.linear(6, 16), nn.batchNorm1d(16), nn.relu(), nn.linear(16, 10)));
  m.trainStep("train", { x: f32("B", 6), label: i32("B") }, ({ x, label }) => losses.crossEntropy(net(x), label), optim.adam({ lr: 1e-2 }));
});

/** Other losses of classes, and other shapes of labels; each with what is no class beside it. */
const others = defineModel("others", (m) => {
  const scores = { x: f32("B", 5) };
  m.fn("pixels", { x: f32("B", 5, 8, 9), label: i32("B", 8, 9) }, ({ x, label }) => {
    const loss = losses.crossEntropy(x, label);
    return { loss, gradient: grad(loss, x) };
  });
  m.fn("slope", { ...scores, label: i32("B") }, ({ x, label }) => ({ gradient: grad(losses.crossEntropy(x, label, { weight: x.sum(0).exp() }), x) }));
  m.fn("bytes", { ...scores, label: u8("B") }, ({ x, label }) => ({ loss: losses.nll(x, label, { ignoreIndex: 255, reduction: "none" }) }));
  m.fn("first", { ...scores, label: i32("B") }, ({ x, label }) => ({ loss: losses.nll(x, label, { ignoreIndex: 0 }) }));
  m.fn("margin", { ...scores, label: i32("B") }, ({ x, label }) => ({ loss: losses.multiMargin(x, label) }));
  m.fn("several", { ...scores, label: i32("B", 5) }, ({ x, label }) => ({ loss: losses.multilabelMargin(x, label) }));
  m.fn("parts", { ...scores, part: f32("B", 5) }, ({ x, part }) => ({ loss: losses.crossEntropy(x, part) }));
});

const noise = (size: number): Float32Array<ArrayBuffer> => Float32Array.from({ length: size }, (_, i) => Math.sin(i * i));
const labels = (size: number, bad?: readonly [at: number, label: number]): Int32Array<ArrayBuffer> => Int32Array.from({ length: size }, (_, i) => (i === bad?.[0] ? bad[1] : i % 5));

const devices = [...targets, { name: "wasm", why: undefined, threads: 2 }] as const;

describe.each(devices.map((device) => ({ ...device, toString: () => [device.name, "threads" in device && `${device.threads} threads`].filter(Boolean).join(", ") })))("on %s", (device) => {
  const load = async (model: Model, count = 1): Promise<(LoadedModel | GpuModel)[]> => {
    const compiled = compile(model, { target: device.name, grain: 1 }), gpu = device.name === "webgpu" ? await sharedGpu() : undefined;
    return Promise.all(Array.from({ length: count }, () => instantiate(compiled, { seed: 2, ...(gpu && { device: gpu }), ...("threads" in device && { threads: device.threads }) })));
  };

  test.skipIf(device.why)("a step with a label that is no class says which and where, and changes nothing", async () => {
    const [model, other] = await load(classifier, 2), x = noise(8 * 6);
    for (const m of [model, other]) await m.functions.train({ x, label: labels(8) });
    const before = await model.save();
    for (const bad of [10, -1, -99, 2 ** 31 - 1]) for (const at of [0, 7])
      await expect(model.functions.train({ x, label: labels(8, [at, bad]) })).rejects.toThrow(new RegExp(`^net\\.train: label \\(.*labels\\.test\\.ts:17\\): index ${bad} is out of range for size 10$`));
    expect(await model.save()).toEqual(before);
    for (const m of [model, other]) await m.functions.train({ x, label: labels(8, [3, -100]) }); // one that is ignored
    expect(await model.save()).toEqual(await other.save());
  });

  test.skipIf(device.why)("every loss of classes, and a gradient alone", async () => {
    const [model] = await load(others), x = noise(5 * 6);
    const fails = (name: string, inputs: Inputs, index: number) => expect(model.functions[name](inputs), `${name} ${index}`).rejects.toThrow(`index ${index} is out of range for size 5`);
    const pixels = { x: noise(2 * 5 * 72), label: labels(144, [100, -100]) };
    expect((await model.functions.pixels(pixels)).loss.item()).toBeGreaterThan(0);
    for (const at of [0, 71, 143]) await fails("pixels", { ...pixels, label: labels(144, [at, 5]) }, 5);
    for (const name of ["slope", "first", "margin"]) {
      expect((await model.functions[name]({ x, label: labels(6) }))[name === "slope" ? "gradient" : "loss"].toFloat32().every(Number.isFinite)).toBe(true);
      for (const bad of [5, -1]) await fails(name, { x, label: labels(6, [4, bad]) }, bad);
    }
    const bytes = Uint8Array.of(0, 4, 255, 3, 2, 1);
    expect([...(await model.functions.bytes({ x, label: bytes })).loss.toFloat32()]).toEqual([...bytes].map((c, i) => (c === 255 ? 0 : -x[5 * i + c])));
    await fails("bytes", { x, label: bytes.map((c) => (c === 255 ? 254 : c)) }, 254);
    const several = Int32Array.from({ length: 30 }, (_, i) => [3, 0, -1, 99, 99][i % 5]); // what is behind the end is not looked at
    expect((await model.functions.several({ x, label: several })).loss.item()).toBeGreaterThan(0);
    await fails("several", { x, label: several.with(26, 5) }, 5);
    expect((await model.functions.parts({ x, part: noise(30).fill(NaN, 3, 4) })).loss.item()).toBeNaN();
  });
});

test.each(["js", "wasm", "webgpu"] as const)("on %s a label is checked once a row, and nothing is put aside for it", (target) => {
  const loss = compileFunction(defineModel("loss", (m) => {
    m.fn("f", { x: f32("B", 10), label: i32("B") }, ({ x, label }) => {
      const loss: Tensor = losses.crossEntropy(x, label);
      return { loss, gradient: grad(loss, x) };
    });
  }).functions[0], target).plan;
  expect(loss.kernels).toHaveLength(1);
  // in vectors, and once more for the rows that are left
  expect(JSON.stringify(loss.kernels[0].body).split('"note"')).toHaveLength(target === "wasm" ? 3 : 2);
  const { plan } = compileFunction(classifier.functions[0], target);
  expect(target === "webgpu" ? faultsOf(plan).restore : variablesAtRisk(plan)).toEqual([]);
});
