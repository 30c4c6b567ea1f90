import { below } from "./affine.ts";
import type { Expr, StoreSpec, Test } from "./ir.ts";
import type { ExprPool } from "./pool.ts";

/** Whether a test holds wherever the loops around it may be. */
export const holds = (t: Test): boolean => t.low === 0 && t.step === 1 && below(t.index, t.high);

/**
 * Drops tests that always hold. Before loops are unrolled: of a step further on, it could no longer be seen that it
 * stays below the end.
 */
export function dropTests(stores: readonly StoreSpec[], pool: ExprPool): readonly StoreSpec[] {
  const done = new Map<Expr, Expr>();
  const on = (e: Expr): Expr => pool.rewrite(e, new Map(), (x) => {
    if (x.kind !== "guard" || !x.tests.some(holds)) return undefined;
    const tests = x.tests.filter((t) => !holds(t));
    return tests.length === 0 ? on(x.inside) : on(pool.make({ ...x, tests }));
  }, done);
  return stores.map((s) => ({ ...s, index: pool.index.substitute(s.index, new Map(), on), value: on(s.value) }));
}
