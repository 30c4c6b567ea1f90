import { costOf } from "../cost.ts";
import { readsIndices } from "../pool.ts";
import { sectionsOf } from "./panels.ts";
import type { Way } from "./plan.ts";
import { sizeOf, type Product } from "./product.ts";

/** Computing this much again (additions) takes as long as storing a number and loading it. */
const costOfMemory = 4;

/**
 * Whether operands that are computed as they are packed are computed once, or take as little as reading them from memory
 * does: rows are copied for each group of panels anew.
 */
export function isComputedOnce({ fold, batch, image }: Product, { packed, swept, column, tile }: Extract<Way, { kind: "packed" }>): boolean {
  if ([packed, swept].some(({ value }) => readsIndices(value))) return false;
  if (swept.value.kind === "load") return true;
  const sections = sectionsOf(column.extent as number, sizeOf(fold.vars), tile), groups = sections.reduce((n, s) => n + s.groups, 0);
  // what the loops over groups stand in, and these rows do not step along
  const others = [...(image && !swept.isOfImage ? [image] : []), ...packed.own.filter((v) => v !== column)];
  const times = groups * sizeOf(others.filter((v) => !batch.includes(v)));
  return (times - 1) * costOf(swept.value) <= costOfMemory;
}
