import { createHash } from "node:crypto";
import { isHalf } from "../../ir/types/index.ts";
import type { ModelSpec } from "../../runtime/index.ts";
import { printJs } from "../codegen/js/index.ts";
import { assemble, printGlue, printWat } from "../codegen/wat/index.ts";
import { printWgsl } from "../codegen/wgsl/index.ts";
import type { CompiledModel } from "./compiled.ts";

export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** The kernels of a model, for each device it was compiled for, and the name of their build: what tells them from any other. */
export interface Kernels {
  readonly build: string;
  /** `<name>.kernels.js`. */
  readonly js?: string;
  readonly wasm?: WasmFiles;
  /** `<name>.wgsl.js`. */
  readonly wgsl?: string;
}

export interface WasmFiles {
  /** `<name>.wasm.js`: what the module has where, and what it takes from outside. */
  readonly glue: string;
  /** `<name>.wasm`. */
  readonly code: Uint8Array;
  /** `<name>.wat`: the same to read. */
  readonly text: string;
}

const printed = new WeakMap<CompiledModel, Promise<Kernels>>();

/** Prints the kernels, and assembles what is WebAssembly: once for a model, as its report and its files both ask. */
export function kernelsOf(compiled: CompiledModel): Promise<Kernels> {
  const kernels = printed.get(compiled) ?? printKernels(compiled);
  printed.set(compiled, kernels);
  return kernels;
}

async function printKernels({ programs, model, target, fallback, gpu, grain }: CompiledModel): Promise<Kernels> {
  const scripts = target === "js" ? programs : fallback;
  const js = scripts && printJs(scripts, model);
  const wat = target === "wasm" ? printWat(programs, model, { grain }) : undefined;
  const assembled = wat && await assemble(wat.text);
  const wasm = assembled && { glue: printGlue(wat, model, assembled.fused), code: assembled.code, text: wat.text };
  const shaders = target === "webgpu" ? programs : gpu;
  const wgsl = shaders && printWgsl(shaders, model);
  const build = sha256([js ?? "", wasm ? wasm.glue + wasm.text : "", wgsl ?? ""].join("")).slice(0, 16);
  const stamped = (text: string): string => `${text}\n/** Which build this is: the module beside must be of the same. */\nexport const build = "${build}";\n`;
  return { build, ...(js !== undefined && { js: stamped(js) }), ...(wasm && { wasm: { ...wasm, glue: stamped(wasm.glue) } }), ...(wgsl !== undefined && { wgsl: stamped(wgsl) }) };
}

/** How the modules of an artifact are laid out: several files side by side, or one with everything in it. */
export interface Layout {
  readonly single: boolean;
  /** The safetensors file with initial values, where there are any. */
  readonly weights: Uint8Array | undefined;
  readonly kernels: Kernels;
}

/** Whether a caller can meet a float of 16 bits: in an input, an output or a variable. */
function hasHalves({ variables, functions }: ModelSpec): boolean {
  return [...variables, ...Object.values(functions).flatMap((f) => [...f.inputs, ...f.outputs])].some((v) => isHalf(v.dtype));
}

/** What a generated module takes of the runtime: what it does not need, it does not ship. */
export function runtimeImports(spec: ModelSpec, { single, weights, kernels }: Layout): string[] {
  return ["createLoader", ...(hasHalves(spec) ? ["halves"] : []), ...(kernels.wgsl !== undefined ? ["webGpu"] : []), ...(kernels.wasm ? ["webAssembly"] : []), ...(kernels.js !== undefined ? ["javascript"] : []), ...(single ? [] : ["verifyFiles", ...(weights ? ["readWeights"] : [])])];
}

/** `<name>.js`: what a program imports. */
export function mainModule(spec: ModelSpec, generator: string, layout: Layout): string {
  const { name } = spec, { wasm, js, wgsl } = layout.kernels;
  const imports = runtimeImports(spec, layout);
  const devices: string[] = [];
  // beside another, each is only loaded where it is used
  if (wgsl !== undefined) devices.push(`webgpu: webGpu(() => import("./${name}.wgsl.js")),`);
  if (wasm) devices.push(`wasm: webAssembly(() => wasm, () => ${layout.single ? inlineBytes(wasm.code) : `new URL("./${name}.wasm", import.meta.url)`}),`);
  // beside WebAssembly, the JavaScript is only loaded where it is needed
  if (js !== undefined) devices.push(`js: javascript(() => ${wasm ? `import("./${name}.kernels.js")` : "kernels"}),`);
  const fields = ["spec", `devices: {\n${devices.map((d) => `    ${d}\n`).join("")}  }`];
  if (imports.includes("halves")) fields.push("halves");
  if (!layout.single) fields.push("verify: () => verifyFiles(import.meta.url, spec.name)");
  if (layout.weights) fields.push(`weights: ${layout.single ? `async () => ${inlineBytes(layout.weights)}` : weightsBeside(name)}`);
  return `// ${name}, built by ${generator}.
import { ${imports.join(", ")} } from "./runtime.js";
${wasm ? `import * as wasm from "./${name}.wasm.js";\n` : js !== undefined ? `import * as kernels from "./${name}.kernels.js";\n` : ""}
const spec = ${printSpec(spec)};

export const load = createLoader({
${fields.map((f) => `  ${f},\n`).join("")}});
`;
}

/** A URL written so that bundlers see the file and take it along. */
const weightsBeside = (name: string): string => `() => readWeights(new URL("./${name}.safetensors", import.meta.url), spec)`;
const inlineBytes = (bytes: Uint8Array): string => `Uint8Array.from(atob("${Buffer.from(bytes).toString("base64")}"), (c) => c.charCodeAt(0))`;

/** A spec as an object literal, one variable or function a line. */
function printSpec(spec: ModelSpec): string {
  const fields = Object.entries(spec).map(([key, value]: [string, unknown]) => {
    if (key === "variables") return `  variables: [\n${spec.variables.map((v) => `    ${JSON.stringify(v)},\n`).join("")}  ],`;
    if (key === "functions") return `  functions: {\n${Object.entries(spec.functions).map(([name, f]) => `    ${JSON.stringify(name)}: ${JSON.stringify(f)},\n`).join("")}  },`;
    return `  ${key}: ${JSON.stringify(value)},`;
  });
  return `{\n${fields.join("\n")}\n}`;
}
