import { describe, expect, test } from "vitest";
import { defineModel, f32, grad, nn, type ModelBuilder } from "chainrule";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile, compileFunction } from "../../../compiler/pipeline.ts";
import { printKernel } from "../../../compiler/loops/print.ts";

/** Tiles of products for engines whose vectors have 256 bits, made of two of 128. */

const define = (f: (m: ModelBuilder) => void) => defineModel("products", (m) => { f(m); });
const kernels = (f: (m: ModelBuilder) => void): string[] =>
  compileFunction(define(f).functions[0], "wasm", undefined, {}, 256).plan.kernels.map((k) => printKernel(k));
const product = (rows: number | string, depth: number, columns: number) => (m: ModelBuilder): void => { m.fn("f", { a: f32(rows, depth), b: f32(depth, columns) }, ({ a, b }) => ({ y: a.matmul(b) })); };
const linear = (rows: number | string) => (m: ModelBuilder): void => { m.fn("f", { a: f32(rows, 784), w: f32(256, 784) }, ({ a, w }) => ({ y: a.matmul(w.transpose(0, 1)) })); };

/** Accumulators that the largest tile of a kernel adds to in a step. */
const accumulators = (kernel: string): number => Math.max(...kernel.split(/\n *for /).map((part) => [...part.matchAll(/sum\d*\w* sum= /g)].length));

describe("of 256 bits", () => {
  test("a large product has tiles of 6×16, and one of fewer rows lower ones", () => {
    expect(accumulators(kernels(product(512, 512, 512))[0])).toBe(24);
    expect(accumulators(kernels(product(5, 512, 512))[0])).toBe(20);
    expect(accumulators(kernels(product(4, 512, 512))[0])).toBe(16);
  });
  test("what is not stored as neighbours has tiles of 4×8: there are no pairs in it", () => {
    const conv = (m: ModelBuilder): void => { const layer = m.use("conv", nn.conv2d(16, 32, 3, { padding: 1 })); m.fn("f", { x: f32("B", 16, 14, 14) }, ({ x }) => ({ y: layer(x) })); };
    expect(Math.max(...kernels(conv).map(accumulators))).toBe(8);
  });
  test("for rows that a symbol counts nothing is packed: there may be one", () => {
    expect(kernels(linear("B"))[0]).not.toContain("scratch panels");
    expect(kernels(linear(512))[0]).toContain("scratch panels");
  });
});

describe("as double precision says", () => {
  const sizes: [number, number, number][] = [];
  for (const rows of [1, 4, 5, 6, 7, 11, 18, 25]) for (const columns of [1, 3, 4, 7, 8, 12, 15, 16, 17, 28, 31, 48]) sizes.push([rows, 37, columns]);
  test("products of all shapes and transpositions, and their gradients", async () => {
    for (const vectorBits of [128, 256] as const) {
      const model = await instantiate(compile(define((m) => {
        for (const [i, [rows, depth, columns]] of sizes.entries())
          m.fn(`f${i}`, { a: f32(rows, depth), b: f32(depth, columns) }, ({ a, b }) => {
            const y = a.matmul(b), [da, db] = grad(y.mul(y).sum(), [a, b]);
            return { y, da, db };
          });
      }), { target: "wasm", vectorBits }));
      for (const [i, [rows, depth, columns]] of sizes.entries()) {
        const a = Float32Array.from({ length: rows * depth }, (_, k) => Math.sin(k)), b = Float32Array.from({ length: depth * columns }, (_, k) => Math.cos(3 * k));
        const got = model.sync[`f${i}`]({ a: { dtype: "f32", shape: [rows, depth], data: a }, b: { dtype: "f32", shape: [depth, columns], data: b } });
        const y = Float64Array.from({ length: rows * columns }, (_, k) => { let s = 0; for (let r = 0; r < depth; r++) s += a[Math.floor(k / columns) * depth + r] * b[r * columns + (k % columns)]; return s; });
        const da = Float64Array.from({ length: rows * depth }, (_, k) => { let s = 0; for (let c = 0; c < columns; c++) s += 2 * y[Math.floor(k / depth) * columns + c] * b[(k % depth) * columns + c]; return s; });
        const db = Float64Array.from({ length: depth * columns }, (_, k) => { let s = 0; for (let r = 0; r < rows; r++) s += 2 * a[r * depth + Math.floor(k / columns)] * y[r * columns + (k % columns)]; return s; });
        for (const [name, want] of Object.entries({ y, da, db })) {
          const data = got[name].data as Float32Array, scale = want.reduce((m, x) => Math.max(m, Math.abs(x)), 1);
          expect(data.reduce((worst, x, k) => Math.max(worst, Math.abs(x - want[k]) / scale), 0), `${name} of ${rows}×${depth}×${columns}, ${vectorBits} bits`).toBeLessThan(2e-6);
        }
      }
    }
  });
});
