import type { FusingRules, Computation, LoopBuilder } from "../builder.ts";
import { outerFolds, varsOf, type Fold } from "../folds.ts";
import type { BlockGrid, LoopVar, StoreSpec, Test, TileGrid } from "../ir.ts";
import { forEachExpr } from "../pool.ts";
import { rootsOf, rootsOfStore } from "../roots.ts";
import { schedule } from "../schedule.ts";
import { findChain, type Chain } from "../chain/chain.ts";
import { blockCount, blocksOf } from "./blocks.ts";
import { chainStage } from "./chain.ts";
import { allFolds, pointsOf, readsAlong, typical } from "./folds.ts";
import { matricesOf } from "./matrices.ts";
import { openGrid } from "./nest.ts";
import { productOf, tilesOf, type Product } from "./product.ts";
import { rowLoops } from "./rows.ts";
import { cutRunning, onlyWhere } from "./running.ts";
import { scatterStages } from "./scatter.ts";
import { deferFolds, evenParts, splitFolds, type TwoStages } from "./split.ts";
import { vectorsInside, vectorsOfGrid } from "./vectors.ts";

/**
 * Loops for a GPU: the same loops as elsewhere, of which the outer ones become a grid.
 *
 * A kernel of a GPU cannot wait for all of its own grid. So what the whole grid computes together, a fold over its
 * points, is taken apart: one kernel leaves each point's share in scratch, another folds the shares. What needs the
 * result at every point again cannot be in the same computation (a small one can: one workgroup does it all).
 */
export const gridLoops: LoopBuilder = (c) => {
  if (c.isOrdered) scatterStages(c);
  else {
    const reason = plan(c.stores, c);
    if (reason !== undefined) return reason;
  }
  return [];
};

/** The same for what could be several kernels as well: one that a single workgroup would be long at is refused. */
const fusedGridLoops: LoopBuilder = (c) => (!c.isOrdered && isSolo(c.stores, c) ? "a value of the whole grid is needed at each of its points" : gridLoops(c));

/** Every device that there is WebGPU for lets a kernel touch 8 buffers; one may be needed for reporting an index out of range. */
export const rulesOfGrids: FusingRules = { attempts: fusedGridLoops, maxArguments: 8, mostArguments: 7, hasChains: true, isStaged: true };

/** Points and steps that one workgroup may do alone. */
const soloWork = 16384;
/** Steps of a fold that one invocation does by itself. */
const serialSteps = 16;
const threads = 64;
/** Points of a grid that fill a GPU: with more of them, an invocation may as well have several. */
const manyPoints = 4096;

/** Plans stages for stores, in order; or says why there are none. */
function plan(stores: readonly StoreSpec[], c: Computation): string | undefined {
  const product = productOf(stores, c.pool);
  if (product) return planProduct(product, stores, c);
  const chain = findChain(stores, c.pool);
  if (chain) return planChain(chain, c);
  const { over, running } = gridOf(stores, c);
  const fits = (s: StoreSpec): boolean =>
    over.every((v) => s.domain.some((d) => d.name === v.name)) && foldsOf(s).every((f) => over.every((v) => c.pool.freeVars(f).has(v.name)));

  const cut = running === undefined ? undefined : cutRunning(stores, c);
  if (cut) return plan(cut.totals, c) ?? plan(cut.starts, c) ?? placeThreads(cut.pieces, cut.pieces[0].domain.slice(0, -1), c, cut.tests);
  if (stores.every(fits)) return planRows(stores, over, running !== undefined, c);
  if (workOf(stores) <= soloWork && placeGroups(stores, [], c) === undefined) return undefined;
  return planDeferred(stores, fits, over, c);
}

function planChain(chain: Chain, c: Computation): string | undefined {
  const stage = chainStage(chain, c);
  if (typeof stage === "string") return stage;
  c.stage(stage);
  return undefined;
}

/** Loops whose points are computed each by itself, and that of a running fold. */
function gridOf(stores: readonly StoreSpec[], c: Computation): { over: LoopVar[]; running: string | undefined; isPoint: boolean } {
  const main = stores.reduce((a, b) => (b.domain.length > a.domain.length ? b : a)), running = runningVar(stores);
  return { over: main.domain.filter((v) => v.name !== running && foldsOf(main).every((f) => c.pool.freeVars(f).has(v.name))), running, isPoint: main.domain.length === 0 };
}

