import type { Expr, Index, Stmt, Test } from "./ir.ts";

/** Statements with their arguments renumbered: `to[k]` is the new number of argument k. Rows keep theirs. */
export function renumberArguments(body: readonly Stmt[], to: readonly number[]): Stmt[] {
  const argument = (arg: number): number => (arg < 0 ? arg : to[arg]);
  const index = (x: Index): Index => ({
    ...x,
    terms: x.terms.map((t) => {
      if (t.atom.kind === "var") return t;
      if (t.atom.kind === "data") return { ...t, atom: { ...t.atom, value: expr(t.atom.value) } };
      return { ...t, atom: { ...t.atom, of: index(t.atom.of) } };
    }),
  });
  const expr = (e: Expr): Expr => {
    switch (e.kind) {
      case "const": case "size": case "ref": case "across": return e;
      case "index": return { ...e, index: index(e.index) };
      case "load": return { ...e, arg: argument(e.arg), index: index(e.index) };
      case "scalar": return { ...e, args: e.args.map(expr) };
      case "select": return { ...e, pred: expr(e.pred), a: expr(e.a), b: expr(e.b) };
      case "convert": return { ...e, arg: expr(e.arg) };
      case "guard": return { ...e, tests: tests(e.tests), inside: expr(e.inside), outside: expr(e.outside) };
      case "reduce": case "argReduce": case "prefix": return { ...e, body: expr(e.body) };
    }
  };
  const tests = (list: readonly Test[]): Test[] => list.map((t) => ({ ...t, index: index(t.index) }));
  return body.map((s): Stmt => {
    switch (s.kind) {
      case "acc": return s;
      case "let": case "fold": return { ...s, value: expr(s.value) };
      case "foldArg": return { ...s, value: expr(s.value), index: index(s.index) };
      case "store": return { ...s, arg: argument(s.arg), index: index(s.index), value: expr(s.value), ...(s.only && { only: tests(s.only) }) };
      case "loop": return { ...s, body: renumberArguments(s.body, to), ...(s.while && { while: tests(s.while) }) };
    }
  });
}
