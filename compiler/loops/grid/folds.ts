import { dims, type Dim } from "../../../ir/types/index.ts";
import type { Expr, LoopVar, StoreSpec } from "../ir.ts";
import { isFold, type Fold } from "../folds.ts";
import { forEachExpr } from "../pool.ts";
import { rootsOf } from "../roots.ts";
import { strideOf } from "../tile.ts";

/** Looks at the folds of stores. */

export function allFolds(stores: readonly StoreSpec[]): Fold[] {
  const found: Fold[] = [];
  forEachExpr(rootsOf(stores), (e) => { if (isFold(e)) found.push(e); });
  return found;
}

/** What each symbol counts for where a choice depends on sizes. It affects how fast kernels are, never what they compute. */
const typicalSize = 64;

export function typical(d: Dim): number {
  return dims.evaluate(d, Object.fromEntries(dims.symbolsOf(d).map((s) => [s, typicalSize])));
}

export const pointsOf = (vars: readonly LoopVar[]): Dim => dims.product(vars.map((v) => v.extent));

/** Whether expressions read neighbouring elements along any of the loops. */
export function readsAlong(roots: readonly Expr[], vars: readonly LoopVar[]): boolean {
  let found = false;
  forEachExpr(roots, (e) => { if (e.kind === "load") found ||= vars.some((v) => strideOf(e.index, v) === 1); });
  return found;
}
