import { identityOf } from "../../../ir/ops/index.ts";
import { byteSize, dims } from "../../../ir/types/index.ts";
import { alongOf, atAlong, weightsOf, type Chain, type Output } from "../chain/chain.ts";
import type { Computation, Stage } from "../builder.ts";
import type { Reduce } from "../folds.ts";
import { withoutCostlyCopies } from "../copies.ts";
import { dropTests, holds } from "../guards.ts";
import type { Expr, Index, LoopVar, RowSpec, Stmt, StoreSpec, Test } from "../ir.ts";
import { forEachExpr } from "../pool.ts";
import { rootsOf } from "../roots.ts";
import { schedule } from "../schedule.ts";
import { nested } from "../statements.ts";
import { combining } from "../combining.ts";

/** Memory that every workgroup may have. */
const groupBytes = 16384;
/** Invocations of a workgroup; rows and columns of scores that one of them computes side by side. */
const invocations = 64, rowsEach = 4, columnsEach = 2;
/** Scores of a row that are computed at a time, where not all of them fit. */
const stepLength = 32;
/** Rows of a block, the best first: for all scores of a row at once, and for some at a time. */
const rowsAtOnce = [16, 8], rowsInSteps = [16, 8, 4];
/** A row of so many scores may be computed at once. */
const longestAtOnce = 256;

/**
 * A chain of products on a GPU: a workgroup has a block of rows, and goes along them a few scores at a time, adding to its
 * results what the weights of those come to. Scores, weights and results are memory of the workgroup. What is folded over
 * a row (the maximum of a softmax, then its sum) goes along it first, with the scores computed again each time; where all
 * scores of a block fit, once.
 */
export function chainStage(chain: Chain, c: Computation): Stage | string {
  const folds = foldsOf(chain, c);
  if (typeof folds === "string") return folds;
  const widths = chain.outputs.map((o) => o.column.extent), { extent } = chain.along;
  if (!widths.every((d) => typeof d === "number")) return "a workgroup keeps results of a known width";
  const distinct = new Map(chain.outputs.map((o) => [o.fold, o.column.extent as number]));
  const numbers = (rows: number, columns: number): number =>
    rows * (columns * (chain.scores.length + weightsOf(chain).length) + [...distinct.values()].reduce((a, b) => a + b, 0) + folds.length);
  const blocks = [...(typeof extent === "number" && extent <= longestAtOnce ? rowsAtOnce.map((rows) => [rows, extent] as const) : []),
    ...rowsInSteps.map((rows) => [rows, typeof extent === "number" ? Math.min(extent, stepLength) : stepLength] as const)];
  const fits = ([rows, columns]: readonly [number, number]): boolean => numbers(rows, columns) * byteSize.f32 <= groupBytes;
  const block = blocks.find(fits);
  return block ? new ChainOnGrid(chain, folds, block[0], block[1], c).stage() : "a block of its rows does not fit in a workgroup's memory";
}

/** A fold of a row: of level 0 if it takes no scores, else above those that it needs. */
interface RowFold {
  readonly fold: Reduce;
  readonly level: number;
  readonly hasScores: boolean;
}

/** The folds of rows in a chain, what one needs before it. */
function foldsOf(chain: Chain, { pool }: Computation): RowFold[] | string {
  const outputs = new Set<Expr>(chain.outputs.map((o) => o.fold)), found: RowFold[] = [];
  let problem: string | undefined;
  forEachExpr([...chain.outputs.map((o) => o.weight), ...rootsOf([...chain.ofRows, ...chain.outputs.map((o) => o.store)])], (e) => {
    if (e.kind !== "reduce" || outputs.has(e) || alongOf(e, chain, pool) !== null) return;
    const inside = new Set<Expr>();
    forEachExpr([e.body], (x) => { if (x.kind === "reduce") inside.add(x); });
    const needs = found.filter((f) => inside.has(f.fold)), hasScores = [...inside].some((x) => alongOf(x as Reduce, chain, pool) !== null);
    if (hasScores && (e.vars.length !== 1 || e.vars[0].extent !== chain.along.extent)) problem = "a fold of scores goes along more than a row";
    found.push({ fold: e, hasScores, level: Math.max(0, ...needs.map((f) => f.level)) + Number(hasScores) });
  });
  return problem ?? found;
}

