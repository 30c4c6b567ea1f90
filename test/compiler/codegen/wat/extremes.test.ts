import { defineModel, f32 } from "chainrule";
import * as fc from "fast-check";
import { beforeAll, test } from "vitest";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { compile } from "../../../../compiler/pipeline.ts";
import type { LoadedModel } from "../../../../runtime/index.ts";

/** Largest and smallest values, folded in vectors: the same bits as one by one, NaN and the signs of zeros included. */

let model: LoadedModel;
beforeAll(async () => {
  model = await instantiate(compile(defineModel("extremes", (m) => {
    m.fn("rows", { x: f32("B", "N") }, ({ x }) => ({ max: x.amax(-1), min: x.amin(-1) }));
    m.fn("columns", { x: f32("N", "B") }, ({ x }) => ({ max: x.amax(0), min: x.amin(0) }));
  }), { target: "wasm" }));
});

const number = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, -0) }, { weight: 3, arbitrary: fc.float({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity, NaN) });

/** Rows of one length, up to several steps of the widest loop. */
const rows = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 70 }))
  .chain(([b, n]) => fc.array(fc.oneof(fc.array(number, { minLength: n, maxLength: n }), fc.array(fc.constantFrom(-0, -1, 0), { minLength: n, maxLength: n })), { minLength: b, maxLength: b }));

const check = (got: readonly number[], want: readonly number[]): void => got.forEach((x, i) => { if (!Object.is(x, want[i])) throw new Error(`${i}: ${Object.is(x, -0) ? "-0" : x} instead of ${Object.is(want[i], -0) ? "-0" : want[i]}`); });

test("of rows and of columns", () => {
  fc.assert(fc.property(rows, (list) => {
    const [max, min] = [Math.max, Math.min].map((f) => list.map((row) => row.reduce((a, b) => f(a, b))));
    const B = list.length, N = list[0].length;
    const along = model.sync.rows({ x: { dtype: "f32", shape: [B, N], data: Float32Array.from(list.flat()) } });
    check([...along.max.data], max);
    check([...along.min.data], min);
    const across = model.sync.columns({ x: { dtype: "f32", shape: [N, B], data: Float32Array.from({ length: N * B }, (_, i) => list[i % B][Math.floor(i / B)]) } });
    check([...across.max.data], max);
    check([...across.min.data], min);
  }), { numRuns: 400 });
});
