import { describe, expect, test } from "vitest";
import { cat, defineModel, f32, i32 } from "chainrule";
import { compile } from "../../compiler/pipeline.ts";
import { instantiate } from "../../compiler/artifact/index.ts";
import type { CallOptions, Inputs } from "../../runtime/index.ts";

/** `sums`, two outputs of two dtypes; `swap`, whose outputs make inputs; `step`, which shows a variable it sets; `same`, whose output is its input. */
const model = () => defineModel("m", (m) => {
  const w = m.state("w", [4]);
  m.fn("sums", { x: f32("B", 4) }, ({ x }) => ({ rows: x.sum(1), best: x.argmax(1) }));
  m.fn("swap", { a: f32("B"), b: f32("B") }, ({ a, b }) => ({ p: b.exp(), q: a.add(1).mul(b) }));
  m.fn("step", { x: f32(4) }, ({ x }) => ({ outputs: { now: w.add(x), before: w.mul(2) }, updates: [[w, w.add(x)]] }));
  m.fn("double", { v: f32(4) }, ({ v }) => ({ outputs: { y: cat([v, v]).mul(2), z: v.cumsum(0) }, updates: [[w, w.mul(0)]] }));
  m.fn("same", { x: f32("B"), at: i32("B") }, ({ x, at }) => ({ x, y: x.indexSelect(0, at) }));
});
const x = Float32Array.from({ length: 12 }, (_, i) => (i * 5) % 7);