/** Memory of the workgroup: `length` numbers for each row of a block. */
interface Kept {
  readonly arg: number;
  readonly length: number;
}

class ChainOnGrid {
  private readonly chain: Chain;
  private readonly folds: readonly RowFold[];
  private readonly rows: number;
  /** Scores of a row that are computed at a time. */
  private readonly columns: number;
  private readonly c: Computation;
  private readonly block: LoopVar;
  /** The loop along the rows, where it takes several steps. */
  private readonly steps: LoopVar | undefined;
  private readonly memory: RowSpec[] = [];
  private readonly kept = new Map<Expr, Kept>();

  constructor(chain: Chain, folds: readonly RowFold[], rows: number, columns: number, c: Computation) {
    this.chain = chain;
    this.folds = folds;
    this.rows = rows;
    this.columns = columns;
    this.c = c;
    this.block = { name: `${chain.row.name}_block`, extent: dims.ceilDiv(chain.row.extent, rows) };
    const steps = dims.ceilDiv(chain.along.extent, columns);
    this.steps = steps === 1 ? undefined : { name: `${chain.along.name}_step`, extent: steps };
  }

  stage(): Stage | string {
    const { chain: { around, scores, outputs, ofRows }, folds, steps } = this;
    for (const s of scores) this.keep("scores", s, this.columns);
    for (const w of weightsOf(this.chain)) this.keep("weights", w, this.columns);
    for (const { fold } of folds) this.keep("folds", fold, 1);
    if (this.memory.some((m) => m.dtype === "bool")) return "a workgroup keeps numbers";
    for (const { fold, column } of outputs) if (!this.kept.has(fold)) this.keep("results", fold, column.extent as number);

    const body: Stmt[] = [], last = Math.max(0, ...folds.map((f) => f.level));
    for (let level = 0; level <= last; level++) {
      const [ofScores, others] = [true, false].map((is) => folds.filter((f) => f.level === level && f.hasScores === is));
      if (ofScores.length > 0) {
        if (steps) body.push(...this.loop(this.rows, (q) => ofScores.map(({ fold }) => this.store(fold, q, this.identity(fold), this.zero))));
        body.push(...this.along(level > 1 && !steps ? [] : this.scores(), this.loop(this.rows, (q) => ofScores.map(({ fold }) => this.foldStep(fold, q)))));
      }
      for (const { fold } of others) body.push(...this.loop(this.rows, (q) => [this.store(fold, q, this.whole(fold, q), this.zero)]));
    }
    const products = new Map(outputs.map((o) => [o.fold, o]));
    if (steps) for (const { fold, column } of products.values()) body.push(...this.loop(this.rows * (column.extent as number), (q) => [this.store(fold, this.zero, this.identity(fold), q)]));
    body.push(...this.along(last > 0 && !steps ? [] : this.scores(), [...this.weights(), ...[...products.values()].flatMap((o) => this.product(o))]));
    for (const { store, column } of outputs) body.push(...this.results(store, column.extent as number, column));
    for (const store of ofRows) body.push(...this.results(store, 1));

    const over = [...around, this.block], grid = { kind: "chain", over: over.map((v) => v.name), steps: steps?.name, size: invocations } as const;
    return { body: nested(over, body), grid, rows: this.memory };
  }

  private keep(name: string, value: Expr, length: number): void {
    const { dtype } = value, arg = -1 - this.memory.length;
    this.memory.push({ name: `${name}${this.memory.length}`, dtype, size: this.rows * length });
    this.kept.set(value, { arg, length });
  }

  // ---- indices

  private get zero(): Index { return this.c.pool.index.constant(0); }
  private rowAt(r: Index): Index { return this.c.pool.index.add(this.c.pool.index.scale(this.c.pool.index.variable(this.block), this.rows), r); }
  private columnAt(column: Index): Index {
    const { index: ix } = this.c.pool;
    return this.steps ? ix.add(ix.scale(ix.variable(this.steps), this.columns), column) : column;
  }