/** Whether there is no loop to make a grid of, and yet much to do. */
function isSolo(stores: readonly StoreSpec[], c: Computation): boolean {
  if (productOf(stores, c.pool)) return false;
  const { over, running, isPoint } = gridOf(stores, c);
  return over.length === 0 && !isPoint && running === undefined && workOf(stores) > soloWork;
}

const foldsOf = (s: StoreSpec): Fold[] => outerFolds(rootsOfStore(s));

/** The loop of a running fold: its iterations are in order. */
function runningVar(stores: readonly StoreSpec[]): string | undefined {
  let name: string | undefined;
  forEachExpr(rootsOf(stores), (e) => { if (e.kind === "prefix") name = e.var.name; });
  return name;
}

/** Iterations of the largest nest of the stores, with what they fold. */
function workOf(stores: readonly StoreSpec[]): number {
  return Math.max(...stores.map((s) => typical(pointsOf(s.domain))), ...allFolds(stores).map((f) => typical(pointsOf(varsOf(f)))));
}

const noNest = "a value of the whole grid is needed between two passes over it";

/** One stage, an invocation for each point of the grid; or for each four, where these are neighbours. */
function placeThreads(stores: readonly StoreSpec[], over: readonly LoopVar[], c: Computation, only: readonly Test[] = []): string | undefined {
  const points = typical(pointsOf(over)), isMap = allFolds(stores).length === 0;
  const body = schedule(stores, c.pool, isMap || points >= manyPoints ? vectorsOfGrid(stores, c.pool) : new Map());
  if (typeof body === "string") return body;
  const names = over.map((v) => v.name);
  if (!openGrid(body, names)) return noNest;
  c.stage({ body: onlyWhere(only, body), grid: { kind: "threads", over: names, size: isMap && points >= manyPoints ? 4 * threads : threads } });
  return undefined;
}

/** One stage, in which invocations share each point of the grid. */
function placeGroups(stores: readonly StoreSpec[], over: readonly LoopVar[], c: Computation): string | undefined {
  const names = over.map((v) => v.name), shapes = vectorsInside(stores, over, c.pool);
  const loops = rowLoops(stores, names, shapes, c);
  if (typeof loops === "string") return loops;
  if (!openGrid(loops.body, names)) return noNest;
  const steps = Math.max(1, ...innerLoops(stores, over).map((vars) => typical(pointsOf(vars)) / (shapes.get(vars[0].name)?.lanes ?? 1)));
  c.stage({ ...loops, grid: { kind: "groups", over: names, size: sizeFor(steps) } });
  return undefined;
}

// ---- rows

/** Everything at a point of `over` depends on that point alone: an invocation for each, or a workgroup. */
function planRows(stores: readonly StoreSpec[], over: readonly LoopVar[], isRunning: boolean, c: Computation): string | undefined {
  const rows = typical(pointsOf(over)), inner = innerLoops(stores, over);
  const steps = Math.max(1, ...inner.map((vars) => typical(pointsOf(vars))));
  const names = over.map((v) => v.name);
  const isContiguous = readsAlong(rootsOf(stores), inner.flat());
  const inGroups = !isRunning && steps > serialSteps && (isContiguous || rows < threads);
  const parts = isRunning ? 1 : partsFor(rows, steps, inGroups);
  const folds = splittable(stores, over, c);
  if (parts > 1 && folds) return planSplit(splitFolds(stores, folds, parts, c), c);
  return inGroups ? placeGroups(stores, over, c) : placeThreads(stores, over, c);
}

/** Loops that run inside a point: those of each fold, and what the stores have beyond the grid. */
function innerLoops(stores: readonly StoreSpec[], over: readonly LoopVar[]): (readonly LoopVar[])[] {
  const names = new Set(over.map((v) => v.name));
  const rest = stores.map((s) => s.domain.filter((v) => !names.has(v.name)));
  return [...rest.filter((vars) => vars.length > 0), ...allFolds(stores).map(varsOf)];
}

/** Invocations that share a row of so many steps: eight each, while these are in registers, and not more than a workgroup of many. */
const sizeFor = (steps: number): number => (steps > 4096 ? 1024 : steps > 1024 ? 256 : steps > 256 ? 128 : 32);

