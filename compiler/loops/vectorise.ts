import type { Dim } from "../../ir/types/index.ts";
import { visitIndex } from "./affine.ts";
import type { LoopBuilder } from "./builder.ts";
import type { Expr, Index, LoopVar, StoreSpec } from "./ir.ts";
import { forEachExpr, type ExprPool } from "./pool.ts";
import { schedule, type LoopShape, type Tiling } from "./schedule.ts";
import { productFactors, strideOf } from "./tile.ts";

/** Elements of a 128-bit vector of f32 or i32. */
const lanes = 4;
/** Independent accumulators that hide the latency of an addition. */
const foldCopies = 4;
/** Rows and vectors of columns of a register tile: 8 accumulators, 2 + 4 operands fit the 16 registers of x64 and ARM. */
const tileRows = 4, tileVectors = 2;

/** Loops of a target with vectors of four. */
export const vectorLoops: LoopBuilder = ({ stores, pool }) => schedule(stores, pool, tileForVectors(stores, pool));

/**
 * Shapes of loops on a target with vectors of four.
 *
 * One loop of a kernel steps in vectors: for a product, the columns where they lie side by side in memory, else the
 * folded axis; for other folds, the folded axis where it is contiguous, else the innermost loop of the stores; for a
 * map, its innermost loop. f64 does not fit and stays scalar.
 */
const tileForVectors: Tiling = (stores, pool) => {
  const shapes = new Map<string, LoopShape>();
  if (hasDoubles(stores)) return shapes;
  const folds = foldsIn(stores);
  const product = folds.find((f) => productFactors(f.body));
  if (product) {
    shapeProduct(product, stores, pool, shapes);
    if (shapes.size > 0) return shapes;
  }
  for (const f of folds) {
    const v = f.vars.at(-1);
    if (v && steps(f.body, v) && vectorReducers.has(f.reducer)) shapes.set(v.name, { lanes, copies: foldCopies });
  }
  for (const s of stores) {
    const v = s.domain.at(-1);
    if (!v || strideOf(s.index, v) !== 1 || shapes.has(v.name)) continue;
    const inside = folds.filter((f) => pool.freeVars(f).has(v.name));
    // folds that run inside this loop become folds of vectors: then the fold's own loop steps singly
    for (const f of inside) for (const r of f.vars) shapes.delete(r.name);
    shapes.set(v.name, { lanes, copies: inside.length > 0 ? tileVectors : 1 });
  }
  return shapes;
};

const vectorReducers = new Set(["sum", "max", "min", "prod"]);
type Fold = Extract<Expr, { kind: "reduce" }>;

function foldsIn(stores: readonly StoreSpec[]): Fold[] {
  const found: Fold[] = [];
  forEachExpr(rootsOf(stores), (e) => { if (e.kind === "reduce") found.push(e); });
  return found;
}

function shapeProduct(fold: Fold, stores: readonly StoreSpec[], pool: ExprPool, shapes: Map<string, LoopShape>): void {
  const [a, b] = productFactors(fold.body)!;
  const outer = [...pool.freeVars(fold).values()].filter((v) => stores.every((s) => s.domain.some((d) => d.name === v.name)));
  const [left, right] = [pool.freeVars(a), pool.freeVars(b)];
  const row = outer.filter((v) => left.has(v.name) && !right.has(v.name)).at(-1);
  const column = outer.filter((v) => right.has(v.name) && !left.has(v.name)).at(-1);
  const stride = (e: Expr, v: LoopVar): Dim | undefined => (e.kind === "load" ? strideOf(e.index, v) : undefined);
  if (column && stride(b, column) === 1 && stores.every((s) => strideOf(s.index, column) === 1)) {
    shapes.set(column.name, { lanes, copies: tileVectors });
    if (row) shapes.set(row.name, { lanes: 1, copies: tileRows });
    return;
  }
  if (row && stride(a, row) === 1 && stores.every((s) => strideOf(s.index, row) === 1)) {
    shapes.set(row.name, { lanes, copies: tileVectors });
    if (column) shapes.set(column.name, { lanes: 1, copies: tileRows });
    return;
  }
  const k = fold.vars.at(-1);
  if (fold.vars.length === 1 && k && stride(a, k) === 1 && stride(b, k) === 1) {
    shapes.set(k.name, { lanes, copies: 1 });
    if (row) shapes.set(row.name, { lanes: 1, copies: tileRows });
    if (column) shapes.set(column.name, { lanes: 1, copies: tileVectors });
  }
}

/** Whether an expression's loads along a loop are neighbours, or the same element. */
function steps(e: Expr, v: LoopVar): boolean {
  let ok = true, moves = false;
  forEachExpr([e], (x) => {
    if (x.kind !== "load") return;
    const s = strideOf(x.index, v);
    if (s === 1) moves = true;
    else if (dependsOn(x.index, v)) ok = false;
  });
  return ok && moves;
}

function dependsOn(x: Index, v: LoopVar): boolean {
  let found = false;
  visitIndex(x, (u) => { found ||= u.name === v.name; }, () => {});
  return found;
}

function hasDoubles(stores: readonly StoreSpec[]): boolean {
  let found = false;
  forEachExpr(rootsOf(stores), (e) => { found ||= e.dtype === "f64"; });
  return found;
}

function rootsOf(stores: readonly StoreSpec[]): Expr[] {
  const roots = stores.map((s) => s.value);
  for (const s of stores) visitIndex(s.index, () => {}, (e) => roots.push(e));
  return roots;
}

