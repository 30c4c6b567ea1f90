import { beforeAll, describe, expect, test } from "vitest";
import { defineModel, f32, i32, losses, nn, optim, scan, whileLoop } from "chainrule";
import type { GpuModel } from "chainrule/runtime";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { deviceFor } from "../../../runtime/index.ts";
import { adoptGpu } from "../../../runtime/webgpu/gpu.ts";
import { makePipelines } from "../../../runtime/webgpu/pipelines.ts";
import { sharedGpu, startGpu, whyNoGpu } from "../../webgpu/gpu.ts";

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): nothing is tested of models on one !!!\n`);

const model = defineModel("net", (m) => {
  const fc1 = m.use("fc1", nn.linear(8, 16)), fc2 = m.use("fc2", nn.linear(16, 4));
  const table = m.param("table", [5, 4]);
  m.fn("predict", { x: f32("B", 8) }, ({ x }) => ({ y: fc2(fc1(x).gelu()) }));
  m.fn("double", { v: f32("N") }, ({ v }) => ({ y: v.mul(2) }));
  m.trainStep("train", { x: f32("B", 8), label: i32("B") }, ({ x, label }) => losses.crossEntropy(fc2(fc1(x).gelu()), label), optim.adam({ lr: 0.01 }));
  const largest = m.state("largest", [5, 1]);
  // where `largest` is written is only known when the table has been: that is put aside
  m.fn("put", { at: i32("B"), rows: f32("B", 4) }, ({ at, rows }) => {
    const written = table.indexCopy(0, at, rows), row = written.sum(1).argmax(0).unsqueeze(0);
    return { outputs: {}, updates: [[table, written], [largest, largest.indexCopy(0, row, rows.sum().reshape(1, 1))]] };
  });
  m.fn("look", { at: i32("B") }, ({ at }) => ({ outputs: { rows: table.indexSelect(0, at) }, updates: [[table, table.add(1)]] }));
});

const x = (rows: number): Float32Array<ArrayBuffer> => Float32Array.from({ length: rows * 8 }, (_, i) => Math.sin(3 * i));
const label = (rows: number): Int32Array<ArrayBuffer> => Int32Array.from({ length: rows }, (_, i) => i % 4);

/** The device, but without room for buffers of these labels. */
function withoutRoomFor(labels: ReadonlySet<string>, device: GPUDevice): GPUDevice {
  let missing: string | undefined;
  const scopes: GPUErrorFilter[] = [];
  const instead: Partial<GPUDevice> = {
    createBuffer(descriptor) {
      if (labels.has(descriptor.label ?? "")) missing = descriptor.label;
      return device.createBuffer(descriptor);
    },
    pushErrorScope(filter) {
      scopes.push(filter);
      return device.pushErrorScope(filter);
    },
    async popErrorScope() {
      const what = scopes.pop() === "out-of-memory" ? missing : undefined;
      if (what !== undefined) missing = undefined;
      const error = await device.popErrorScope();
      return what === undefined ? error : { message: `no room for ${what}` };
    },
  };
  return new Proxy(device, {
    get(_, key: keyof GPUDevice) {
      if (key in instead) return instead[key];
      const own: unknown = device[key];
      return typeof own === "function" ? own.bind(device) as unknown : own;
    },
  });
}

describe.skipIf(why)("a model on a GPU", () => {
  let net: GpuModel;
  beforeAll(async () => { net = await instantiate(compile(model, { target: "webgpu" }), { device: await sharedGpu(), seed: 3 }); }, 60_000);

  test("trains as on wasm", async () => {
    const host = await instantiate(compile(model, { target: "wasm" }), { seed: 3 });
    for (let i = 0; i < 5; i++) {
      const [a, b] = [await host.functions.train({ x: x(12), label: label(12) }), await net.functions.train({ x: x(12), label: label(12) })];
      expect(b.loss.item()).toBeCloseTo(a.loss.item(), 5);
    }
    const [a, b] = [host.read("fc1.weight").data, (await net.read("fc1.weight")).data];
    b.forEach((v: number, i: number) => expect(v).toBeCloseTo(a[i], 4));
  });

  test("sums in vectors over rows of which a symbol says how many there are", async () => {
    const columns = defineModel("columns", (m) => { m.fn("f", { v: f32("B", 128, 64) }, ({ v }) => ({ y: v.sum([0, 1]) })); });
    const data = Float32Array.from({ length: 8 * 128 * 64 }, (_, i) => i % 64);
    const { y } = await (await instantiate(compile(columns, { target: "webgpu" }), { device: await sharedGpu() })).functions.f({ v: { dtype: "f32", shape: [8, 128, 64], data } });
    expect([...y.data]).toEqual(Array.from({ length: 64 }, (_, i) => 1024 * i));
  });

  test("a call is one submit, and makes no buffer after the first", async () => {
    await net.functions.train({ x: x(6), label: label(6) });
    const before = net.counts;
    for (let i = 0; i < 4; i++) await net.functions.train({ x: x(6), label: label(6) });
    expect(net.counts).toEqual({ buffers: before.buffers, submits: before.submits + 4 });
  });

  test("steps queue up without being waited for, in order, with what the inputs were when they were given", async () => {
    const twin = await instantiate(compile(model, { target: "webgpu" }), { device: await sharedGpu(), seed: 9 });
    const other = await instantiate(compile(model, { target: "webgpu" }), { device: await sharedGpu(), seed: 9 });
    const reused = new Float32Array(8 * 8), all: Promise<unknown>[] = [];
    for (let i = 1; i <= 5; i++) {
      const batch = x(8).map((v) => v * i);
      reused.set(batch);
      all.push(twin.functions.train({ x: reused, label: label(8) }));
      await other.functions.train({ x: batch, label: label(8) });
    }
    await Promise.all(all);
    expect((await twin.save())).toEqual(await other.save());
  });

  test("a GPUBuffer of the caller's device is an input, and results stay on the device until they are read", async () => {
    const device = await sharedGpu();
    const buffer = device.createBuffer({ size: 4 * 8 * 3, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(buffer, 0, x(3));
    const want = await net.functions.predict({ x: x(3) });
    const { y } = await net.queue.predict({ x: { dtype: "f32", shape: [3, 8], buffer } });
    expect(y.buffer).toBeInstanceOf(GPUBuffer);
    expect((await y.read()).data).toEqual(want.y.data);
    await net.functions.predict({ x: x(1) });
    await expect(y.read()).rejects.toThrow("overwritten by a later call");
    // 84 bytes: kernels read whole vectors, past the end of a buffer of that size
    const odd = device.createBuffer({ size: 84, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC }), data = Float32Array.from({ length: 21 }, (_, i) => i + 1);
    device.queue.writeBuffer(odd, 0, data);
    expect((await net.functions.double({ v: { dtype: "f32", shape: [21], buffer: odd } })).y.data).toEqual(data.map((v) => 2 * v));
    const stuck = device.createBuffer({ size: 84, usage: GPUBufferUsage.STORAGE });
    await expect(net.functions.double({ v: { dtype: "f32", shape: [21], buffer: stuck } })).rejects.toThrow("the buffer given for it has 84 bytes, and kernels read whole vectors: make it of 96 bytes, or with GPUBufferUsage.COPY_SRC");
    const noStorage = device.createBuffer({ size: 96, usage: GPUBufferUsage.COPY_DST });
    await expect(net.functions.predict({ x: { dtype: "f32", shape: [3, 8], buffer: noStorage } })).rejects.toThrow("without GPUBufferUsage.STORAGE");
  });

  test("results on the device are inputs of the next call, also where that writes over them or makes their buffer anew", async () => {
    const chained = await instantiate(compile(defineModel("chained", (m) => {
      m.fn("mix", { v: f32("N") }, ({ v }) => ({ y: v.sum().mul(v).add(v.flip(0)) }));
      m.fn("spread", { v: f32("N") }, ({ v }) => ({ y: v.unsqueeze(0).expand([100, "N"]).mul(2) }));
    }), { target: "webgpu" }), { device: await sharedGpu() });
    const v = Float32Array.of(1, 2, 3, 4);
    let want = v;
    for (let i = 0; i < 3; i++) want = (await chained.functions.mix({ v: want })).y.data as typeof want;
    const first = await chained.queue.mix({ v }), second = await chained.queue.mix({ v: first.y }), third = await chained.queue.mix({ v: second.y });
    await expect(chained.functions.mix({ v: first.y })).rejects.toThrow("chained.mix: what is given for v has been overwritten by a later call");
    expect((await third.y.read()).data).toEqual(want);
    const { y } = await chained.functions.spread({ v: third.y });
    expect(y.shape).toEqual([100, 4]);
    expect(y.data.slice(-4)).toEqual(want.map((x) => 2 * x));
    let { y: last } = await chained.queue.mix({ v });
    const before = chained.counts.buffers;
    for (let i = 0; i < 3; i++) ({ y: last } = await chained.queue.mix({ v: last }));
    expect(chained.counts.buffers).toBe(before);
    chained.destroy();
  });

  test("an index out of range is an error that names the op, and changes nothing", async () => {
    const before = (await net.read("table")).data;
    await expect(net.functions.look({ at: Int32Array.of(1, 7, 2) })).rejects.toThrow(/net\.look: .*index 7 is out of range for size 5/);
    expect((await net.read("table")).data).toEqual(before);
    const { rows } = await net.functions.look({ at: Int32Array.of(4) });
    expect(rows.data).toEqual(before.slice(16));
    expect((await net.read("table")).data).toEqual(before.map((v: number) => Math.fround(v + 1)));
  });

  test("what the device has against a call is an error of that call, also on the caller's device", async () => {
    const device = await sharedGpu(), data = Float32Array.of(1, 2, 3, 4), flags = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const other = await (await navigator.gpu.requestAdapter())!.requestDevice();
    const foreign = { dtype: "f32", shape: [4], buffer: other.createBuffer({ size: 16, usage: flags }) } as const;
    await expect(net.functions.double({ v: foreign })).rejects.toThrow(/net\.double: the GPU device reports of kernel k_double_mul \(mul: model\.test\.ts:\d+\): .*cannot be used with/s);
    await expect(net.queue.double({ v: foreign })).rejects.toThrow("cannot be used with");
    const own = device.createBuffer({ size: 16, usage: flags }), given = { dtype: "f32", shape: [4], buffer: own } as const;
    device.queue.writeBuffer(own, 0, data);
    expect((await net.functions.double({ v: given })).y.data).toEqual(data.map((v) => 2 * v));
    own.destroy();
    await expect(net.functions.double({ v: given })).rejects.toThrow(/net\.double: the GPU device reports: .*destroyed/s);
    await expect(net.queue.double({ v: given })).rejects.toThrow("destroyed");
    expect((await net.functions.double({ v: data })).y.data).toEqual(data.map((v) => 2 * v));
    other.destroy();
  });

  test("saves, restores, resets and writes", async () => {
    const file = await net.save();
    net.write("fc2.bias", Float32Array.of(1, 2, 3, 4));
    expect((await net.read("fc2.bias")).data).toEqual(Float32Array.of(1, 2, 3, 4));
    net.restore(file);
    expect(await net.save()).toEqual(file);
    net.reset(3);
    const host = await instantiate(compile(model, { target: "js" }), { seed: 3 });
    expect((await net.read("fc1.weight")).data).toEqual(host.read("fc1.weight").data);
    expect(() => net.write("fc2.bias", Float32Array.of(1))).toThrow("fc2.bias is f32[4], not 1 elements");
    expect(() => net.sync.predict({ x: x(1) })).toThrow("await net.predict");
    await expect(net.functions.predict({ x: Float32Array.of(1) })).rejects.toThrow("x is f32[B,8] and cannot have 1 elements");
  });

  test("profiles: time of each kernel, with the lines it comes from", async () => {
    const times = await net.profile("train", { x: x(12), label: label(12) });
    expect(times.length).toBeGreaterThan(3);
    // copies of the same size are one kernel
    expect(times.every((t) => t.milliseconds >= 0 && (t.calls === 1 || t.at === "copy"))).toBe(true);
    expect(times.some((t) => /dot.*model\.test\.ts:\d+/.test(t.at))).toBe(true);
    const before = (await net.read("table")).data;
    await expect(net.profile("look", { at: Int32Array.of(1, 7, 2) })).rejects.toThrow(/net\.look: .*index 7 is out of range for size 5/);
    expect((await net.read("table")).data).toEqual(before);
  });
});

test.skipIf(why)("a device that is lost is an error with its reason, and recover() goes on from what was saved", async () => {
  expect(await startGpu()).toBe(true);
  const net = await instantiate(compile(model, { target: "webgpu" }), { device: "webgpu", seed: 3 });
  await net.functions.train({ x: x(4), label: label(4) });
  const file = await net.save();
  await net.functions.train({ x: x(4), label: label(4) });
  (net.gpu as GPUDevice).destroy();
  await (net.gpu as GPUDevice).lost;
  await expect(net.functions.predict({ x: x(4) })).rejects.toThrow(/the GPU device was lost \(destroyed\)/);
  await net.recover();
  expect(await net.save()).toEqual(file);
  const { loss } = await net.functions.train({ x: x(4), label: label(4) });
  expect(loss.item()).toBeGreaterThan(0);
  net.destroy();
});

test.skipIf(why)("loops run on the device, or are driven from the host where a condition decides", async () => {
  const loops = defineModel("loops", (m) => {
    m.fn("sum", { x: f32("T", 3) }, ({ x }) => ({ y: scan((s, row) => [s.add(row), null], x.sum(0).mul(0), x)[0] }));
    m.fn("halve", { x: f32() }, ({ x }) => ({ y: whileLoop(x, (v) => v.gt(1), (v) => v.mul(0.5)) }));
  });
  const net = await instantiate(compile(loops, { target: "webgpu" }), { device: await sharedGpu() });
  expect(Array.from((await net.functions.sum({ x: Float32Array.from({ length: 15 }, (_, i) => i) })).y.data)).toEqual([30, 35, 40]);
  const submits = net.counts.submits;
  await net.functions.sum({ x: new Float32Array(15) });
  expect(net.counts.submits).toBe(submits + 1);
  expect((await net.functions.halve({ x: 100 })).y.item()).toBe(0.78125);
  const times = await net.profile("halve", { x: 100 });
  expect(times.map((t) => [t.kernel, t.calls]).sort()).toEqual([["halve_gt", 8], ["halve_mul", 7]]);
});

describe.skipIf(why)("what a device does not allow is said when the model is loaded", () => {
  test("a buffer larger than the device binds, by its tensor, before anything is made", async () => {
    const large = defineModel("large", (m) => {
      const w = m.param("w", [40_000_000]);
      m.fn("f", {}, () => ({ y: w.sum() }));
    });
    const adapter = (await navigator.gpu.requestAdapter())!, device = await adapter.requestDevice();
    await expect(instantiate(compile(large, { target: "webgpu" }), { device })).rejects.toThrow(/^w takes 152\.6 MiB, and this device allows 128\.0 MiB for a buffer: use smaller inputs/);
    // a model's own device has what the adapter has; so has one that is requested as the runtime does
    const own = await instantiate(compile(large, { target: "webgpu" }), { device: await adapter.requestDevice(deviceFor((await navigator.gpu.requestAdapter())!)).catch(() => sharedGpu()) });
    expect(own.device).toBe("webgpu");
    own.destroy();
    device.destroy();
  }, 60_000);

  test("an input that is too large is refused before anything is overwritten", async () => {
    const adapter = (await navigator.gpu.requestAdapter())!, device = await adapter.requestDevice();
    const net = await instantiate(compile(model, { target: "webgpu" }), { device, seed: 3 });
    const before = await net.save();
    const { buffer } = (await net.queue.double({ v: Float32Array.of(1) })).y as unknown as { buffer: GPUBuffer };
    const tooLarge = { dtype: "f32", shape: [40_000_000], data: new Float32Array(40_000_000) } as const;
    await expect(net.functions.double({ v: tooLarge })).rejects.toThrow(/net\.double: .* takes 152\.6 MiB, and this device allows 128\.0 MiB/);
    expect(buffer.size).toBe(16);
    expect((await net.functions.double({ v: Float32Array.of(3) })).y.item()).toBe(6);
    expect(await net.save()).toEqual(before);
    device.destroy();
  }, 60_000);

  test("out of memory is an error before anything is overwritten: at load, of a call, and of what it puts aside", async () => {
    const full = new Set<string>(), device = withoutRoomFor(full, await sharedGpu());
    const load = (): Promise<GpuModel> => instantiate(compile(model, { target: "webgpu" }), { device, seed: 3 });
    full.add("fc1.weight");
    await expect(load()).rejects.toThrow("out of GPU memory: no room for fc1.weight");
    full.clear();
    const net = await load(), before = await net.save();
    const put = (...at: number[]) => net.functions.put({ at: Int32Array.from(at), rows: x(2).subarray(0, 4 * at.length) });
    for (const [what, call] of [["slot 0 of the arena", () => net.functions.train({ x: x(12), label: label(12) })], ["table before", () => put(1)]] as const) {
      full.add(what);
      await expect(call()).rejects.toThrow(`out of GPU memory: no room for ${what}`);
      full.clear();
      expect(await net.save()).toEqual(before);
    }
    await expect(put(1, 7)).rejects.toThrow("index 7 is out of range");
    expect(await net.save()).toEqual(before);
    await put(1);
    expect(await net.save()).not.toEqual(before);
    net.destroy();
  });

  test("a kernel that the device rejects, by its name and the user's lines", async () => {
    const device = await sharedGpu();
    const kernel = { name: "k_net_mul", at: "mul: net.model.ts:7", text: "@compute @workgroup_size(1) fn k_net_mul() { let x: i32 = 1.5; }", calls: [], access: "", scalars: [], groups: 1, canFault: false };
    device.pushErrorScope("validation"); // its module is an error of the device's too
    await expect(makePipelines(adoptGpu(device), { build: "", library: {}, kernels: [kernel], functions: {}, constants: [], notes: [] })).rejects.toThrow(/^the device rejects kernel k_net_mul \(mul: net\.model\.ts:7\): line 1: /);
    await device.popErrorScope();
  });
});
