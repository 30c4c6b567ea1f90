import { visitIndex } from "./affine.ts";
import type { Expr, StoreSpec } from "./ir.ts";
import { forEachExpr } from "./pool.ts";

/** All that stores evaluate: their values, and the data in their indices. */
export function rootsOf(stores: readonly StoreSpec[]): Expr[] {
  const roots = stores.map((s) => s.value);
  for (const s of stores) visitIndex(s.index, () => {}, (e) => roots.push(e));
  return roots;
}

/** Whether anything in them is f64, which four lanes do not hold. */
export function hasDoubles(stores: readonly StoreSpec[]): boolean {
  let found = false;
  forEachExpr(rootsOf(stores), (e) => { found ||= e.dtype === "f64"; });
  return found;
}
