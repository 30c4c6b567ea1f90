import { describe, expect, test } from "vitest";
import { bool, defineModel, f32, grad, i32, type ModelBuilder } from "chainrule";
import type { TypedArray } from "chainrule/runtime";
import { instantiate } from "../../../compiler/artifact/index.ts";
import type { Kernel, Stmt } from "../../../compiler/loops/ir.ts";
import { compile, compileFunction } from "../../../compiler/pipeline.ts";
import { dims } from "../../../ir/types/index.ts";
import { sharedGpu, whyNoGpu } from "../../webgpu/gpu.ts";

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): nothing is tested of scatters on one !!!\n`);

/** Many updates of few or many elements, so that they are sorted. */
const count = 600;

type Inputs = Record<string, TypedArray>;
const numbers = (n: number, seed = 1): Float32Array<ArrayBuffer> => Float32Array.from({ length: n }, (_, i) => Math.sin(seed * 1000 + 7 * i) * 3);
/** Indices below `n`, one of them far more often than the others. */
const places = (length: number, n: number, seed = 1): Int32Array<ArrayBuffer> => Int32Array.from({ length }, (_, i) => (i % 3 === 0 ? n - 1 : Math.abs(Math.imul(i + seed, 2654435761 | 0)) % n));

async function outputs(target: "wasm" | "webgpu", define: (m: ModelBuilder) => void, inputs: Inputs, runs: number): Promise<TypedArray[]> {
  const compiled = compile(defineModel("scattered", (m) => { define(m); }), { target });
  const model = target === "webgpu" ? await instantiate(compiled, { device: await sharedGpu() }) : await instantiate(compiled);
  const all: TypedArray[] = [];
  for (let i = 0; i < runs; i++) all.push((await model.functions.f(inputs)).y.data.slice());
  return all;
}

/** The same as on wasm, but for the order of a sum; and the same bits twice. */
async function agrees(define: (m: ModelBuilder) => void, inputs: Inputs): Promise<void> {
  const [want] = await outputs("wasm", define, inputs, 1), [got, again] = await outputs("webgpu", define, inputs, 2);
  expect(got).toEqual(again);
  expect(got.length).toBe(want.length);
  const wrong = [...got].findIndex((v, i) => !(Math.abs(v - want[i]) <= 2e-4 + 1e-5 * Math.abs(want[i]) || Object.is(v, want[i])));
  expect(wrong, `element ${wrong}: ${got[wrong]}, not ${want[wrong]}`).toBe(-1);
}

describe.skipIf(why)("many updates of a scatter are sorted by where they go", () => {
  for (const width of [1, 6, 64]) // no vectors, then windows of them
    test(`an embedding's gradient, ${width} wide`, () => agrees((m) => {
      const table = m.param("table", [40, width]);
      m.fn("f", { at: i32(count), y: f32(count, width) }, ({ at, y }) => ({ y: grad(table.indexSelect(0, at).mul(y).sum(), [table])[0] }));
    }, { at: places(count, 40), y: numbers(count * width) }));

  for (const reduce of ["sum", "prod", "amax", "amin"] as const)
    test(`scatterReduce ${reduce}, each column with indices of its own, into what is there`, () => agrees((m) => {
      m.fn("f", { x: f32(30, 8), at: i32(count, 8), y: f32(count, 8) }, ({ x, at, y }) => ({ y: x.scatterReduce(0, at, y, reduce) }));
    }, { x: numbers(240), at: places(count * 8, 30), y: numbers(count * 8, 2).map((v) => (reduce === "prod" ? 1 + v / 1000 : v)) }));

  test("of several updates that are set, the last holds", () => agrees((m) => {
    m.fn("f", { x: f32(50, 16), at: i32(count), y: f32(count, 16) }, ({ x, at, y }) => ({ y: x.indexPut([at], y) }));
  }, { x: numbers(800), at: places(count, 37), y: numbers(count * 16) }));

  test("two indices, computed updates, integers", () => agrees((m) => {
    m.fn("f", { x: i32(9, 11), a: i32("B", 100), b: i32("B", 100) }, ({ x, a, b }) => ({ y: x.indexPut([a, b], a.mul(3).add(b), { accumulate: true }) }));
  }, { x: Int32Array.from({ length: 99 }, (_, i) => i), a: places(count, 9), b: places(count, 11, 5) }));

  test("bools, by their largest", () => agrees((m) => {
    m.fn("f", { x: bool(7), at: i32(count), y: bool(count) }, ({ x, at, y }) => ({ y: x.convert("i32").scatterReduce(0, at, y.convert("i32"), "amax") }));
  }, { x: new Uint8Array(7), at: places(count, 6), y: Uint8Array.from({ length: count }, (_, i) => Number(i % 7 === 0)) }));

  test("NaN stays, and -0 where nothing else is added", async () => {
    const at = places(count, 20).map((i) => (i === 4 || i === 5 ? 6 : i)), y = numbers(count);
    at[500] = 4;
    y[500] = -0;
    at[501] = 5;
    y[501] = NaN;
    const define = (m: ModelBuilder): void => { m.fn("f", { x: f32(20), at: i32(count), y: f32(count) }, ({ x, at: i, y: u }) => ({ y: x.scatterAdd(0, i, u) })); };
    const [got] = await outputs("webgpu", define, { x: new Float32Array(20).fill(-0), at, y }, 1);
    expect(got[4]).toBe(-0);
    expect(got[5]).toBeNaN();
  });

  test("an index out of range is an error", async () => {
    const at = places(count, 20);
    at[77] = 20;
    await expect(outputs("webgpu", (m) => { m.fn("f", { x: f32(20), at: i32(count), y: f32(count) }, ({ x, at: i, y: u }) => ({ y: x.scatterAdd(0, i, u) })); }, { x: numbers(20), at, y: numbers(count) }, 1)).rejects.toThrow(/index 20 is out of range for size 20/);
  });
});

/** Iterations of a kernel's loops; of one that ends early, where each of its iterations is counted once for all. */
function iterations(kernel: Kernel): number {
  const count = (body: readonly Stmt[]): number => body.reduce((n, s) => n + (s.kind === "loop" ? (s.while ? 1 : dims.evaluate(s.var.extent, {}) / s.step) * count(s.body) : 1), 0);
  if (!kernel.sort) return count(kernel.body);
  const length = dims.evaluate(kernel.sort.length, {});
  return length * (32 + Math.log2(length) ** 2);
}

test("the gradient of an embedding is work of its updates' size, not of its table's or of its updates' for each element", () => {
  const [rows, width, updates] = [5000, 64, 4096];
  const { kernels } = compileFunction(defineModel("embedding", (m) => {
    const table = m.param("table", [rows, width]);
    m.fn("f", { at: i32(updates), y: f32(updates, width) }, ({ at, y }) => ({ g: grad(table.indexSelect(0, at).mul(y).sum(), [table])[0] }));
  }).functions[0], "webgpu").plan;
  const filling = rows * width, work = kernels.reduce((n, k) => n + iterations(k), 0);
  expect(work).toBeLessThan(filling + 10 * updates * width);
  // one that goes through all updates would be at 64 × 64 × 4096 of them
  expect(work).toBeLessThan((64 * width * updates) / 4);
});
