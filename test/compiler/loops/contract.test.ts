import { expect, test } from "vitest";
import { defineModel, f32, nn, type ModelBuilder } from "chainrule";
import { compileFunction } from "../../../compiler/pipeline.ts";
import { printKernel } from "../../../compiler/loops/print.ts";
import { golden } from "../../golden.ts";

const kernelsOf = (define: (m: ModelBuilder) => void): string[] =>
  compileFunction(defineModel("products", (m) => { define(m); }).functions[0], "wasm").plan.kernels.map((k) => printKernel(k).replace(/_L\d+|(?<=\.ts):\d+/g, ""));

test("a small product reads its columns where they are, a row by itself in loops of its own", () => {
  golden("loops/direct.txt", kernelsOf((m) => { m.fn("f", { a: f32("M", 24), b: f32(24, 16) }, ({ a, b }) => ({ y: a.matmul(b).relu() })); }).join("\n"));
});

test("a convolution packs its kernel, pads an image at a time, and looks up where in it each step reads", () => {
  golden("loops/conv.txt", kernelsOf((m) => {
    const conv = m.use("conv", nn.conv2d(4, 8, 3, { padding: 1 }));
    m.fn("f", { x: f32("B", 4, 12, 12) }, ({ x }) => ({ y: conv(x) }));
  }).join("\n"));
});

test("columns far apart are packed; what one way costs more than another decides", () => {
  const isPacked = (kernel: string): boolean => kernel.includes("scratch panels");
  const product = (rows: number | string, depth: number, columns: number) => kernelsOf((m) => { m.fn("f", { a: f32(rows, depth), b: f32(depth, columns) }, ({ a, b }) => ({ y: a.matmul(b) })); })[0];
  expect(isPacked(product(512, 512, 512))).toBe(true);
  expect(isPacked(product(64, 64, 64))).toBe(false);
  // of one row nothing would be read twice
  expect(isPacked(product(1, 1024, 1024))).toBe(false);
});

test("pooling windows are written out, and a short row ends with a vector that overlaps", () => {
  const [pool] = kernelsOf((m) => { m.fn("f", { x: f32("B", 3, 14, 14) }, ({ x }) => ({ y: nn.functional.maxPool2d(x, 2) })); });
  expect(pool).not.toMatch(/max= /);
  expect(pool).toContain("_last < 4 (4 lanes, step 4)");
});