  private place({ arg, length }: Kept, row: Index, column: Index): { arg: number; index: Index } {
    return { arg, index: this.c.pool.index.add(this.c.pool.index.scale(row, length), column) };
  }
  private load(e: Expr, row: Index, column: Index): Expr { return this.c.pool.make({ kind: "load", dtype: e.dtype, ...this.place(this.kept.get(e)!, row, column) }); }
  private store(e: Expr, row: Index, value: Expr, column: Index): StoreSpec { return { ...this.place(this.kept.get(e)!, row, column), domain: [], value, mode: "set" }; }

  /** An expression at a row of the block, and a column of the step: what is kept of either is loaded. */
  private inBlock(e: Expr, row: Index, column?: Index): Expr {
    const { chain, c: { pool } } = this;
    const at = new Map([[chain.row.name, this.rowAt(row)], ...(column ? [[chain.along.name, this.columnAt(column)] as const] : [])]);
    return pool.rewrite(e, at, (x) => {
      if (this.folds.some((f) => f.fold === x)) return this.load(x, row, this.zero);
      const along = x.kind === "reduce" ? alongOf(x, chain, pool) : undefined, score = along ? atAlong(x as Reduce, along, chain, pool) : undefined;
      return score && column && this.kept.has(score) ? this.load(score, row, column) : undefined;
    }, new Map());
  }

  /** `e` where there is such a column: steps reach past the end of a row. */
  private inRow(e: Expr, column: Index, otherwise: Expr): Expr {
    const tests: Test[] = [{ index: this.columnAt(column), low: 0, high: this.chain.along.extent, step: 1 }];
    return this.c.pool.make({ kind: "guard", dtype: e.dtype, tests, inside: e, outside: otherwise });
  }
  private identity(fold: Reduce): Expr { return this.c.pool.make({ kind: "const", dtype: fold.dtype, value: identityOf(fold.reducer, fold.dtype) }); }

  // ---- loops

  /** A loop that the invocations share, of stores for each of its steps; those to memory of others only where tests hold. */
  private loop(extent: number, stores: (q: Index) => readonly StoreSpec[], only?: (q: Index) => readonly Test[]): readonly Stmt[] {
    const { chain: { around }, c: { pool }, block, steps } = this;
    const q: LoopVar = { name: pool.freshName("q"), extent }, at = pool.index.variable(q), open = [...around, block, ...(steps ? [steps] : [])];
    const list = withoutCostlyCopies(dropTests(stores(at).map((s) => ({ ...s, domain: [...open, q] })), pool), pool);
    const body = schedule(list, pool, new Map(), { open });
    if (typeof body === "string") throw new Error(`internal: a part of a chain has no loops: ${body}`);
    const tests = only?.(at).filter((t) => !holds(t)) ?? [];
    return tests.length > 0 ? body.map((s) => onlyWhere(s, tests)) : body;
  }

  /** Statements for each step along the rows. */
  private along(...parts: readonly (readonly Stmt[])[]): readonly Stmt[] {
    const body = parts.flat();
    return this.steps ? [{ kind: "loop", var: this.steps, step: 1, lanes: 1, resume: false, reverse: false, parallel: false, body }] : body;
  }

  /** A position among blocks of `rowsEach` rows and so many columns. */
  private blockAt(q: Index, columns: number): { row: (a: number) => Index; column: Index } {
    const { index: ix } = this.c.pool, first = ix.scale(ix.div(q, columns), rowsEach);
    return { row: (a) => ix.shift(first, a), column: ix.mod(q, columns) };
  }
  private readonly eachRow = Array.from({ length: rowsEach }, (_, a) => a);

  private scores(): readonly Stmt[] {
    const sides = this.columns % columnsEach === 0 ? columnsEach : 1, columns = this.columns / sides;
    return this.chain.scores.flatMap((score) => this.loop((this.rows / rowsEach) * columns, (q) => {
      const { row, column } = this.blockAt(q, columns);
      return this.eachRow.flatMap((a) => Array.from({ length: sides }, (_, b) => {
        const at = this.c.pool.index.shift(column, b * columns);
        const value = this.bare(score, row(a), at), isWeight = this.chain.outputs.some((o) => o.weight === score);
        return this.store(score, row(a), isWeight ? this.inRow(value, at, this.c.pool.make({ kind: "const", dtype: score.dtype, value: 0 })) : value, at);
      }));
    }));
  }

