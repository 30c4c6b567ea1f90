import { bool, defineModel, einsum, f32, f64, grad, nn, type InputSpec, type Model, type Tensor } from "chainrule";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import type { Target } from "../../../compiler/artifact/compiled.ts";
import { compile, compileFunction } from "../../../compiler/pipeline.ts";
import { planStats } from "../../../compiler/plan/index.ts";
import { ndarray, type NdArray } from "../../../ir/interpret/index.ts";
import { dims, type DType, type Shape } from "../../../ir/types/index.ts";
import { expectAgreement } from "../../fuzz/agreement.ts";
import { call, callLater } from "../../fuzz/compiled.ts";
import { Random } from "../../fuzz/generate/random.ts";
import { sharedGpu, whyNoGpu } from "../../webgpu/gpu.ts";

/** Products that follow each other row by row: attention, written as anyone would. */

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 15);

const cases = fc.record({
  batch: fc.constantFrom<readonly number[]>([], [2], [2, 3]), queries: fc.integer({ min: 1, max: 13 }), keys: fc.integer({ min: 1, max: 21 }),
  width: fc.integer({ min: 1, max: 9 }), valueWidth: fc.integer({ min: 1, max: 18 }),
  middle: fc.constantFrom("softmax", "scaled", "masked", "causal", "normalised", "logits"), named: fc.constantFrom<readonly ("L" | "S")[]>([], ["L"], ["S"], ["L", "S"]),
  dtype: fc.constantFrom("f32", "f64"), headsLast: fc.boolean(), seed: fc.nat(1000),
});
type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never;

/** What happens to a row of scores before it meets the values. */
const middles: Record<Case["middle"], (scores: Tensor, mask: Tensor) => Tensor> = {
  softmax: (s) => s.softmax(-1),
  scaled: (s) => s.mul(0.3),
  masked: (s, mask) => mask.where(s, -3).softmax(-1),
  causal: (s) => s.sub(s.onesLike().triu(1).mul(1e4)).softmax(-1),
  normalised: (s) => s.sub(s.mean(-1, true)).div(s.mul(s).sum(-1, true).add(1).sqrt()),
  logits: (s) => s.logSoftmax(-1),
};

function modelFor({ batch, queries, keys, width, valueWidth, middle, named, dtype, headsLast }: Case): Model {
  const L = named.includes("L") ? "L" : queries, S = named.includes("S") ? "S" : keys, spec = dtype === "f32" ? f32 : f64;
  const laid = (rows: number | string, columns: number): InputSpec => (headsLast && batch.length > 0 ? spec(...batch.slice(0, -1), rows, batch.at(-1)!, columns) : spec(...batch, rows, columns)) as InputSpec;
  const read = (x: Tensor): Tensor => (headsLast && batch.length > 0 ? x.transpose(-3, -2) : x);
  return defineModel("attention", { dtype: dtype as "f32" }, (m) => {
    m.fn("f", { x: laid(L, width), k: laid(S, width), v: laid(S, valueWidth), mask: bool(L, S) }, ({ x, k, v, mask }: Record<string, Tensor>) =>
      ({ y: middles[middle](read(x).matmul(read(k).transpose(-2, -1)), mask).matmul(read(v)) }));
  });
}

/** `scaledDotProductAttention` and its gradients. */
const attentions = fc.record({
  batch: fc.constantFrom<readonly number[]>([], [2], [2, 4]), queries: fc.integer({ min: 1, max: 11 }), keys: fc.integer({ min: 1, max: 13 }),
  width: fc.integer({ min: 1, max: 9 }), valueWidth: fc.integer({ min: 1, max: 9 }), mask: fc.constantFrom("none", "bool", "float", "row"), isCausal: fc.boolean(),
  dropoutP: fc.constantFrom(0, 0, 0.3), enableGqa: fc.boolean(), named: fc.constantFrom<readonly ("L" | "S")[]>([], ["L", "S"]), ofMask: fc.boolean(), seed: fc.nat(1000),
});
type AttentionCase = typeof attentions extends fc.Arbitrary<infer C> ? C : never;

function attentionFor({ batch, queries, keys, width, valueWidth, mask, named, enableGqa, ofMask, ...options }: AttentionCase): Model {
  const L = named.includes("L") ? "L" : queries, S = named.includes("S") ? "S" : keys, ofKeys = enableGqa && batch.length > 0 ? [...batch.slice(0, -1), 2] : batch;
  const masks: Record<AttentionCase["mask"], Record<string, InputSpec>> = { none: {}, bool: { mask: bool(L, S) }, float: { mask: f32(...batch, L, S) }, row: { mask: f32(S) } };
  return defineModel("attention", (m) => {
    m.fn("f", { x: f32(...batch, L, width), k: f32(...ofKeys, S, width), v: f32(...ofKeys, S, valueWidth), ...masks[mask] } as Record<string, InputSpec>, ({ x, k, v, mask }: Record<string, Tensor>) => {
      const y = nn.functional.scaledDotProductAttention(x, k, v, { ...options, attnMask: mask ?? null, enableGqa: enableGqa && batch.length > 0 });
      const wanted = [x, k, v, ...(mask && ofMask && mask.dtype === "f32" ? [mask] : [])];
      return Object.fromEntries([y, ...grad(y.mul(y.add(1).sin()).sum(), wanted)].map((g, i) => [`y${i}`, g]));
    }, { train: true });
  });
}

