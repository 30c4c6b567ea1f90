import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineModel, f32, i32, whileLoop } from "chainrule";
import type { DeviceTensor, GpuModel, Inputs, LoadedModel } from "chainrule/runtime";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { sharedGpu, startGpu, whyNoGpu } from "../../webgpu/gpu.ts";

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): nothing is tested of calls that queue up on one !!!\n`);

const model = defineModel("bank", (m) => {
  const table = m.param("table", [5, 2]), total = m.state("total", [2]), largest = m.state("largest", [5, 1]);
  // knows that all of its indices are good before it writes
  m.fn("take", { at: i32("B") }, ({ at }) => {
    const rows = table.indexSelect(0, at), sum = rows.sum(0);
    return { outputs: { rows, sum }, updates: [[total, total.add(sum)]] };
  });
  // does not
  m.fn("put", { at: i32("B"), rows: f32("B", 2) }, ({ at, rows }) => {
    const written = table.indexCopy(0, at, rows), row = written.sum(1).argmax(0).unsqueeze(0);
    return { outputs: { written }, updates: [[table, written], [largest, largest.indexCopy(0, row, rows.sum().reshape(1, 1))]] };
  });
  // has none
  m.fn("add", { by: f32(2) }, ({ by }) => ({ outputs: { by: by.mul(2) }, updates: [[total, total.add(by)]] }));
  // looks at a condition, and so is several submits
  m.fn("halve", { by: f32(2), at: i32("B") }, ({ by, at }) => {
    const less = whileLoop(by, (v) => v.abs().sum().gt(2), (v) => v.mul(0.5));
    return { outputs: { less }, updates: [[total, total.add(less)], [table, table.indexSelect(0, at).sum(0).unsqueeze(0).mul(0).add(table)]] };
  });
});
const compiled = compile(model, { target: "webgpu" });

const variables = ["table", "total", "largest"];
const start = (bank: GpuModel | LoadedModel): void => { bank.write("table", Float32Array.from({ length: 10 }, (_, i) => i)); };
const stateOf = async (bank: GpuModel | LoadedModel): Promise<readonly number[][]> => Promise.all(variables.map(async (name) => Array.from((await bank.read(name)).data as Float32Array)));
const open = async (): Promise<GpuModel> => {
  const bank = await instantiate(compiled, { device: await sharedGpu() });
  start(bank);
  return bank;
};
const bad = Int32Array.of(1, 9), told = /bank\.(take|put|halve), which was queued, has done nothing: .*index 9 is out of range for size 5/;

/** The device, and what is asked of its queue. */
async function watchedGpu(): Promise<{ device: GPUDevice; used: string[] }> {
  const device = await sharedGpu(), { queue } = device, used: string[] = [];
  const of = <T extends object>(on: T, key: PropertyKey): unknown => {
    const value: unknown = Reflect.get(on, key);
    return typeof value === "function" ? (value.bind(on) as unknown) : value;
  };
  const watched = new Proxy(queue, { get: (_, key) => { used.push(String(key)); return of(queue, key); } });
  return { device: new Proxy(device, { get: (_, key) => (key === "queue" ? watched : of(device, key)) }), used };
}

describe.skipIf(why)("calls that queue up", () => {
  test("what a call uploads is in its one submit: neither the queue's own uploads nor new buffers, awaited or queued", async () => {
    const { device, used } = await watchedGpu();
    const bank = await instantiate(compiled, { device }), step = (): Promise<unknown> => bank.queue.put({ at: Int32Array.of(0, 3), rows: [[1, 2], [3, 4]] });
    await step();
    await bank.read("total");
    const { buffers } = bank.counts;
    for (let round = 0; round < 3; round++) {
      used.length = 0;
      for (let i = 0; i < 4; i++) await step();
      expect(used).toEqual(Array(4).fill("submit"));
      // the whole ring is taken, and nobody waits for it
      await step();
      expect(used.slice(4)).toEqual(["writeBuffer", "writeBuffer", "submit"]);
      await bank.read("total");
    }
    expect(bank.counts.buffers).toBe(buffers);
    used.length = 0;
    await bank.functions.put({ at: Int32Array.of(0, 3), rows: [[1, 2], [3, 4]] });
    for (let i = 0; i < 3; i++) await bank.functions.put({ at: Int32Array.of(0, 3), rows: [[1, 2], [3, 4]] });
    expect(used).toEqual(Array(4).fill("submit"));
    expect(bank.counts.buffers).toBe(buffers + 1); // that of results
    bank.destroy();
  });

  test("many of them, of which nobody waits for any, take no more buffers than a few, and are all done", async () => {
    const bank = await open(), round = async (): Promise<number> => {
      for (let i = 0; i < 200; i++) void bank.queue.take({ at: Int32Array.of(1, i % 5) });
      await bank.read("total");
      return bank.counts.buffers;
    };
    await bank.queue.take({ at: Int32Array.of(0, 0) });
    const before = (await round());
    expect(await round()).toBe(before);
    expect(Array.from((await bank.read("total")).data as Float32Array)).toEqual([400 * (2 + 4), 400 * (3 + 5) + 2]);
    bank.destroy();
  });

  test("each takes what it is given at once, also the first, which waits for its buffers", async () => {
    const bank = await open(), by = Float32Array.of(1, 2);
    for (let i = 0; i < 6; i++) {
      void bank.queue.add({ by });
      by[0] *= 2;
    }
    expect(Array.from((await bank.read("total")).data as Float32Array)).toEqual([63, 12]);
    bank.destroy();
  });

  test("one that is several submits has what it was given, whatever ends meanwhile", async () => {
    const bank = await open(), at = Int32Array.of(1);
    await bank.functions.halve({ by: [1, 1], at });
    for (let turns = 0; turns < 12; turns++) {
      const other = bank.functions.add({ by: [0, 1] });
      for (let i = 0; i < turns; i++) await Promise.resolve();
      await Promise.all([other, bank.functions.halve({ by: [8, 8], at })]);
    }
    expect(Array.from((await bank.read("total")).data)).toEqual([13, 25]);
    bank.destroy();
  });

  test.each(["take", "put"])("one that finds an index out of range (%s) does nothing, those behind it are done, and the next to wait is told once", async (name) => {
    const bank = await open(), rows = new Float32Array(4).fill(7), inputs: Inputs = name === "put" ? { at: bad, rows } : { at: bad };
    const { sum } = await bank.queue.take({ at: Int32Array.of(1, 2) });
    expect(Array.from((await sum!.read()).data)).toEqual([6, 8]);
    const failed = await bank.queue[name](inputs);
    await bank.queue.add({ by: [1, 1] });
    await bank.queue.put({ at: Int32Array.of(4), rows: [[0, 0]] });
    await expect(bank.functions.add({ by: [100, 100] })).rejects.toThrow(told);
    expect(await stateOf(bank)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 0, 0], [7, 9], [0, 0, 0, 0, 0]]);
    await bank.functions.add({ by: [100, 100] });
    expect(Array.from((await bank.read("total")).data)).toEqual([107, 109]);
    await expect(Object.values(failed)[0].read()).rejects.toThrow("overwritten by a later call");
    bank.destroy();
  });

  test("its results are not to be had, also when it was told of: neither by reading them nor by the next call", async () => {
    const bank = await open(), before = await stateOf(bank);
    const { rows, sum } = await bank.queue.take({ at: bad });
    await expect(rows!.read()).rejects.toThrow(told);
    await expect(rows!.read()).rejects.toThrow(told);
    await expect(bank.functions.add({ by: sum! })).rejects.toThrow(told);
    await expect(bank.queue.put({ at: Int32Array.of(0, 1), rows: rows! })).rejects.toThrow(told);
    const again = await bank.queue.take({ at: bad });
    await expect(bank.queue.add({ by: again.sum! })).rejects.toThrow(told); // which cannot see it by itself, and waits
    const third = await bank.queue.take({ at: bad });
    await bank.queue.put({ at: Int32Array.of(0, 1), rows: third.rows! }); // which can
    await expect(bank.save()).rejects.toThrow(told);
    expect(await stateOf(bank)).toEqual(before);
    await expect(bank.profile("put", { at: bad, rows: new Float32Array(4) })).rejects.toThrow("index 9 is out of range");
    expect(await stateOf(bank)).toEqual(before);
    bank.destroy();
  });

  test("in any order with calls that are waited for, writes and reads, the variables are those of the js target", async () => {
    const index = fc.integer({ min: 0, max: 5 }).map((i) => (i === 5 ? 9 : i)), number = fc.integer({ min: -9, max: 9 });
    const put = fc.uniqueArray(index, { minLength: 1, maxLength: 3 }).chain((at) => fc.record({ at: fc.constant(Int32Array.from(at)), rows: fc.array(fc.tuple(number, number), { minLength: at.length, maxLength: at.length }) }));
    const call = fc.oneof(
      fc.record({ name: fc.constant("take"), inputs: fc.array(index, { minLength: 1, maxLength: 3 }).map((at) => ({ at: Int32Array.from(at) })) }),
      fc.record({ name: fc.constant("put"), inputs: put }),
      fc.record({ name: fc.constant("halve"), inputs: fc.record({ by: fc.tuple(number, number), at: fc.array(index, { minLength: 1, maxLength: 2 }).map((at) => Int32Array.from(at)) }) }),
      fc.record({ name: fc.constant("add"), inputs: fc.tuple(number, number).map((by) => ({ by })) }),
    );
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("queue"), call }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("call"), call }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("write"), row: fc.array(number, { minLength: 2, maxLength: 2 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("read") }) },
      // what takes a result of the last call fails with it
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("chain"), at: fc.array(index, { minLength: 2, maxLength: 2 }), to: fc.constantFrom("put", "add") }) },
    ) as fc.Arbitrary<{ kind: string; call?: { name: string; inputs: Inputs }; row?: number[]; at?: number[]; to?: string }>;
    const bank = await open(), host = await instantiate(compile(model, { target: "js" }));
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      for (const m of [bank, host]) { m.reset(); start(m); }
      let failures = 0, reports = 0;
      const fails = (run: () => void): boolean => {
        try { run(); return false; } catch (e) { expect(String(e)).toContain("index 9 is out of range"); return true; }
      };
      /** What a queued call before it is to be told does nothing itself, and is done again. */
      const despite = async <T>(run: () => Promise<T>): Promise<T> => run().catch((e: unknown) => {
        if (!told.test(String(e))) throw e;
        reports++;
        return despite(run);
      });
      for (const { kind, call, row, at, to } of steps) {
        if (kind === "write") for (const m of [bank, host]) m.write("total", row!);
        else if (kind === "read") expect(await despite(() => stateOf(bank))).toEqual(await stateOf(host));
        else if (kind === "chain") {
          const inputs: Inputs = { at: Int32Array.from(at!) };
          const { rows, sum } = await despite(() => bank.queue.take(inputs)), then = (rows: Inputs[string], sum: Inputs[string]): Inputs => (to === "put" ? { at: Int32Array.of(2, 0), rows } : { by: sum });
          const failed = fails(() => { const first = host.sync.take(inputs); host.sync[to!](then(first.rows, first.sum)); });
          const done = (): Promise<unknown> => bank.queue[to!](then(rows!, sum!));
          if (!failed) await despite(done);
          else {
            failures++;
            await done().catch((e: unknown) => {
              if (!told.test(String(e))) throw e;
              reports++;
            });
          }
        } else {
          const { name, inputs } = call!, failed = fails(() => { host.sync[name](inputs); });
          if (failed && kind === "queue") failures++;
          const done = despite(async (): Promise<unknown> => (kind === "queue" ? bank.queue[name](inputs) : bank.functions[name](inputs)));
          if (failed && kind === "call") await expect(done).rejects.toThrow("index 9 is out of range");
          else await done;
        }
      }
      expect(await despite(() => stateOf(bank))).toEqual(await stateOf(host));
      expect(reports > 0).toBe(failures > 0);
      expect(reports).toBeLessThanOrEqual(2 * failures);
    }), { numRuns: 40, seed: 5 });
    bank.destroy();
  }, 60_000);
});

test.skipIf(why)("a device that is lost while calls are queued gives way to another, which uploads as before", async () => {
  expect(await startGpu()).toBe(true);
  const bank = await instantiate(compiled, { device: "webgpu" });
  start(bank);
  await bank.save();
  const step = (): Promise<Record<string, DeviceTensor>> => bank.queue.take({ at: Int32Array.of(1) });
  for (let i = 0; i < 6; i++) await step();
  (bank.gpu as GPUDevice).destroy();
  await (bank.gpu as GPUDevice).lost;
  await expect(step()).rejects.toThrow("the GPU device was lost");
  await bank.recover();
  for (let i = 0; i < 6; i++) await step();
  expect(Array.from((await bank.read("total")).data)).toEqual([12, 18]);
  bank.destroy();
});
