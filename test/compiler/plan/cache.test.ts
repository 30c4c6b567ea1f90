import { expect, test } from "vitest";
import { defineModel, f32, i32 } from "chainrule";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile, compileFunction } from "../../../compiler/pipeline.ts";
import { planStats } from "../../../compiler/plan/index.ts";

/** A key/value cache: a row is written at an index that is data. */
const cache = (length: number) => defineModel("cache", (m) => {
  const keys = m.state("keys", [length, 4, 8]);
  m.fn("step", { row: f32(1, 4, 8), at: i32(1) }, ({ row, at }) => ({ outputs: { first: row.sum() }, updates: [[keys, keys.indexCopy(0, at, row)]] }));
});

test.each(["js", "wasm"] as const)("a row is written in place, on %s: the bytes moved do not depend on the length of the cache", (target) => {
  const [short, long] = [128, 4096].map((length) => planStats(compileFunction(cache(length).functions[0], target).plan, {}));
  expect(long).toEqual(short);
  expect(long.bytesMoved).toBeLessThan(1000);
});

test.each(["js", "wasm"] as const)("rows stay where they were written, on %s", async (target) => {
  const model = await instantiate(compile(cache(3), { target })), { step } = model.functions;
  for (const [value, at] of [[1, 2], [5, 0]]) await step({ row: new Float32Array(32).fill(value), at: Int32Array.of(at) });
  await expect(step({ row: new Float32Array(32), at: Int32Array.of(3) })).rejects.toThrow("out of range");
  expect([...model.read("keys").data].filter((_, i) => i % 32 === 0)).toEqual([5, 0, 1]);
});
