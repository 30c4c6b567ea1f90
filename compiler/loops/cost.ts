import { scalarRow } from "../../ir/ops/index.ts";
import type { Expr } from "./ir.ts";
import { forEachExpr } from "./pool.ts";

/** What evaluating expressions once costs, in additions; what is shared counts once, what is folded once for each element. */
export function costOfExprs(roots: Iterable<Expr>): number {
  let cost = 0;
  forEachExpr(roots, (e) => { cost += ownCost(e); });
  return cost;
}

const ownCost = (e: Expr): number => (e.kind === "scalar" ? scalarRow(e.op).cost ?? 1 : e.kind === "select" || e.kind === "convert" ? 1 : 0);