function inputsFor({ functions: [fn] }: Model, { queries, keys, seed }: Pick<Case, "queries" | "keys" | "seed">): Record<string, NdArray> {
  const random = new Random(seed);
  return Object.fromEntries(fn.inputs.map((v) => {
    const { name, type } = v.node.attrs as { name: string; type: { dtype: DType; shape: Shape } };
    const shape = type.shape.map((d) => dims.evaluate(d, { L: queries, S: keys }));
    const of = (): number => (type.dtype === "bool" ? random.between(0, 1) : random.between(-20, 20) / 16);
    return [name, ndarray(type.dtype, shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, of))];
  }));
}

describe.each([["js", 1], ["wasm", 1], ["wasm", 3]] as const)("on %s, %i threads", (target, threads) => {
  test("random shapes, layouts and masks give what the interpreter does", async () => {
    await fc.assert(fc.asyncProperty(cases, async (c) => {
      const model = modelFor(c), env = { inputs: inputsFor(model, c), variables: {} };
      const loaded = await instantiate(compile(model, { target, grain: threads > 1 ? 1 : undefined }), { threads });
      expectAgreement(model.functions[0], env, call(loaded, model.functions[0], env));
    }), { numRuns });
  }, 120_000);

  test("so do the functional form and its gradients", async () => {
    await fc.assert(fc.asyncProperty(attentions, async (c) => {
      const model = attentionFor(c), [declared] = model.functions, fn = expandDerivatives(declared);
      const rng: Record<string, NdArray> = model.variables.length > 0 ? { rng: ndarray("u32", [2], [c.seed, 7]) } : {};
      const env = { inputs: inputsFor(model, c), variables: rng };
      const loaded = await instantiate(compile(model, { target, grain: threads > 1 ? 1 : undefined }), { threads });
      expectAgreement(fn, env, call(loaded, fn, env));
    }), { numRuns });
  }, 120_000);
});

// each is some shaders to compile: fewer than on the other targets
const gpuRuns = Number(process.env["WEBGPU_FUZZ_RUNS"] ?? 6);

describe("on a GPU", () => {
  const agrees = async (model: Model, c: Pick<Case, "queries" | "keys" | "seed">): Promise<void> => {
    const fn = expandDerivatives(model.functions[0]), loaded = await instantiate(compile(model, { target: "webgpu" }), { device: await sharedGpu() });
    const variables: Record<string, NdArray> = model.variables.length > 0 ? { rng: ndarray("u32", [2], [c.seed, 7]) } : {}, env = { inputs: inputsFor(model, c), variables };
    try {
      expectAgreement(fn, env, await callLater(loaded, fn, env));
    } finally {
      loaded.destroy();
    }
  };

  test("random shapes, layouts and masks give what the interpreter does", async ({ skip }) => {
    const reason = await whyNoGpu();
    if (reason) skip(reason);
    await fc.assert(fc.asyncProperty(cases, (c) => agrees(modelFor({ ...c, dtype: "f32" }), c)), { numRuns: gpuRuns });
  }, 120_000 + 5_000 * gpuRuns);

  test("so do the functional form and its gradients", async ({ skip }) => {
    const reason = await whyNoGpu();
    if (reason) skip(reason);
    await fc.assert(fc.asyncProperty(attentions, (c) => agrees(attentionFor(c), c)), { numRuns: gpuRuns });
  }, 120_000 + 5_000 * gpuRuns);

  test("rows longer than a workgroup's memory go in steps", async ({ skip }) => {
    const reason = await whyNoGpu();
    if (reason) skip(reason);
    const base = { batch: [2], width: 5, valueWidth: 6, middle: "softmax", dtype: "f32", headsLast: false, seed: 3 } as const;
    for (const [queries, keys, named] of [[18, 300, []], [9, 70, ["L", "S"]], [33, 64, ["S"]]] as const) await agrees(modelFor({ ...base, queries, keys, named }), { queries, keys, seed: 3 });
  }, 120_000);
});

