import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { defineModel, f32, i32, losses, nn, optim } from "chainrule";
import { artifactFiles, artifactSize, instantiate, writeArtifact } from "../../../compiler/artifact/index.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { line } from "./models.ts";

let root: string;
beforeAll(() => { root = mkdtempSync(join(tmpdir(), "wasm-")); });
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

const digits = () => defineModel("digits", (m) => {
  const net = m.use("net", nn.sequential(nn.linear(64, 128), nn.relu(), nn.linear(128, 10)));
  m.fn("predict", { x: f32("B", 64) }, ({ x }) => ({ probs: net(x).softmax(-1) }));
  m.trainStep("train", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => losses.crossEntropy(net(x), label), optim.adam({ lr: 1e-3 }));
});

/** Trains and predicts in a Node process that evaluates no text. */
function run(module: string, before = "", ...flags: string[]): { loss: number; device: string; steps: number; arena: number[] } {
  const file = join(root, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, `${before}
    const { load } = await import(${JSON.stringify(module)});
    const model = await load({ seed: 3 });
    const x = Float32Array.of(1, 2, 3, 4, 5, 6), y = [[1], [2]];
    let loss;
    for (let i = 0; i < 200; i++) ({ loss } = await model.train({ x, y, lr: 0.004 }));
    const { allocations } = model.arena;
    await model.train({ x, y, lr: 0.004 });
    console.log(JSON.stringify({ loss: loss.item(), steps: model.read("steps").item(), arena: [allocations, model.arena.allocations], device: model.device }));
  `);
  return JSON.parse(execFileSync(process.execPath, ["--disallow-code-generation-from-strings", ...flags, file], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }));
}

test("an artifact for all CPUs: its WebAssembly is loaded from the file beside, and trains", async () => {
  const dir = join(root, "all");
  await writeArtifact(compile(line(), { target: "cpu" }), dir);
  expect(readdirSync(dir).sort()).toEqual(["line.d.ts", "line.js", "line.kernels.js", "line.safetensors", "line.wasm", "line.wasm.js", "line.wat", "manifest.json", "runtime.d.ts", "runtime.js"]);
  const { loss, device, steps, arena } = run(join(dir, "line.js"));
  expect({ device, steps }).toEqual({ device: "wasm", steps: 201 });
  expect(loss).toBeLessThan(0.01);
  expect(arena[1]).toBe(arena[0]);
  expect((JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")) as { devices: string[] }).devices).toEqual(["wasm", "js"]);
  // a file that is not what was built
  const file = join(dir, "line.wasm"), bytes = readFileSync(file);
  bytes[bytes.length - 2] ^= 1;
  writeFileSync(file, bytes);
  expect(() => run(join(dir, "line.js"))).toThrow("line.wasm is not the file that was built");
});

test("standalone: WebAssembly inside the one file", async () => {
  const dir = join(root, "alone");
  await writeArtifact(compile(line(), { target: "cpu" }), dir, { standalone: true, minify: true });
  expect(readdirSync(dir).sort()).toEqual(["line.d.ts", "line.js", "manifest.json"]);
  expect(run(join(dir, "line.js")).device).toBe("wasm");
});

test("without WebAssembly, or its vectors, the JavaScript kernels run; alone, it says what is missing", async () => {
  const compiled = compile(line(), { target: "cpu" });
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const validate = vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
  try {
    expect((await instantiate(compiled)).device).toBe("js");
    expect(warn.mock.calls).toEqual([["line runs on js (not on wasm: this engine has no WebAssembly with SIMD)"]]);
    await expect(instantiate(compiled, { device: "wasm" })).rejects.toThrow("line cannot run here: wasm: this engine has no WebAssembly with SIMD");
    await expect(instantiate(compile(line(), { target: "wasm" }))).rejects.toThrow("line cannot run here");
  } finally {
    validate.mockRestore();
    warn.mockRestore();
  }
});

test("two models of one artifact have memories of their own; both devices start alike and stay close", async () => {
  const compiled = compile(digits(), { target: "cpu" });
  const [wasm, other, js] = await Promise.all([instantiate(compiled), instantiate(compiled), instantiate(compiled, { device: "js" })]);
  expect([wasm.device, js.device]).toEqual(["wasm", "js"]);
  const weight = wasm.variables.find((v) => v.role === "parameter" && v.shape.length === 2)!.name;
  expect([...wasm.read(weight).data]).toEqual([...js.read(weight).data]);
  for (const n of [5, 33, 8]) { // memory grows in between, and variables move with it
    const x = { dtype: "f32", shape: [n, 64], data: Float32Array.from({ length: 64 * n }, (_, i) => ((i * 37) % 101) / 101) } as const;
    const label = Int32Array.from({ length: n }, (_, i) => i % 10);
    const [a, b] = [wasm.sync.train({ x, label }), js.sync.train({ x, label })];
    expect(a.loss.item()).toBeCloseTo(b.loss.item(), 5);
  }
  expect([...other.read(weight).data]).not.toEqual([...wasm.read(weight).data]);
  const saved = wasm.save();
  other.restore(saved);
  expect([...other.read(weight).data]).toEqual([...wasm.read(weight).data]);
});

test("an index that is out of range names its op and the user's line, and changes nothing", async () => {
  const lookup = defineModel("lookup", (m) => {
    const seen = m.state("seen", [4]);
    m.fn("count", { at: i32("N") }, ({ at }) => ({ outputs: { y: seen.indexSelect(0, at) }, updates: [[seen, seen.add(1)]] }));
  });
  const model = await instantiate(compile(lookup, { target: "wasm" }));
  model.sync.count({ at: [0, 3] });
  expect(() => model.sync.count({ at: [1, 2, 3, 0, 4] })).toThrow(/lookup\.count: .*wasm\.test\.ts:\d+.*: index 4 is out of range for size 4/);
  expect(() => model.sync.count({ at: [-1] })).toThrow("index -1 is out of range for size 4");
  expect(model.read("seen").toNested()).toEqual([1, 1, 1, 1]);
});

test("the text says which ops and lines each kernel is of, and the digits model stays small", async () => {
  const compiled = compile(digits(), { target: "cpu" });
  const files = await artifactFiles(compiled);
  const text = files.get("digits.wat") as string;
  expect(text).toMatch(/;; .*dot.*: .*wasm\.test\.ts:\d+/);
  expect((await artifactSize(compiled)).gzipBytes).toBeLessThan(24 * 1024);
});

test("what is loaded of the digits example, with its runtime and without weights, is less than 24 KB, with WebAssembly and without", async () => {
  const { default: model } = await import("../../../examples/digits/digits.model.ts");
  const compiled = compile(model, { target: "wasm" }), alone = await artifactSize(compiled);
  expect(alone.gzipBytes).toBeLessThan(24 * 1024);
  expect(alone.loadedBytes).toEqual({ wasm: alone.gzipBytes });
  // built for both, the JavaScript kernels stay on the server where there is WebAssembly, and the other way round
  const both = await artifactSize(compile(model, { target: "cpu" }));
  expect(Object.keys(both.loadedBytes)).toEqual(["wasm", "js"]);
  expect(both.loadedBytes.wasm).toBeLessThan(24 * 1024);
  expect(both.loadedBytes.js).toBeLessThan(both.loadedBytes.wasm!);
  expect(both.gzipBytes).toBeGreaterThan(both.loadedBytes.wasm! + 4000);
});
