import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { defineModel, f32, i32, losses, nn, optim } from "chainrule";
import { artifactFiles, artifactSize, instantiate, writeArtifact } from "../../compiler/artifact/index.ts";
import { compile } from "../../compiler/pipeline.ts";

let root: string;
beforeAll(() => { root = mkdtempSync(join(tmpdir(), "threads-")); });
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

const net = () => defineModel("net", (m) => {
  const layers = m.use("net", nn.sequential(nn.linear(64, 128), nn.relu(), nn.linear(128, 10)));
  m.fn("predict", { x: f32("B", 64) }, ({ x }) => ({ probs: layers(x).softmax(-1) }));
  m.fn("row", { at: i32("N") }, ({ at }) => ({ y: m.state("rows", [9, 64]).indexSelect(0, at) }));
  m.trainStep("train", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => losses.crossEntropy(layers(x), label), optim.adam({ lr: 1e-3 }));
});
/** Whatever can be shared is. */
const shared = () => compile(net(), { target: "cpu", grain: 1 });

const batch = (n: number, seed = 0) => ({
  x: { dtype: "f32", shape: [n, 64], data: Float32Array.from({ length: 64 * n }, (_, i) => ((i * 37 + seed) % 101) / 101) } as const,
  label: Int32Array.from({ length: n }, (_, i) => (i + seed) % 10),
});

test("threads are a number, or auto; what it came to can be read", async () => {
  const compiled = shared();
  for (const threads of [0, 1.5, -1, 65, "many" as "auto"]) await expect(instantiate(compiled, { threads })).rejects.toThrow(`threads are "auto" or a number from 1 to 64, not ${threads}`);
  expect((await instantiate(compiled)).threads).toBe(1);
  expect((await instantiate(compiled, { threads: 2 })).threads).toBe(2);
  const one = defineModel("one", (m) => { m.fn("twice", { x: f32() }, ({ x }) => ({ y: x.mul(2) })); });
  expect((await instantiate(compile(one, { target: "wasm" }), { threads: 4 })).threads).toBe(1); // nothing to share
});

test("training gives the same bits with one, two and five threads, while batches grow and shrink", async () => {
  const compiled = shared();
  const [a, ...others] = await Promise.all([1, 2, 5].map((threads) => instantiate(compiled, { threads, seed: 4 })));
  for (let i = 0; i < 30; i++) {
    const given = batch(1 + ((i * 29) % 90), i);
    const { loss } = a.sync.train(given);
    for (const b of others) expect(b.sync.train(given).loss.data).toEqual(loss.data);
  }
  for (const b of others) expect(b.save()).toEqual(a.save());
  expect(a.arena.allocations).toBeGreaterThan(0);
});

test("small calls of a model with threads run on one, as they would not gain", async () => {
  const model = await instantiate(compile(net(), { target: "wasm" }), { threads: 2 });
  const other = await instantiate(compile(net(), { target: "wasm" }));
  for (const n of [1, 400, 2]) expect(model.sync.predict({ x: batch(n).x }).probs.data).toEqual(other.sync.predict({ x: batch(n).x }).probs.data);
});

test("an index out of range in a worker's part is the call's error, changes nothing, and later calls work", async () => {
  const lookup = defineModel("lookup", (m) => {
    const seen = m.state("seen", [1000]), table = m.state("table", [7]);
    m.fn("count", { at: i32(1000) }, ({ at }) => ({ outputs: { y: table.indexSelect(0, at).mul(2) }, updates: [[seen, seen.add(1)]] }));
  });
  const compiled = compile(lookup, { target: "wasm", grain: 1 });
  for (const threads of [1, 2, 3]) {
    const model = await instantiate(compiled, { threads });
    for (const bad of [[999], [0], [10, 990], [400, 600]]) {
      const at = new Int32Array(1000);
      for (const [k, i] of bad.entries()) at[i] = 7 + k;
      expect(() => model.sync.count({ at })).toThrow(/lookup\.count: .*threads\.test\.ts:\d+.*: index 7 is out of range for size 7/); // the first there is
      model.sync.count({ at: new Int32Array(1000) });
    }
    expect(model.read("seen").data).toEqual(new Float32Array(1000).fill(4));
  }
});

