import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

/** This package runs from its sources in tests and from `dist` when installed; files keep their places. */
const runsFromSource = import.meta.url.endsWith(".ts");
const runtimeFile = (name: string): string => fileURLToPath(new URL(`../../runtime/${name}`, import.meta.url));

/** Copied from the engines that the package itself asks for. */
const target = "es2022";

const bundles = new Map<string, Promise<string>>();

/** `runtime.js`: the given exports of the runtime and what they need, in one module. */
export function runtimeModule(exports: readonly string[]): Promise<string> {
  const contents = `export { ${exports.join(", ")} } from ${JSON.stringify(runtimeFile(runsFromSource ? "artifact.ts" : "artifact.js"))};`;
  const bundle = bundles.get(contents) ?? build({
    stdin: { contents, resolveDir: runtimeFile("") },
    bundle: true, write: false, format: "esm", platform: "neutral", target, legalComments: "none",
    banner: { js: "// The chainrule runtime: loads the model beside it." },
  }).then((result) => result.outputFiles[0].text);
  bundles.set(contents, bundle);
  return bundle;
}

/** `runtime.d.ts`: the types of a loaded model. The file has no code, so its source is its declarations. */
export const runtimeTypes = (): string => readFileSync(runtimeFile(runsFromSource ? "types.ts" : "types.d.ts"), "utf8").replace(/\n\/\/# sourceMappingURL.*/, "");

/** Several modules as one. `modules` by file name; imports between them are `"./name"`. */
export async function bundleModules(entry: string, modules: Readonly<Record<string, string>>, minify: boolean): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true, write: false, format: "esm", platform: "neutral", target, minify, legalComments: "none",
    plugins: [{
      name: "modules in memory",
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /.*/ }, ({ path }) => ({ path: path.replace(/^\.\//, ""), namespace: "memory" }));
        onLoad({ filter: /.*/, namespace: "memory" }, ({ path }) => {
          if (!(path in modules)) throw new Error(`internal: the artifact has no module ${path}`);
          return { contents: modules[path], loader: "js" };
        });
      },
    }],
  });
  return result.outputFiles[0].text;
}

export const minifyModule = async (text: string): Promise<string> => (await transform(text, { minify: true, format: "esm", target, legalComments: "none" })).code;

/** A module as the body of a function of `module` and `exports`. */
export const commonJs = async (text: string): Promise<string> => (await transform(text, { format: "cjs", target })).code;
