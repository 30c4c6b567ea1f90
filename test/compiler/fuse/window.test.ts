import fc from "fast-check";
import { expect, test } from "vitest";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { compile, compileFunction } from "../../../compiler/pipeline.ts";
import { emit, emitOne, type GraphFunction, type Value } from "../../../ir/graph/index.ts";
import { ndarray, type NdArray } from "../../../ir/interpret/index.ts";
import { poolAxes, type PoolAttrs } from "../../../ir/ops/index.ts";
import { dims, type DType, type Shape } from "../../../ir/types/index.ts";
import { expectAgreement } from "../../fuzz/agreement.ts";
import { call, modelOf } from "../../fuzz/compiled.ts";
import { Random } from "../../fuzz/generate/random.ts";

/** Convolution and pooling with any geometry: compiled, with their gradients, they agree with the interpreter. */

const axis = fc.record({
  size: fc.integer({ min: 1, max: 9 }), window: fc.integer({ min: 1, max: 4 }), stride: fc.integer({ min: 1, max: 3 }),
  low: fc.integer({ min: -1, max: 3 }), high: fc.integer({ min: -1, max: 3 }), base: fc.integer({ min: 1, max: 3 }), gap: fc.integer({ min: 1, max: 2 }),
});
type Axis = typeof axis extends fc.Arbitrary<infer A> ? A : never;
const axes = fc.array(axis, { minLength: 1, maxLength: 2 });
const dtypes = fc.constantFrom<DType>("f32", "f64");

const input = (name: string, dtype: DType, shape: Shape): Value => emitOne("input", [], { name, type: { dtype, shape } });
const sumAll = (x: Value): Value => emitOne("reduce", [x], { reducer: "sum", axes: x.type.shape.map((_, i) => i) });

/** The result, a loss of it, and the gradients of the loss: of a product with itself, so that they depend on everything. */
function withGradients(inputs: readonly Value[], result: Value): GraphFunction {
  const loss = sumAll(emitOne("mul", [result, emitOne("sin", [result], {})], {}));
  return { name: "f", inputs, updates: [], outputs: [result, loss, ...emit("grad", [loss, ...inputs], {})].map((value, i) => ({ name: `y${i}`, value })) };
}

/** Values that repeat, so that windows have ties. */
function valuesFor(fn: GraphFunction, seed: number, binding: Readonly<Record<string, number>>): Record<string, NdArray> {
  const random = new Random(seed);
  return Object.fromEntries(fn.inputs.map((v) => {
    const { name, type } = v.node.attrs as { name: string; type: { dtype: DType; shape: Shape } };
    const shape = type.shape.map((d) => dims.evaluate(d, binding));
    return [name, ndarray(type.dtype, shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.between(-6, 6) / 4))];
  }));
}

async function expectTargetsAgree(fn: GraphFunction, seed: number, targets: readonly ("js" | "wasm")[], B = 2): Promise<void> {
  const env = { inputs: valuesFor(fn, seed, { B }), variables: {} };
  for (const target of targets) expectAgreement(expandDerivatives(fn), env, call(await instantiate(compile(modelOf(fn), { target })), fn, env));
}

function convolution(list: readonly Axis[], groups: number, dtype: DType): GraphFunction {
  const x = input("x", dtype, [groups, "B", 2, ...list.map((a) => a.size)]);
  const w = input("w", dtype, [groups, 3, 2, ...list.map((a) => a.window)]);
  return withGradients([x, w], emitOne("conv", [x, w], {
    stride: list.map((a) => a.stride), low: list.map((a) => a.low), high: list.map((a) => a.high), lhsDilation: list.map((a) => a.base), rhsDilation: list.map((a) => a.gap),
  }));
}

const windowsOf = (list: readonly Axis[], base: boolean): PoolAttrs => ({
  window: [1, ...list.map((a) => a.window)], stride: [1, ...list.map((a) => a.stride)], low: [0, ...list.map((a) => a.low)], high: [0, ...list.map((a) => a.high)],
  baseDilation: [1, ...list.map((a) => (base ? a.base : 1))], windowDilation: [1, ...list.map((a) => a.gap)],
});

