import { visitIndex } from "./affine.ts";
import type { Expr, StoreSpec } from "./ir.ts";
import { forEachExpr } from "./pool.ts";

/** What a store evaluates: its value, and the data in its index. */
export function rootsOfStore(s: StoreSpec): Expr[] {
  const roots = [s.value];
  visitIndex(s.index, () => {}, (e) => roots.push(e));
  return roots;
}

/** All that stores evaluate. */
export const rootsOf = (stores: readonly StoreSpec[]): Expr[] => stores.flatMap(rootsOfStore);

/** Whether anything in them is f64, which four lanes do not hold. */
export function hasDoubles(stores: readonly StoreSpec[]): boolean {
  let found = false;
  forEachExpr(rootsOf(stores), (e) => { found ||= e.dtype === "f64"; });
  return found;
}
