import { describe, expect, test } from "vitest";
import { defineModel, f32, grad, nn, type Model, type Tensor } from "chainrule";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { printWgsl } from "../../../../compiler/codegen/wgsl/index.ts";
import { compile, compileFunction } from "../../../../compiler/pipeline.ts";
import { sharedGpu, whyNoGpu } from "../../../webgpu/gpu.ts";

// Products in blocks, on the device as it is and as if its vectors were those of a GPU: sizes that no block divides,
// symbolic ones, batches, vectors along either axis of an operand, windows with every kind of padding, gradients.

const F = nn.functional;

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): products in blocks are not run !!!\n`);

/** The device, saying that it computes 32 invocations at once. */
async function wideDevice(): Promise<GPUDevice> {
  const device = await sharedGpu();
  return new Proxy(device, {
    get(on, key) {
      if (key === "adapterInfo") return { ...on.adapterInfo, subgroupMaxSize: 32 };
      const value: unknown = Reflect.get(on, key);
      return typeof value === "function" ? (value.bind(on) as unknown) : value;
    },
  });
}

type Sizes = Readonly<Record<string, readonly number[]>>;
const noise = (shape: readonly number[], seed: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(12.9898 * i + seed) * 0.7);

async function expectSame(model: Model, sizes: Sizes): Promise<void> {
  const inputs = Object.fromEntries(Object.entries(sizes).map(([name, shape], i) => [name, { dtype: "f32" as const, shape, data: noise(shape, i) }]));
  const want = (await (await instantiate(compile(model, { target: "js" }), { seed: 1 })).functions.f(inputs)).y.data as Float32Array;
  const compiled = compile(model, { target: "webgpu" });
  for (const device of [await sharedGpu(), await wideDevice()]) {
    const net = await instantiate(compiled, { device, seed: 1 });
    const got = (await net.functions.f(inputs)).y.data as Float32Array;
    net.destroy();
    expect(got.length).toBe(want.length);
    const scale = want.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    const worst = want.reduce((most, v, i) => Math.max(most, Math.abs(v - got[i])), 0);
    expect(worst / scale).toBeLessThan(2e-5);
  }
}

const textOf = (model: Model): string => printWgsl(model.functions.map((fn) => compileFunction(fn, "webgpu").plan), model);

/** A function of two inputs, f, of what they are named. */
const of = (x: readonly (number | string)[], y: readonly (number | string)[], f: (x: Tensor, y: Tensor) => Tensor): Model =>
  defineModel("blocks", (m) => { m.fn("f", { x: f32(...x), w: f32(...y) }, ({ x: a, w: b }) => ({ y: f(a as Tensor, b as Tensor) })); });

describe.skipIf(why)("products in blocks", () => {
  const products: readonly [string, Model, Sizes][] = [
    ["no size is a multiple of anything", of([131, 259], [259, 73], (x, w) => x.matmul(w)), { x: [131, 259], w: [259, 73] }],
    ["the second operand transposed, in vectors along the steps", of(["B", 128], [132, 128], (x, w) => x.matmul(w.transpose(0, 1))), { x: [137, 128], w: [132, 128] }],
    ["the first operand transposed, a symbolic number of steps", of(["B", 132], ["B", 200], (x, w) => x.transpose(0, 1).matmul(w)), { x: [95, 132], w: [95, 200] }],
    ["a batch, with something done to an operand and to each sum", of(["B", 5, 60, 36], ["B", 5, 36, 44], (x, w) => x.relu().matmul(w).mul(0.5).gelu()), { x: [7, 5, 60, 36], w: [7, 5, 36, 44] }],
    ["few sums of many steps", of([10, 4099], [4099, 12], (x, w) => x.matmul(w)), { x: [10, 4099], w: [4099, 12] }],
  ];
  for (const [name, model, sizes] of products) test(name, () => expectSame(model, sizes));

  for (const wrt of [0, 1] as const) {
    test(`the gradient of a convolution's ${["image", "weight"][wrt]}, where a window is one wide`, () =>
      expectSame(of(["B", 8, 14, 14], [20, 8, 3, 1], (x, k) => grad(F.conv2d(x, k, undefined, { stride: 2, padding: [1, 0] }).square().sum(), [x, k][wrt])), { x: [5, 8, 14, 14], w: [20, 8, 3, 1] }));
  }

  const windows: readonly [string, readonly [number, number, number, number], Parameters<typeof F.conv2d>[3]][] = [
    ["padding on all sides", [5, 12, 14, 14], { padding: 1 }],
    ["no padding, a stride", [4, 10, 15, 13], { stride: 2 }],
    ["dilation, more padding than the window needs", [3, 8, 11, 9], { padding: 3, dilation: 2 }],
    ["a wide image", [2, 6, 7, 45], { padding: [1, 0] }],
  ];
  for (const [name, [n, c, h, w], options] of windows) {
    test(`a convolution: ${name}`, () => expectSame(of(["B", c, h, w], [20, c, 3, 3], (x, k) => F.conv2d(x, k, undefined, options)), { x: [n, c, h, w], w: [20, c, 3, 3] }));
    test(`the gradient of a convolution's weight: ${name}`, () => expectSame(of(["B", c, h, w], [20, c, 3, 3], (x, k) => grad(F.conv2d(x, k, undefined, options).square().sum(), k)), { x: [n, c, h, w], w: [20, c, 3, 3] }));
    test(`the gradient of a convolution's image: ${name}`, () => expectSame(of(["B", c, h, w], [20, c, 3, 3], (x, k) => grad(F.conv2d(x, k, undefined, options).square().sum(), x)), { x: [n, c, h, w], w: [20, c, 3, 3] }));
  }
});

test("operands are read in vectors wherever their elements lie so", () => {
  const text = textOf(of([64, 128], [128, 96], (x, w) => x.matmul(w)));
  expect(text).toMatch(/x: array<vec4/);
  expect(text).toMatch(/w: array<vec4/);
  expect(textOf(of([64, 127], [127, 96], (x, w) => x.matmul(w)))).toMatch(/x: array<f32>/);
});

test("a window over an image reads each pixel once for all the taps that meet it, and tests only edges", () => {
  const text = textOf(of(["B", 8, 14, 14], [16, 8, 3, 3], (x, w) => F.conv2d(x, w, undefined, { padding: 1 })));
  const [wide, narrow] = text.split("narrow:"), count = (shader: string, what: RegExp): number => shader.match(what)!.length;
  // 7 columns of a window of 3: 9 pixels, of which the first and the last may lie outside of a row, and all of them outside of the image
  expect(count(wide, /let x_value\w* = /g)).toBe(9);
  expect(count(wide, /let inside\w* = /g)).toBe(4);
  // a whole row: what lies outside of it is known
  expect(count(narrow, /let x_value\w* = /g)).toBe(14);
  expect(count(narrow, /let inside\w* = /g)).toBe(2);
});

test("what is dear to compute is computed once for a workgroup, in tiles", () => {
  expect(textOf(of([256, 256], [256, 256], (x, w) => x.exp().matmul(w)))).toMatch(/var<workgroup>|k_f_exp/);
});
