import { visitIndex } from "./affine.ts";
import type { Expr, Index, LoopStmt, LoopVar, Stmt } from "./ir.ts";
import { forEachExpr, indicesOf } from "./pool.ts";

/** Walks over statements. */

/** Every statement, those inside loops after the loop itself. */
export function forEachStmt(body: readonly Stmt[], visit: (s: Stmt) => void): void {
  for (const s of body) {
    visit(s);
    if (s.kind === "loop") forEachStmt(s.body, visit);
  }
}

/** A loop whose iterations are independent, one at a time. */
export const loopOver = (v: LoopVar, body: readonly Stmt[]): LoopStmt => ({ kind: "loop", var: v, step: 1, lanes: 1, resume: false, reverse: false, parallel: true, body });

/** Statements within loops whose iterations are independent. */
export const nested = (vars: readonly LoopVar[], body: readonly Stmt[]): readonly Stmt[] =>
  vars.reduceRight<readonly Stmt[]>((inner, v) => [loopOver(v, inner)], body);

/** The expressions a statement evaluates itself, those that its indices are read from among them. */
export function rootsOf(s: Stmt): Expr[] {
  const roots: Expr[] = [];
  const index = (x: Index): void => { visitIndex(x, () => {}, (e) => roots.push(e)); };
  switch (s.kind) {
    case "acc": break;
    case "loop": s.while?.forEach((t) => { index(t.index); }); break;
    case "let": case "fold": roots.push(s.value); break;
    case "foldArg": case "store":
      roots.push(s.value);
      index(s.index);
      if (s.kind === "store") s.only?.forEach((t) => { index(t.index); });
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

/** Whether statements read indices from data that must be checked. */
export function checksIndices(body: readonly Stmt[]): boolean {
  const isChecked = (x: Index): boolean => x.terms.some(({ atom }) => (atom.kind === "data" ? atom.note !== undefined : atom.kind !== "var" && isChecked(atom.of)));
  const roots: Expr[] = [];
  let found = false;
  forEachStmt(body, (s) => {
    roots.push(...rootsOf(s));
    if (s.kind === "store" || s.kind === "foldArg") found ||= isChecked(s.index);
  });
  forEachExpr(roots, (e) => { found ||= indicesOf(e).some(isChecked); });
  return found;
}
