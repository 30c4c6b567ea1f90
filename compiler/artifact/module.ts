import { createHash } from "node:crypto";
import type { ModelSpec } from "../../runtime/index.ts";
import { printJs } from "../codegen/js/index.ts";
import type { CompiledModel } from "./compiled.ts";

export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** The kernels module, and the name of its build: what tells it from the kernels of any other. */
export function kernelsModule({ programs, model }: CompiledModel): { readonly text: string; readonly build: string } {
  const text = printJs(programs, model);
  const build = sha256(text).slice(0, 16);
  return { text: `${text}\n/** Which build this is: the module beside must be of the same. */\nexport const build = "${build}";\n`, build };
}

/** How the modules of an artifact are laid out: several files side by side, or one with everything in it. */
export interface Layout {
  readonly single: boolean;
  /** The safetensors file with initial values, where there are any. */
  readonly weights: Uint8Array | undefined;
}

/** What a generated module takes of the runtime: what it does not need, it does not ship. */
export function runtimeImports({ single, weights }: Layout): string[] {
  return ["createLoader", ...(single ? [] : ["verifyFiles", ...(weights ? ["readWeights"] : [])])];
}

/** `<name>.js`: what a program imports. */
export function mainModule(spec: ModelSpec, generator: string, layout: Layout): string {
  const imports = runtimeImports(layout);
  const fields = ["spec", "functions", "build"];
  if (!layout.single) fields.push("verify: () => verifyFiles(import.meta.url, spec.name)");
  if (layout.weights) fields.push(`weights: ${layout.single ? inlineWeights(layout.weights) : weightsBeside(spec.name)}`);
  return `// ${spec.name}, built by ${generator}.
import { ${imports.join(", ")} } from "./runtime.js";
import { build, functions } from "./${spec.name}.kernels.js";

const spec = ${printSpec(spec)};

export const load = createLoader({
${fields.map((f) => `  ${f},\n`).join("")}});
`;
}

/** A URL written so that bundlers see the file and take it along. */
const weightsBeside = (name: string): string => `() => readWeights(new URL("./${name}.safetensors", import.meta.url), spec)`;
const inlineWeights = (bytes: Uint8Array): string => `async () => Uint8Array.from(atob("${Buffer.from(bytes).toString("base64")}"), (c) => c.charCodeAt(0))`;

/** A spec as an object literal, one variable or function a line. */
function printSpec(spec: ModelSpec): string {
  const fields = Object.entries(spec).map(([key, value]: [string, unknown]) => {
    if (key === "variables") return `  variables: [\n${spec.variables.map((v) => `    ${JSON.stringify(v)},\n`).join("")}  ],`;
    if (key === "functions") return `  functions: {\n${Object.entries(spec.functions).map(([name, f]) => `    ${JSON.stringify(name)}: ${JSON.stringify(f)},\n`).join("")}  },`;
    return `  ${key}: ${JSON.stringify(value)},`;
  });
  return `{\n${fields.join("\n")}\n}`;
}
