import { dims, isFloat, type Dim } from "../../../ir/types/index.ts";
import type { Kernel, SortSpec } from "../../loops/ir.ts";
import type { Expressions } from "./expression.ts";
import type { EntryPoint } from "./kernel.ts";

/**
 * Sorts by counting: an element's place is the number of those that come before it. Equals keep their order, NaN
 * counts as larger than every number. It takes the square of a line's length, all of it at once.
 */
export function sortBody(kernel: Kernel, s: SortSpec, x: Expressions): EntryPoint {
  const [input, values, positions] = [0, 1, 2].map((i) => x.arg(i));
  const { dtype } = kernel.args[0];
  const total = dims.product([s.outer, s.length, s.inner]), inner = divisor(s.inner, x), length = divisor(s.length, x);
  const isNan = (v: string): string => (isFloat(dtype) ? `isNan_f32(${v})` : "false");
  const less = (a: string, b: string): string => `((!${isNan(a)} && ${isNan(b)}) || ${a} < ${b})`;
  const isBefore = s.descending ? less("mine", "other") : less("other", "mine"), isAfter = s.descending ? less("other", "mine") : less("mine", "other");
  return {
    size: 64,
    groups: dims.ceilDiv(total, 64),
    lines: [
      "let point = i32((groupId.x + groupId.y * groups.x) * 64u + lane);",
      `if (point >= ${x.dim(total)}) { return; }`,
      `let place = (point / ${inner}) % ${length};`,
      `let start = point - place * ${inner};`,
      `let mine = ${input}[point];`,
      "var rank = 0;",
      `for (var k = 0; k < ${length}; k++) {`,
      `  let other = ${input}[start + k * ${inner}];`,
      `  if (${isBefore} || (k < place && !${isAfter})) { rank++; }`,
      "}",
      `${values}[start + rank * ${inner}] = mine;`,
      `${positions}[start + rank * ${inner}] = place;`,
    ],
  };
}

/** A size to divide by: there is nothing to sort where it is 0, but a constant 0 may be no divisor. */
const divisor = (size: Dim, x: Expressions): string => (size === 0 ? "1" : x.dim(size));
