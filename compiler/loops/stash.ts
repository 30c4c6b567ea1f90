import type { LoopBuilder } from "./builder.ts";
import { costReaches } from "./cost.ts";
import type { Reduce } from "./folds.ts";
import type { Expr, LoopVar, Stmt, StoreSpec } from "./ir.ts";
import { childrenOf, forEachExpr, type ExprPool } from "./pool.ts";
import { forEachStmt, loadsIn } from "./statements.ts";

/** Computing something this costly (additions) again is slower than storing it in the first-level cache and loading it. */
const costToKeep = 8;

/**
 * Row buffers: what is costly and needed in several passes over a row is computed in the first, which is a fold, and
 * kept in scratch for the others. A softmax computes its exponentials once: for their sum; then it loads them.
 *
 * The scratch is one row, which every row overwrites. Where the loops of `build` would not fill it before they read
 * it, nothing is kept.
 */
export const keepingRows = (build: LoopBuilder): LoopBuilder => (c) => {
  const kept = keptRows(c.stores, c.pool, isCostly, (stores) => build({ ...c, stores }), isFilledFirst);
  const args = kept.map(({ value, over }, k) => c.scratch(`row${k === 0 ? "" : k}`, value.dtype, over.extent));
  return build({ ...c, stores: withRows(c.stores, kept, args, c.pool) });
};

export const isCostly = (e: Expr): boolean => costReaches(costToKeep, [e]);

/**
 * What is worth keeping of a row, and can be: `isInTime` looks at loops that `build` makes, in which the rows have
 * numbers that no argument has, −1−k.
 */
export function keptRows(
  stores: readonly StoreSpec[], pool: ExprPool, isWorth: (e: Expr, fold: Reduce) => boolean,
  build: (stores: readonly StoreSpec[]) => readonly Stmt[] | string, isInTime: (body: readonly Stmt[], arg: number) => boolean,
): readonly Kept[] {
  let kept = findKept(stores, pool, isWorth);
  while (kept.length > 0) {
    const trial = build(withRows(stores, kept, kept.map((_, k) => -1 - k), pool));
    if (typeof trial === "string") return [];
    // without some of them the loops are others
    const useful = kept.filter((_, k) => isInTime(trial, -1 - k));
    if (useful.length === kept.length) break;
    kept = useful;
  }
  return kept;
}

/** A value computed in a fold over `over`, and the loops over which it is needed again. */
export interface Kept {
  readonly value: Expr;
  readonly over: LoopVar;
  readonly frame: readonly LoopVar[];
  readonly again: readonly { readonly at: LoopVar; readonly value: Expr }[];
}

function findKept(stores: readonly StoreSpec[], pool: ExprPool, isWorth: (e: Expr, fold: Reduce) => boolean): Kept[] {
  const all = new Set<Expr>(), vars = new Map<string, LoopVar>();
  for (const s of stores) for (const v of s.domain) vars.set(v.name, v);
  forEachExpr(stores.map((s) => s.value), (e) => {
    all.add(e);
    if (e.kind === "reduce") for (const v of e.vars) vars.set(v.name, v);
  });
  const found = new Map<Expr, Kept>();
  for (const fold of all) {
    if (fold.kind !== "reduce" || fold.vars.length !== 1) continue;
    const [over] = fold.vars, frame = pool.freeVars(fold);
    const again = (e: Expr): Kept["again"] => [...vars.values()].filter((v) => v.name !== over.name && !frame.has(v.name) && v.extent === over.extent)
      .map((at) => ({ at, value: pool.substitute(e, new Map([[over.name, pool.index.variable(at)]])) })).filter(({ value }) => all.has(value));
    const searched = new Set<Expr>();
    const search = (e: Expr): void => {
      if (searched.has(e)) return;
      searched.add(e);
      // what a guard keeps from being loaded stays behind it; what another fold computes is that one's
      if (e.kind === "guard" || e.kind === "reduce" || e.kind === "argReduce" || e.kind === "prefix" || !pool.freeVars(e).has(over.name)) return;
      const uses = found.has(e) || !isWorth(e, fold) ? [] : again(e);
      if (uses.length > 0) found.set(e, { value: e, over, frame: [...frame.values()], again: uses });
      else childrenOf(e).forEach(search);
    };
    search(fold.body);
  }
  return [...found.values()];
}

/** The stores with what is kept stored too, and loaded where it is needed again. */
export function withRows(stores: readonly StoreSpec[], kept: readonly Kept[], args: readonly number[], pool: ExprPool): StoreSpec[] {
  const loads = new Map(kept.flatMap(({ again }, k) => again.map(({ at, value }) => [value, pool.make({ kind: "load", dtype: value.dtype, arg: args[k], index: pool.index.variable(at) })] as const)));
  const done = new Map<Expr, Expr>();
  const on = (e: Expr): Expr => pool.rewrite(e, new Map(), (x) => loads.get(x), done);
  return [
    ...kept.map(({ value, over, frame }, k): StoreSpec => ({ arg: args[k], domain: [...frame, over], index: pool.index.variable(over), value: on(value), mode: "set" })),
    ...stores.map((s): StoreSpec => ({ ...s, value: on(s.value) })),
  ];
}

/**
 * Whether a row of scratch is stored by the loop of a fold itself, which ends before the row is loaded. A loop around that
 * one does not do: behind it, only its last row is left.
 */
export function isFilledFirst(body: readonly Stmt[], arg: number): boolean {
  const stores = body.flatMap((s, i) => (storesTo([s], arg) ? [i] : [])), loads = body.flatMap((s, i) => (loadsIn([s]).some((e) => e.arg === arg) ? [i] : []));
  if (stores.length === 0 || loads.length === 0) return false;
  const [first] = stores, only = body[first];
  if (stores.length === 1 && loads.length === 1 && loads[0] === first) return only.kind === "loop" && isFilledFirst(only.body, arg);
  return stores.at(-1)! < loads[0] && stores.every((i) => body[i].kind === "loop" && isFoldStoring(body[i].body, arg));
}

const isFoldStoring = (body: readonly Stmt[], arg: number): boolean => body.some((s) => s.kind === "fold") && body.some((s) => s.kind === "store" && s.arg === arg);

function storesTo(body: readonly Stmt[], arg: number): boolean {
  let found = false;
  forEachStmt(body, (s) => { found ||= s.kind === "store" && s.arg === arg; });
  return found;
}
