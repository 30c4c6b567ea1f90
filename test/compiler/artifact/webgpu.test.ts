import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { defineModel, f32, i32, losses, nn, optim } from "chainrule";
import type { GpuModel, LoadedModel, LoadOptions } from "chainrule/runtime";
import { writeArtifact } from "../../../compiler/artifact/index.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { startGpu, whyNoGpu } from "../../webgpu/gpu.ts";
import { typeErrors } from "../../tsc.ts";

/** An artifact with shaders beside its other kernels, on disk. */
const folder = mkdtempSync(join(tmpdir(), "chainrule-wgsl-"));
afterAll(() => { rmSync(folder, { recursive: true }); });

const model = defineModel("net", (m) => {
  const fc = m.use("fc", nn.linear(4, 3));
  m.fn("predict", { x: f32("B", 4) }, ({ x }) => ({ y: fc(x) }));
  m.trainStep("train", { x: f32("B", 4), label: i32("B") }, ({ x, label }) => losses.crossEntropy(fc(x), label), optim.sgd({ lr: 0.1 }));
});
type Load = (options?: LoadOptions) => Promise<LoadedModel | GpuModel>;
const loadFrom = async (name: string): Promise<Load> => (await import(pathToFileURL(join(folder, name, "net.js")).href) as { load: Load }).load;

test("the best device is taken: webgpu, then wasm, and a word where it is not the best", async () => {
  const files = await writeArtifact(compile(model, { target: "all" }), join(folder, "all"));
  expect(files).toEqual(expect.arrayContaining(["net.wgsl.js", "net.wasm", "net.kernels.js"]));
  const load = await loadFrom("all"), warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect((await load()).device).toBe("wasm");
  expect(warn).toHaveBeenCalledExactlyOnceWith("net runs on wasm (not on webgpu: this engine has no WebGPU)");
  await expect(load({ device: "webgpu" })).rejects.toThrow("net cannot run here: webgpu: this engine has no WebGPU");
  warn.mockRestore();
});

test("with a GPU it is chosen, and computes what wasm does", async ({ skip }) => {
  const why = await whyNoGpu();
  if (why) skip(why);
  await startGpu();
  const load = await loadFrom("all");
  const gpu = await load({ seed: 5 }), cpu = await load({ seed: 5, device: "wasm" });
  expect(gpu.device).toBe("webgpu");
  const x = Float32Array.from({ length: 8 }, (_, i) => i / 8), label = Int32Array.of(0, 2);
  for (let i = 0; i < 3; i++) expect((await gpu.functions.train({ x, label })).loss.item()).toBeCloseTo((await cpu.functions.train({ x, label })).loss.item(), 5);
  if ("destroy" in gpu) gpu.destroy();
  // a GPU that the model does not fit is not taken, and why is said
  const adapter = (await navigator.gpu.requestAdapter())!, device = await adapter.requestDevice();
  const limits = new Proxy(device.limits, { get: (_, key: keyof GPUSupportedLimits) => (key === "maxBufferSize" ? 32 : device.limits[key]) });
  const small = new Proxy(device, {
    get(_, key: keyof GPUDevice) {
      const own: unknown = device[key];
      return key === "limits" ? limits : typeof own === "function" ? own.bind(device) as unknown : own;
    },
  });
  const request = vi.spyOn(navigator.gpu, "requestAdapter").mockResolvedValue({ limits: adapter.limits, features: adapter.features, info: adapter.info, requestDevice: () => Promise.resolve(small) } as unknown as GPUAdapter);
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect((await load()).device).toBe("wasm");
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^net runs on wasm \(not on webgpu: fc\.weight takes .*, and this device allows .*\)$/));
  expect((await device.lost).reason).toBe("destroyed");
  request.mockRestore();
  warn.mockRestore();
});

test("one file with everything in it; shaders alone", async ({ skip }) => {
  const why = await whyNoGpu();
  if (why) skip(why);
  expect(await writeArtifact(compile(model, { target: "webgpu" }), join(folder, "one"), { standalone: true, minify: true })).toEqual(expect.not.arrayContaining(["net.wgsl.js"]));
  const loaded = await (await loadFrom("one"))();
  expect(loaded.device).toBe("webgpu");
  expect((await loaded.functions.predict({ x: new Float32Array(4) })).y.shape).toEqual([1, 3]);
  if ("destroy" in loaded) loaded.destroy();
});

test("its types say by the device whether reading is a promise", async () => {
  await writeArtifact(compile(model, { target: "all" }), join(folder, "types"));
  const file = join(folder, "types", "use.ts");
  writeFileSync(file, `
    import { load } from "./net.js";
    const gpu = await load({ device: "webgpu" });
    const weight: Promise<{ data: Float32Array }> = gpu.read("fc.weight");
    const loss: number = (await gpu.train({ x: [[1, 2, 3, 4]], label: [1] })).loss.item();
    const buffer: unknown = (await gpu.queue.predict({ x: [[1, 2, 3, 4]] })).y.buffer;
    const cpu = await load({ device: "wasm" });
    const data: Float32Array = cpu.read("fc.weight").data;
    const either = await load();
    const save: Uint8Array = await either.save();
    // @ts-expect-error it may be on a GPU
    either.read("fc.weight").data;
    export { weight, loss, buffer, data, save };
  `);
  writeFileSync(join(folder, "types", "tsconfig.json"), JSON.stringify({
    compilerOptions: { target: "ES2023", module: "NodeNext", moduleResolution: "NodeNext", lib: ["ES2023", "DOM"], types: [], strict: true, noEmit: true, skipLibCheck: false }, include: ["use.ts"],
  }));
  writeFileSync(join(folder, "types", "package.json"), JSON.stringify({ type: "module" }));
  expect(await typeErrors(join(folder, "types"))).toBe("");
}, 60_000);
