import { visitIndex } from "./affine.ts";
import type { Expr, Stmt } from "./ir.ts";
import { forEachExpr } from "./pool.ts";

/** Walks over statements. */

/** Every statement, those inside loops after the loop itself. */
export function forEachStmt(body: readonly Stmt[], visit: (s: Stmt) => void): void {
  for (const s of body) {
    visit(s);
    if (s.kind === "loop") forEachStmt(s.body, visit);
  }
}

/** The expressions a statement evaluates itself, those that its indices are read from among them. */
export function rootsOf(s: Stmt): Expr[] {
  const roots: Expr[] = [];
  switch (s.kind) {
    case "acc": case "loop": break;
    case "let": case "fold": roots.push(s.value); break;
    case "foldArg": case "store":
      roots.push(s.value);
      visitIndex(s.index, () => {}, (e) => roots.push(e));
  }
  return roots;
}

/** Every load in statements, those of indices that are data among them. */
export function loadsIn(body: readonly Stmt[]): Extract<Expr, { kind: "load" }>[] {
  const roots: Expr[] = [], loads: Extract<Expr, { kind: "load" }>[] = [];
  forEachStmt(body, (s) => roots.push(...rootsOf(s)));
  forEachExpr(roots, (e) => { if (e.kind === "load") loads.push(e); });
  return loads;
}
