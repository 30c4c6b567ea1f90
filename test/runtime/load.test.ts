import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { writeSafetensors } from "../../runtime/index.ts";
import { readWeights } from "../../runtime/artifact.ts";
import { kernels, onJavaScript, loadTiny, specOf, tiny } from "./artifacts.ts";

test("device: auto says what it took; others are errors that say which there are", async () => {
  expect((await loadTiny()).device).toBe("js");
  expect((await loadTiny({ device: "js" })).device).toBe("js");
  await expect(loadTiny({ device: "webgpu" })).rejects.toThrow('device "webgpu" is not available: this artifact was built for: js');
  await expect(loadTiny({ device: "webgp" })).rejects.toThrow('there is no device "webgp"; did you mean "webgpu"?');
  await expect(loadTiny({ devise: "js" })).rejects.toThrow('load has no option "devise"; did you mean "device"?');
});

test("a newer, older or foreign format, and kernels of another build, are refused", async () => {
  const { spec } = tiny();
  await expect(loadTiny({}, { spec: { ...spec, version: 2 } })).rejects.toThrow("the artifact tiny has format version 2, and this runtime reads version 1: it was built by a newer chainrule");
  await expect(loadTiny({}, { spec: { ...spec, version: 0 } })).rejects.toThrow("build it again");
  await expect(loadTiny({}, { spec: { ...spec, format: "other" } })).rejects.toThrow("the artifact tiny is damaged: it is no chainrule artifact");
  await expect(loadTiny({}, { devices: onJavaScript(kernels, "b2") })).rejects.toThrow("tiny.js and tiny.kernels.js are of different builds");
});

test("initial values come from the file of the artifact, which must be the one that was built", async () => {
  const file = writeSafetensors({ "w.scale": { dtype: "f32", shape: [2], data: Float32Array.of(7, 8) } }, {});
  const weights = { file: "tiny.safetensors", sha256: createHash("sha256").update(file).digest("hex") };
  const spec = { ...tiny().spec, weights };
  const model = await loadTiny({}, { spec, weights: () => readWeights(file, spec) });
  expect(model.read("w.scale").toNested()).toEqual([7, 8]);
  model.write("w.scale", [0, 0]);
  model.reset();
  expect(model.read("w.scale").toNested()).toEqual([7, 8]);
  const damaged = file.slice();
  damaged[damaged.length - 1] ^= 1;
  await expect(loadTiny({}, { spec, weights: () => readWeights(damaged, spec) })).rejects.toThrow("tiny.safetensors of tiny is damaged, or of another build");
});

test("a model without variables and init loads", async () => {
  expect((await loadTiny({}, { spec: specOf(), devices: onJavaScript({}) })).variables).toEqual([]);
});
