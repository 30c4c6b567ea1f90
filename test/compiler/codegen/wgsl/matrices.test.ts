import { beforeAll, describe, expect, test } from "vitest";
import { f16 } from "chainrule";
import type { WebGpuKernels } from "chainrule/runtime";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { printWgsl } from "../../../../compiler/codegen/wgsl/index.ts";
import { compile, compileFunction } from "../../../../compiler/pipeline.ts";
import { adoptGpu } from "../../../../runtime/webgpu/gpu.ts";
import { matrixFeature, matrixUnit, type MatrixUnit } from "../../../../runtime/webgpu/matrices.ts";
import { makePipelines } from "../../../../runtime/webgpu/pipelines.ts";
import { golden } from "../../../golden.ts";
import { sharedGpu, whyNoGpu } from "../../../webgpu/gpu.ts";
import { configOf, emulatedMatrices } from "../../../webgpu/matrices.ts";
import { nullGpu, validating } from "../../../webgpu/null.ts";
import { cases, exactly, expectExactly, modelOf, product, type Case } from "./half-products.ts";

// Products of halves on devices whose subgroups multiply matrices. Few machines have one: so what Tint says of the shaders
// is asked of a device that computes nothing, and what they compute is computed by one on which matrices are emulated. All
// of it runs on a device that has them, where there is one (WEBGPU_ADAPTER=native).

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): no matrices are emulated on one !!!\n`);
const shared = why ? undefined : await sharedGpu(), real = shared && await matrixUnit(shared, shared.adapterInfo);
const nothing = await nullGpu(["shader-f16", "subgroups", matrixFeature]);
if (!nothing) console.warn("\n!!! the package webgpu cannot be loaded: no shader is validated for devices with matrices !!!\n");

const textOf = (c: Case): string => { const model = modelOf(c); return printWgsl(model.functions.map((fn) => compileFunction(fn, "webgpu").plan), model); };
const kernelsOf = async (c: Case): Promise<WebGpuKernels> => ({ build: "", ...await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(textOf(c))}`) as Omit<WebGpuKernels, "build"> });

/** Shaders that multiply matrices, but for what asks whether these are right. */
const inMatrices = (codes: readonly string[]): string[] => codes.filter((code) => code.includes("subgroupMatrixLoad") && !code.includes("fn main("));

/** Shaders of a model for a unit, which Tint has seen. */
async function validated(c: Case, matrices: MatrixUnit): Promise<string[]> {
  const { device, codes } = validating(nothing!);
  await makePipelines(adoptGpu(device), await kernelsOf(c), { rows: { subgroup: undefined, width: undefined, most: 256 }, matrices });
  return inMatrices(codes);
}

const unit = (component: MatrixUnit["component"], rows: number, columns: number, steps: number): MatrixUnit => ({ component, rows, columns, steps, subgroup: 32 });

describe.skipIf(!nothing)("kernels that multiply matrices are valid, whatever their sizes", () => {
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      for (const u of [unit("f16", 16, 16, 16), unit("f16", 16, 8, 8), unit("f16", 8, 16, 32), unit("f32", 8, 8, 8)]) expect((await validated(c, u)).length).toBeGreaterThan(0);
    });

  test("those that are not are found out", async () => {
    nothing!.pushErrorScope("validation");
    await expect(validated(cases["whole tiles"], unit("f16", 16, 16, 3.5))).rejects.toThrow(/^the device rejects kernel k_f_dot .*: line \d+: /);
    await nothing!.popErrorScope();
  });
});

describe.skipIf(why)("what they compute, emulated", () => {
  const emulated: readonly (readonly [keyof typeof cases, ReturnType<typeof configOf>])[] = [
    ["the second operand transposed, with something done to each sum", configOf("f16", 8, 8, 8)],
    ["the first operand transposed, a symbolic number of steps", configOf("f16", 8, 8, 16)],
    ["stored along the rows", configOf("f16", 16, 8, 8)],
    ["so many that tiles are large", configOf("f32", 8, 8, 8)],
    ["a convolution", configOf("f16", 8, 16, 8)],
  ];
  for (const [name, config] of emulated)
    test(name, async () => {
      const { device, codes } = emulatedMatrices(shared!, [config], 8), net = await instantiate(compile(modelOf(cases[name]), { target: "webgpu" }), { device });
      expect(inMatrices(codes).length).toBeGreaterThan(0);
      await expectExactly(net, exactly(cases[name]));
      net.destroy();
    });
});

describe.skipIf(!real)("what they compute on a device that has matrices", () => {
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      const codes: string[] = [], create = shared!.createShaderModule.bind(shared);
      shared!.createShaderModule = (d) => { codes.push(d.code); return create(d); };
      const net = await instantiate(compile(modelOf(c), { target: "webgpu" }), { device: shared! });
      shared!.createShaderModule = create;
      expect(inMatrices(codes).length).toBeGreaterThan(0);
      await expectExactly(net, exactly(c));
      net.destroy();
    });
});

describe("which products have such kernels", () => {
  let layer: WebGpuKernels;
  beforeAll(async () => { layer = await kernelsOf(cases["the second operand transposed, with something done to each sum"]); });

  test("those of halves", async () => {
    expect(layer.kernels.map((k) => k.matrices?.subgroups)).toEqual([1]);
    expect((await kernelsOf(product("f16", (x, w) => x.matmul(w), 64))).kernels.some((k) => k.matrices)).toBe(true);
  });
  test("no others: what is computed in f32 would have to be rounded, and bf16 has a larger range", () => {
    expect(textOf(product("f32", (x, w) => x.matmul(w), 64))).not.toContain("matrices:");
    expect(textOf(product("bf16", (x, w) => x.matmul(w), 64))).not.toContain("matrices:");
    expect(textOf(product("f16", (x, w) => x.float().mul(0.1).matmul(w.float()), 64))).not.toContain("matrices:");
  });
  test("none where most of a tile would be empty", () => {
    expect(textOf(product("f16", (x, w) => x.matmul(w), 12))).not.toContain("matrices:");
  });
});

test.skipIf(!nothing)("such a kernel, as a device gets it", async () => {
  const c: Case = { define: (m) => { m.fn("f", { x: f16("B", 64), w: f16(40, 64), b: f16(40) }, ({ x, w, b }) => ({ y: x.matmul(w.transpose(0, 1)).add(b).relu() })); }, sizes: {} };
  // names of buffers have lines in them
  golden("wgsl/matrices.wgsl", `${(await validated(c, unit("f16", 16, 16, 16))).join("\n").replace(/_L\d+/g, "_L1")}\n`);
});
