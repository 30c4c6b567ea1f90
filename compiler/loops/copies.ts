import { visitIndex } from "./affine.ts";
import { ownCost } from "./cost.ts";
import { isFold } from "./folds.ts";
import { holds } from "./guards.ts";
import type { Expr, StoreSpec, Test } from "./ir.ts";
import { forEachExpr, keyOfTest, partsOf, type ExprPool } from "./pool.ts";
import { rootsOf } from "./roots.ts";

/**
 * What stands under a guard is evaluated only where its tests hold, so nothing of it can be bound to a name around the
 * guard: each use of a shared part is a copy, and copies of copies double along a chain.
 */

/** Cost of what is written, and computed, more than once because it stands under guards. */
export function costOfCopies(stores: readonly StoreSpec[]): number {
  const asTree = new Map<Expr, number>();
  const guards: Expr[] = [];
  forEachExpr(rootsOf(stores), (e) => {
    asTree.set(e, isFolded(e) ? 0 : partsOf(e).reduce((sum, p) => sum + asTree.get(p)!, ownCost(e)));
    if (e.kind === "guard" && !e.tests.every(holds)) guards.push(e);
  });
  const counted = new Set<Expr>();
  const countOnce = (e: Expr): number => {
    if (counted.has(e)) return 0;
    counted.add(e);
    return isFolded(e) ? 0 : partsOf(e).reduce((sum, p) => sum + countOnce(p), ownCost(e));
  };
  // outer guards first: those inside them are counted with them
  return guards.reverse().reduce((cost, g) => (counted.has(g) ? cost : cost + asTree.get(g)! - countOnce(g)), 0);
}

/**
 * The same stores with the guards moved to what may not be evaluated everywhere, the loads; what is computed from them
 * is computed everywhere then, once, and chosen from.
 */
function withoutCopies(stores: readonly StoreSpec[], pool: ExprPool): readonly StoreSpec[] {
  const constant = (dtype: Expr["dtype"], value: number): Expr => pool.make({ kind: "const", dtype, value });
  const guarded = (around: Guards, inside: Expr): Expr => around.reduceRight<Expr>((e, tests) => pool.make({ kind: "guard", dtype: e.dtype, tests, inside: e, outside: constant(e.dtype, 0) }), inside);
  const done = new Map<string, Map<Expr, Expr>>();
  /** An expression that may be evaluated anywhere, and is right where the guards let it be. */
  const under = (around: Guards): ((e: Expr) => Expr) => {
    const key = around.map((tests) => tests.map(keyOfTest).sort().join("&")).join("|");
    if (!done.has(key)) done.set(key, new Map());
    const on = (e: Expr): Expr => pool.rewrite(e, new Map(), (x) => {
      if (x.kind === "guard") {
        const all = within(around, x.tests);
        const pred = guarded(x.tests.some(readsData) ? all : [x.tests], constant("bool", 1));
        return pool.make({ kind: "select", dtype: x.dtype, pred, a: under(all)(x.inside), b: on(x.outside) });
      }
      if (isFolded(x)) return around.length > 0 ? under([])(x) : undefined;
      const isRisky = x.kind === "load" || (x.kind === "index" && partsOf(x).length > 0);
      return isRisky && around.length > 0 ? guarded(around, x) : undefined;
    }, done.get(key)!);
    return on;
  };
  const on = under([]);
  return stores.map((s) => ({ ...s, index: pool.index.substitute(s.index, new Map(), on), value: on(s.value) }));
}

/** The tests of guards, the outermost first: those of one are all made, those of the next only where these hold. */
type Guards = readonly (readonly Test[])[];

/** With the tests of one more guard inside: in one with the last, unless they read what the guards keep from being read. */
function within(around: Guards, tests: readonly Test[]): Guards {
  const known = new Set(around.flat()), more = tests.filter((t) => !known.has(t));
  if (more.length === 0) return around;
  return around.length === 0 || more.some(readsData) ? [...around, more] : [...around.slice(0, -1), [...around.at(-1)!, ...more]];
}

function readsData({ index }: Test): boolean {
  let found = false;
  visitIndex(index, () => {}, () => { found = true; });
  return found;
}

/** What may be computed again for each use of it under a guard (additions): more is computed everywhere, once. */
const mostCopies = 256;
export const withFewCopies = (stores: readonly StoreSpec[], pool: ExprPool, cost = costOfCopies(stores), most = mostCopies): readonly StoreSpec[] => (cost > most ? withoutCopies(stores, pool) : stores);

/** The same under a guard that nearly always holds. */
const mostUnderFew = 16;

/**
 * For who puts guards around what is computed nearly everywhere, as where a loop is cut in pieces of which the last reaches
 * past the end: such a guard spares nothing, so that copies cost what they cost.
 */
export const withoutCostlyCopies = (stores: readonly StoreSpec[], pool: ExprPool): readonly StoreSpec[] => withFewCopies(stores, pool, costOfCopies(stores), mostUnderFew);

/** A fold is complete before what is guarded is evaluated. */
const isFolded = (e: Expr): boolean => isFold(e) || e.kind === "prefix";
