import { defineModel, f32 } from "chainrule";
import { expect, test } from "vitest";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { compile } from "../../../../compiler/pipeline.ts";

/** Sums in f32 are made in parts, whose order is fixed: more exact than one running sum, and the same every time. */

const model = () => defineModel("sums", (m) => {
  m.fn("all", { x: f32("N") }, ({ x }) => ({ y: x.sum() }));
  m.fn("rows", { x: f32(3, "N") }, ({ x }) => ({ y: x.sum(-1) }));
});

const count = 1_000_000;
const series: Record<string, (i: number) => number> = {
  "equal numbers": () => 0.1,
  "positive numbers": (i) => ((i * 2654435761) >>> 0) / 2 ** 32,
  "numbers that shrink": (i) => 1 / (i + 1),
};

for (const [what, f] of Object.entries(series))
  test(`a million of ${what}: at least four times closer than a running sum`, async () => {
    const { sync } = await instantiate(compile(model(), { target: "wasm" }));
    const x = Float32Array.from({ length: count }, (_, i) => f(i));
    const exact = x.reduce((a, b) => a + b, 0);
    let running = 0;
    for (const v of x) running = Math.fround(running + v);
    const error = Math.abs(sync.all({ x }).y.item() - exact);
    expect(error).toBeLessThan(Math.abs(running - exact) / 4);
    const three = new Float32Array(3 * count);
    for (let k = 0; k < 3; k++) three.set(x, k * count);
    const { y } = sync.rows({ x: { dtype: "f32", shape: [3, count], data: three } });
    expect(new Set(y.data)).toEqual(new Set([sync.all({ x }).y.item()]));
  });
