import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { artifactFiles, artifactSize, writeArtifact } from "../../../compiler/artifact/index.ts";
import { readSafetensors, writeSafetensors } from "../../../compiler/interop/safetensors.ts";
import type { Manifest } from "../../../runtime/index.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { line } from "./models.ts";

const compiled = compile(line());
let root: string;
beforeAll(() => { root = mkdtempSync(join(tmpdir(), "artifact-")); });
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

/** Writes the model to a folder of its own. */
async function written(folder: string, options = {}): Promise<string> {
  const dir = join(root, folder);
  await writeArtifact(compiled, dir, options);
  return dir;
}

/** Trains and predicts in a Node process that, like a page with a strict Content-Security-Policy, evaluates no text. */
const script = (module: string): string => `
  import { load } from ${JSON.stringify(module)};
  const model = await load({ seed: 3 });
  const x = Float32Array.of(1, 2, 3, 4, 5, 6), y = [[1], [2]];
  const before = (await model.predict({ x })).y.toNested();
  let loss;
  for (let i = 0; i < 200; i++) ({ loss } = await model.train({ x, y, lr: 0.004 }));
  console.log(JSON.stringify({ before, loss: loss.item(), steps: model.read("steps").item(), arena: model.arena.allocations, device: model.device }));
`;

