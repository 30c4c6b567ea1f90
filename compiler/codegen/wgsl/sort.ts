import { dims, isFloat, type Dim } from "../../../ir/types/index.ts";
import { runSymbol, type Kernel, type SortSpec } from "../../loops/ir.ts";
import { symbolField, type Expressions } from "./expression.ts";
import type { EntryPoint } from "./kernel.ts";

/** Invocations of a workgroup: one for each element. */
const size = 64;

/**
 * Sorts lines. A place in the result is the number of those that come before it: in a short line, or a run of a long
 * one, that is counted; where two sorted runs are merged, it is looked for in the other one. Equals keep their order,
 * NaN counts as larger than every number.
 */
export function sortBody(kernel: Kernel, s: SortSpec, x: Expressions): EntryPoint {
  const total = dims.product([s.outer, s.length, s.inner]), inner = divisor(s.inner, x), length = divisor(s.length, x);
  const body = s.step?.kind === "merge" ? mergeLines(kernel, s, x, inner, length) : countLines(kernel, s, x, inner, length);
  return {
    size,
    groups: dims.ceilDiv(total, size),
    lines: [
      `let point = i32((groupId.x + groupId.y * groups.x) * ${size}u + lane);`,
      `if (point >= ${x.dim(total)}) { return; }`,
      `let place = (point / ${inner}) % ${length};`,
      `let start = point - place * ${inner};`,
      ...body,
    ],
  };
}

/** Whether one value comes before another. */
function before(kernel: Kernel, { descending }: SortSpec): (a: string, b: string) => string {
  const isNan = (v: string): string => (isFloat(kernel.args[0].dtype) ? `isNan_f32(${v})` : "false");
  const less = (a: string, b: string): string => `((!${isNan(a)} && ${isNan(b)}) || ${a} < ${b})`;
  return (a, b) => (descending ? less(b, a) : less(a, b));
}

function countLines(kernel: Kernel, s: SortSpec, x: Expressions, inner: string, length: string): string[] {
  const [input, values, positions] = [0, 1, 2].map((i) => x.arg(i)), isBefore = before(kernel, s);
  const [first, end] = s.step?.kind === "runs" ? [`place - place % ${s.step.length}`, `min(first + ${s.step.length}, ${length})`] : ["0", length];
  return [
    `let mine = ${input}[point];`,
    `let first = ${first};`,
    "var rank = first;",
    `for (var k = first; k < ${end}; k++) {`,
    `  let other = ${input}[start + k * ${inner}];`,
    `  if (${isBefore("other", "mine")} || (k < place && !${isBefore("mine", "other")})) { rank++; }`,
    "}",
    `${values}[start + rank * ${inner}] = mine;`,
    `${positions}[start + rank * ${inner}] = place;`,
  ];
}

/** Of two neighbouring runs, the first one's elements come first among equals. */
function mergeLines(kernel: Kernel, s: SortSpec, x: Expressions, inner: string, length: string): string[] {
  const [from, fromPositions, values, positions] = [0, 1, 2, 3].map((i) => x.arg(i)), isBefore = before(kernel, s), run = `sizes.${symbolField(runSymbol)}`;
  return [
    `let mine = ${from}[point];`,
    `let first = place - place % (2 * ${run});`,
    `let isFirst = place < first + ${run};`,
    "// how many of the other run come before mine: between low and high",
    `let otherStart = select(first, first + ${run}, isFirst);`,
    "var low = 0;",
    `var high = clamp(${length} - otherStart, 0, ${run});`,
    "while (low < high) {",
    "  let middle = (low + high) / 2;",
    `  let other = ${from}[start + (otherStart + middle) * ${inner}];`,
    `  if (${isBefore("other", "mine")} || (!isFirst && !${isBefore("mine", "other")})) { low = middle + 1; } else { high = middle; }`,
    "}",
    `let rank = place + low - select(${run}, 0, isFirst);`,
    `${values}[start + rank * ${inner}] = mine;`,
    `${positions}[start + rank * ${inner}] = ${fromPositions}[point];`,
  ];
}

/** A size to divide by: there is nothing to sort where it is 0, but a constant 0 may be no divisor. */
const divisor = (d: Dim, x: Expressions): string => (d === 0 ? "1" : x.dim(d));
