import { gzipSync } from "node:zlib";
import type { ModelSpec } from "../../runtime/index.ts";
import { devicesOf, type CompiledModel, type Target } from "./compiled.ts";
import { bundled } from "./files.ts";
import { modelSpec } from "./manifest.ts";
import { kernelsOf, type Kernels, type Layout } from "./module.ts";
import { generatorName } from "./version.ts";

export interface ArtifactSize {
  /** Of the model's code: its JavaScript, runtime included, minified in one module, and its WebAssembly. Without weights. */
  readonly bytes: number;
  /** The same, gzipped: what goes over the wire, if all of it does. */
  readonly gzipBytes: number;
  /** What a page loads, gzipped, on each device that the model was compiled for: the kernels of the others stay where they are. */
  readonly loadedBytes: Readonly<Partial<Record<Target, number>>>;
}

/** What a model adds to an application, weights aside. */
export async function artifactSize(compiled: CompiledModel): Promise<ArtifactSize> {
  const kernels = await kernelsOf(compiled), spec = modelSpec(compiled, kernels.build, null), devices = devicesOf(compiled);
  const all = await filesOf(spec, kernels);
  const loaded = devices.map(async (device) => [device, gzipSize(devices.length === 1 ? all : await filesOf(spec, loadedOn(device, kernels)))] as const);
  return { bytes: sum(all.map((f) => f.length)), gzipBytes: gzipSize(all), loadedBytes: Object.fromEntries(await Promise.all(loaded)) };
}

/** The JavaScript of an artifact, minified in one module, and its WebAssembly: a file of its own, as in base64 it is larger. */
async function filesOf(spec: ModelSpec, { wasm, ...kernels }: Kernels): Promise<readonly Uint8Array[]> {
  const layout: Layout = { single: true, weights: undefined, kernels: { ...kernels, ...(wasm && { wasm: { ...wasm, code: new Uint8Array() } }) } };
  return [Buffer.from(await bundled(spec, generatorName(), layout, true)), ...(wasm && wasm.code.length > 0 ? [wasm.code] : [])];
}

/** The kernels without those that are only loaded on another device. */
const loadedOn = (device: Target, { build, js, wasm, wgsl }: Kernels): Kernels => ({
  build,
  ...(js !== undefined && { js: device === "js" || !wasm ? js : "" }),
  ...(wasm && { wasm: { ...wasm, code: device === "wasm" ? wasm.code : new Uint8Array() } }),
  ...(wgsl !== undefined && { wgsl: device === "webgpu" ? wgsl : "" }),
});

const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
const gzipSize = (files: readonly Uint8Array[]): number => sum(files.map((f) => gzipSync(f, { level: 9 }).length));
