import { describe, expect, test } from "vitest";
import { defineModel, f32, i32, nn, type ModelBuilder } from "chainrule";
import { compileFunction } from "../../compiler/pipeline.ts";
import { planStats } from "../../compiler/plan/index.ts";
import { geluMlp } from "./counted.ts";

/** What a call costs on a GPU, counted: dispatches, and bytes read and written. */

const planned = (define: (m: ModelBuilder) => void) => compileFunction(defineModel("counted", (m) => { define(m); }).functions[0], "webgpu").plan;
const dispatches = (define: (m: ModelBuilder) => void): number => planned(define).steps.length;

describe("dispatches, at most", () => {
  test("a 4-layer gelu MLP, loss and gradients: 16", () => {
    expect(dispatches(geluMlp)).toBeLessThanOrEqual(16);
  });
  test("gelu(x·w + b): 1", () => {
    expect(dispatches((m) => {
      const fc = m.use("fc", nn.linear(64, 128));
      m.fn("f", { x: f32("B", 64) }, ({ x }) => ({ y: fc(x).gelu() }));
    })).toBe(1);
  });
  test("the mean of a million numbers: 2", () => {
    expect(dispatches((m) => { m.fn("f", { x: f32(1024, 1024) }, ({ x }) => ({ y: x.mean() })); })).toBe(2);
  });
});

describe("rows are read once and written once", () => {
  const bytes = 4 * 64 * 512;
  test("softmax", () => {
    const plan = planned((m) => { m.fn("f", { x: f32("B", 512) }, ({ x }) => ({ y: x.softmax(-1) })); });
    expect(plan.steps.length).toBe(1);
    expect(planStats(plan, { B: 64 }).bytesMoved).toBe(2 * bytes);
  });
  test("layer norm", () => {
    const plan = planned((m) => {
      const norm = m.use("norm", nn.layerNorm(512));
      m.fn("f", { x: f32("B", 512) }, ({ x }) => ({ y: norm(x) }));
    });
    expect(plan.steps.length).toBe(1);
    expect(planStats(plan, { B: 64 }).bytesMoved).toBe(2 * bytes + 2 * 4 * 512);
  });
});

test("a scatter over what nobody needs any more copies nothing", () => {
  const plan = planned((m) => { m.fn("f", { x: f32("T"), at: i32("K"), u: f32("K") }, ({ x, at, u }) => ({ y: x.sort(0).values.scatterAdd(0, at, u) })); });
  expect(plan.steps.map((s) => s.kind === "kernel" && plan.kernels[s.kernel].kind)).toEqual(["sort", "scatter"]);
});
