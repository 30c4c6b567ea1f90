import { readFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type BuildFailure, type Loader, type Plugin } from "esbuild";
import * as authoring from "../../ir/index.ts";
import { DiagnosticError, type Diagnostic } from "./diagnostic.ts";
import { addSourceMap } from "./sourcemap.ts";

/**
 * Running a model file: it is bundled with the TypeScript it imports and loaded as one module, anew each time.
 *
 * In the bundle, `import … from "chainrule"` is the very module this compiler runs on, wherever the user's project
 * has its copy: a graph made by another instance would have values of other classes and clashing ids.
 */
const host = Symbol.for("chainrule.authoring");

export interface Evaluated {
  readonly exports: Readonly<Record<string, unknown>>;
  /** The user's files it was made of, absolute: what a watcher watches. */
  readonly sources: readonly string[];
}

/** Runs a model file and gives its exports. Whatever the file throws passes through. */
export async function evaluate(file: string): Promise<Evaluated> {
  (globalThis as Record<symbol, unknown>)[host] = authoring;
  // the real path: stack traces show that one, and source maps are found by it
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "chainrule-"));
  const outfile = join(folder, basename(file).replace(/\.\w+$/, ".mjs"));
  try {
    const { code, map, sources } = await bundle(file, outfile);
    writeFileSync(outfile, code);
    addSourceMap(outfile, JSON.parse(map));
    return { exports: await import(pathToFileURL(outfile).href), sources };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundle(file: string, outfile: string): Promise<{ code: string; map: string; sources: string[] }> {
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [file], outfile, write: false, bundle: true, format: "esm", platform: "node", target: "node20",
      sourcemap: "external", sourcesContent: false, metafile: true, logLevel: "silent", absWorkingDir: dirname(file),
      define: Object.fromEntries(metaNames.map((name) => [`import.meta.${name}`, `__meta_${name}`])),
      plugins: [resolveImports, keepImportMeta],
    });
    const text = (suffix: string) => outputFiles.find((f) => f.path.endsWith(suffix))!.text;
    const sources = Object.keys(metafile.inputs).filter((path) => !path.startsWith(`${namespace}:`)).map((path) => resolve(dirname(file), path));
    return { code: text(".mjs"), map: text(".map"), sources };
  } catch (e) {
    if (e instanceof Error && "errors" in e) throw new DiagnosticError((e as BuildFailure).errors.map((m) => ofBundler(m, file)));
    throw e;
  }
}

const namespace = "chainrule";

/** `chainrule` is this process's; packages are loaded by Node from where they lie; everything else is bundled. */
const resolveImports: Plugin = {
  name: "chainrule",
  setup(build) {
    build.onResolve({ filter: /^chainrule$/ }, () => ({ path: "chainrule", namespace }));
    build.onLoad({ filter: /.*/, namespace }, () => ({
      contents: `export const { ${Object.keys(authoring).join(", ")} } = globalThis[Symbol.for("${host.description}")];`,
    }));
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind === "entry-point" || pluginData === namespace) return undefined;
      if (path.startsWith("node:") || builtinModules.includes(path)) return { path, external: true };
      const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: namespace });
      if (found.errors.length > 0 || !found.path.includes("/node_modules/")) return found;
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

const metaNames = ["url", "filename", "dirname"] as const;

/** `import.meta.url` and its like keep naming the source file, though the bundle lies elsewhere. */
const keepImportMeta: Plugin = {
  name: "import-meta",
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: "file" }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      if (!source.includes("import.meta.")) return undefined;
      const values = { url: pathToFileURL(path).href, filename: path, dirname: dirname(path) };
      // on the first line, so that the numbers of the others stay
      const constants = metaNames.map((name) => `const __meta_${name} = ${JSON.stringify(values[name])};`).join(" ");
      return { contents: `${constants} ${source}`, loader: /\.[cm]?([jt]sx?)$/.exec(path)![1] as Loader };
    });
  },
};

function ofBundler({ text, location }: BuildFailure["errors"][number], file: string): Diagnostic {
  return {
    code: "chainrule",
    message: text,
    ...(location && { span: { file: resolve(dirname(file), location.file), line: location.line, column: location.column + 1, length: Math.max(location.length, 1) } }),
  };
}
