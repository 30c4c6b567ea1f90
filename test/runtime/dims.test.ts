import fc from "fast-check";
import { expect, test } from "vitest";
import { dims } from "../../ir/types/index.ts";
import { bindSymbols } from "../../runtime/binding.ts";
import { evaluate, solve } from "../../runtime/dims.ts";
import type { ValueSpec } from "../../runtime/manifest.ts";

const dimension: fc.Arbitrary<dims.Dim> = fc.letrec<{ d: dims.Dim }>((tie) => ({
  d: fc.oneof({ depthSize: "small" }, fc.integer({ min: -3, max: 9 }), fc.constantFrom("B", "T", "seq_1"),
    fc.tuple(tie("d"), tie("d")).map(([a, b]) => dims.add(a, b)), fc.tuple(tie("d"), tie("d")).map(([a, b]) => dims.sub(a, b)),
    fc.tuple(tie("d"), tie("d")).map(([a, b]) => dims.mul(a, b)), fc.tuple(tie("d"), fc.integer({ min: 1, max: 4 })).map(([a, b]) => dims.floorDiv(a, b))),
})).d;

test("dimensions have the value that the compiler gives them", () => {
  const size = fc.integer({ min: 1, max: 50 });
  fc.assert(fc.property(dimension, size, size, size, (d, B, T, seq_1) => {
    expect(evaluate(d, { B, T, seq_1 }) + 0).toBe(dims.evaluate(d, { B, T, seq_1 }) + 0);
  }), { numRuns: 500 });
});

test("one unknown is solved where there is one answer", () => {
  expect(solve((x) => 2 * x + 1, 33)).toBe(16);
  expect(solve((x) => 2 * x + 1, 34)).toBeUndefined();
  expect(solve((x) => 10 - x, 3)).toBe(7);
  expect(solve((x) => x * x, 1_000_000)).toBe(1000);
  expect(solve((x) => x * x, 10)).toBeUndefined();
  expect(solve((x) => x * x + x, 2)).toBe(1);
  expect(solve((x) => Math.floor((x + 1) / 2), 5)).toBeUndefined(); // 9 and 10
  expect(solve(() => 7, 7)).toBeUndefined();
  expect(solve((x) => x, 0)).toBe(0);
});

const spec = (name: string, ...shape: dims.Dim[]): ValueSpec => ({ name, dtype: "f32", shape });
const shaped = (...shape: number[]) => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape });
const flat = (length: number) => ({ data: new Float32Array(length), shape: undefined });
const bind = (specs: ValueSpec[], arrived: Parameters<typeof bindSymbols>[1]) => ({ ...bindSymbols(specs, arrived, {}) });

test("symbols are told from shapes, arithmetic and lengths, in whatever order they come", () => {
  expect(bind([spec("x", "B", 64)], [flat(128)])).toEqual({ B: 2 });
  expect(bind([spec("y", "2*B+1"), spec("x", "B")], [shaped(7), shaped(3)])).toEqual({ B: 3 });
  expect(bind([spec("y", "2*B+1")], [flat(7)])).toEqual({ B: 3 });
  expect(bind([spec("x", "B", "T"), spec("y", "T")], [flat(12), flat(4)])).toEqual({ B: 3, T: 4 });
  expect(bind([spec("x", "T", "T")], [flat(49)])).toEqual({ T: 7 });
  expect(bind([spec("x", "B", "T"), spec("y", "T", "S"), spec("z", "S")], [flat(6), flat(6), flat(2)])).toEqual({ B: 2, T: 3, S: 2 });
  expect(bind([spec("x", "B+T", "B")], [shaped(5, 2)])).toEqual({ B: 2, T: 3 });
  expect(bind([], [])).toEqual({});
});

test("what cannot be told, or does not agree, is said", () => {
  expect(() => bind([spec("x", "B", "T")], [flat(12)])).toThrow("B and T cannot be told from x, a flat array for f32[B,T]: pass nested arrays or a tensor { data, shape, dtype }");
  expect(() => bind([spec("x", "B", 5)], [flat(12)])).toThrow("x is f32[B,5] and cannot have 12 elements");
  expect(() => bind([spec("x", "B"), spec("y", "2*B")], [shaped(3), shaped(7)])).toThrow("y is f32[2*B] with B = 3 (by x); its shape here is [7], and axis 0 cannot be 7");
  expect(() => bind([spec("x", "B", "B")], [shaped(3, 4)])).toThrow("B is 3 by x and 4 by x");
  expect(() => bind([spec("x", "2*B")], [shaped(3)])).toThrow("x is f32[2*B]; its shape here is [3], and axis 0 cannot be 3");
  expect(() => bind([spec("x", 3)], [flat(4)])).toThrow("x is f32[3] and cannot have 4 elements");
});
