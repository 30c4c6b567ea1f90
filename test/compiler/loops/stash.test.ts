import { defineModel, f32, grad, i32, losses, nn, type Tensor, type InputSpec } from "chainrule";
import { describe, expect, test } from "vitest";
import { instantiate } from "../../../compiler/artifact/index.ts";
import type { Kernel } from "../../../compiler/loops/ir.ts";
import { forEachExpr } from "../../../compiler/loops/pool.ts";
import { forEachStmt, rootsOf } from "../../../compiler/loops/statements.ts";
import { compile } from "../../../compiler/pipeline.ts";

type Inputs = Record<string, InputSpec>;
const modelOf = (inputs: Inputs, f: (x: Record<string, Tensor>) => Record<string, Tensor>) => defineModel("rows", (m) => { m.fn("f", inputs, f); });

function kernelsOf(inputs: Inputs, f: (x: Record<string, Tensor>) => Record<string, Tensor>): readonly Kernel[] {
  return compile(modelOf(inputs, f), { target: "wasm" }).programs.find((p) => p.name === "f")!.kernels;
}

/** Loops, told by their variable, in which an op is computed. */
function loopsWith(op: string, { body }: Kernel): Set<string> {
  const names = new Set<string>();
  forEachStmt(body, (s) => {
    if (s.kind !== "loop") return;
    forEachExpr(s.body.flatMap(rootsOf), (e) => { if (e.kind === "scalar" && e.op === op) names.add(s.var.name); });
  });
  return names;
}

const scratchOf = ({ args }: Kernel): string[] => args.flatMap((a) => (a.scratch ? [`${a.dtype}[${a.size}]`] : []));

describe("what is costly and needed in several passes over a row", () => {
  test("the exponentials of a softmax are computed once, for their sum, and kept for a row", () => {
    for (const [extent, size] of [[512, "512"], ["T", "T"]] as const) {
      const [kernel, ...others] = kernelsOf({ x: f32("B", extent) }, ({ x }) => ({ y: x.softmax(-1) }));
      expect(others).toEqual([]);
      expect(scratchOf(kernel)).toEqual([`f32[${size}]`]);
      expect(loopsWith("exp", kernel).size).toBe(1);
    }
  });

  test("what is cheap is computed again", () => {
    const [kernel] = kernelsOf({ x: f32("B", 512) }, ({ x }) => ({ y: x.sub(x.mean(-1, { keepdim: true })) }));
    expect(scratchOf(kernel)).toEqual([]);
  });

  test("what a later pass needs elsewhere in the row is computed there", () => {
    const [kernel] = kernelsOf({ x: f32("B", 512) }, ({ x }) => ({ y: x.exp().sum(-1, { keepdim: true }).add(x.flip(1).exp()) }));
    expect(scratchOf(kernel)).toEqual([]);
  });

  test("results are those of double precision for rows of every length, whatever the last call left", async () => {
    const model = await instantiate(compile(modelOf({ x: f32("B", "T") }, ({ x }) => ({ y: x.softmax(-1) })), { target: "wasm" }));
    for (const length of [70, 1, 3, 4, 5, 15, 16, 17, 20, 33, 64, 67]) {
      const x = Float32Array.from({ length: 3 * length }, (_, i) => 5 * Math.sin(i * i));
      const { y } = model.sync.f({ x: { dtype: "f32", shape: [3, length], data: x } });
      for (let b = 0; b < 3; b++) {
        const row = Array.from(x.subarray(b * length, (b + 1) * length), Math.exp), sum = row.reduce((a, c) => a + c);
        row.forEach((e, j) => { expect(Math.abs(y.data[b * length + j] - e / sum) / (e / sum)).toBeLessThan(1e-6); });
      }
    }
  });

  test("what is kept of a row is needed within that row: a norm of a long sum", async () => {
    const names = Array.from({ length: 9 }, (_, i) => `x${i}`), inputs = Object.fromEntries(names.map((name) => [name, f32("B", 48)]));
    const define = (xs: Record<string, Tensor>) => {
      const sum = names.map((name) => xs[name]).reduce((a, b) => a.add(b));
      return { y: nn.functional.layerNorm(sum, [48]) };
    };
    const [wasm, js] = await Promise.all((["wasm", "js"] as const).map((target) => instantiate(compile(modelOf(inputs, define), { target }), { device: target })));
    const given = Object.fromEntries(names.map((name, k) => [name, Float32Array.from({ length: 3 * 48 }, (_, i) => Math.sin(i * i + k))]));
    const a = wasm.sync.f(given), b = js.sync.f(given);
    a.y.data.forEach((v, i) => { expect(Math.abs(v - b.y.data[i])).toBeLessThan(1e-5); });
  });

  test("a loss with its gradient", async () => {
    const define = ({ x, label }: Record<string, Tensor>) => {
      const loss = losses.crossEntropy(x, label as Tensor<["B"], "i32">);
      return { loss, gradient: grad(loss, [x])[0] };
    };
    const inputs = { x: f32("B", 10), label: i32("B") };
    const [wasm, js] = await Promise.all((["wasm", "js"] as const).map((target) => instantiate(compile(modelOf(inputs, define), { target }), { device: target })));
    const given = { x: Float32Array.from({ length: 70 }, (_, i) => 3 * Math.cos(i * i)), label: Int32Array.of(0, 9, 3, 1, 5, 7, 2) };
    const a = wasm.sync.f(given), b = js.sync.f(given);
    a.gradient.data.forEach((g, i) => { expect(Math.abs(g - b.gradient.data[i])).toBeLessThan(1e-7); });
    expect(Math.abs(a.loss.item() - b.loss.item())).toBeLessThan(1e-6);
  });
});
