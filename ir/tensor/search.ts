import { check } from "../graph/error.ts";
import type { Tensor } from "./core.ts";
import { describe } from "./lift.ts";

/** Which side of equal elements a value goes to: before them, or behind. */
export interface SearchOptions {
  readonly right?: boolean;
  readonly side?: "left" | "right";
}

/**
 * How many elements of an ordered line lie before each value: a count over the line, which needs no order of
 * execution, rather than a bisection. A NaN counts as larger than every number, so it goes behind all of them.
 */
export function searchSorted(sorted: Tensor, values: Tensor, { right = false, side }: SearchOptions): Tensor {
  check(sorted.rank >= 1, () => `searchsorted in ${describe(sorted)}: it takes at least 1 dimension`);
  const isVector = sorted.rank === 1;
  check(isVector || (sorted.rank === values.rank && sorted.shape.slice(0, -1).every((d, i) => d === values.shape[i])), () =>
    `searchsorted of ${describe(values)} in ${describe(sorted)}: all dimensions but the last must be equal`);
  const line = isVector ? sorted : sorted.unsqueeze(-2), wanted = values.unsqueeze(-1);
  const isBehind = side === "right" || right ? line.gt(wanted) : line.ge(wanted);
  return isBehind.logicalNot().sum(-1);
}
