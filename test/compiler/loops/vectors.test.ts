import { beforeAll, describe, expect, test } from "vitest";
import { defineModel, f32, grad, i32, nn, type Tensor } from "chainrule";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile, compileFunction } from "../../../compiler/pipeline.ts";
import { sharedGpu, whyNoGpu } from "../../webgpu/gpu.ts";

// A GPU's loops step in vectors of four where memory allows, and keep rows: against JavaScript, which does one at a time.

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): vectors are not tested on one !!!\n`);

/** Ops of every kind: of our own functions and WGSL's, on numbers, integers and truth values. */
const chain = (x: Tensor): Record<string, Tensor> => {
  const whole = x.mul(10).convert("i32"), isLarge = x.gt(0.3);
  return {
    float: x.mul(2).add(1).gelu().mul(x.sigmoid()).sub(x.abs().sqrt()).maximum(x.neg().exp()),
    power: x.abs().add(0.1).pow(1.5).add(x.erf()).add(x.floor()),
    integer: whole.mul(3).add(7).remainder(5).add(whole.abs().bitwiseAnd(3)),
    truth: isLarge.logicalAnd(x.lt(0.9)).logicalOr(x.eq(0)).logicalNot(),
    chosen: isLarge.where(x.mul(3), whole.convert("f32")),
    counted: isLarge.convert("i32").add(whole.gt(2).convert("i32")),
    small: whole.convert("u8").add(3),
    unsigned: whole.convert("u32").convert("f32"),
  };
};

const model = defineModel("vectors", (m) => {
  const norm = m.use("norm", nn.layerNorm(64)), scale = m.param("scale", [64]), table = m.param("table", [7, 16]);
  m.fn("flat", { x: f32("N") }, ({ x }) => chain(x));
  m.fn("table", { x: f32("B", 20) }, ({ x }) => chain(x));
  m.fn("odd", { x: f32("B", 7) }, ({ x }) => chain(x));
  m.fn("look", { at: i32("B") }, ({ at }) => ({ rows: table.indexSelect(0, at).mul(2) }));
  m.fn("places", { x: f32("B", 32) }, ({ x }) => ({ y: x.add(x.mul(0).add(1).cumsum(1).mul(2)), t: x.t().add(1) }));
  for (const n of [64, 100, 30, 1024]) m.fn(`rows${n}`, { x: f32("B", n), z: f32("B", n) }, ({ x, z }) => {
    const s = x.add(z).softmax(-1), l = x.logSoftmax(-1);
    const mean = x.mean(-1, { keepdim: true }), centred = x.sub(mean);
    return { s, l, v: centred.div(centred.square().mean(-1, { keepdim: true }).add(1e-5).sqrt()), top: x.argmax(-1), any: x.gt(1.9).any(-1), g: grad(s.mul(z).sum(), [x])[0] };
  });
  m.fn("norm", { x: f32("B", 64) }, ({ x }) => ({ y: norm(x).mul(2), g: grad(norm(x).mul(scale).square().sum(), [scale])[0] }));
  m.fn("columns", { x: f32(300, 64) }, ({ x }) => ({ sum: x.sum(0), max: x.amax(0), all: x.gt(-2).all(0) }));
  m.fn("all", { x: f32(96, 1024) }, ({ x }) => ({ mean: x.mean(), max: x.amax() }));
});

const numbers = (n: number, seed = 1): Float32Array => Float32Array.from({ length: n }, (_, i) => (i % 11 === 3 ? 0 : 2 * Math.sin((i + seed) * 12.9898)));

type Answers = Record<string, { readonly data: ArrayLike<number> }>;
type Functions = Record<string, (inputs: object) => Answers | Promise<Answers>>;

describe.skipIf(why)("vectors on a GPU", () => {
  let gpu: Functions, host: Functions;
  beforeAll(async () => {
    gpu = (await instantiate(compile(model, { target: "webgpu" }), { device: await sharedGpu(), seed: 4 })).functions as unknown as Functions;
    host = (await instantiate(compile(model, { target: "js" }), { seed: 4 })).functions as unknown as Functions;
  }, 120_000);

  async function compare(name: string, inputs: object, tolerance = 2e-5): Promise<void> {
    const [got, want] = [await gpu[name](inputs), await host[name](inputs)];
    for (const [key, { data }] of Object.entries(want)) {
      expect(got[key].data.length).toBe(data.length);
      for (let i = 0; i < data.length; i++)
        if (!(Math.abs(got[key].data[i] - data[i]) <= tolerance * (1 + Math.abs(data[i])))) expect.fail(`${name}.${key}[${i}] is ${got[key].data[i]}, not ${data[i]}`);
    }
  }

  test("elements one after the other, whatever their number", async () => {
    for (const n of [1, 3, 4, 5, 63, 64, 257, 1026]) await compare("flat", { x: numbers(n, n) });
  }, 60_000);
  test("rows of whole vectors, and others", async () => {
    for (const b of [1, 2, 13]) {
      await compare("table", { x: numbers(20 * b) });
      await compare("odd", { x: numbers(7 * b) });
      await compare("places", { x: numbers(32 * b) });
      await compare("look", { at: Int32Array.from({ length: b }, (_, i) => (5 * i) % 7) });
    }
  }, 60_000);
  test("rows that are folded, kept and gone through again", async () => {
    for (const n of [64, 100, 30, 1024]) for (const b of [1, 5]) await compare(`rows${n}`, { x: numbers(n * b), z: numbers(n * b, 9) });
    await compare("norm", { x: numbers(64 * 9) }, 1e-4);
  }, 60_000);
  test("columns, and everything", async () => {
    await compare("columns", { x: numbers(300 * 64) }, 1e-4);
    await compare("all", { x: numbers(96 * 1024) }, 1e-4);
  });
  test("an index out of range beyond the end of what is computed is none", async () => {
    await expect(Promise.resolve(gpu.look({ at: Int32Array.of(1, 7) }))).rejects.toThrow("index 7 is out of range for size 7");
    await compare("look", { at: Int32Array.of(6) });
  });
});

test("a softmax keeps what it reads and its exponentials; a long row keeps nothing", () => {
  const rowsOf = (n: number): string[] => {
    const { functions } = defineModel("kept", (m) => { m.fn("f", { x: f32("B", n) }, ({ x }) => ({ y: x.softmax(-1) })); });
    return compileFunction(functions[0], "webgpu").fuse.kernels.flatMap((k) => (k.rows ?? []).map((r) => `${r.dtype}[${r.size}]`));
  };
  expect(rowsOf(512)).toEqual(["f32[512]", "f32[512]"]);
  expect(rowsOf(7)).toEqual([]);
  expect(rowsOf(100_000)).toEqual([]);
});
