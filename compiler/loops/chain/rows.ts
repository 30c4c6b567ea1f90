import { dims, type Dim } from "../../../ir/types/index.ts";
import type { Computation, LoopBuilder } from "../builder.ts";
import { outerFolds, type Reduce } from "../folds.ts";
import type { Expr, Index, LoopStmt, LoopVar, Stmt, StoreSpec } from "../ir.ts";
import type { Within } from "../schedule.ts";
import { nested } from "../statements.ts";
import { alongOf, atAlong, findChain, weightsOf, type Chain, type Output } from "./chain.ts";

/** Rows of a chain that are computed together: those of a register tile. */
const blockRows = 4;

/** A product of which a block of rows is computed at a time. */
export interface BlockedProduct {
  /** What is done once for all blocks: an operand is copied to where the blocks read it in order. */
  readonly before: readonly Stmt[];
  /** The loops of one block, for stores of its rows. */
  loops(stores: readonly StoreSpec[], block: Block): readonly Stmt[] | string;
}

/** A block of rows: the loop over them, where there are several, and the loops that it stands in. */
export interface Block {
  readonly rows: LoopVar | undefined;
  readonly within: Within;
}

/** A product's loops, by their part in the chain. */
export interface ProductLoops {
  readonly around: readonly LoopVar[];
  readonly row: LoopVar;
  readonly column: LoopVar;
}

/** How a target makes the loops of a chain's parts. */
export interface RowBuilders {
  /** What is computed of whole rows: a softmax. */
  readonly rows: LoopBuilder;
  /** A product, told by its stores over all rows. */
  products(c: Computation, loops: ProductLoops): BlockedProduct;
}

/**
 * Loops of a chain of products: for a block of rows their scores, then the weights that they make, then what these are
 * multiplied to. Scores and weights of one block are kept in scratch, which the next overwrites: so much as there is of
 * one row, and not of all. Undefined where the stores are no chain.
 */
export const rowsOfChains = (build: RowBuilders) => (c: Computation): readonly Stmt[] | string | undefined => {
  const chain = findChain(c.stores, c.pool);
  return chain && new Rows(c, chain, build).run();
};

/** A number for each row of a block, or for each step along each: what the parts of a chain hand on. */
interface Kept {
  readonly arg: number;
  at(row: Index, along: Index): Index;
}

class Rows {
  private readonly c: Computation;
  private readonly chain: Chain;
  private readonly build: RowBuilders;
  /** Where scores, weights and folds of rows are kept, by what they are at `row` and `along`. */
  private readonly kept = new Map<Expr, Kept>();

  constructor(c: Computation, chain: Chain, build: RowBuilders) {
    this.c = c;
    this.chain = chain;
    this.build = build;
  }

  run(): readonly Stmt[] | string {
    const { chain: { around, row, along, scores, outputs } } = this;
    const before: Stmt[] = [], parts: ((block: Block, c: Computation) => readonly Stmt[] | string)[] = [];
    const add = (product: BlockedProduct, stores: readonly StoreSpec[]): void => {
      before.push(...product.before);
      parts.push((block) => product.loops(stores.map((s) => this.inBlock(s, block)), block));
    };
    for (const score of scores) {
      const store = this.keep("scores", score, [along]);
      add(this.product([store], along), [store]);
    }
    const ofRows = this.ofRows();
    if (ofRows.length > 0) parts.push((block, c) => this.build.rows({ ...c, stores: ofRows.map((s) => this.inBlock(s, block)), within: block.within }));
    for (const fold of new Set(outputs.map((o) => o.fold))) {
      const ofFold = outputs.filter((o) => o.fold === fold), stores = ofFold.map((o) => this.fromWeights(o));
      add(this.product(stores, ofFold[0].column), stores);
    }
    const sizes = typeof row.extent === "number" ? [blockRows, row.extent % blockRows] : [blockRows, 1];
    const loops: LoopStmt[] = [], scratch = reused(this.c);
    for (const size of sizes) {
      if (size === 0 || (typeof row.extent === "number" && row.extent < size)) continue;
      const body: Stmt[] = [], c = { ...this.c, scratch: scratch() };
      // two names for two extents: a kernel knows its loops by their names
      const block: Block = { rows: size > 1 ? { name: `${row.name}_${size < blockRows ? "last" : "row"}`, extent: size } : undefined, within: { open: [...around, row] } };
      for (const part of parts) {
        const statements = part(block, c);
        if (typeof statements === "string") return statements;
        body.push(...statements);
      }
      loops.push({ kind: "loop", var: row, step: size, lanes: 1, resume: loops.length > 0, reverse: false, parallel: true, body });
    }
    return nested(around, [...before, ...loops]);
  }

