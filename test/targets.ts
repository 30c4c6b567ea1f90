import { instantiate } from "../compiler/artifact/index.ts";
import { compile } from "../compiler/pipeline.ts";
import type { Model } from "../ir/graph/index.ts";
import type { GpuModel, LoadedModel, LoadOptions } from "../runtime/index.ts";
import { sharedGpu, whyNoGpu } from "./webgpu/gpu.ts";

/** A target that a test runs on. */
export interface TestTarget {
  readonly name: "js" | "wasm" | "webgpu";
  /** Why it cannot be run on here. */
  readonly why: string | undefined;
}

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): nothing is tested on one !!!\n`);

/** Every target. */
export const targets: readonly TestTarget[] = [{ name: "js", why: undefined }, { name: "wasm", why: undefined }, { name: "webgpu", why }];

/** A model, compiled for a target and loaded. What all targets have: `functions`, and variables that are read later. */
export async function compiledOn({ name }: TestTarget, model: Model, options: LoadOptions = {}): Promise<LoadedModel | GpuModel> {
  const compiled = compile(model, { target: name });
  return name === "webgpu" ? instantiate(compiled, { ...options, device: await sharedGpu() }) : instantiate(compiled, options);
}
