import { identityOf, type ScalarName } from "../../ir/ops/index.ts";
import { isFloat, type MathType } from "../../ir/types/index.ts";
import type { Computation } from "./builder.ts";
import { combining } from "./combining.ts";
import type { Expr, LoopVar, StoreSpec } from "./ir.ts";
import { boundVars, type ExprPool } from "./pool.ts";

/** Steps of a fold that are written out: what a small window has. */
const mostSteps = 16;

/**
 * Folds over a few elements, as over a pooling window, become plain expressions: beginning and ending a loop costs as
 * much as they do, and the loops around them can step in vectors. The order of the steps stays.
 */
export function unrollShortFolds(c: Computation): Computation {
  const { pool } = c, done = new Map<Expr, Expr>();
  const on = (e: Expr): Expr => pool.rewrite(e, new Map(), (x) => (isShort(x) ? writtenOut(x, pool, on) : undefined), done);
  return { ...c, stores: c.stores.map((s): StoreSpec => ({ ...s, index: pool.index.substitute(s.index, new Map(), on), value: on(s.value) })) };
}

type Fold = Extract<Expr, { kind: "reduce" | "argReduce" }>;

function isShort(e: Expr): e is Fold {
  if (e.kind !== "reduce" && e.kind !== "argReduce") return false;
  let steps = 1;
  for (const v of boundVars(e)) {
    if (typeof v.extent !== "number") return false;
    steps *= v.extent;
  }
  return steps >= 1 && steps <= mostSteps;
}

function writtenOut(e: Fold, pool: ExprPool, on: (e: Expr) => Expr): Expr {
  const steps = positions(boundVars(e)).map((at) => on(pool.substitute(e.body, new Map([...at].map(([name, i]) => [name, pool.index.constant(i)])))));
  const { dtype } = e.body;
  const scalar = (to: MathType, op: ScalarName, ...args: Expr[]): Expr => pool.make({ kind: "scalar", dtype: to, op, args });
  if (e.kind === "reduce") {
    // a sum starts at 0, which is what −0 alone comes to
    const start = e.reducer === "sum" ? [pool.make({ kind: "const", dtype, value: identityOf(e.reducer, dtype) })] : [];
    return [...start, ...steps].reduce((a, b) => scalar(dtype, combining[e.reducer], a, b));
  }
  const at = (i: number): Expr => pool.make({ kind: "const", dtype: "i32", value: i });
  let best = steps[0], where = at(0);
  for (const [i, value] of steps.entries()) {
    if (i === 0) continue;
    const beats = scalar("bool", e.reducer === "max" ? "gt" : "lt", value, best);
    // the first NaN wins for good
    const wins = isFloat(dtype) ? scalar("bool", "bitAnd", scalar("bool", "eq", best, best), scalar("bool", "bitOr", beats, scalar("bool", "ne", value, value))) : beats;
    best = pool.make({ kind: "select", dtype, pred: wins, a: value, b: best });
    where = pool.make({ kind: "select", dtype: "i32", pred: wins, a: at(i), b: where });
  }
  return where;
}

/** Every combination of values of some loops, in the order of their steps. */
function positions(vars: readonly LoopVar[]): ReadonlyMap<string, number>[] {
  return vars.reduce<Map<string, number>[]>((list, v) => list.flatMap((at) => Array.from({ length: v.extent as number }, (_, i) => new Map([...at, [v.name, i]]))), [new Map<string, number>()]);
}

