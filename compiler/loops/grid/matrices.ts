import { roundF16 } from "../../../ir/types/index.ts";
import { isPicked } from "../halves.ts";
import type { Expr, LoopVar, MatrixGrid } from "../ir.ts";
import { pointsOf, typical } from "./folds.ts";
import type { Product } from "./product.ts";

/**
 * Tiles for products of halves, on a device whose subgroups multiply matrices of them and sum in f32. What the operands
 * are must be halves, so that nothing is rounded that would not be elsewhere: the products are then exact, and the sums
 * differ in their order alone.
 */

/** Rows and columns that a subgroup has: a multiple of those of every matrix that devices have. */
const perSubgroup = 32;
/** Steps of a tile: the same. */
const inner = 32;
/** Workgroups that keep a GPU with such units busy: with fewer of them, tiles are smaller. */
const enoughGroups = 64;

/** Rows and columns of a tile, the largest first. The memory of any device has room for each, those of the largest in halves. */
const choices: readonly Pick<MatrixGrid["tile"], "rows" | "columns">[] = [{ rows: 128, columns: 64 }, { rows: 64, columns: 64 }, { rows: 32, columns: 64 }, { rows: 64, columns: 32 }, { rows: 32, columns: 32 }];

/** How a product is cut for such a device; undefined where its operands are no halves, or less than half of a tile. */
export function matricesOf({ fold, batch, rows, columns }: Product): MatrixGrid | undefined {
  if (fold.body.kind !== "scalar" || !fold.body.args.every((e) => isPicked(e, isF16))) return undefined;
  const [m, n, b, k] = [rows, columns, batch, fold.vars].map((vars) => typical(pointsOf(vars)));
  const fitting = choices.filter((c) => 2 * m > c.rows && 2 * n > c.columns && 2 * k >= inner);
  const tile = fitting.find((c) => Math.ceil(m / c.rows) * Math.ceil(n / c.columns) * b >= enoughGroups) ?? fitting.at(-1);
  const names = (vars: readonly LoopVar[]): string[] => vars.map((v) => v.name);
  return tile && { kind: "matrices", batch: names(batch), rows: names(rows), columns: names(columns), inner: names(fold.vars), tile: { ...tile, inner, perSubgroup } };
}

const isF16 = (e: Expr): boolean =>
  (e.kind === "load" && e.half === "f16") || (e.kind === "const" && Object.is(roundF16(e.value), e.value)) || (e.kind === "scalar" && e.op === "roundF16");
