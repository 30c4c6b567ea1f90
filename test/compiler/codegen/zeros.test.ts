import { expect, test } from "vitest";
import { defineModel, f32 } from "../../../ir/index.ts";
import { compiledOn, targets } from "../../targets.ts";

/** The sign of zero, which is that of an inverse: -0 + 0 is 0, but -0 + -0 and -0 - 0 are -0. */
const model = defineModel("zeros", (m) => {
  m.fn("f", { x: f32("N") }, ({ x }) => ({ plus: x.add(0), plusMinus: x.add(-0), minus: x.sub(0), minusMinus: x.sub(-0), cancelled: x.neg().sum(), inverse: x.add(0).reciprocal() }));
});

// WGSL leaves the sign of zero to the device
for (const target of targets.filter((t) => t.name !== "webgpu"))
  test(`the sign of zero on ${target.name}`, async () => {
    const { f } = (await compiledOn(target, model)).functions;
    const { plus, plusMinus, minus, minusMinus, cancelled, inverse } = await f({ x: Float32Array.of(-0, 0) });
    expect([plus, plusMinus, minus, minusMinus, inverse].map((y) => [...y.data])).toEqual([[0, 0], [-0, 0], [-0, 0], [0, 0], [Infinity, Infinity]]);
    expect([...cancelled.data]).toEqual([0]);
  });
