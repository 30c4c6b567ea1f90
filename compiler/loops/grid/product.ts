import type { Expr, LoopVar, StoreSpec, TileGrid } from "../ir.ts";
import type { ExprPool } from "../pool.ts";
import { allFolds, pointsOf, typical } from "./folds.ts";

type Reduce = Extract<Expr, { kind: "reduce" }>;

/** A product of two operands that is worth tiling: the loops by their part in it. */
export interface Product {
  readonly fold: Reduce;
  readonly batch: readonly LoopVar[];
  readonly rows: readonly LoopVar[];
  readonly columns: readonly LoopVar[];
}

/** Rows, columns and steps that a product must have at least to fill a good part of a tile. */
const leastRows = 8, leastInner = 8;
/** Workgroups that keep a GPU busy: with fewer of them, tiles are smaller. */
const enoughGroups = 64;
const threadsAcross = 16;
const innerSteps = 16;

/** The product that stores are made of, if they are: one sum of products of two operands, over the loops of every store. */
export function productOf(stores: readonly StoreSpec[], pool: ExprPool): Product | undefined {
  const folds = allFolds(stores);
  const [fold] = folds;
  if (folds.length !== 1 || fold.kind !== "reduce" || fold.reducer !== "sum" || fold.body.kind !== "scalar" || fold.body.op !== "mul") return undefined;
  const [left, right] = fold.body.args.map((a) => pool.freeVars(a));
  const outer = stores[0].domain, frame = pool.freeVars(fold);
  if (stores.some((s) => s.domain.length !== frame.size || s.domain.some((v) => !frame.has(v.name)))) return undefined;
  const batch = outer.filter((v) => left.has(v.name) && right.has(v.name));
  const rows = outer.filter((v) => left.has(v.name) && !right.has(v.name));
  const columns = outer.filter((v) => right.has(v.name) && !left.has(v.name));
  if (typical(pointsOf(rows)) < leastRows || typical(pointsOf(columns)) < leastRows || typical(pointsOf(fold.vars)) < leastInner) return undefined;
  return { fold, batch, rows, columns };
}

/** How a product is cut into tiles: large ones, unless that leaves too few workgroups or most of them empty. */
export function tilesOf({ fold, batch, rows, columns }: Product): TileGrid {
  const [m, n, b] = [rows, columns, batch].map((vars) => typical(pointsOf(vars)));
  const fits = (extent: number, tile: number): boolean => extent > tile / 2;
  const groups = (r: number, c: number): number => Math.ceil(m / r) * Math.ceil(n / c) * b;
  const choices = [[64, 64], [64, 32], [32, 64], [32, 32], [32, 16], [16, 32], [16, 16]].filter(([r, c]) => fits(m, r) && fits(n, c));
  const [tileRows, tileColumns] = choices.find(([r, c]) => groups(r, c) >= enoughGroups) ?? choices.at(-1) ?? [16, 16];
  const names = (vars: readonly LoopVar[]): string[] => vars.map((v) => v.name);
  return {
    kind: "tiles", batch: names(batch), rows: names(rows), columns: names(columns), inner: names(fold.vars), size: threadsAcross * threadsAcross,
    tile: { rows: tileRows, columns: tileColumns, inner: innerSteps, perThread: [tileRows / threadsAcross, tileColumns / threadsAcross] },
  };
}
