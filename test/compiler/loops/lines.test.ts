import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { defineModel, f32, i32, type Tensor } from "chainrule";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { sharedGpu, whyNoGpu } from "../../webgpu/gpu.ts";

// Sorting and running folds along lines of any length, on a GPU, where they are many kernels: against JavaScript, where each is a loop.

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): lines are not sorted on one !!!\n`);

/** Lines along the middle axis of `[2, N, 3]`, and alone; of lengths that are known or not. */
const model = defineModel("lines", (m) => {
  const sorts = (x: Tensor, axis: number, descending: boolean) => {
    const { values, indices } = x.sort(axis, { descending });
    return { values, indices };
  };
  const running = (x: Tensor, axis: number) => ({ sum: x.cumsum(axis), product: x.mul(0.01).add(1).cumprod(axis), largest: x.cummax(axis).values, back: x.flip(axis).cumsum(axis).flip(axis) });
  m.fn("up", { x: f32(2, "N", 3) }, ({ x }) => sorts(x, 1, false));
  m.fn("down", { x: f32("N") }, ({ x }) => sorts(x, 0, true));
  m.fn("whole", { x: i32("N") }, ({ x }) => sorts(x, 0, false));
  m.fn("known", { x: f32(700) }, ({ x }) => ({ ...sorts(x, 0, false), ...running(x, 0) }));
  m.fn("top", { x: f32(3, 200) }, ({ x }) => ({ ...x.topk(5, 1) }));
  m.fn("runs", { x: f32(2, "N", 3) }, ({ x }) => running(x, 1));
  m.fn("run", { x: f32("N") }, ({ x }) => running(x, 0));
});

/** Numbers with many equals, NaN, infinities and zeros of both signs; or numbers whose sums are exact enough to compare. */
function numbers(length: number, seed: number, special: boolean): Float32Array {
  let state = seed + 1;
  return Float32Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    const special1 = special ? [NaN, Infinity, -Infinity, 0, -0][state % 40] : undefined;
    return special1 ?? (state % 97) - 48;
  });
}

type Answers = Record<string, { readonly data: ArrayLike<number> }>;
type Functions = Record<string, (inputs: { x: unknown }) => Answers | Promise<Answers>>;

describe.skipIf(why)("lines on a GPU", () => {
  let gpu: Functions, host: Functions;
  beforeAll(async () => {
    gpu = (await instantiate(compile(model, { target: "webgpu" }), { device: await sharedGpu() })).functions as unknown as Functions;
    host = (await instantiate(compile(model, { target: "js" }))).functions as unknown as Functions;
  }, 60_000);

  async function compare(name: string, x: unknown, tolerance = 0): Promise<void> {
    const [got, want] = [await gpu[name]({ x }), await host[name]({ x })];
    for (const [key, { data }] of Object.entries(want)) {
      expect(got[key].data.length).toBe(data.length);
      for (let i = 0; i < data.length; i++) {
        const [a, b] = [got[key].data[i], data[i]];
        if (!(Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * (1 + Math.abs(b)))) expect.fail(`${name}.${key}[${i}] is ${a}, not ${b}`);
      }
    }
  }

  const lengths = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(31, 32, 33, 64, 65, 127, 128, 129, 255, 256, 257, 1000, 4097));

  test("sorts keep the order of equals, NaN last, whatever the length", async () => {
    await fc.assert(fc.asyncProperty(lengths, fc.nat(1e6), async (n, seed) => {
      await compare("up", { dtype: "f32", shape: [2, n, 3], data: numbers(6 * n, seed, true) });
      await compare("down", numbers(n, seed, true));
      await compare("whole", Int32Array.from(numbers(n, seed, false)));
    }), { numRuns: 12 });
    await compare("known", numbers(700, 5, false), 1e-4);
    await compare("top", { dtype: "f32", shape: [3, 200], data: numbers(600, 6, true) });
  }, 120_000);

  test("running folds, forward and backward, along any axis", async () => {
    await fc.assert(fc.asyncProperty(lengths, fc.nat(1e6), async (n, seed) => {
      await compare("runs", { dtype: "f32", shape: [2, n, 3], data: numbers(6 * n, seed, false) }, 1e-3);
      await compare("run", numbers(n, seed, false), 1e-3);
    }), { numRuns: 12 });
  }, 120_000);

  test("of the same numbers they are the same bits", async () => {
    const x = numbers(5000, 3, false).map((v) => v * 0.1);
    const [a, b] = [await gpu.run({ x }), await gpu.run({ x })];
    expect(a.sum.data).toEqual(b.sum.data);
  });
});
