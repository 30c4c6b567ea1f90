import type { ModelSpec } from "../../runtime/index.ts";
import { bundleModules, minifyModule, runtimeModule, runtimeTypes } from "./bundle.ts";
import type { CompiledModel } from "./compiled.ts";
import { declarations, importTypes } from "./declarations.ts";
import { manifestOf, modelSpec } from "./manifest.ts";
import { mainModule, kernelsOf, runtimeImports, sha256, type Layout } from "./module.ts";
import { generatorName } from "./version.ts";
import { initialWeights } from "./weights.ts";

export interface ArtifactOptions {
  /** One dependency-free module, with runtime, kernels and initial values in it. Default false. */
  readonly standalone?: boolean;
  /** Minifies the JavaScript. Default false: the kernels are to be read. */
  readonly minify?: boolean;
  /** Values for variables (a safetensors file) that the artifact starts from. */
  readonly weights?: Uint8Array;
  /** Files to write beside the artifact's own and to list in its manifest, by name. */
  readonly extraFiles?: Readonly<Record<string, string | Uint8Array>>;
}

/** The files of an artifact, by name; `manifest.json` among them. */
export async function artifactFiles(compiled: CompiledModel, options: ArtifactOptions = {}): Promise<Map<string, string | Uint8Array>> {
  const { standalone = false, minify = false } = options;
  const { name } = compiled.model;
  const generator = generatorName();
  const kernels = await kernelsOf(compiled);
  const weights = initialWeights(compiled, options.weights);
  const weightsFile = `${name}.safetensors`;
  const spec = modelSpec(compiled, kernels.build, weights ? { file: weightsFile, sha256: sha256(weights) } : null);

  const layout: Layout = { single: standalone, weights, kernels };

  const files = new Map<string, string | Uint8Array>();
  if (standalone) {
    files.set(`${name}.js`, await bundled(spec, generator, layout, minify));
    files.set(`${name}.d.ts`, declarations(spec, generator, runtimeTypes()));
  } else {
    const finish = minify ? minifyModule : async (text: string) => text;
    files.set(`${name}.js`, await finish(mainModule(spec, generator, layout)));
    if (kernels.wgsl !== undefined) files.set(`${name}.wgsl.js`, await finish(minify ? kernels.wgsl.replace(/\n +/g, "\n") : kernels.wgsl));
    if (kernels.js !== undefined) files.set(`${name}.kernels.js`, await finish(kernels.js));
    if (kernels.wasm) {
      files.set(`${name}.wasm.js`, await finish(kernels.wasm.glue));
      files.set(`${name}.wasm`, kernels.wasm.code);
      files.set(`${name}.wat`, kernels.wasm.text);
    }
    files.set("runtime.js", await finish(await runtimeModule(runtimeImports(spec, layout))));
    files.set(`${name}.d.ts`, declarations(spec, generator, importTypes(spec)));
    files.set("runtime.d.ts", runtimeTypes());
    if (weights) files.set(weightsFile, weights);
  }
  for (const [file, content] of Object.entries(options.extraFiles ?? {})) files.set(file, content);
  const listed = Object.fromEntries([...files].map(([file, content]) => [file, { bytes: Buffer.byteLength(content), sha256: sha256(content) }]));
  files.set("manifest.json", `${JSON.stringify(manifestOf(spec, compiled.programs, generator, listed), null, 2)}\n`);
  return files;
}

/** The modules of an artifact as one. */
export async function bundled(spec: ModelSpec, generator: string, layout: Layout, minify: boolean): Promise<string> {
  const entry = `${spec.name}.js`, { js, wasm, wgsl } = layout.kernels;
  return bundleModules(entry, {
    [entry]: mainModule(spec, generator, layout),
    ...(wgsl !== undefined && { [`${spec.name}.wgsl.js`]: wgsl }),
    ...(js !== undefined && { [`${spec.name}.kernels.js`]: js }),
    ...(wasm && { [`${spec.name}.wasm.js`]: wasm.glue }),
    "runtime.js": await runtimeModule(runtimeImports(spec, layout)),
  }, minify);
}
