import { dims, type Dim } from "../../ir/types/index.ts";
import { below, highest, lowest } from "./affine.ts";
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

/** An expression without the guards of which it shows, wherever the loops are, which side is chosen. */
export function withoutSettledGuards(e: Expr, pool: ExprPool): Expr {
  const done = new Map<Expr, Expr>();
  const on = (inner: Expr): Expr => pool.rewrite(inner, new Map(), (x) => {
    if (x.kind !== "guard") return undefined;
    if (x.tests.some(fails)) return on(x.outside);
    const tests = x.tests.filter((t) => !isAbove(t) || !isBelow(t) || t.step !== 1);
    return tests.length === 0 ? on(x.inside) : undefined;
  }, done);
  return on(e);
}

/** Whether the index of a test is never below its low end; below its high end; or never between them. */
export const isAbove = ({ index, low }: Test): boolean => atLeast(lowest(index), low);
export const isBelow = ({ index, high }: Test): boolean => atLeast(dims.sub(high, 1), highest(index));
const fails = ({ index, low, high }: Test): boolean => atLeast(dims.sub(low, 1), highest(index)) || atLeast(lowest(index), high);

const atLeast = (a: Dim | undefined, b: Dim | undefined): boolean => a !== undefined && b !== undefined && dims.atLeast(a, b) === true;