/** Into how many pieces to cut folds, so that enough invocations have something to do. */
function partsFor(rows: number, steps: number, inGroups: boolean): number {
  if (inGroups) return rows < 32 && steps >= 16384 ? Math.min(256, Math.ceil(steps / 4096)) : 1;
  return rows < 2048 && steps >= 1024 ? Math.min(64, Math.ceil(4096 / rows)) : 1;
}

/** The folds of the stores, where each is a plain one that can be cut: over elements, used once they are complete. */
function splittable(stores: readonly StoreSpec[], over: readonly LoopVar[], c: Computation): Extract<Fold, { kind: "reduce" }>[] | undefined {
  if (stores.some((s) => s.domain.length !== over.length)) return undefined;
  const folds = allFolds(stores);
  const isPlain = (f: Fold): f is Extract<Fold, { kind: "reduce" }> => f.kind === "reduce" && outerFolds([f.body]).length === 0 && c.pool.freeVars(f).size === over.length;
  return folds.length > 0 && folds.every(isPlain) ? folds : undefined;
}

function planSplit({ first, second }: TwoStages, c: Computation): string | undefined {
  return planRows(first, first[0].domain, false, c) ?? plan(second, c);
}

// ---- folds over the grid itself

/** Some stores fold over the points of the grid: those come in a second stage. */
function planDeferred(stores: readonly StoreSpec[], fits: (s: StoreSpec) => boolean, over: readonly LoopVar[], c: Computation): string | undefined {
  const late = stores.filter((s) => !fits(s));
  const isOfPoint = (f: Fold): boolean => over.every((v) => c.pool.freeVars(f).has(v.name));
  const folds = [...new Set(late.flatMap(foldsOf))].filter((f) => !isOfPoint(f));
  const stages = over.length > 0 ? deferFolds(late, folds, over, c) : undefined;
  if (!stages || !stages.first.every(fits)) return "its folds run over different loops of the grid";
  return planRows([...stores.filter(fits), ...stages.first], over, false, c) ?? plan(stages.second, c);
}

// ---- products

/** Blocks that keep a GPU busy, and steps of a product that are worth a kernel to add up what several invocations have summed. */
const fewBlocks = 1024, longProduct = 128;
/** The same in tiles. */
const fewTiles = 16, longTile = 2048;

function planProduct(product: Product, stores: readonly StoreSpec[], c: Computation): string | undefined {
  const blocks = blocksOf(product, stores[0].domain), grid = blocks ?? tilesOf(product);
  const k = typical(pointsOf(product.fold.vars));
  const parts = evenParts(product.fold, blocks ? partsOfBlocks(blockCount(blocks.block, stores[0].domain), k) : partsOfTiles(product, grid as TileGrid, k));
  if (parts <= 1) return placeProduct(stores, product, grid, c);
  const { first, second } = splitFolds(stores, [product.fold], parts, c);
  const piece = productOf(first, c.pool);
  return (piece ? placeProduct(first, piece, blocksOf(piece, first[0].domain) ?? tilesOf(piece), c) : planRows(first, first[0].domain, false, c)) ?? plan(second, c);
}

const partsOfBlocks = (blocks: number, k: number): number => (blocks >= fewBlocks / 2 ? 1 : Math.min(32, Math.ceil(fewBlocks / blocks), Math.floor(k / longProduct)));

function partsOfTiles({ rows, columns, batch }: Product, { tile }: TileGrid, k: number): number {
  const [m, n, b] = [rows, columns, batch].map((vars) => typical(pointsOf(vars)));
  const tiles = Math.ceil(m / tile.rows) * Math.ceil(n / tile.columns) * b;
  return tiles > fewTiles || k < longTile ? 1 : Math.min(32, Math.ceil(k / 512));
}

function placeProduct(stores: readonly StoreSpec[], product: Product, grid: TileGrid | BlockGrid, c: Computation): string | undefined {
  const body = schedule(stores, c.pool);
  if (typeof body === "string") return body;
  if (!openGrid(body, [...grid.batch, ...grid.rows, ...grid.columns])) return "a product does not run in loops of its own";
  const matrices = matricesOf(product);
  c.stage({ body, grid: matrices ? { ...grid, matrices } : grid });
  return undefined;
}
