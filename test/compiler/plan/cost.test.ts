import fc from "fast-check";
import { expect, test } from "vitest";
import { lower } from "../../../compiler/fuse/index.ts";
import { kernelCost, planStats } from "../../../compiler/plan/index.ts";
import { emitOne, type GraphFunction, type Value } from "../../../ir/graph/index.ts";
import type { Dim, DType } from "../../../ir/types/index.ts";

const input = (name: string, shape: readonly Dim[], dtype: DType = "f32"): Value => emitOne("input", [], { name, type: { dtype, shape } });
const fn = (inputs: readonly Value[], y: Value): GraphFunction => ({ name: "f", inputs, outputs: [{ name: "y", value: y }], updates: [] });
const lowered = (inputs: readonly Value[], y: Value) => lower(fn(inputs, y));
const only = (inputs: readonly Value[], y: Value) => {
  const { kernels } = lowered(inputs, y);
  expect(kernels).toHaveLength(1);
  return kernels[0];
};

test("a matrix product is 2·M·K·N, however it is tiled", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (M, K, N) => {
    const a = input("a", ["M", K]), b = input("b", [K, N]);
    const cost = kernelCost(only([a, b], emitOne("dot", [a, b], { batch: [], contract: [[1, 0]] })), { M });
    expect(cost).toEqual({ flops: 2 * M * K * N, bytesMoved: 4 * (M * K + K * N + M * N) });
  }), { numRuns: 40 });
});

test("elementwise: one for each scalar op and element; a value used twice is computed once", () => {
  const x = input("x", ["B", 3]);
  const e = emitOne("exp", [x], {});
  const y = emitOne("add", [emitOne("mul", [e, e], {}), e], {});
  expect(kernelCost(only([x], y), { B: 5 })).toEqual({ flops: 3 * 15, bytesMoved: 4 * 2 * 15 });
});

test("integers are no flops, but they are moved; f64 is twice as wide", () => {
  const i = input("i", ["B"], "i32"), d = input("d", ["B"], "f64");
  expect(kernelCost(only([i], emitOne("add", [i, i], {})), { B: 7 })).toEqual({ flops: 0, bytesMoved: 4 * 14 });
  expect(kernelCost(only([d], emitOne("add", [d, d], {})), { B: 7 })).toEqual({ flops: 7, bytesMoved: 8 * 14 });
});

test("a gather moves what it reads, not the table", () => {
  const table = input("table", [1000, 4]), index = input("index", ["B"], "i32");
  const y = emitOne("gather", [table, index], { axes: [0], batch: [] });
  expect(kernelCost(only([table, index], y), { B: 3 }).bytesMoved).toBe(4 * (3 * 4 + 3 + 3 * 4));
});

test("a loop costs its trips, a branch its dearer side", () => {
  const x = input("x", ["B"]), pred = input("pred", [], "bool");
  const param = () => emitOne("parameter", [], { index: 0, type: x.type });
  const p = param(), q = param();
  const branch = emitOne("cond", [pred, x], {}, [
    { params: [p], results: [emitOne("exp", [p], {})] },
    { params: [q], results: [emitOne("exp", [emitOne("exp", [q], {})], {})] },
  ]);
  const chosen = lowered([x, pred], branch);
  expect(planStats({ ...chosen, slots: [] }, { B: 10 }).flops).toBe(20);

  const step = emitOne("parameter", [], { index: 0, type: { dtype: "i32", shape: [] } });
  const carry = emitOne("parameter", [], { index: 1, type: x.type });
  const loop = emitOne("scan", [x], { carries: 1, xs: 0, length: "T", reverse: false }, [{ params: [step, carry], results: [emitOne("exp", [carry], {})] }]);
  const { flops, kernels } = planStats({ ...lowered([x], loop), slots: [] }, { B: 10, T: 6 });
  expect(flops).toBe(60);
  expect(kernels).toBe(1);
});

test("the arena is the sum of its slots, each as large as its largest buffer", () => {
  const x = input("x", ["B"]);
  const program = lowered([x], emitOne("exp", [x], {}));
  expect(planStats({ ...program, slots: [{ bytes: ["4*B", 100] }, { bytes: [8] }, { bytes: [] }] }, { B: 10 }).arenaBytes).toBe(108);
  expect(planStats({ ...program, slots: [{ bytes: ["4*B", 100] }] }, { B: 64 }).arenaBytes).toBe(256);
});
