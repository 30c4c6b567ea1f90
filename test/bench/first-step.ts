import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compile } from "chainrule/compiler";
import { transformSync } from "esbuild";
import { readFileSync } from "node:fs";
import { writeArtifact } from "../../compiler/artifact/index.ts";
import { median } from "./statistics.ts";
import { workloads } from "./workloads/index.ts";

/**
 * Median milliseconds from the import of a library, or of a built model, to the end of its first training step of W1, in
 * a fresh process each time, by contender. What a page waits for before it learns anything.
 */
export async function firstStep(peers: readonly string[], rounds: number): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-first-step-"));
  try {
    await writeArtifact(compile(workloads.find((w) => w.id === "W1")!.model(), { target: "wasm" }), join(folder, "net"));
    const programs = {
      "chainrule-wasm": program("first-step/chainrule.ts", pathToFileURL(join(folder, "net/net.js")).href),
      ...(peers.includes("jax-js-wasm") && { "jax-js-wasm": program("first-step/jax.ts", new URL("peers/node_modules/@jax-js/jax/dist/index.js", import.meta.url).href) }),
    };
    const samples = Object.entries(programs).map(([name, start]) => ({ name, start: start(folder), ms: [] as number[] }));
    for (let round = 0; round < rounds; round++) for (const { start, ms } of samples) ms.push(start());
    return Object.fromEntries(samples.map(({ name, ms }) => [name, median(ms)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A program of ours as plain JavaScript, that Node need not be taught to read, and what it imports. */
const program = (source: string, module: string) => (folder: string): (() => number) => {
  const file = join(folder, `${source.replaceAll("/", "-")}.mjs`);
  writeFileSync(file, transformSync(readFileSync(fileURLToPath(new URL(source, import.meta.url)), "utf8"), { loader: "ts" }).code);
  return () => Number(execFileSync(process.execPath, [file, module], { encoding: "utf8" }));
};
