import type { Expr, LoopVar } from "./ir.ts";
import { partsOf } from "./pool.ts";

export type Reduce = Extract<Expr, { kind: "reduce" }>;
export type Fold = Reduce | Extract<Expr, { kind: "argReduce" }>;
export const isFold = (e: Expr): e is Fold => e.kind === "reduce" || e.kind === "argReduce";
export const varsOf = (f: Fold): readonly LoopVar[] => (f.kind === "reduce" ? f.vars : [f.var]);

/** The folds that expressions use at their own place: not those inside other folds. */
export function outerFolds(roots: readonly Expr[]): Fold[] {
  const found = new Set<Fold>(), seen = new Set<Expr>();
  const walk = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    if (isFold(e)) found.add(e);
    else partsOf(e).forEach(walk);
  };
  roots.forEach(walk);
  return [...found];
}
