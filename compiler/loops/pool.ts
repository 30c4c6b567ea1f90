import { Affine, visitIndex } from "./affine.ts";
import type { Expr, Index, LoopVar, Test } from "./ir.ts";

/** An expression as it is handed to the pool: without identity yet. */
export type ExprShape = Expr;

/**
 * The expressions of one kernel, each made once: structurally equal expressions are the same object, so common
 * subexpressions need no pass of their own, and sets and maps of expressions work.
 */
export class ExprPool {
  private readonly byKey = new Map<string, Expr>();
  private readonly ids = new Map<Expr, number>();
  private readonly free = new Map<Expr, ReadonlyMap<string, LoopVar>>();
  readonly index: Affine = new Affine((e) => String(this.idOf(e)));
  private names = 0;

  /** `t0`, `sum1`: a name that nothing else in the kernel has, whichever of its groups of stores it is in. */
  freshName(prefix: string): string { return `${prefix}${this.names++}`; }

  idOf(e: Expr): number {
    const id = this.ids.get(e);
    if (id === undefined) throw new Error("internal: expression of another kernel");
    return id;
  }

  make(e: ExprShape): Expr {
    const key = this.keyOf(e);
    const known = this.byKey.get(key);
    if (known) return known;
    this.byKey.set(key, e);
    this.ids.set(e, this.ids.size);
    return e;
  }

  private keyOf(e: Expr): string {
    const id = (x: Expr) => this.idOf(x);
    const names = (vars: readonly LoopVar[]) => vars.map((v) => v.name).join(",");
    switch (e.kind) {
      case "const": return `const ${e.dtype} ${Object.is(e.value, -0) ? "-0" : e.value}`;
      case "size": return `size ${e.dtype} ${e.dim}`;
      case "index": return `index ${e.dtype} ${e.index.key}`;
      case "load": return `load ${e.arg} ${e.index.key}`;
      case "scalar": return `${e.op}${e.isOfNotPositive ? " of not positive" : ""} ${e.dtype} ${e.args.map(id).join(" ")}`;
      case "select": return `select ${id(e.pred)} ${id(e.a)} ${id(e.b)}`;
      case "convert": return `convert ${e.dtype} ${id(e.arg)}`;
      case "guard": return `guard ${e.tests.map(keyOfTest).join("&")} ${id(e.inside)} ${id(e.outside)}`;
      case "reduce": return `reduce ${e.reducer} ${names(e.vars)} ${id(e.body)}`;
      case "argReduce": return `argReduce ${e.reducer} ${e.var.name} ${id(e.body)}`;
      case "prefix": return `prefix ${e.reducer} ${e.reverse} ${e.var.name} ${id(e.body)}`;
      case "ref": return `ref ${e.name}`;
      case "across": return `across ${e.reducer} ${e.name}`;
    }
  }

  /** Loop variables an expression depends on (those its own folds bind left out). */
  freeVars(e: Expr): ReadonlyMap<string, LoopVar> {
    const known = this.free.get(e);
    if (known) return known;
    const vars = new Map<string, LoopVar>();
    const addAll = (x: Expr) => { for (const [n, v] of this.freeVars(x)) vars.set(n, v); };
    for (const x of childrenOf(e)) addAll(x);
    for (const x of indicesOf(e)) visitIndex(x, (v) => vars.set(v.name, v), addAll);
    for (const v of boundVars(e)) vars.delete(v.name);
    this.free.set(e, vars);
    return vars;
  }

  /** The expression with loop variables replaced by indices. Folds keep the variables they bind. */
  substitute(e: Expr, byName: ReadonlyMap<string, Index>): Expr {
    return this.rewrite(e, byName, (x) => ([...byName.keys()].some((n) => this.freeVars(x).has(n)) ? undefined : x), new Map());
  }

  /** Rebuilds an expression, which may be another pool's, with `replace` deciding on whole subexpressions first. */
  rewrite(e: Expr, byName: ReadonlyMap<string, Index>, replace: (e: Expr) => Expr | undefined, done: Map<Expr, Expr>): Expr {
    const known = done.get(e);
    if (known) return known;
    const out = replace(e) ?? this.rebuild(e, (x) => this.rewrite(x, byName, replace, done),
      (x) => this.index.substitute(x, byName, (inner) => this.rewrite(inner, byName, replace, done)));
    done.set(e, out);
    return out;
  }

  private rebuild(e: Expr, on: (e: Expr) => Expr, onIndex: (x: Index) => Index): Expr {
    switch (e.kind) {
      case "const": case "size": case "ref": case "across": return this.make(e);
      case "index": case "load": return this.make({ ...e, index: onIndex(e.index) });
      case "scalar": return this.make({ ...e, args: e.args.map(on) });
      case "select": return this.make({ ...e, pred: on(e.pred), a: on(e.a), b: on(e.b) });
      case "convert": return this.make({ ...e, arg: on(e.arg) });
      case "guard": return this.make({ ...e, tests: e.tests.map((t): Test => ({ ...t, index: onIndex(t.index) })), inside: on(e.inside), outside: on(e.outside) });
      case "reduce": case "argReduce": case "prefix": return this.make({ ...e, body: on(e.body) });
    }
  }
}

/** What two tests that say the same have in common. */
export const keyOfTest = ({ index, low, high, step }: Test): string => `${index.key}:${low}:${high}:${step}`;

/** Expressions directly inside one; index data is not among them (see {@link indicesOf}). */
export function childrenOf(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "const": case "size": case "index": case "load": case "ref": case "across": return [];
    case "scalar": return e.args;
    case "select": return [e.pred, e.a, e.b];
    case "convert": return [e.arg];
    case "guard": return [e.inside, e.outside];
    case "reduce": case "argReduce": case "prefix": return [e.body];
  }
}

export function indicesOf(e: Expr): readonly Index[] {
  if (e.kind === "load" || e.kind === "index") return [e.index];
  return e.kind === "guard" ? e.tests.map((t) => t.index) : [];
}

/** Whether an expression reads indices from data. */
export function readsIndices(e: Expr): boolean {
  let found = false;
  forEachExpr([e], (x) => { found ||= indicesOf(x).some((i) => i.terms.some(({ atom }) => atom.kind === "data")); });
  return found;
}

/** Everything directly inside an expression, data of its indices included. */
export function partsOf(e: Expr): Expr[] {
  const parts = [...childrenOf(e)];
  for (const x of indicesOf(e)) visitIndex(x, () => {}, (d) => parts.push(d));
  return parts;
}

export function boundVars(e: Expr): readonly LoopVar[] {
  if (e.kind === "reduce") return e.vars;
  return e.kind === "argReduce" ? [e.var] : [];
}

/** Visits each expression under the roots once, parts before wholes; not what `skip` says, nor anything inside it. */
export function forEachExpr(roots: Iterable<Expr>, visit: (e: Expr) => void, skip: (e: Expr) => boolean = () => false): void {
  const seen = new Set<Expr>();
  const walk = (e: Expr): void => {
    if (seen.has(e) || skip(e)) return;
    seen.add(e);
    for (const p of partsOf(e)) walk(p);
    visit(e);
  };
  for (const r of roots) walk(r);
}