  /** A product over all rows, as it is planned. */
  private product(stores: readonly StoreSpec[], column: LoopVar): BlockedProduct {
    const { around, row } = this.chain;
    return this.build.products({ ...this.c, stores }, { around, row, column });
  }

  /** Room for what a store over all rows leaves for a block of them: it is counted from the block's first. */
  private keep(name: string, value: Expr, over: readonly LoopVar[]): StoreSpec {
    const { chain: { around, row, along }, c: { pool } } = this, { index: ix } = pool;
    const length: Dim = over.length > 0 ? along.extent : 1;
    const arg = this.c.scratch(name, value.dtype, dims.mul(blockRows, length));
    const at: Kept["at"] = (r, a) => (over.length > 0 ? ix.add(ix.scale(r, along.extent), a) : r);
    this.kept.set(value, { arg, at });
    return { arg, domain: [...around, row, ...over], index: at(ix.variable(row), ix.variable(along)), value, mode: "set" };
  }

  /** What is computed of whole rows: weights, folds that a result needs besides, and what is stored for each row. */
  private ofRows(): StoreSpec[] {
    const { along, outputs, ofRows } = this.chain, weights = weightsOf(this.chain);
    const folds = new Set(outputs.flatMap(({ store, fold }) => outerFolds([store.value]).filter((f) => f !== fold)));
    // all of them before any is kept: what one is made of is no other's
    const values = [...weights.map((value) => ({ name: "weights", value, over: [along] })), ...[...folds].map((value) => ({ name: "folds", value, over: [] }))];
    const stores = values.map(({ name, value, over }) => ({ value: this.fromKept(value), store: () => this.keep(name, value, over) }));
    return [...ofRows.map((s) => ({ ...s, value: this.fromKept(s.value) })), ...stores.map(({ value, store }) => ({ ...store(), value }))];
  }

  /** An expression with the scores in it, wherever along a row, loaded from where they are kept. */
  private fromKept(e: Expr): Expr {
    const { chain, c: { pool } } = this;
    return pool.rewrite(e, new Map(), (x) => {
      const at = x.kind === "reduce" ? alongOf(x, chain, pool) : undefined;
      const kept = at ? this.kept.get(atAlong(x as Reduce, at, chain, pool)) : undefined;
      return kept && at ? this.load(x, kept, pool.index.variable(at)) : undefined;
    }, new Map());
  }

  private load(e: Expr, { arg, at }: Kept, along: Index): Expr {
    const { pool } = this.c;
    return pool.make({ kind: "load", dtype: e.dtype, arg, index: at(pool.index.variable(this.chain.row), along) });
  }

  /** A result, of kept weights and kept folds of rows. */
  private fromWeights({ store, fold, weight, other }: Output): StoreSpec {
    const { along } = this.chain, { pool } = this.c, { index: ix } = pool;
    const product = pool.make({ ...fold, vars: [along], body: pool.make({ kind: "scalar", dtype: fold.dtype, op: "mul", args: [this.load(weight, this.kept.get(weight)!, ix.variable(along)), other] }) });
    const value = pool.rewrite(store.value, new Map(), (x) => {
      if (x === fold) return product;
      const kept = this.kept.get(x);
      return kept && this.load(x, kept, ix.constant(0));
    }, new Map());
    return { ...store, value };
  }

  /**
   * A store over all rows as one over those of a block. What is kept is counted from the block's first row; everything
   * else from the first of all.
   */
  private inBlock(s: StoreSpec, { rows }: Block): StoreSpec {
    const { chain: { row }, c: { pool } } = this, { index: ix } = pool;
    const own = new Set([...this.kept.values()].map((k) => k.arg)), inside = rows ? ix.variable(rows) : ix.constant(0);
    const at = new Map([[row.name, ix.add(ix.variable(row), inside)]]), ofBlock = new Map([[row.name, inside]]);
    const done = new Map<Expr, Expr>();
    const on = (e: Expr): Expr => pool.rewrite(e, at, (x) => (x.kind === "load" && own.has(x.arg) ? pool.substitute(x, ofBlock) : undefined), done);
    const domain = s.domain.flatMap((v) => (v.name === row.name && rows ? [v, rows] : [v]));
    return { ...s, domain, index: ix.substitute(s.index, own.has(s.arg) ? ofBlock : at, on), value: on(s.value) };
  }
}

/** Scratch that several in turn ask for, each anew: what one has had, the next has as well. */
function reused(c: Computation): () => Computation["scratch"] {
  const known = new Map<string, number>();
  return () => {
    const asked = new Map<string, number>();
    return (name, dtype, size) => {
      const kind = `${name} ${dtype} ${size}`, nth = asked.get(kind) ?? 0, key = `${kind} ${nth}`;
      asked.set(kind, nth + 1);
      const arg = known.get(key) ?? c.scratch(name, dtype, size);
      known.set(key, arg);
      return arg;
    };
  };
}