for (const [target, numRuns] of [["js", 120], ["wasm", 40]] as const) {
  test(`convolutions and their gradients on ${target}`, async () => {
    await fc.assert(fc.asyncProperty(axes, fc.integer({ min: 1, max: 2 }), dtypes, fc.nat(1000), async (list, groups, dtype, seed) =>
      expectTargetsAgree(convolution(list, groups, dtype), seed, [target])), { numRuns });
  }, 120_000);

  test(`sums over windows and their gradients on ${target}`, async () => {
    await fc.assert(fc.asyncProperty(axes, dtypes, fc.nat(1000), async (list, dtype, seed) => {
      const x = input("x", dtype, ["B", ...list.map((a) => a.size)]);
      await expectTargetsAgree(withGradients([x], emitOne("reduceWindow", [x], { reducer: "sum", ...windowsOf(list, true) })), seed, [target]);
    }), { numRuns });
  }, 120_000);

  test(`extremes of windows, where they are, and their gradients on ${target}`, async () => {
    await fc.assert(fc.asyncProperty(axes, dtypes, fc.constantFrom("max" as const, "min" as const), fc.nat(1000), async (list, dtype, reducer, seed) => {
      const x = input("x", dtype, ["B", ...list.map((a) => a.size)]), attrs = { reducer, ...windowsOf(list, false) };
      // a window of nothing but padding has no extreme
      if (poolAxes("pooling", x.type, attrs).some((a) => typeof a.low === "number" && typeof a.high === "number" && Math.max(a.low, a.high) > ((a.window as number) - 1) * a.windowDilation)) return;
      if (list.some((a) => a.gap > 1 && a.size < a.gap)) return;
      const fn = withGradients([x], emitOne("reduceWindow", [x], attrs));
      const positions = { name: "positions", value: emitOne("argReduceWindow", [x], attrs) };
      await expectTargetsAgree({ ...fn, outputs: [...fn.outputs, positions] }, seed, [target]);
    }), { numRuns });
  }, 120_000);
}

test("pooling with windows side by side needs no loop to lead its gradient back", () => {
  const x = input("x", "f32", ["B", 8]);
  const attrs = { window: [1, 2], stride: [1, 2], low: [0, 0], high: [0, 0], baseDilation: [1, 1], windowDilation: [1, 1] };
  const { fuse } = compileFunction(withGradients([x], emitOne("reduceWindow", [x], { reducer: "max", ...attrs })));
  const loops = (body: readonly { kind: string; body?: unknown }[]): number => Math.max(0, ...body.map((s) => (s.kind === "loop" ? 1 + loops(s.body as typeof body) : 0)));
  const gradient = fuse.kernels.find((k) => k.origins.some((o) => o.op === "unpool"))!;
  expect(loops(gradient.body)).toBe(2);
});

test("a product reads its operands from memory: what leads back through pooling is not computed again for each of them", () => {
  const x = input("x", "f32", ["B", 1, 8, 8]), w1 = input("w1", "f32", [1, 4, 1, 3, 3]), w2 = input("w2", "f32", [1, 4, 4, 3, 3]);
  const attrs = { stride: [1, 1], low: [1, 1], high: [1, 1], lhsDilation: [1, 1], rhsDilation: [1, 1] };
  const pool = { reducer: "max" as const, window: [1, 1, 1, 2, 2], stride: [1, 1, 1, 2, 2], low: [0, 0, 0, 0, 0], high: [0, 0, 0, 0, 0], baseDilation: [1, 1, 1, 1, 1], windowDilation: [1, 1, 1, 1, 1] };
  const pooled = (v: Value, w: Value): Value => emitOne("reduceWindow", [emitOne("conv", [v, w], attrs)], pool);
  const image = emitOne("reshape", [x], { shape: [1, "B", 1, 8, 8] });
  const { fuse } = compileFunction(withGradients([x, w1, w2], pooled(pooled(image, w1), w2)));
  for (const k of fuse.kernels.filter((k) => k.origins.some((o) => o.op === "conv"))) expect(k.origins.map((o) => o.op)).not.toContain("unpool");
});
