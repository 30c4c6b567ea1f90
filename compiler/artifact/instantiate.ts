import type { Artifact, DeviceMaker, GpuDeviceLike, GpuMaker, GpuModel, JavaScriptKernels, LoadedModel, LoadOptions, WasmKernels, WebGpuKernels } from "../../runtime/index.ts";
import { commonJs, runtimeModule } from "./bundle.ts";
import type { CompiledModel } from "./compiled.ts";
import { modelSpec } from "./manifest.ts";
import { kernelsOf, sha256 } from "./module.ts";
import { initialWeights } from "./weights.ts";

/** What `runtime.js` exports. */
interface RuntimeModule {
  halves(): void;
  createLoader(artifact: Artifact): (options?: LoadOptions) => Promise<LoadedModel | GpuModel>;
  webGpu(kernels: () => Promise<WebGpuKernels>): GpuMaker;
  webAssembly(kernels: () => Promise<WasmKernels>, code: () => Uint8Array): DeviceMaker;
  javascript(kernels: () => Promise<JavaScriptKernels>): DeviceMaker;
}

/** Imports the text of a module. Nothing is written; the text may import nothing. */
const importText = (text: string): Promise<unknown> => import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`);

/** The exports of a model's module. A module that is imported stays for good; a function goes with the model that uses it. */
async function evaluateText(text: string): Promise<unknown> {
  const module = { exports: {} };
  new Function("module", "exports", `"use strict";${await commonJs(text)}`)(module, module.exports);
  return module.exports;
}

let runtime: Promise<RuntimeModule> | undefined;

export type InstantiateOptions = LoadOptions & { readonly initialWeights?: Uint8Array };

/**
 * Loads a compiled model into this process: the kernels as they are printed, run by the runtime as it ships. Takes the
 * options of an artifact's `load`, and rejects as it does.
 */
export async function instantiate(compiled: CompiledModel, options: InstantiateOptions & { readonly device: "webgpu" | GpuDeviceLike }): Promise<GpuModel>;
export async function instantiate(compiled: CompiledModel, options?: InstantiateOptions): Promise<LoadedModel>;
export async function instantiate(compiled: CompiledModel, options: InstantiateOptions = {}): Promise<LoadedModel | GpuModel> {
  const { initialWeights: given, ...loadOptions } = options;
  const { build, js, wasm, wgsl } = await kernelsOf(compiled);
  const weights = initialWeights(compiled, given);
  const spec = modelSpec(compiled, build, weights ? { file: `${compiled.model.name}.safetensors`, sha256: sha256(weights) } : null);
  runtime ??= runtimeModule(["createLoader", "halves", "webGpu", "webAssembly", "javascript"]).then(importText) as Promise<RuntimeModule>;
  const { createLoader, halves, webGpu, webAssembly, javascript } = await runtime;
  const devices = {
    ...(wgsl !== undefined && { webgpu: webGpu(() => evaluateText(wgsl) as Promise<WebGpuKernels>) }),
    ...(wasm && { wasm: webAssembly(() => evaluateText(wasm.glue) as Promise<WasmKernels>, () => wasm.code) }),
    ...(js !== undefined && { js: javascript(() => evaluateText(js) as Promise<JavaScriptKernels>) }),
  };
  return createLoader({ spec, halves, devices, ...(weights && { weights: async () => weights }) })(loadOptions);
}
