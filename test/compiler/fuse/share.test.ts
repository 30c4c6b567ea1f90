import { expect, test } from "vitest";
import type { Draft } from "../../../compiler/fuse/kernel.ts";
import { mayShare } from "../../../compiler/fuse/group.ts";
import { emitOne } from "../../../ir/graph/index.ts";

// Of two kernels that read the same, most can be told apart without drafting one for both: a model of hundreds of layers has as many that draw its weights.

const value = (...shape: number[]) => emitOne("constant", [], { dtype: "f32", shape, data: 0 });
const draft = (roots: Draft["roots"], loads: Draft["loads"] = []): Draft => ({ body: [], scratch: [], stages: [], repeated: 0, loads, roots });
const may = (a: readonly number[], b: readonly number[]): boolean => mayShare(draft([value(...a)]), draft([value(...b)]), 24);

test("loops of one are those of the other, or the outer ones of them", () => {
  expect(may([4, 3], [4, 3])).toBe(true);
  expect(may([4], [4, 3])).toBe(true);
  expect(may([], [4, 3])).toBe(true);
  expect(may([3], [4, 3])).toBe(false);
  expect(may([4, 3, 2], [4, 2])).toBe(false);
});

test("what both read is one buffer", () => {
  const [seed, x] = [value(2), value(4)], stores = (n: number) => Array.from({ length: n }, () => value(4));
  expect(mayShare(draft(stores(12), [seed]), draft(stores(11), [seed]), 24)).toBe(true);
  expect(mayShare(draft(stores(12), [seed]), draft(stores(11), [seed, x]), 24)).toBe(false);
});
