import { identityOf, type Reducer } from "../../../ir/ops/index.ts";
import { dims, type Dim } from "../../../ir/types/index.ts";
import type { Computation } from "../builder.ts";
import { withoutCostlyCopies } from "../copies.ts";
import type { Fold, Reduce } from "../folds.ts";
import type { Expr, Index, LoopVar, StoreSpec } from "../ir.ts";
import { visitIndex } from "../affine.ts";
import type { ExprPool } from "../pool.ts";
import { typical } from "./folds.ts";

/** Two computations in place of one: the first leaves partial results in scratch, the second goes on from there. */
export interface TwoStages {
  readonly first: readonly StoreSpec[];
  readonly second: readonly StoreSpec[];
}

/**
 * Cuts the longest loop of each fold into `parts` pieces: first the fold of every piece, then the fold of those.
 * The stores may use the folds as they like; the folds use no others.
 */
export function splitFolds(stores: readonly StoreSpec[], folds: readonly Reduce[], parts: number, c: Computation): TwoStages {
  const g: LoopVar = { name: c.pool.freshName("part"), extent: parts };
  const replaced = new Map<Expr, Expr>();
  const first = folds.map((fold) => {
    const over = [...c.pool.freeVars(fold).values()];
    const to = partial(fold, g, c);
    const store = scratchStore(to, [g, ...over], c);
    replaced.set(fold, c.pool.make({ ...fold, vars: [g], body: store.load }));
    return store.spec;
  });
  return { first: withoutCostlyCopies(first, c.pool), second: replaceFolds(stores, replaced, c) };
}

/** The loop of a fold that is cut. */
const longestLoop = ({ vars }: Reduce): LoopVar => vars.reduce((a, b) => (typical(b.extent) > typical(a.extent) ? b : a));

/** About so many pieces of a fold, of one length where that can be, in vectors if it can: no step has to be tested then. */
export function evenParts(fold: Reduce, parts: number): number {
  const { extent } = longestLoop(fold);
  if (typeof extent !== "number" || parts <= 1) return parts;
  const near = Array.from({ length: 2 * parts }, (_, i) => i + 1).filter((p) => 2 * p >= parts && extent % p === 0);
  const [best = parts] = near.sort((a, b) => Number((extent / a) % 4 !== 0) - Number((extent / b) % 4 !== 0) || Math.abs(a - parts) - Math.abs(b - parts));
  return best;
}

/** The fold of piece `g`. */
function partial(fold: Reduce, g: LoopVar, { pool }: Computation): Expr {
  const v = longestLoop(fold);
  const piece = cut(v, g, pool), inside = (e: Expr): Expr => piece.inside(e, fold.reducer, fold.dtype);
  // the factors of a product are guarded one by one, so that it stays a product
  const { body } = fold;
  const isProduct = fold.reducer === "sum" && body.kind === "scalar" && body.op === "mul";
  return pool.make({ ...fold, vars: fold.vars.map((x) => (x === v ? piece.q : x)), body: isProduct ? pool.make({ ...body, args: body.args.map(inside) }) : inside(body) });
}

/** A piece of a loop: where its iterations are in the whole. */
interface Piece {
  readonly q: LoopVar;
  readonly at: Index;
  /** Whether the last piece has as many iterations as the others. */
  readonly isEven: boolean;
  /** What is folded, at an iteration of the piece: past the end of the loop, what changes nothing. */
  inside(e: Expr, reducer: Reducer, dtype: Reduce["dtype"]): Expr;
}

/** Cuts a loop into as many pieces as `g` has iterations. */
export function cut(v: LoopVar, g: LoopVar, pool: ExprPool): Piece {
  const steps = dims.ceilDiv(v.extent, g.extent);
  const q: LoopVar = { name: pool.freshName("q"), extent: steps };
  const at = pool.index.add(pool.index.scale(pool.index.variable(g), steps), pool.index.variable(q));
  const isEven = dims.mul(steps, g.extent) === v.extent;
  return {
    q, at, isEven,
    inside(e, reducer, dtype) {
      const moved = pool.substitute(e, new Map([[v.name, at]]));
      if (isEven) return moved;
      return pool.make({ kind: "guard", dtype: e.dtype, tests: [{ index: at, low: 0, high: v.extent, step: 1 }], inside: moved, outside: pool.make({ kind: "const", dtype: e.dtype, value: identityOf(reducer, dtype) }) });
    },
  };
}

/**
 * Folds over the points of the grid: first each point's share, then, when all of them are there, the fold.
 * Undefined where a fold is not over exactly the loops of the grid.
 */
export function deferFolds(stores: readonly StoreSpec[], folds: readonly Fold[], grid: readonly LoopVar[], c: Computation): TwoStages | undefined {
  const { pool } = c;
  const replaced = new Map<Expr, Expr>(), first: StoreSpec[] = [];
  for (const fold of folds) {
    if (fold.kind !== "reduce") return undefined;
    const isOfGrid = (v: LoopVar): boolean => grid.some((g) => g.name === v.name);
    const outer = fold.vars.filter(isOfGrid), inner = fold.vars.filter((v) => !isOfGrid(v));
    const frame = pool.freeVars(fold);
    if (outer.length === 0 || !grid.every((g) => frame.has(g.name) || outer.some((v) => v.name === g.name)) || ![...frame.values()].every(isOfGrid)) return undefined;
    const share = inner.length > 0 ? pool.make({ ...fold, vars: inner }) : fold.body;
    const store = scratchStore(share, grid, c);
    first.push(store.spec);
    replaced.set(fold, pool.make({ ...fold, vars: outer, body: store.load }));
  }
  return { first, second: replaceFolds(stores, replaced, c) };
}

/** Keeps a value in scratch, at the points of `domain`; and how it is loaded from there. */
export function scratchStore(value: Expr, domain: readonly LoopVar[], c: Computation): { spec: StoreSpec; load: Expr } {
  const { pool } = c;
  const shape: Dim[] = domain.map((v) => v.extent);
  const arg = c.scratch("partial", value.dtype, dims.product(shape));
  const index: Index = pool.index.linear(domain.map((v) => pool.index.variable(v)), shape);
  return { spec: { arg, domain, index, value, mode: "set" }, load: pool.make({ kind: "load", dtype: value.dtype, arg, index }) };
}

function replaceFolds(stores: readonly StoreSpec[], replaced: ReadonlyMap<Expr, Expr>, { pool }: Computation): StoreSpec[] {
  const done = new Map<Expr, Expr>();
  const on = (e: Expr): Expr => pool.rewrite(e, new Map(), (x) => replaced.get(x), done);
  return stores.map((s) => {
    let isData = false;
    visitIndex(s.index, () => {}, () => { isData = true; });
    return { ...s, value: on(s.value), index: isData ? pool.index.substitute(s.index, new Map(), on) : s.index };
  });
}
