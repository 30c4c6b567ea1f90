import { gzipSync } from "node:zlib";
import type { CompiledModel } from "./compiled.ts";
import { standaloneModule } from "./files.ts";
import { modelSpec } from "./manifest.ts";
import { kernelsModule } from "./module.ts";
import { generatorName } from "./version.ts";

export interface ArtifactSize {
  /** Of the model's JavaScript, runtime included, minified in one module, without weights. */
  readonly bytes: number;
  /** The same, gzipped: what goes over the wire. */
  readonly gzipBytes: number;
}

/** What a model adds to an application, weights aside. */
export async function artifactSize(compiled: CompiledModel): Promise<ArtifactSize> {
  const kernels = kernelsModule(compiled);
  const text = await standaloneModule(modelSpec(compiled, kernels.build, null), kernels.text, generatorName(), undefined, true);
  return { bytes: Buffer.byteLength(text), gzipBytes: gzipSync(text, { level: 9 }).length };
}