  /** A fold as it is computed, at a row and a column. */
  private bare(e: Expr, row: Index, column: Index): Expr {
    return this.c.pool.substitute(e, new Map([[this.chain.row.name, this.rowAt(row)], [this.chain.along.name, this.columnAt(column)]]));
  }

  /** A fold of a row that takes no scores. */
  private whole(fold: Reduce, row: Index): Expr { return this.c.pool.make({ ...fold, body: this.inBlock(fold.body, row) }); }

  /** What the scores of a step add to a fold of a row. */
  private foldStep(fold: Reduce, row: Index): StoreSpec {
    const { pool } = this.c, v: LoopVar = { name: pool.freshName("column"), extent: this.columns }, column = pool.index.variable(v);
    const at = pool.substitute(fold.body, new Map([[fold.vars[0].name, pool.index.variable(this.chain.along)]]));
    const step = pool.make({ ...fold, vars: [v], body: this.inRow(this.inBlock(at, row, column), column, this.identity(fold)) });
    return this.store(fold, row, this.steps ? this.added(fold, this.load(fold, row, this.zero), step) : step, this.zero);
  }

  private added({ reducer, dtype }: Reduce, before: Expr, step: Expr): Expr {
    return this.c.pool.make({ kind: "scalar", dtype, op: combining[reducer], args: [before, step] });
  }

  private weights(): readonly Stmt[] {
    const weights = weightsOf(this.chain);
    if (weights.length === 0) return [];
    return this.loop(this.rows * this.columns, (q) => {
      const { index: ix } = this.c.pool, row = ix.div(q, this.columns), column = ix.mod(q, this.columns);
      return weights.map((w) => this.store(w, row, this.inRow(this.inBlock(w, row, column), column, this.c.pool.make({ kind: "const", dtype: w.dtype, value: 0 })), column));
    });
  }

  /** Adds to a result what the weights of a step come to. */
  private product({ fold, weight, other, column }: Output): readonly Stmt[] {
    const { pool } = this.c, width = column.extent as number, v: LoopVar = { name: pool.freshName("column"), extent: this.columns };
    return this.loop((this.rows / rowsEach) * width, (q) => {
      const { row, column: d } = this.blockAt(q, width), at = pool.index.variable(v);
      const value = pool.substitute(other, new Map([[column.name, d], [this.chain.along.name, this.columnAt(at)]]));
      const within = this.inRow(value, at, pool.make({ kind: "const", dtype: value.dtype, value: 0 }));
      return this.eachRow.map((a) => {
        const step = pool.make({ ...fold, vars: [v], body: pool.make({ kind: "scalar", dtype: fold.dtype, op: "mul", args: [this.load(weight, row(a), at), within] }) });
        return this.store(fold, row(a), this.steps ? this.added(fold, this.load(fold, row(a), d), step) : step, d);
      });
    });
  }

  /** Stores what is kept of the block, for the rows that there are. */
  private results(s: StoreSpec, width: number, column?: LoopVar): readonly Stmt[] {
    const { chain, c: { pool } } = this, { index: ix } = pool;
    return this.loop(this.rows * width, (q) => {
      const row = ix.div(q, width), d = ix.mod(q, width);
      const at = new Map([[chain.row.name, this.rowAt(row)], ...(column ? [[column.name, d] as const] : [])]);
      const value = pool.rewrite(s.value, at, (x) => {
        const kept = this.kept.get(x);
        return kept && this.load(x, row, kept.length === 1 ? this.zero : d);
      }, new Map());
      return [{ ...s, index: ix.substitute(s.index, at, (e) => e), value }];
    }, (q) => [{ index: this.rowAt(ix.div(q, width)), low: 0, high: chain.row.extent, step: 1 }]);
  }
}

/** A statement whose stores are done only where tests hold. */
function onlyWhere(s: Stmt, only: readonly Test[]): Stmt {
  if (s.kind === "loop") return { ...s, body: s.body.map((t) => onlyWhere(t, only)) };
  return s.kind === "store" ? { ...s, only } : s;
}
