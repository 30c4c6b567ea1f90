import { identityOf } from "../../../ir/ops/index.ts";
import type { Computation } from "../builder.ts";
import { combining } from "../combining.ts";
import { withoutCostlyCopies } from "../copies.ts";
import type { Expr, LoopVar, Stmt, StoreSpec, Test } from "../ir.ts";
import { forEachExpr } from "../pool.ts";
import { rootsOf } from "../roots.ts";
import { pointsOf, typical } from "./folds.ts";
import { cut, scratchStore } from "./split.ts";

type Prefix = Extract<Expr, { kind: "prefix" }>;

/** A running fold in three stages instead of one loop in order. */
export interface RunningStages {
  /** The fold of each piece. */
  readonly totals: readonly StoreSpec[];
  /** The running fold of those: how each piece begins. */
  readonly starts: readonly StoreSpec[];
  /** The running fold within each piece, from there on. */
  readonly pieces: readonly StoreSpec[];
  /** What holds of the elements that there are, where the last piece reaches past them. */
  readonly tests: readonly Test[];
}

/** Iterations of a piece, and pieces of a loop of unknown length. With so many rows, each may as well be one invocation's. */
const steps = 64, somePieces = 256, manyRows = 4096;

/**
 * Cuts a running fold into pieces that are computed at the same time, always in the same order. Undefined where there
 * are rows enough to keep a GPU busy, or too little to cut.
 */
export function cutRunning(stores: readonly StoreSpec[], c: Computation): RunningStages | undefined {
  const { pool } = c, prefixes = new Set<Prefix>();
  forEachExpr(rootsOf(stores), (e) => { if (e.kind === "prefix") prefixes.add(e); });
  const [prefix] = prefixes, [store] = stores;
  if (prefixes.size !== 1 || stores.length !== 1) return undefined;
  const v = store.domain.find((d) => d.name === prefix.var.name), rows = store.domain.filter((d) => d !== v);
  if (!v || typical(pointsOf(rows)) >= manyRows) return undefined;
  if (typeof v.extent === "number" && v.extent <= somePieces) return undefined;
  const { dtype, reducer, reverse } = prefix;
  const g: LoopVar = { name: pool.freshName("part"), extent: typeof v.extent === "number" ? Math.ceil(v.extent / steps) : somePieces };
  const piece = cut(v, g, pool), body = piece.inside(prefix.body, reducer, dtype);
  const total = scratchStore(pool.make({ kind: "reduce", dtype, reducer, vars: [piece.q], body }), [...rows, g], c);
  const ends = scratchStore(pool.make({ kind: "prefix", dtype, reducer, reverse, var: g, body: total.load }), [...rows, g], c);
  // a piece begins with the end of the one before it
  const shift = reverse ? 1 : -1, before = pool.index.shift(pool.index.variable(g), shift);
  const start = pool.make({
    kind: "guard", dtype, tests: [{ index: before, low: 0, high: g.extent, step: 1 }],
    inside: pool.substitute(ends.load, new Map([[g.name, before]])), outside: pool.make({ kind: "const", dtype, value: identityOf(reducer, dtype) }),
  });
  const within = pool.make({ kind: "prefix", dtype, reducer, reverse, var: piece.q, body });
  const whole = pool.make({ kind: "scalar", dtype, op: combining[reducer], args: [start, within] });
  const to = new Map([[v.name, piece.at]]), done = new Map<Expr, Expr>();
  const on = (e: Expr): Expr => pool.rewrite(e, to, (x) => (x === prefix ? whole : undefined), done);
  return {
    totals: withoutCostlyCopies([total.spec], pool), starts: [ends.spec],
    pieces: withoutCostlyCopies([{ ...store, domain: [...rows, g, piece.q], index: pool.index.substitute(store.index, to, on), value: on(store.value) }], pool),
    tests: piece.isEven ? [] : [{ index: piece.at, low: 0, high: v.extent, step: 1 }],
  };
}

/** Statements that store only where tests hold. */
export const onlyWhere = (tests: readonly Test[], body: readonly Stmt[]): readonly Stmt[] =>
  tests.length === 0 ? body : body.map((s): Stmt => (s.kind === "loop" ? { ...s, body: onlyWhere(tests, s.body) } : s.kind === "store" ? { ...s, only: tests } : s));
