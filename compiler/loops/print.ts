import { scalarRow } from "../../ir/ops/index.ts";
import { locationText } from "../../ir/graph/index.ts";
import type { Atom, Expr, Index, Kernel, Stmt, Test } from "./ir.ts";

/** A kernel as text, for `inspect --stage loops` and golden tests. */
export function printKernel(k: Kernel): string {
  const args = k.args.map((a) => `${a.scratch ? "scratch " : a.access === "read" ? "" : a.access === "write" ? "out " : "inout "}${a.name}: ${a.dtype}[${a.size}]`);
  const origins = [...new Set(k.origins.map((o) => `${o.op}${o.at ? ` ${locationText(o.at)}` : ""}`))].join(", ");
  const head = `${k.kind} ${k.name}(${[...args, ...k.scalars].join(", ")})  // ${origins}`;
  const names = namesOf(k);
  const body = k.sort
    ? [`  sort ${names[0]} as [${k.sort.outer}, ${k.sort.length}, ${k.sort.inner}] along 1${k.sort.descending ? " descending" : ""}`]
    : k.body.flatMap((s) => printStmt(s, names, "  "));
  return [head, ...body, ""].join("\n");
}

/** Names of arguments by number, those of rows that a GPU keeps among them. */
function namesOf(k: Kernel): string[] {
  const names = k.args.map((a) => a.name);
  k.rows?.forEach((row, i) => { names[-1 - i] = row.name; });
  return names;
}

function printStmt(s: Stmt, names: readonly string[], indent: string): string[] {
  const e = (x: Expr): string => printExpr(x, names);
  switch (s.kind) {
    case "let": return [`${indent}let ${s.name} = ${e(s.value)}`];
    case "acc": return [`${indent}acc ${s.name}: ${s.dtype}${s.lanes ? ` × ${s.lanes}` : ""} = ${s.init}`];
    case "fold": return [`${indent}${s.name} ${s.reducer}= ${e(s.value)}`];
    case "foldArg": return [`${indent}${s.best}, ${s.at} arg${s.reducer}= ${e(s.value)} at ${printIndex(s.index, names)}`];
    case "store": return [`${indent}${names[s.arg]}[${printIndex(s.index, names)}] ${s.mode === "set" ? "" : s.mode}= ${e(s.value)}`];
    case "loop": {
      const notes = [s.lanes > 1 ? `${s.lanes} lanes` : "", s.step > 1 ? `step ${s.step}` : "", s.resume ? "rest" : "", s.reverse ? "reverse" : "", s.while ? `while ${printTests(s.while, names)}` : "", s.parallel ? "" : "in order"].filter((x) => x);
      return [`${indent}for ${s.var.name} < ${s.var.extent}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`, ...s.body.flatMap((x) => printStmt(x, names, `${indent}  `))];
    }
  }
}

const printTests = (tests: readonly Test[], names: readonly string[]): string =>
  tests.map((t) => `${t.low} <= ${printIndex(t.index, names)} < ${t.high}${t.step > 1 ? ` by ${t.step}` : ""}`).join(" and ");

export function printIndex(x: Index, names: readonly string[]): string {
  const terms = x.terms.map((t) => `${t.stride === 1 ? "" : `${typeof t.stride === "number" ? t.stride : `(${t.stride})`}*`}${printAtom(t.atom, names)}`);
  if (x.offset !== 0 || terms.length === 0) terms.push(String(x.offset));
  return terms.join(" + ");
}

function printAtom(a: Atom, names: readonly string[]): string {
  switch (a.kind) {
    case "var": return a.var.name;
    case "div": return `(${printIndex(a.of, names)}) / ${a.by}`;
    case "mod": return `(${printIndex(a.of, names)}) % ${a.by}`;
    case "data": return a.note === undefined ? printExpr(a.value, names) : `check(${printExpr(a.value, names)} < ${a.size})`;
  }
}

export function printExpr(e: Expr, names: readonly string[]): string {
  const on = (x: Expr): string => printExpr(x, names);
  switch (e.kind) {
    case "const": return Object.is(e.value, -0) ? "-0" : String(e.value);
    case "size": return `${e.dtype}(${e.dim})`;
    case "ref": return e.name;
    case "across": return `${e.reducer} across ${e.name}`;
    case "index": return `${e.dtype}(${printIndex(e.index, names)})`;
    case "load": return `${names[e.arg]}[${printIndex(e.index, names)}]`;
    case "scalar": {
      const symbol = /^\$0 (\S+) \$1$/.exec(scalarRow(e.op).js)?.[1];
      return symbol ? `(${on(e.args[0])} ${symbol} ${on(e.args[1])})` : `${e.op}(${e.args.map(on).join(", ")})`;
    }
    case "select": return `select(${on(e.pred)}, ${on(e.a)}, ${on(e.b)})`;
    case "convert": return `${e.dtype}(${on(e.arg)})`;
    case "guard": return `(${printTests(e.tests, names)} ? ${on(e.inside)} : ${on(e.outside)})`;
    case "reduce": return `${e.reducer} over ${e.vars.map((v) => `${v.name} < ${v.extent}`).join(", ")} of ${on(e.body)}`;
    case "argReduce": return `arg${e.reducer} over ${e.var.name} < ${e.var.extent} of ${on(e.body)}`;
    case "prefix": return `running ${e.reducer} along ${e.var.name} of ${on(e.body)}`;
  }
}