function runNode(text: string, ...flags: string[]): string {
  const file = join(root, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, text);
  return execFileSync(process.execPath, ["--disallow-code-generation-from-strings", ...flags, file], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

const trained = { before: [[4.5], [9]], steps: 200, device: "js" };

test("an artifact trains in a process of its own, with text evaluation forbidden", async () => {
  const dir = await written("plain");
  expect(readdirSync(dir).sort()).toEqual(["line.d.ts", "line.js", "line.kernels.js", "line.safetensors", "manifest.json", "runtime.d.ts", "runtime.js"]);
  const result = JSON.parse(runNode(script(join(dir, "line.js")))) as { loss: number; arena: number };
  expect(result).toMatchObject(trained);
  expect(result.loss).toBeLessThan(0.01);
  expect(result.arena).toBe(2); // $init's, then predict's and train's for B = 2
});

test("standalone and minified: one file that imports nothing and does the same", async () => {
  const dir = await written("alone", { standalone: true, minify: true });
  expect(readdirSync(dir).sort()).toEqual(["line.d.ts", "line.js", "manifest.json"]);
  const text = readFileSync(join(dir, "line.js"), "utf8");
  expect(text).not.toMatch(/\bimport\b(?!\.meta)/);
  const elsewhere = join(root, "elsewhere.mjs");
  writeFileSync(elsewhere, text);
  expect(JSON.parse(runNode(script(elsewhere)))).toMatchObject(trained);
  expect(readFileSync(join(dir, "line.d.ts"), "utf8")).not.toContain("import type");
});

test("no module of an artifact evaluates text", async () => {
  for (const [name, content] of await artifactFiles(compiled))
    if (name.endsWith(".js")) expect(String(content), name).not.toMatch(/\beval\b|\bFunction\s*\(|\bimport\s*\(|setTimeout|setInterval/);
});

test("a bundler for browsers takes it, and sees no module of Node", async () => {
  const dir = await written("bundled");
  const result = await build({ entryPoints: [join(dir, "line.js")], bundle: true, write: false, format: "esm", platform: "browser", minify: true, metafile: true, logLevel: "silent" });
  expect(result.warnings).toEqual([]);
  expect(Object.values(result.metafile.outputs).flatMap((o) => o.imports)).toEqual([]);
});

test("the manifest lists every file, with its hash", async () => {
  const dir = await written("listed", { extraFiles: { "report.html": "<p>" } });
  const manifest = JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")) as Manifest;
  expect(manifest).toMatchObject({
    format: "chainrule", version: 1, name: "line", devices: ["js"], symbols: { B: { min: 1, max: 4096 } },
    functions: { predict: { inputs: [{ name: "x", dtype: "f32", shape: ["B", 3] }], outputs: [{ name: "y", dtype: "f32", shape: ["B", 1] }] } },
  });
  expect(manifest.generator).toMatch(/^chainrule \d+\.\d+\.\d+$/);
  expect(manifest.functions.train.arena.flat().length).toBeGreaterThan(0);
  expect(Object.keys(manifest.files).sort()).toEqual(readdirSync(dir).filter((f) => f !== "manifest.json").sort());
  expect(manifest.files["report.html"].bytes).toBe(3);
});

const damages: readonly [string, (dir: string) => void, string][] = [
  ["kernels that were edited", (d) => edit(d, "line.kernels.js", (t) => t.replace("+", "-")), "the artifact of line is damaged: line.kernels.js is not the file that was built; build it again"],
  ["a main module that was edited", (d) => edit(d, "line.js", (t) => t.replace('"f32"', '"f64"')), "the artifact of line is damaged: line.js is not the file that was built"],
  ["a runtime that was edited", (d) => edit(d, "runtime.js", (t) => `${t}\n`), "runtime.js is not the file that was built"],
  ["weights with a byte changed", (d) => { const f = join(d, "line.safetensors"), b = readFileSync(f); b[b.length - 2] ^= 1; writeFileSync(f, b); }, "line.safetensors is not the file that was built"],
  ["weights cut short", (d) => { const f = join(d, "line.safetensors"); writeFileSync(f, readFileSync(f).subarray(0, -3)); }, "line.safetensors is not the file that was built"],
  ["weights that are missing", (d) => { rmSync(join(d, "line.safetensors")); }, "the artifact of line is incomplete: line.safetensors is missing"],
  ["a manifest that is missing", (d) => { rmSync(join(d, "manifest.json")); }, "the artifact of line is incomplete: manifest.json is missing"],
  ["a manifest that is cut short", (d) => edit(d, "manifest.json", (t) => t.slice(0, 100)), "the artifact of line is damaged: manifest.json is no JSON"],
  ["a manifest of a newer format", (d) => edit(d, "manifest.json", (t) => t.replace('"version": 1', '"version": 2')), "manifest.json has format version 2, and this runtime reads version 1: it was built by a newer chainrule"],
  ["a module of a newer format", (d) => edit(d, "line.js", (t) => t.replace("version: 1", "version: 2")), "the artifact line has format version 2, and this runtime reads version 1"],
  ["kernels of another build", (d) => edit(d, "line.kernels.js", (t) => t.replace(/build = "\w+"/, 'build = "0"')), "line.kernels.js is not the file that was built"],
];
const edit = (dir: string, file: string, change: (text: string) => string): void => {
  const path = join(dir, file), before = readFileSync(path, "utf8"), after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
};

test("what is damaged, incomplete or newer does not load, and says so", async () => {
  const modules: string[] = [];
  for (const [i, [, damage]] of damages.entries()) {
    const dir = await written(`damaged${i}`);
    damage(dir);
    modules.push(join(dir, "line.js"));
  }
  // one process for all: each prints the message it was refused with
  const messages = JSON.parse(runNode(`
    const messages = [];
    for (const module of ${JSON.stringify(modules)}) messages.push(await import(module).then((m) => m.load()).then(() => "loaded", (e) => e.message));
    console.log(JSON.stringify(messages));
  `)) as string[];
  for (const [i, [what, , message]] of damages.entries()) expect(messages[i], what).toContain(message);
});

test("files of others stay; a folder that is no artifact is not touched; a failure leaves what was", async () => {
  const dir = await written("again", { extraFiles: { "old.html": "old" } });
  writeFileSync(join(dir, "trained.safetensors"), "mine");
  mkdirSync(join(dir, "checkpoints"));
  writeFileSync(join(dir, "checkpoints", "1"), "mine too");
  await writeArtifact(compiled, dir, { standalone: true });
  expect(readdirSync(dir).sort()).toEqual(["checkpoints", "line.d.ts", "line.js", "manifest.json", "trained.safetensors"]);
  expect(readFileSync(join(dir, "checkpoints", "1"), "utf8")).toBe("mine too");

  const before = readFileSync(join(dir, "manifest.json"), "utf8");
  await expect(writeArtifact(compiled, dir, { extraFiles: { "no/such/folder": "" } })).rejects.toThrow("ENOENT");
  expect(readFileSync(join(dir, "manifest.json"), "utf8")).toBe(before);

  const other = join(root, "other");
  mkdirSync(other);
  writeFileSync(join(other, "thesis.txt"), "years");
  await expect(writeArtifact(compiled, other)).rejects.toThrow("has files in it and is no artifact: it is not replaced\n  choose another folder, or empty it");
  expect(readdirSync(other)).toEqual(["thesis.txt"]);

  mkdirSync(join(root, "empty"));
  await written("empty");
  expect(existsSync(join(root, "empty", "line.js"))).toBe(true);
  expect(readdirSync(root).filter((f) => f.startsWith("."))).toEqual([]);
});

test("weights: data of the declaration, and what is given beside, which wins", async () => {
  const files = await artifactFiles(compiled);
  const own = readSafetensors(files.get("line.safetensors") as Uint8Array);
  expect([...own.keys()]).toEqual(["w"]);
  expect(own.get("w")).toMatchObject({ dtype: "f32", shape: [3, 1], data: Float32Array.of(0.5, -1, 2) });
  const given = (name: string, shape: number[], data: Float32Array) => writeSafetensors(new Map([[name, { dtype: "f32", shape, data }]]));
  const with2 = await artifactFiles(compiled, { weights: given("fc.bias", [1], Float32Array.of(7)) });
  expect(Object.fromEntries([...readSafetensors(with2.get("line.safetensors") as Uint8Array)].map(([n, t]) => [n, [...t.data]]))).toEqual({ w: [0.5, -1, 2], "fc.bias": [7] });
  const replaced = await artifactFiles(compiled, { weights: given("w", [3, 1], Float32Array.of(1, 2, 3)) });
  expect([...readSafetensors(replaced.get("line.safetensors") as Uint8Array).get("w")!.data]).toEqual([1, 2, 3]);
  await expect(artifactFiles(compiled, { weights: given("bias", [1], Float32Array.of(7)) })).rejects.toThrow('the weights given have "bias", which is no variable of line\n  its variables are w, fc.bias, steps');
  await expect(artifactFiles(compiled, { weights: given("w", [3], Float32Array.of(1, 2, 3)) })).rejects.toThrow("the weights given have w as f32[3]; in line it is f32[3,1]");
});

test("the size is that of the minified whole without weights", async () => {
  const size = await artifactSize(compiled);
  const alone = (await artifactFiles(compiled, { standalone: true, minify: true })).get("line.js") as string;
  expect(size.bytes).toBeLessThan(Buffer.byteLength(alone)); // which has the weights in it
  expect(size.bytes).toBeGreaterThan(Buffer.byteLength(alone) - 600);
  expect(size.gzipBytes).toBeLessThan(size.bytes / 2);
});
