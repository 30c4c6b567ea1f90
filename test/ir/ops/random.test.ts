import { expect, test } from "vitest";
import { ndarray } from "../../../ir/interpret/index.ts";
import { evaluate } from "./evaluate.ts";

const word0 = (k0: number, k1: number, c0: number, c1: number): number =>
  evaluate("threefry", [k0, k1, c0, c1].map((x) => ndarray("u32", [], x)), {})[0].data[0];

/** The known answers published with Random123 (Salmon et al.) for threefry2x32, 20 rounds: key, counter, word 0. */
test.each([
  [[0, 0], [0, 0], 0x6b200159],
  [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], 0x1cb996fc],
  [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], 0xc4923a9c],
])("threefry under key %o of counter %o", ([k0, k1], [c0, c1], want) => {
  expect(word0(k0, k1, c0, c1)).toBe(want);
});

test("threefry takes u32 and nothing else", () => {
  expect(() => evaluate("threefry", Array.from({ length: 4 }, () => ndarray("i32", [], 0)), {})).toThrow(/takes u32, not i32\[\]/);
});