test("without shared memory, or without WebAssembly, it is one thread, and a warning says why, once", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.stubGlobal("SharedArrayBuffer", undefined);
  try {
    const model = await instantiate(shared(), { threads: 2 });
    expect(model.threads).toBe(1);
    model.sync.train(batch(40));
    expect((await instantiate(shared(), { threads: "auto" })).threads).toBe(1);
    expect(warn.mock.calls).toEqual([["net runs on 1 thread (not on 2: memory cannot be shared: the page is not cross-origin isolated)"]]);
    await instantiate(shared(), { threads: 3, device: "js" });
    expect(warn.mock.calls[1]).toEqual(["net runs on 1 thread (not on 3: only WebAssembly has threads)"]);
  } finally {
    vi.unstubAllGlobals();
    warn.mockRestore();
  }
});

/** Runs a program that uses artifacts, in a process of its own which must end by itself. */
function run(text: string): unknown {
  const file = join(root, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, text);
  const printed = execFileSync(process.execPath, ["--disallow-code-generation-from-strings", file], { encoding: "utf8", timeout: 20_000 });
  return JSON.parse(printed.trim().split("\n").at(-1)!);
}

test("artifacts share one pool of workers, which neither keep a program from ending nor end it early", async () => {
  const dirs = ["a", "b"].map((name) => join(root, name));
  await writeArtifact(shared(), dirs[0]);
  await writeArtifact(compile(net(), { target: "wasm", grain: 1 }), dirs[1], { standalone: true, minify: true });
  const result = run(`
    import { load as loadA } from ${JSON.stringify(join(dirs[0], "net.js"))};
    import { load as loadB } from ${JSON.stringify(join(dirs[1], "net.js"))};
    const [a, b, c] = await Promise.all([loadA({ threads: 2 }), loadB({ threads: 3 }), loadA()]);
    const x = Float32Array.from({ length: 64 * 32 }, (_, i) => i % 7), label = new Int32Array(32);
    const losses = [];
    for (let i = 0; i < 5; i++) losses.push([a, b, c].map((m) => m.sync.train({ x, label }).loss.item()));
    const late = loadB({ threads: 2 }); // a call while workers open a message
    losses.push([a, b, c].map((m) => m.sync.train({ x, label }).loss.item()));
    await late;
    let error;
    try { a.sync.row({ at: Int32Array.of(0, 1, 2, 11) }); } catch (e) { error = e.message; }
    const pool = globalThis[Symbol.for("chainrule threads 1")];
    console.log(JSON.stringify({ same: losses.every((l) => l.every((v) => v === l[0])), workers: pool.workers.length, error }));
  `) as { same: boolean; workers: number; error: string };
  expect(result).toMatchObject({ same: true, workers: 2, error: expect.stringContaining("index 11 is out of range for size 9") });
  // ends in the middle of a spin, and by an exception
  const dir = JSON.stringify(join(dirs[0], "net.js"));
  expect(() => run(`import { load } from ${dir}; await load({ threads: 2 }); console.log(1); throw new Error("over");`)).toThrow("over");
  expect(run(`import { load } from ${dir}; const m = await load({ threads: 2 }); m.sync.predict({ x: new Float32Array(64 * 50) }); console.log(1);`)).toBe(1);
});

test("the module is the same for one thread and several, says where threads wait, and stays small", async () => {
  const compiled = shared();
  const text = (await artifactFiles(compiled)).get("net.wat") as string;
  expect(text).toContain('(import "env" "barrier" (func $barrier))');
  expect(text).not.toMatch(/shared\)|atomic/);
  expect((await artifactSize(compile(net(), { target: "cpu" }))).gzipBytes).toBeLessThan(24 * 1024);
  // where there is nothing to share there is no trace of threads
  const one = defineModel("one", (m) => { m.fn("twice", { x: f32() }, ({ x }) => ({ y: x.mul(2) })); });
  expect((await artifactFiles(compile(one, { target: "wasm" }))).get("one.wat")).not.toMatch(/\$thread|barrier/);
});
