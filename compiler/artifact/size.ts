import { gzipSync } from "node:zlib";
import type { CompiledModel } from "./compiled.ts";
import { bundled } from "./files.ts";
import { modelSpec } from "./manifest.ts";
import { kernelsOf, type Layout } from "./module.ts";
import { generatorName } from "./version.ts";

export interface ArtifactSize {
  /** Of the model's code: its JavaScript, runtime included, minified in one module, and its WebAssembly. Without weights. */
  readonly bytes: number;
  /** The same, gzipped: what goes over the wire. */
  readonly gzipBytes: number;
}

/** What a model adds to an application, weights aside. */
export async function artifactSize(compiled: CompiledModel): Promise<ArtifactSize> {
  const { wasm, ...kernels } = await kernelsOf(compiled);
  // WebAssembly is a file of its own, as in base64 it is larger
  const layout: Layout = { single: true, weights: undefined, kernels: { ...kernels, ...(wasm && { wasm: { ...wasm, code: new Uint8Array() } }) } };
  const text = await bundled(modelSpec(compiled, kernels.build, null), generatorName(), layout, true);
  const files = [Buffer.from(text), ...(wasm ? [wasm.code] : [])];
  const total = (size: (file: Uint8Array) => number): number => files.reduce((sum, file) => sum + size(file), 0);
  return { bytes: total((f) => f.length), gzipBytes: total((f) => gzipSync(f, { level: 9 }).length) };
}