const devices = [["js", 1], ["wasm", 1], ["wasm", 2]] as const;
for (const [target, threads] of devices)
  describe(`${target}, ${threads} thread${threads > 1 ? "s" : ""}`, () => {
    const load = () => instantiate(compile(model(), { target, ...(target === "wasm" && { grain: 1 }) }), { device: target, threads });

    test("a view is the model's memory: the next call writes over it, and nothing is made anew", async () => {
      const m = await load(), view: CallOptions = { outputs: "view" };
      const first = m.sync.sums({ x }, view), rows = [...first.rows.data];
      expect(rows).toEqual([8, 15, 22 - 7].map((_, i) => x.subarray(4 * i, 4 * i + 4).reduce((a, b) => a + b)));
      expect([...first.best.data]).toEqual([3, 0, 2].map((_, i) => { const r = x.subarray(4 * i, 4 * i + 4); return r.indexOf(Math.max(...r)); }));
      const second = await m.functions.sums({ x: x.map((v) => v + 1) }, view);
      expect(second.rows.data).toBe(first.rows.data);
      expect([...first.rows.data]).toEqual(rows.map((r) => r + 4));
      expect(m.sync.sums({ x }).rows.data).not.toBe(first.rows.data);
      expect(m.sync.sums({ x: x.subarray(4) }, view).rows.shape).toEqual([2]);
    });

    test("outputs in the caller's arrays", async () => {
      const m = await load(), rows = new Float32Array(3), want = m.sync.sums({ x });
      for (let i = 0; i < 3; i++) {
        rows.fill(9);
        const got = m.sync.sums({ x }, { out: { rows } });
        expect(got.rows.data).toBe(rows);
        expect(got).toEqual(want);
      }
      const got = await m.functions.sums({ x }, { outputs: "view", out: { rows, best: undefined } });
      expect(got.rows.data).toBe(rows);
      expect(got).toEqual(want);
      // an input may be the array that takes the output
      const a = Float32Array.of(1, 2), b = Float32Array.of(3, 4);
      m.sync.swap({ a, b }, { out: { p: a, q: b } });
      expect([[...a], [...b]]).toEqual([[3, 4].map((v) => Math.fround(Math.exp(v))).map((v) => expect.closeTo(v, 4)), [6, 12]]);
    });

    const refusals: readonly [object, string][] = [
      [{ output: "view" }, 'm.step: a call has no option "output": it has outputs and out'],
      [{ outputs: "views" }, 'm.step: outputs are given as "copy" or "view", not views'],
      [{ out: { nov: new Float32Array(4) } }, 'm.step: there is no output "nov" for out; did you mean "now"?'],
      [{ out: { now: new Float64Array(4) } }, "m.step: now is f32[4]: out takes a Float32Array of 4 for it, not a Float64Array of 4"],
      [{ out: { now: [1, 2, 3, 4] } }, "m.step: now is f32[4]: out takes a Float32Array of 4 for it, not an Array of 4"],
      [{ out: { now: new Float32Array(5) } }, "m.step: now is f32[4]: out takes a Float32Array of 4 for it, not a Float32Array of 5"],
    ];
    test("options that do not fit are refused before anything is computed", async () => {
      const m = await load();
      for (const [options, message] of refusals) expect(() => m.sync.step({ x: x.subarray(0, 4) }, options as CallOptions)).toThrow(message);
      await expect(m.functions.step({ x: x.subarray(0, 4) }, refusals[5][0] as CallOptions)).rejects.toThrow(refusals[5][1]);
      expect([...m.read("w").data]).toEqual([0, 0, 0, 0]);
    });

    test("a buffer is read where it is, by any function that takes it, and keeps its elements", async () => {
      const m = await load(), buffer = m.buffer("f32", [3, 4]), want = m.sync.sums({ x });
      expect([buffer.dtype, buffer.shape, [...buffer.data]]).toEqual(["f32", [3, 4], new Array(12).fill(0)]);
      buffer.data.set(x);
      for (let i = 0; i < 3; i++) expect(m.sync.sums({ x: buffer })).toEqual(want);
      expect(m.sync.sums({ x: buffer.data })).toEqual(want);
      m.sync.sums({ x: x.map((v) => 3 * v) }); // a call with others leaves it alone
      expect([...buffer.data]).toEqual([...x]);
      buffer.data[0] += 1;
      expect(m.sync.sums({ x: buffer }).rows.data[0]).toBe(want.rows.data[0] + 1);
      expect(m.sync.step({ x: buffer.data.subarray(0, 4) }).now.data).toEqual(buffer.data.slice(0, 4));
    });

    test("buffers outlast calls that need more memory, and each other", async () => {
      const m = await load(), one = m.buffer("f32", [3, 4]);
      one.data.set(x);
      const want = m.sync.sums({ x });
      for (const rows of [1000, 100_000, 10]) {
        m.sync.sums({ x: new Float32Array(4 * rows) });
        expect(m.sync.sums({ x: one })).toEqual(want);
      }
      const two = m.buffer("i32", [300_000]), large = m.buffer("f32", [300_000]);
      expect(two.data.every((v) => v === 0)).toBe(true);
      expect(m.sync.sums({ x: one })).toEqual(want);
      two.data.fill(7);
      large.data.set(Float32Array.from({ length: 300_000 }, (_, i) => i));
      const got = m.sync.same({ x: large, at: two });
      expect(got.x.data.length === 300_000 && got.x.data.every((v, i) => v === i)).toBe(true);
      expect(got.y.data.every((v) => v === 7)).toBe(true);
      expect([...one.data]).toEqual([...x]);
      large.data[5] = -1; // an output that is an input is this one's elements, however they come
      expect([...m.sync.same({ x: large, at: two }, { outputs: "view" }).x.data.subarray(4, 7)]).toEqual([4, -1, 6]);
    });

    test("the first call may make the memory grow that its input is in", async () => {
      const m = await load(), big = m.buffer("f32", [200_000]);
      big.data.fill(1);
      expect(m.sync.sums({ x: big.data.subarray(4) }).rows.data.every((v) => v === 4)).toBe(true);
      const n = await load(), again = n.buffer("f32", [50_000, 4]);
      again.data.fill(1);
      expect(n.sync.sums({ x: again }).rows.data.every((v) => v === 4)).toBe(true);
    });

    test("views may be inputs of the next call", async () => {
      const m = await load(), n = await load(), view: CallOptions = { outputs: "view" };
      let a = { p: Float32Array.of(0.1, 0.2, -0.3), q: Float32Array.of(-0.5, 0.25, 0) }, b = a;
      for (let i = 0; i < 6; i++) {
        const { p, q } = m.sync.swap({ a: a.q, b: a.p } as Inputs), { p: r, q: s } = n.sync.swap({ a: b.q, b: b.p } as Inputs, view);
        [a, b] = [{ p: p.data, q: q.data.map((v) => -v) }, { p: r.data, q: s.data.map((v) => -v) }] as [typeof a, typeof a];
        if (i % 2) b = { p: b.p, q: s.data } as typeof a, a = { p: a.p, q: q.data } as typeof a;
        expect([r.data, s.data]).toEqual([p.data, q.data]);
      }
      // of a variable, which the function changes before it is done
      m.sync.step({ x: x.subarray(0, 4) });
      n.sync.step({ x: x.subarray(0, 4) });
      const shown = n.sync.step({ x: x.subarray(0, 4) }, view), kept = m.sync.step({ x: x.subarray(0, 4) });
      expect(n.sync.double({ v: shown.now }, view)).toEqual(m.sync.double({ v: kept.now }));
    });

    test("a buffer that cannot be is refused", async () => {
      const m = await load();
      expect(() => m.buffer("f8" as "f32", [1])).toThrow("there is no buffer of f8[1]: give one of bool, u8, i32, u32, f16, bf16, f32, f64, and sizes");
      for (const shape of [[-1], [1.5], 3, ["B"]]) expect(() => m.buffer("f32", shape as number[])).toThrow(`there is no buffer of f32${JSON.stringify(shape)}: give one of`);
      if (target === "wasm") expect(() => m.buffer("f32", [2 ** 30])).toThrow("2 GiB");
      expect(m.sync.sums({ x }).rows.data.length).toBe(3);
    });
  });
