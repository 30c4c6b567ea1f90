import { statSync } from "node:fs";
import { resolve, relative } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { fail } from "./diagnostic.ts";
import { closest } from "./suggest.ts";

/** What a model file is called, so that `chainrule build` finds it without being told. */
export const modelPattern = "**/*.model.{ts,mts}";
const ignored = ["**/node_modules/**", "**/dist/**", "**/.*/**"];

const find = (pattern: string, cwd: string): Promise<string[]> => glob(pattern, { cwd, ignore: ignored, absolute: true, expandDirectories: false });

/**
 * Absolute paths of the model files that the patterns name, sorted, each once. A pattern is a file, a folder
 * (all its model files) or a glob; no pattern means every model file under `cwd`. A pattern that matches nothing
 * is an error: a build that silently built less than asked would be found out too late.
 */
export async function findModelFiles(patterns: readonly string[], cwd: string): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) for (const file of await expand(pattern, cwd)) found.add(file);
  if (patterns.length === 0) {
    for (const file of await find(modelPattern, cwd)) found.add(file);
    if (found.size === 0) fail(`no model file (${modelPattern}) under ${cwd}`, `name your model file "something.model.ts", or say which files to build: chainrule build path/to/file.ts`);
  }
  return [...found].sort();
}

async function expand(pattern: string, cwd: string): Promise<string[]> {
  const path = resolve(cwd, pattern);
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind?.isDirectory()) {
    const files = await find(modelPattern, path);
    if (files.length === 0) fail(`the folder "${pattern}" has no model file (${modelPattern})`, `name the file itself if it is called otherwise: chainrule build ${pattern}/file.ts`);
    return files;
  }
  if (kind) return [checkExtension(path, pattern)];
  if (!isDynamicPattern(pattern)) return fail(`there is no file "${pattern}"`, await suggestion(pattern, cwd));
  const files = await find(pattern, cwd);
  if (files.length === 0) fail(`no file matches "${pattern}"`, await suggestion(pattern, cwd));
  return files.map((file) => checkExtension(file, relative(cwd, file)));
}

function checkExtension(path: string, shown: string): string {
  if (/\.d\.[mc]?ts$/.test(path)) fail(`"${shown}" only declares types`, "name the .ts file that defines the model");
  if (!/\.m?ts$/.test(path)) fail(`"${shown}" is not a TypeScript module`, "model files are TypeScript: name a .ts or .mts file");
  return path;
}

async function suggestion(pattern: string, cwd: string): Promise<string> {
  const files = (await find(modelPattern, cwd)).map((file) => relative(cwd, file)).sort();
  if (files.length === 0) return `there is no model file (${modelPattern}) under ${cwd} either`;
  const meant = closest(pattern, files);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return `model files here are: ${files.slice(0, 5).join(", ")}${files.length > 5 ? `, and ${files.length - 5} more` : ""}`;
}
