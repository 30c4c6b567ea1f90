import { ownCost } from "../cost.ts";
import type { Expr } from "../ir.ts";
import { forEachExpr, indicesOf } from "../pool.ts";
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
  if ([packed, swept].some(({ value }) => readsData(value))) return false;
  if (swept.value.kind === "load") return true;
  const sections = sectionsOf(column.extent as number, sizeOf(fold.vars), tile), groups = sections.reduce((n, s) => n + s.groups, 0);
  // what the loops over groups stand in, and these rows do not step along
  const others = [...(image && !swept.isOfImage ? [image] : []), ...packed.own.filter((v) => v !== column)];
  const times = groups * sizeOf(others.filter((v) => !batch.includes(v)));
  return (times - 1) * costOf(swept.value) <= costOfMemory;
}

/** Additions that an expression costs, at most: what is shared counts once. */
function costOf(value: Expr): number {
  let cost = 0;
  forEachExpr([value], (e) => { cost += ownCost(e); });
  return cost;
}

/** Whether an expression reads indices from data. */
function readsData(value: Expr): boolean {
  let found = false;
  forEachExpr([value], (e) => { found ||= indicesOf(e).some((x) => x.terms.some(({ atom }) => atom.kind === "data")); });
  return found;
}
