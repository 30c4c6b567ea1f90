import type { LoopBuilder } from "./builder.ts";
import { rowsOfChains } from "./chain/rows.ts";
import type { Expr, Index, LoopVar } from "./ir.ts";
import { forEachExpr } from "./pool.ts";
import { schedule, type LoopShape, type Tiling } from "./schedule.ts";

/** Rows and columns of a register tile: 4×4 accumulators and 8 operands are what a JavaScript engine keeps in registers. */
const tileRows = 4, tileColumns = 4;

/** With more stores than these, as in a gradient that updates a weight and its moments, a tile of half as many rows is half the code. */
const fewStores = 2;

/** Columns that a fold over rows keeps at once, so that it reads memory in order. */
const foldColumns = 4;

const tiledLoops: LoopBuilder = ({ stores, pool, within }) => schedule(stores, pool, scalarTiles(stores, pool), within);

const chainLoops = rowsOfChains({ rows: tiledLoops, products: (c) => ({ before: [], loops: (stores, { within }) => tiledLoops({ ...c, stores, within }) }) });

/** Loops of a target that computes one number at a time. */
export const scalarLoops: LoopBuilder = (c) => chainLoops(c) ?? tiledLoops(c);

/**
 * Which loops to unroll, and how far. Unrolling a loop around a fold puts several accumulators into the fold's
 * loop, where they share its loads: for a product of matrices that is a register tile; for a fold over an outer
 * axis it reads neighbouring columns together.
 */
export const scalarTiles: Tiling = (stores, pool) => {
  const shapes = new Map<string, LoopShape>();
  const unroll = (v: LoopVar, copies: number): void => { shapes.set(v.name, { copies, lanes: 1 }); };
  forEachExpr(stores.map((s) => s.value), (e) => {
    if (e.kind !== "reduce" || e.reducer !== "sum" && e.reducer !== "max" && e.reducer !== "min") return;
    const outer = [...pool.freeVars(e).values()].filter((v) => stores.some((s) => s.domain.some((d) => d.name === v.name)));
    const factors = productFactors(e.body);
    if (factors) {
      // a product: the last loop only the left operand has, and the last only the right one has
      const [left, right] = factors.map((f) => pool.freeVars(f));
      const row = outer.filter((v) => left.has(v.name) && !right.has(v.name)).at(-1);
      const column = outer.filter((v) => right.has(v.name) && !left.has(v.name)).at(-1);
      if (row) unroll(row, stores.length > fewStores ? tileRows / 2 : tileRows);
      if (column) unroll(column, tileColumns);
      return;
    }
    const column = outer.at(-1);
    if (column && unitStrideLoads(e.body, column) > 0 && !e.vars.some((v) => unitStrideLoads(e.body, v) > 0)) unroll(column, foldColumns);
  });
  return shapes;
};

/** The two operands, where a fold's body is a plain product of loads. */
function productFactors(body: Expr): readonly [Expr, Expr] | undefined {
  if (body.kind !== "scalar" || body.op !== "mul") return undefined;
  const [a, b] = body.args;
  return a.kind === "load" && b.kind === "load" ? [a, b] : undefined;
}

function unitStrideLoads(e: Expr, v: LoopVar): number {
  let count = 0;
  forEachExpr([e], (x) => { if (x.kind === "load" && strideOf(x.index, v) === 1) count++; });
  return count;
}

/** Step of an index along a loop, where the loop appears plainly. */
export function strideOf(x: Index, v: LoopVar): Index["offset"] | undefined {
  return x.terms.find((t) => t.atom.kind === "var" && t.atom.var.name === v.name)?.stride;
}
