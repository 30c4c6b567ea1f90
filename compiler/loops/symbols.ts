import { dims, type Dim } from "../../ir/types/index.ts";
import type { Expr, Index, SortSpec, Stmt, Test } from "./ir.ts";
import { childrenOf, indicesOf } from "./pool.ts";

/** Symbols (symbolic dimensions and scan counters) that statements mention, in order of appearance. */
export function symbolsIn(body: readonly Stmt[], sort?: SortSpec): string[] {
  const found = new Set<string>();
  const dim = (d: Dim): void => { for (const s of dims.symbolsOf(d)) found.add(s); };
  const index = (x: Index): void => {
    dim(x.offset);
    for (const { atom, stride } of x.terms) {
      dim(stride);
      if (atom.kind === "data") { expr(atom.value); dim(atom.size); }
      else if (atom.kind !== "var") { index(atom.of); dim(atom.by); }
    }
  };
  const expr = (e: Expr): void => {
    if (e.kind === "size") dim(e.dim);
    if (e.kind === "guard") for (const t of e.tests) { dim(t.low); dim(t.high); }
    indicesOf(e).forEach(index);
    childrenOf(e).forEach(expr);
  };
  const test = (t: Test): void => { index(t.index); dim(t.low); dim(t.high); };
  const stmt = (s: Stmt): void => {
    switch (s.kind) {
      case "acc": return;
      case "let": case "fold": return expr(s.value);
      case "foldArg": expr(s.value); return index(s.index);
      case "store":
        s.only?.forEach(test);
        index(s.index);
        return expr(s.value);
      case "loop":
        dim(s.var.extent);
        s.while?.forEach(test);
        s.body.forEach(stmt);
    }
  };
  body.forEach(stmt);
  if (sort) [sort.outer, sort.length, sort.inner].forEach(dim);
  return [...found];
}
