import type { Dim } from "../../ir/types/index.ts";
import { visitIndex } from "./affine.ts";
import type { Computation, LoopBuilder } from "./builder.ts";
import { costReaches, ownCost } from "./cost.ts";
import { rowsOfChains } from "./chain/rows.ts";
import { apart, blockedProduct, lanes, packsOperands, productLoops, registerTiles, type VectorBits } from "./contract/index.ts";
import { cutLoops } from "./cut.ts";
import { markExponents } from "./exponents.ts";
import type { Reduce } from "./folds.ts";
import type { Expr, Index, LoopVar, Stmt, StoreSpec } from "./ir.ts";
import { forEachExpr, type ExprPool } from "./pool.ts";
import { hasDoubles, rootsOf } from "./roots.ts";
import { schedule, type LoopShape, type Tiling } from "./schedule.ts";
import { keepingRows } from "./stash.ts";
import { scalarLoops, strideOf } from "./tile.ts";
import { shapesToTranspose } from "./transposes.ts";
import { unrollShortFolds } from "./unroll.ts";

/** Independent accumulators that hide the latency of an addition. */
const foldCopies = 4;
/** Vectors of columns that a fold over rows keeps at once. */
const foldColumns = 2;

/** Loops of a target with vectors of four, which the engine may join in pairs: so many bits. f64 does not fit and stays scalar. */
export function vectorLoops(bits: VectorBits): LoopBuilder {
  const tiles = registerTiles[bits];
  const rowLoops = keepingRows(({ stores, pool, within }) => schedule(stores, pool, tileForVectors(bits)(stores, pool), within));
  const chainLoops = rowsOfChains({ rows: (c) => rowLoops(unrollShortFolds(c)), products: blockedProduct(tiles) });
  /** Loops of a product whose epilogue is better done after it. */
  const updateLoops = (c: Computation): readonly Stmt[] | undefined => {
    const parts = apart(c), sums = parts && productLoops(parts.sums, tiles, rowLoops), rest = parts && rowLoops(parts.rest);
    return sums && rest && typeof rest !== "string" ? [...sums, ...rest] : undefined;
  };
  const restLoops: LoopBuilder = (c) => rowLoops(unrollShortFolds(c));
  return (given) => {
    if (hasDoubles(given.stores)) return scalarLoops(given);
    const c = { ...given, stores: markExponents(given.stores, given.pool) };
    const cut = cutLoops(c);
    return chainLoops(c) ?? updateLoops(cut) ?? productLoops(cut, tiles, restLoops) ?? restLoops(cut);
  };
}

/** Says whether what a product's operands are computed of can be in its kernel. */
export const packedOperands = (bits: VectorBits): LoopBuilder => (c) => {
  if (hasDoubles(c.stores)) return "doubles are in no vectors";
  const cut = cutLoops(c);
  return packsOperands(apart(cut)?.sums ?? cut, registerTiles[bits]) ? [] : "its operand would be computed again for each of its products";
};

/**
 * Shapes of loops on a target with vectors of four.
 *
 * One loop of a kernel steps in vectors: for folds, the folded axis where it is contiguous, else the innermost loop of the stores; for a
 * map, its innermost loop.
 */
const tileForVectors = (bits: VectorBits): Tiling => (stores, pool) => {
  const shapes = new Map<string, LoopShape>();
  const folds = foldsIn(stores);
  for (const f of folds) {
    const v = f.vars.at(-1);
    if (v && steps(f.body, v) && vectorReducers.has(f.reducer)) shapes.set(v.name, { lanes, copies: foldCopies });
  }
  for (const s of stores) {
    const v = s.domain.at(-1);
    if (!v || strideOf(s.index, v) !== 1 || shapes.has(v.name)) continue;
    const inside = folds.filter((f) => pool.freeVars(f).has(v.name));
    // folds that run inside this loop become folds of vectors, unless they are that along their own
    if (inside.some((f) => f.vars.some((r) => shapes.has(r.name)))) continue;
    if (inside.length > 0) shapes.set(v.name, { lanes, copies: foldColumns });
    else {
      const shape = { lanes, copies: mapCopies(stores, v, bits, pool), overlap: isShortRow(stores, v) };
      const transposing = folds.length > 0 || stores.length > 1 || isLong([s.value]) ? undefined : shapesToTranspose(s.value, s.domain, v, shape);
      for (const [name, x] of transposing ?? [[v.name, shape]]) shapes.set(name, x);
    }
  }
  return shapes;
};

/**
 * Values that a step of a loop computes side by side: their latencies hide each other. An elementary function is a long
 * chain of dependent steps, and takes more of them; with two, there are too few registers for more. What costs more than
 * so many additions has work enough for itself, and would only be long.
 */
const mapValues = 4, chainValues = 8, costOfChain = 10, costOfChains = 40, costToCopy = 64;
/** A loop of fewer elements would hardly run in such steps. */
const leastForChains = 4 * chainValues * lanes;

/** Two at least where the engine joins pairs. */
function mapCopies(stores: readonly StoreSpec[], v: LoopVar, bits: VectorBits, pool: ExprPool): number {
  const along = stores.filter((s) => s.domain.at(-1)?.name === v.name), values = along.map((s) => s.value), least = bits / (32 * lanes);
  if (isLong(values)) return least;
  return Math.max(least, Math.floor((isChain(values, v, pool) ? chainValues : mapValues) / along.length));
}

/** Whether each step of a loop takes one elementary function. */
function isChain(values: readonly Expr[], v: LoopVar, pool: ExprPool): boolean {
  let cost = 0;
  forEachExpr(values, (e) => { if (ownCost(e) >= costOfChain && pool.freeVars(e).has(v.name)) cost += ownCost(e); }, (e) => e.kind === "reduce");
  return cost > 0 && cost < costOfChains && !(typeof v.extent === "number" && v.extent < leastForChains);
}

const isLong = (values: readonly Expr[]): boolean => costReaches(costToCopy + 1, values);

/** Rows of few vectors, where what is left over would take as long as all of them. Long ones stay as they are: they may be computed in place. */
const isShortRow = (stores: readonly StoreSpec[], v: LoopVar): boolean =>
  typeof v.extent === "number" && v.extent <= shortRow && stores.every((s) => s.mode === "set" && s.domain.length > 1 && s.domain.at(-1)!.name === v.name);
const shortRow = 64;

const vectorReducers = new Set(["sum", "max", "min", "prod"]);

function foldsIn(stores: readonly StoreSpec[]): Reduce[] {
  const found: Reduce[] = [];
  forEachExpr(rootsOf(stores), (e) => { if (e.kind === "reduce") found.push(e); });
  return found;
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
