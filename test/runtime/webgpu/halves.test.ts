import { expect, test } from "vitest";
import { bf16, defineModel, f16, full, scan, tensor } from "chainrule";
import type { GpuModel } from "chainrule/runtime";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { stored, unstored } from "../../../ir/types/index.ts";
import { sharedGpu, whyNoGpu } from "../../webgpu/gpu.ts";

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): nothing is tested of halves on one !!!\n`);

const model = defineModel("halves", (m) => {
  const w = m.param("w", [3], { dtype: "f16", init: [1, 0.1, -2] });
  const s = m.state("s", [5], { dtype: "bf16" });
  m.fn("scale", { x: f16("N", 3) }, ({ x }) => ({ y: x.mul(w), sum: x.sum(), wide: x.float() }));
  m.fn("keep", { x: bf16(5) }, ({ x }) => ({ outputs: { old: s }, updates: [[s, x]] }));
  m.fn("shift", { v: f16("K") }, ({ v }) => ({ y: v.add(1) }));
});
const bits = (dtype: "f16" | "bf16", x: readonly number[]): Uint16Array<ArrayBuffer> => Uint16Array.from(x, (v) => stored(dtype, v));
const load = async (): Promise<GpuModel> => instantiate(compile(model, { target: "webgpu" }), { device: await sharedGpu() });

test.skipIf(why)("bits or numbers go in; bits come out, and their numbers when asked for, an odd count too", async () => {
  const net = await load();
  const tenth = unstored("f16", stored("f16", 0.1)), want = [1, unstored("f16", stored("f16", 2 * tenth)), -6];
  for (const x of [bits("f16", [1, 2, 3]), Float32Array.of(1, 2, 3), [[1, 2, 3]]] as const) {
    const { y, sum, wide } = await net.functions.scale({ x });
    expect(y.data).toEqual(bits("f16", want));
    expect(y.toNested()).toEqual([want]);
    expect(sum.item()).toBe(6);
    expect(wide.data).toEqual(Float32Array.of(1, 2, 3));
  }
  expect((await net.functions.scale({ x: [[70000, -0, NaN]] })).y.toNested()).toEqual([[Infinity, -0, NaN]]);
});

test.skipIf(why)("variables are written, read and saved as halves", async () => {
  const net = await load(), values = [1 / 3, -1e30, 3, NaN, -0].map((x) => unstored("bf16", stored("bf16", x)));
  net.write("w", [0.5, 1e-7, 3]);
  expect((await net.read("w")).toNested()).toEqual([0.5, unstored("f16", 2), 3]);
  await net.functions.keep({ x: values });
  const saved = await net.save(), other = await load();
  other.restore(saved);
  expect((await other.read("s")).toNested()).toEqual(values);
  expect(await other.save()).toEqual(saved);
});

test.skipIf(why)("in half the memory: so are buffers of the caller's, which are taken and returned as they are", async () => {
  const net = await load(), device = await sharedGpu();
  const given = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(given, 0, bits("f16", [1, 2, 3, 4, 5, 6, 7, 8]));
  const { y } = await net.queue.shift({ v: { dtype: "f16", shape: [8], buffer: given } });
  expect((y.buffer as GPUBuffer).size).toBe(16);
  expect((await y.read()).toNested()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  // kernels read whole vectors: what ends before one is copied
  const short = device.createBuffer({ size: 12, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC });
  device.queue.writeBuffer(short, 0, bits("f16", [1, 2, 3, 4, 5, 6]));
  expect((await net.functions.shift({ v: { dtype: "f16", shape: [5], buffer: short } })).y.toNested()).toEqual([2, 3, 4, 5, 6]);
  await expect(net.functions.shift({ v: { dtype: "f16", shape: [7], buffer: short } })).rejects.toThrow("a buffer of 12 bytes cannot hold 7 elements, which take 16");
});

test.skipIf(why)("constants, rows of a loop that begin within a word, and what is copied", async () => {
  const program = defineModel("program", (m) => {
    m.fn("f", { x: bf16("T", 3) }, ({ x }) => {
      const [last, rows] = scan((sum, row) => [sum.add(row), sum.mul(row)], tensor([0.1, 0.2, 0.3], "bf16"), x);
      return { last, rows, dense: tensor([0.1, 0.2, 0.3], "bf16"), filled: full([5], 0.1, "f16"), same: x };
    });
  });
  const net = await instantiate(compile(program, { target: "webgpu" }), { device: await sharedGpu() });
  const wasm = await instantiate(compile(program, { target: "wasm" }));
  const x = bits("bf16", Array.from({ length: 15 }, (_, i) => Math.sin(i))), got = await net.functions.f({ x }), want = await wasm.functions.f({ x });
  for (const name of ["last", "rows", "dense", "filled", "same"]) expect(got[name].data, name).toEqual(want[name].data);
});