test("a score that all rows have in common is a whole sum for each of them, on a GPU too", async ({ skip }) => {
  const reason = await whyNoGpu();
  if (reason) skip(reason);
  const model = defineModel("common", (m) => {
    m.fn("f", { q: f32(6, 2), k: f32(6, 2), t: f32(2, "B"), w: f32(2, 4) }, ({ q, k, t, w }) =>
      ({ y: w.transpose(0, 1).matmul(einsum("rc,rcb->cb", q, k.unsqueeze(-1).expand(6, 2, "B")).add(t).clamp(-4, 4)) }));
  });
  const [fn] = model.functions, loaded = await instantiate(compile(model, { target: "webgpu" }), { device: await sharedGpu() });
  const values = (shape: readonly number[]): NdArray => ndarray("f32", shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.fround(Math.sin(i + 1))));
  const env = { inputs: { q: values([6, 2]), k: values([6, 2]), t: values([2, 5]), w: values([2, 4]) }, variables: {} };
  expectAgreement(fn, env, await callLater(loaded, fn, env));
  loaded.destroy();
  expect(compileFunction(fn, "webgpu").plan.kernels.length, "one chain").toBe(1);
});

const plan = (T: number | string, target: Target) => compileFunction(modelFor({
  batch: [2, 4], queries: T as number, keys: T as number, width: 32, valueWidth: 32, middle: "softmax", named: typeof T === "string" ? ["L", "S"] : [], dtype: "f32", headsLast: true, seed: 0,
}).functions[0], target).plan;

describe.each(["js", "wasm", "webgpu"] as const)("on %s", (target) => {
  test("it is one kernel, and memory grows with the length, not its square", () => {
    const [one, two, four] = [256, 512, 1024].map((T) => planStats(plan(T, target), {}));
    expect([one.kernels, two.kernels, four.kernels]).toEqual([1, 1, 1]);
    expect(four.arenaBytes / two.arenaBytes).toBeLessThan(2.05);
    const result = 4 * 2 * 4 * 4096 * 32;
    expect(planStats(plan("T", target), { L: 4096, S: 4096 }).arenaBytes).toBeLessThan(result + 2 ** 20);
    // nothing is computed twice; on a GPU, scores are where they do not fit in a workgroup's memory
    if (target === "webgpu") return;
    const { flops } = one, products = 2 * 8 * 256 * 256 * (32 + 32);
    expect(flops).toBeGreaterThan(products);
    expect(flops).toBeLessThan(1.2 * products);
  });
});

/** Attention that looks back, with its gradients, of so many positions. */
const trained = (T: number, options: nn.functional.AttentionOptions) => defineModel("attention", (m) => {
  m.fn("f", { q: f32(2, 4, T, 32), k: f32(2, 4, T, 32), v: f32(2, 4, T, 24) }, ({ q, k, v }: Record<string, Tensor>) => {
    const y = nn.functional.scaledDotProductAttention(q, k, v, options);
    return Object.fromEntries([y, ...grad(y.mul(y.sin()).sum(), [q, k, v])].map((g, i) => [`y${i}`, g]));
  }, { train: true });
}).functions[0];

describe.each(["js", "wasm", "webgpu"] as const)("with its gradients, on %s", (target) => {
  test.each([{ isCausal: true }, { isCausal: true, dropoutP: 0.1 }])("it is a few kernels in memory that grows with the length: %o", (options) => {
    const [one, two] = [256, 512].map((T) => planStats(compileFunction(trained(T, options), target).plan, {}));
    // with a random key, what the gradients of keys and values take is one buffer more than every GPU lets a kernel touch
    if (target === "webgpu" && "dropoutP" in options) return;
    // forward; of each row the gradient with its result; of queries; of keys and values; the next random key
    const kernels = "dropoutP" in options ? 5 : 4;
    expect([one.kernels, two.kernels]).toEqual([kernels, kernels]);
    expect(two.arenaBytes / one.arenaBytes).toBeLessThan(2.05);
  });
});

test.each(["js", "wasm", "webgpu"] as const)("a block of a transformer that looks back is at most 8 kernels on %s, and 30 with gradients", (target) => {
  const model = defineModel("block", (m) => {
    const block = m.use("block", nn.transformerEncoderLayer(64, 4, { dimFeedforward: 256, activation: "gelu", normFirst: true, batchFirst: true, dropout: 0 }));
    const x = { x: f32("B", "T", 64) } as const;
    m.fn("f", x, ({ x }) => ({ y: block(x, { isCausal: true }) }));
    m.fn("gradient", x, ({ x }) => { const y = block(x, { isCausal: true }); return { y, dx: grad(y.mul(y).mean(), [x])[0] }; });
  });
  const [forward, gradient] = model.functions.map((fn) => compileFunction(fn, target).plan.kernels.length);
  expect(forward).toBeLessThanOrEqual(8);
  expect(gradient).toBeLessThanOrEqual(30);
});

test("weights that are wanted as well are in memory, and the products are kernels of their own", () => {
  const model = defineModel("attention", (m) => {
    m.fn("f", { q: f32(2, 8, 4), k: f32(2, 8, 4), v: f32(2, 8, 4) }, ({ q, k, v }) => {
      const weights = q.matmul(k.transpose(-2, -1)).softmax(-1);
      return { y: weights.matmul(v), weights };
    });
  });
  expect(compileFunction(model.functions[0], "wasm").plan.kernels.length).toBe(3);
});
