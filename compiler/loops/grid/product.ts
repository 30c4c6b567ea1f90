import type { Reduce } from "../folds.ts";
import type { Expr, LoopVar, StoreSpec, TileGrid } from "../ir.ts";
import type { ExprPool } from "../pool.ts";
import { allFolds, pointsOf, typical } from "./folds.ts";

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
const enoughGroups = 8;
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

/** Tiles, the largest first: rows and columns of one, those of an invocation, and how many of them a workgroup has. */
const choices: readonly (Pick<TileGrid, "size"> & Omit<TileGrid["tile"], "inner">)[] = [
  { rows: 128, columns: 64, perThread: [8, 4], size: 256 },
  { rows: 32, columns: 64, perThread: [8, 4], size: 64 },
  { rows: 32, columns: 32, perThread: [8, 2], size: 64 },
  { rows: 32, columns: 16, perThread: [8, 1], size: 64 },
  { rows: 16, columns: 32, perThread: [4, 2], size: 64 },
  { rows: 16, columns: 16, perThread: [4, 1], size: 64 },
];

/** How a product is cut into tiles: large ones, unless that leaves too few workgroups or most of them empty. */
export function tilesOf({ fold, batch, rows, columns }: Product): TileGrid {
  const [m, n, b] = [rows, columns, batch].map((vars) => typical(pointsOf(vars)));
  const fits = (extent: number, tile: number): boolean => extent > tile / 2;
  const groups = (r: number, c: number): number => Math.ceil(m / r) * Math.ceil(n / c) * b;
  const fitting = choices.filter((c) => fits(m, c.rows) && fits(n, c.columns));
  const { size, ...tile } = fitting.find((c) => groups(c.rows, c.columns) >= enoughGroups) ?? fitting.at(-1) ?? choices.at(-1)!;
  const names = (vars: readonly LoopVar[]): string[] => vars.map((v) => v.name);
  return {
    kind: "tiles", batch: names(batch), rows: names(rows), columns: names(columns), inner: names(fold.vars), size,
    tile: { ...tile, inner: innerSteps },
  };
}
