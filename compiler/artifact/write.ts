import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { GraphError } from "../../ir/graph/index.ts";
import type { Manifest } from "../../runtime/index.ts";
import type { CompiledModel } from "./compiled.ts";
import { artifactFiles, type ArtifactOptions } from "./files.ts";

/**
 * Writes an artifact to the folder `outDir`, in place of the one that may be there. It is written to a folder beside
 * and renamed when complete, so that nothing partial is ever at `outDir`. Files that are not the old artifact's stay.
 *
 * Returns the names of the files. Throws a GraphError where `outDir` has files and no artifact.
 */
export async function writeArtifact(compiled: CompiledModel, outDir: string, options: ArtifactOptions = {}): Promise<string[]> {
  const target = resolve(outDir);
  const files = await artifactFiles(compiled, options);
  const foreign = await foreignFiles(target, files);
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  const made = join(work, "new"), old = join(work, "old");
  try {
    await mkdir(made);
    for (const [file, content] of files) await writeFile(join(made, file), content);
    if (existsSync(target)) await rename(target, old);
    try {
      await rename(made, target);
    } catch (e) {
      if (existsSync(old)) await rename(old, target);
      throw e;
    }
    for (const file of foreign) await rename(join(old, file), join(target, file));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return [...files.keys()];
}

/** What is in the folder beside the artifact that will be replaced. */
async function foreignFiles(folder: string, files: ReadonlyMap<string, unknown>): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const present = await readdir(folder);
  if (present.length === 0) return [];
  let old: Partial<Manifest> = {};
  try {
    old = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as Partial<Manifest>;
  } catch {
    // no manifest, or none that can be read: then nothing here is known to be ours
  }
  if (old.format !== "chainrule") throw new GraphError(`${folder} has files in it and is no artifact: it is not replaced`, "choose another folder, or empty it");
  return present.filter((file) => file !== "manifest.json" && !(file in (old.files ?? {})) && !files.has(file));
}
