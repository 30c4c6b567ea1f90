import { beforeAll, describe, expect, test } from "vitest";
import { autocast, bf16, defineModel, f16, f32, grad, i32, losses, nn, optim, type ModelBuilder } from "chainrule";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { printWgsl } from "../../../../compiler/codegen/wgsl/index.ts";
import { compile, compileFunction } from "../../../../compiler/pipeline.ts";
import type { Half } from "../../../../ir/types/index.ts";
import { adoptGpu } from "../../../../runtime/webgpu/gpu.ts";
import { makePipelines } from "../../../../runtime/webgpu/pipelines.ts";
import { nullGpu } from "../../../webgpu/null.ts";

const why = (await nullGpu([])) ? undefined : "the package webgpu cannot be loaded";
if (why) console.warn(`\n!!! ${why}: no shader is validated for devices with f16 !!!\n`);

/** What kernels there are of halves: maps, rows, products in blocks and tiles, convolutions, chains, scatters. */
const cases: Readonly<Record<string, (m: ModelBuilder, dtype: Half) => void>> = {
  "maps, in vectors and singly": (m, dtype) => {
    const half = dtype === "f16" ? f16 : bf16;
    m.fn("f", { x: half("N", 64), y: half(7, 3) }, ({ x, y }) => ({ a: x.mul(2).tanh(), b: y.transpose(0, 1).add(1), c: x.float(), d: y.flip(0) }));
  },
  "rows": (m, dtype) => {
    const half = dtype === "f16" ? f16 : bf16;
    m.fn("f", { x: half("N", 512), y: half("N", 37) }, ({ x, y }) => ({ a: x.softmax(-1), b: y.softmax(-1), c: y.argmax(1), d: x.sum(), e: x.cumsum(1) }));
  },
  "products and training": (m, dtype) => {
    const fc1 = m.use("fc1", nn.linear(64, 96)), fc2 = m.use("fc2", nn.linear(96, 10));
    m.trainStep("train", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => losses.crossEntropy(autocast(dtype, () => fc2(fc1(x).gelu())), label), optim.adam({ lr: 1e-3 }));
  },
  "what is dear to compute": (m, dtype) => {
    const half = dtype === "f16" ? f16 : bf16;
    m.fn("f", { x: half(64, 64), w: half(64, 64) }, ({ x, w }) => ({ y: x.exp().tanh().matmul(w) }));
  },
  "convolutions": (m, dtype) => {
    const half = dtype === "f16" ? f16 : bf16, conv = m.use("conv", nn.conv2d(3, 8, 3, { padding: 1 }));
    m.fn("f", { x: half(2, 3, 9, 9) }, ({ x }) => ({ y: autocast(dtype, () => conv(x.float())) }));
  },
  "places": (m, dtype) => {
    const table = m.param("table", [50, 16], { dtype });
    m.fn("f", { at: i32("B", 100) }, ({ at }) => ({ y: table.indexSelect(0, at.reshape("B*100")).sort(1).values, g: grad(table.indexSelect(0, at.reshape("B*100")).float().sum(), [table])[0] }));
  },
};

describe.skipIf(why)("kernels of halves are valid where a device has f16, and where it has not", () => {
  for (const [name, define] of Object.entries(cases))
    for (const dtype of ["f16", "bf16"] as const)
      for (const features of [[], ["shader-f16"]])
        test(`${name}, in ${dtype}, ${features.length > 0 ? "with" : "without"} f16`, async () => {
          const device = (await nullGpu(features))!, codes: string[] = [];
          const create = device.createShaderModule.bind(device);
          device.createShaderModule = (d) => { codes.push(d.code); return create(d); };
          const compiled = compile(defineModel("halves", (m) => { define(m, dtype); }), { target: "webgpu" });
          await instantiate(compiled, { device });
          expect(codes.some((c) => /array<vec2<u32>>|array<u32>|array<atomic<u32>>/.test(c) || c.includes("enable f16;"))).toBe(true);
          expect(codes.some((c) => c.includes("enable f16;"))).toBe(dtype === "f16" && features.length > 0);
        });

  test("a shader that is none is found out", async () => {
    const device = (await nullGpu(["shader-f16"]))!;
    const kernel = { name: "k", at: "nowhere", text: "@compute @workgroup_size(1) fn k() { let x: f16 = 1.5f; }", halves: { words: "", f16: "" }, calls: [], access: "", scalars: [], groups: 1, canFault: false };
    device.pushErrorScope("validation");
    await expect(makePipelines(adoptGpu(device), { build: "", library: {}, kernels: [kernel], functions: {}, constants: [], notes: [] })).rejects.toThrow(/^the device rejects kernel k .*f16/);
    await device.popErrorScope();
  });
});

describe("how halves are stored", () => {
  const text = (define: (m: ModelBuilder) => void): string => printWgsl([compileFunction(defineModel("halves", (m) => { define(m); }).functions[0], "webgpu").plan], { name: "halves" });

  let whole: string, odd: string;
  beforeAll(() => {
    whole = text((m) => { m.fn("f", { x: f16(64, 64) }, ({ x }) => ({ y: x.mul(2) })); });
    odd = text((m) => { m.fn("f", { x: f16(7, 3) }, ({ x }) => ({ y: x.transpose(0, 1).mul(2) })); });
  });

  test("in vectors: four are two words, read and written at once", () => {
    expect(whole).toContain("var<storage, read> x: array<vec2<u32>>;");
    expect(whole).toMatch(/var<storage, read_write> \w+: array<vec2<u32>>;/);
    expect(whole).not.toContain("atomic");
  });
  test("singly: of a word that two invocations write, each turns over the bits of its own half", () => {
    expect(odd).toMatch(/var<storage, read_write> \w+: array<atomic<u32>>;/);
    expect(odd).toContain("atomicXor(");
  });
});
