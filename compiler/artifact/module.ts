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

/** Where the generated module finds the initial values: a file beside it, or in itself as base64. */
export type WeightsPlace = { readonly kind: "file"; readonly name: string } | { readonly kind: "inline"; readonly bytes: Uint8Array } | { readonly kind: "none" };

/** `<name>.js`: what a program imports. */
export function mainModule(spec: ModelSpec, generator: string, weights: WeightsPlace): string {
  const fields = ["spec", "functions", "build"];
  // an inline module has no files beside it to check
  if (weights.kind !== "inline") fields.push("url: import.meta.url");
  // written so that bundlers see the file and take it along
  if (weights.kind === "file") fields.push(`weights: () => new URL("./${weights.name}", import.meta.url)`);
  if (weights.kind === "inline" && weights.bytes.length > 0)
    fields.push(`weights: () => Uint8Array.from(atob("${Buffer.from(weights.bytes).toString("base64")}"), (c) => c.charCodeAt(0))`);
  return `// ${spec.name}, built by ${generator}.
import { createLoader } from "./runtime.js";
import { build, functions } from "./${spec.name}.kernels.js";

const spec = ${printSpec(spec)};

export const load = createLoader({ ${fields.join(", ")} });
`;
}

/** A spec as an object literal, one variable or function a line. */
function printSpec(spec: ModelSpec): string {
  const fields = Object.entries(spec).map(([key, value]: [string, unknown]) => {
    if (key === "variables") return `  variables: [\n${spec.variables.map((v) => `    ${JSON.stringify(v)},\n`).join("")}  ],`;
    if (key === "functions") return `  functions: {\n${Object.entries(spec.functions).map(([name, f]) => `    ${JSON.stringify(name)}: ${JSON.stringify(f)},\n`).join("")}  },`;
    return `  ${key}: ${JSON.stringify(value)},`;
  });
  return `{\n${fields.join("\n")}\n}`;
}
