import { outerFolds, type Reduce } from "../folds.ts";
import type { Expr, LoopVar, StoreSpec } from "../ir.ts";
import { forEachExpr, type ExprPool } from "../pool.ts";
import { rootsOf } from "../roots.ts";

/**
 * Products that follow each other row by row, as in attention: `Σⱼ w(i, j) · v(j, d)`, where the weights of row i are
 * computed of products `Σₑ q(i, e) · k(j, e)` and of folds over such a row (the maximum and the sum of a softmax). One
 * row of scores is needed at a time, so the matrix of all of them need not be.
 */
export interface Chain {
  /** Loops that everything steps along: batches and heads. */
  readonly around: readonly LoopVar[];
  /** The rows of scores and of results. */
  readonly row: LoopVar;
  /** Along a row of scores. */
  readonly along: LoopVar;
  /** The products that the weights are computed of, at `row` and `along`. */
  readonly scores: readonly Reduce[];
  readonly outputs: readonly Output[];
  /** Stores of one value a row. */
  readonly ofRows: readonly StoreSpec[];
}

/** A store of what a row of weights is multiplied to. */
export interface Output {
  readonly store: StoreSpec;
  /** The product in the store's value; its loop is named as it may. */
  readonly fold: Reduce;
  /** The weight, at `row` and `along`, and what it is multiplied with, at `along` and `column`. */
  readonly weight: Expr;
  readonly other: Expr;
  readonly column: LoopVar;
}

/** The chain that stores are, if they are one. */
export function findChain(stores: readonly StoreSpec[], pool: ExprPool): Chain | undefined {
  const found = stores.map((s) => outputOf(s, pool)), [main] = found.filter((o) => o !== undefined);
  if (!main || rootsOf(stores).length > stores.length || stores.some((s) => s.mode !== "set")) return undefined;
  const { row, along } = main, around = main.output.store.domain.filter((v) => v !== row && v !== main.output.column);
  if ([...around, row, along].some((v) => v.extent === 0)) return undefined;
  const isFrame = (vars: readonly LoopVar[]): boolean => sameLoops(vars, [...around, row]);
  const outputs: Output[] = [], ofRows: StoreSpec[] = [], toAlong = new Map<string, LoopVar>();
  for (const [k, store] of stores.entries()) {
    const o = found[k];
    if (o ? o.row.name !== row.name || o.along.extent !== along.extent || !isFrame(store.domain.filter((v) => v !== o.output.column)) : !isFrame(store.domain)) return undefined;
    if (!o) { ofRows.push(store); continue; }
    toAlong.set(o.along.name, along);
    const at = new Map([[o.along.name, pool.index.variable(along)]]);
    outputs.push({ ...o.output, weight: pool.substitute(o.output.weight, at), other: pool.substitute(o.output.other, at) });
  }
  const folds = new Set(outputs.map((o) => o.fold)), columns = new Set(outputs.map((o) => o.column.name));
  const scores = scoresOf([...outputs.map((o) => o.weight), ...rootsOf(stores)], folds, columns, { around, row, along }, pool);
  return scores && scores.length > 0 ? { around, row, along, scores, outputs, ofRows } : undefined;
}

/** The product of products in a store, and the loops by their part in it. */
function outputOf(store: StoreSpec, pool: ExprPool): { output: Output; row: LoopVar; along: LoopVar } | undefined {
  const candidates = outerFolds([store.value]).flatMap((fold) => {
    if (fold.kind !== "reduce" || fold.reducer !== "sum" || fold.vars.length !== 1 || fold.body.kind !== "scalar" || fold.body.op !== "mul") return [];
    const [along] = fold.vars, [a, b] = fold.body.args;
    const [weight, other] = outerFolds([a]).length > 0 ? [a, b] : [b, a];
    if (outerFolds([weight]).length === 0 || other.kind !== "load") return [];
    const ofWeight = pool.freeVars(weight), ofOther = pool.freeVars(other);
    const columns = store.domain.filter((v) => ofOther.has(v.name) && !ofWeight.has(v.name));
    const row = store.domain.filter((v) => ofWeight.has(v.name) && !ofOther.has(v.name)).at(-1);
    return columns.length === 1 && row && ofWeight.has(along.name) ? [{ output: { store, fold, weight, other, column: columns[0] }, row, along }] : [];
  });
  return candidates.length === 1 ? candidates[0] : undefined;
}

type Loops = Pick<Chain, "around" | "row" | "along">;

/**
 * The products of two operands under some roots, each at `row` and `along`; undefined where a fold is neither one of them
 * nor one of a row. Those in `outputs` are left out, but not what is inside.
 */
function scoresOf(roots: readonly Expr[], outputs: ReadonlySet<Expr>, columns: ReadonlySet<string>, loops: Loops, pool: ExprPool): Reduce[] | undefined {
  const scores = new Set<Reduce>();
  let isChain = true;
  forEachExpr(roots, (e) => {
    if (e.kind === "argReduce" || e.kind === "prefix" || (e.kind === "guard" && outerFolds([e.inside, e.outside]).length > 0)) isChain = false;
    if (e.kind !== "reduce" || outputs.has(e)) return;
    const at = alongOf(e, loops, pool);
    if (at === null) return;
    const isProduct = e.reducer === "sum" && e.body.kind === "scalar" && e.body.op === "mul" && e.body.args.every((x) => x.kind === "load");
    if (at === undefined || columns.has(at.name) || !isProduct) isChain = false;
    else scores.add(atAlong(e, at, loops, pool));
  });
  return isChain ? [...scores] : undefined;
}

/** What the scores become before they are multiplied again. */
export const weightsOf = ({ outputs, scores }: Chain): Expr[] => [...new Set(outputs.map((o) => o.weight))].filter((w) => !scores.includes(w as Reduce));

/** The loop along a row that a fold inside a chain has a value for each step of: null where it has one for the whole row, undefined where it is of neither kind. */
export function alongOf(e: Reduce, { around, row, along }: Loops, pool: ExprPool): LoopVar | null | undefined {
  const own = [...pool.freeVars(e).values()].filter((v) => v.name !== row.name && !around.some((a) => a.name === v.name));
  if (own.length === 0) return null;
  return own.length === 1 && own[0].extent === along.extent ? own[0] : undefined;
}

/** A product as it is at `along`, where it may be at another loop of that extent. */
export const atAlong = (e: Reduce, at: LoopVar, { along }: Loops, pool: ExprPool): Reduce =>
  pool.substitute(e, new Map([[at.name, pool.index.variable(along)]])) as Reduce;

const sameLoops = (a: readonly LoopVar[], b: readonly LoopVar[]): boolean => a.length === b.length && a.every((v) => b.some((w) => w.name === v.name));
