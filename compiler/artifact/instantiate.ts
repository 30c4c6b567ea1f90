import type { Artifact, LoadedModel, LoadOptions } from "../../runtime/index.ts";
import { runtimeModule } from "./bundle.ts";
import type { CompiledModel } from "./compiled.ts";
import { modelSpec } from "./manifest.ts";
import { kernelsModule, sha256 } from "./module.ts";
import { initialWeights } from "./weights.ts";

/** What `runtime.js` exports. */
interface RuntimeModule {
  createLoader(artifact: Artifact): (options?: LoadOptions) => Promise<LoadedModel>;
}

/** Imports the text of a module. Nothing is written; the text may import nothing. */
const importText = (text: string): Promise<unknown> => import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`);

let runtime: Promise<RuntimeModule> | undefined;

/**
 * Loads a compiled model into this process: the kernels as they are printed, run by the runtime as it ships. Takes the
 * options of an artifact's `load`, and rejects as it does.
 */
export async function instantiate(compiled: CompiledModel, options: LoadOptions & { readonly initialWeights?: Uint8Array } = {}): Promise<LoadedModel> {
  const { initialWeights: given, ...loadOptions } = options;
  const kernels = kernelsModule(compiled);
  const weights = initialWeights(compiled, given);
  const spec = modelSpec(compiled, kernels.build, weights ? { file: `${compiled.model.name}.safetensors`, sha256: sha256(weights) } : null);
  runtime ??= runtimeModule(["createLoader"]).then(importText) as Promise<RuntimeModule>;
  const [{ createLoader }, { functions, build }] = await Promise.all([runtime, importText(kernels.text) as Promise<Pick<Artifact, "functions" | "build">>]);
  return createLoader({ spec, functions, build, ...(weights && { weights: async () => weights }) })(loadOptions);
}
