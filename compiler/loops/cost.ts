import { scalarRow } from "../../ir/ops/index.ts";
import type { Expr } from "./ir.ts";
import { forEachExpr, partsOf } from "./pool.ts";

/**
 * Whether evaluating expressions once costs at least so many additions; what is shared counts once, what is folded
 * once for each element. Looks no further than it must: it is asked of expressions of a thousand terms, part by part.
 */
export function costReaches(limit: number, roots: Iterable<Expr>): boolean {
  const seen = new Set<Expr>();
  let cost = 0;
  const reaches = (e: Expr): boolean => {
    if (seen.has(e)) return false;
    seen.add(e);
    cost += ownCost(e);
    return cost >= limit || partsOf(e).some(reaches);
  };
  for (const r of roots) if (reaches(r)) return true;
  return cost >= limit;
}

/** Additions that evaluating an expression once costs; what is shared counts once. */
export function costOf(e: Expr): number {
  let cost = 0;
  forEachExpr([e], (x) => { cost += ownCost(x); });
  return cost;
}

/** Of an expression without its parts. */
export const ownCost = (e: Expr): number => (e.kind === "scalar" ? scalarRow(e.op).cost ?? 1 : e.kind === "select" || e.kind === "convert" ? 1 : 0);
