import { describe, expect, test } from "vitest";
import { artifactFiles, instantiate } from "../../compiler/artifact/index.ts";
import { compile } from "../../compiler/pipeline.ts";
import { bf16, defineModel, f16, f32 } from "../../ir/index.ts";
import { stored, unstored } from "../../ir/types/index.ts";
import { halves } from "../../runtime/half.ts";
import { readSafetensors } from "../../runtime/index.ts";
import { codecs } from "../../runtime/tensor.ts";

const model = defineModel("halves", (m) => {
  const w = m.param("w", [3], { dtype: "f16", init: [1, 0.1, -2] });
  const s = m.state("s", [2], { dtype: "bf16" });
  m.fn("scale", { x: f16("N", 3) }, ({ x }) => ({ y: x.mul(w), sum: x.sum() }));
  m.fn("keep", { x: bf16(2) }, ({ x }) => ({ outputs: { old: s }, updates: [[s, x]] }));
});
const plain = defineModel("plain", (m) => { m.fn("f", { x: f32(2) }, ({ x }) => ({ y: x.half().float() })); });

describe("halves of a loaded model", () => {
  test("the runtime's numbers are the compiler's, for all bits and for what lies between", () => {
    halves();
    for (const dtype of ["f16", "bf16"] as const) {
      const { numberOf, bitsOf } = codecs[dtype]!;
      for (let bits = 0; bits < 65536; bits++) {
        const x = unstored(dtype, bits);
        if (!Object.is(numberOf(bits), x)) expect.fail(`0x${bits.toString(16)} of ${dtype} is ${numberOf(bits)}, not ${x}`);
        const next = unstored(dtype, bits + 1);
        for (const near of [x, (x + next) / 2, x + (next - x) * 0.499, x + (next - x) * 0.501])
          // of a NaN only that it is one
          if (Number.isNaN(near) ? !Number.isNaN(numberOf(bitsOf(near))) : bitsOf(near) !== stored(dtype, near)) expect.fail(`${near} is ${bitsOf(near)} as ${dtype}, not ${stored(dtype, near)}`);
      }
      expect([70000, -1e39, 65519.9, 65520, 5e-324, -0].map((x) => bitsOf(x))).toEqual([70000, -1e39, 65519.9, 65520, 5e-324, -0].map((x) => stored(dtype, x)));
    }
  });

  for (const target of ["js", "wasm"] as const) {
    test(`on ${target}: bits or numbers go in; bits come out, and their numbers when asked for`, async () => {
      const loaded = await instantiate(compile(model, { target }));
      const bits = Uint16Array.from([1, 2, 3], (x) => stored("f16", x));
      const want = [1, Math.fround(unstored("f16", stored("f16", 2 * unstored("f16", stored("f16", 0.1))))), -6];
      for (const x of [bits, Float32Array.of(1, 2, 3), Float64Array.of(1, 2, 3), [[1, 2, 3]], { dtype: "f16", shape: [1, 3], data: bits }, { dtype: "f16", shape: [1, 3], data: Float32Array.of(1, 2, 3) }] as const) {
        const { y, sum } = loaded.sync.scale({ x });
        expect(y.data).toEqual(Uint16Array.from(want, (v) => stored("f16", v)));
        expect(y.toNested()).toEqual([want]);
        expect(y.toFloat32()).toEqual(Float32Array.from(want));
        expect(sum.item()).toBe(6);
      }
      // numbers are rounded as memory would: what is too large is infinite
      expect(loaded.sync.scale({ x: [[70000, 1 / 3, NaN]] }).y.toNested()).toEqual([[Infinity, unstored("f16", stored("f16", unstored("f16", stored("f16", 1 / 3)) * unstored("f16", stored("f16", 0.1)))), NaN]]);
      expect(() => loaded.sync.scale({ x: Int32Array.of(1, 2, 3) as never })).toThrow("x is f16[N,3] and takes a Uint16Array");
      const out = new Uint16Array(3);
      loaded.sync.scale({ x: bits }, { out: { y: out } });
      expect(out).toEqual(Uint16Array.from(want, (v) => stored("f16", v)));
    });

    test(`on ${target}: variables are written, read and saved as halves`, async () => {
      const loaded = await instantiate(compile(model, { target }));
      expect(loaded.read("w").toNested()).toEqual([1, unstored("f16", stored("f16", 0.1)), -2]);
      loaded.write("w", [0.5, 1e-7, 3]);
      expect(loaded.read("w").toNested()).toEqual([0.5, unstored("f16", 2), 3]);
      loaded.sync.keep({ x: [1 / 3, -1e30] });
      const want = [1 / 3, -1e30].map((x) => unstored("bf16", stored("bf16", x)));
      expect(loaded.read("s").toNested()).toEqual(want);
      const saved = readSafetensors(loaded.save());
      expect([saved.get("w")!.dtype, saved.get("s")!.dtype]).toEqual(["f16", "bf16"]);
      expect(saved.get("s")!.toNested()).toEqual(want);
      const other = await instantiate(compile(model, { target }));
      other.restore(loaded.save());
      expect(other.save()).toEqual(loaded.save());
    });
  }

  test("an artifact brings what halves need only where a caller meets one", async () => {
    const files = await Promise.all([model, plain].map((m) => artifactFiles(compile(m))));
    expect(files.map((f) => /\bcodecOf\b/.test(String(f.get("runtime.js"))))).toEqual([true, false]);
    expect(String(files[0].get("halves.d.ts"))).toContain('readonly x: TensorInput<"f16", readonly [number, 3]>');
  });
});
