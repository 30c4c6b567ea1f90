import type { Computation, LoopBuilder } from "../builder.ts";
import type { LoopVar, Stmt, StoreSpec } from "../ir.ts";
import { schedule, type Within } from "../schedule.ts";
import { nested } from "../statements.ts";
import { packedLoops } from "./pack.ts";
import { chooseWay, shapesOf, type Way } from "./plan.ts";
import { findProduct, type Product } from "./product.ts";
import { isComputedOnce } from "./prologue.ts";
import { fillLoops, stageWindows, stagingLoops, type Staged } from "./staged.ts";
import { joinFolds } from "./table.ts";
import type { RegisterTile } from "./tile.ts";

export { apart } from "./apart.ts";
export { blockedProduct } from "./blocks.ts";
export { lanes, panelWidth, registerTiles, type VectorBits } from "./tile.ts";

/** How a product is computed: the way, what is staged for it, and its stores in their form for both. */
interface Plan {
  readonly first: Computation;
  readonly staged: Staged | undefined;
  readonly tables: readonly Stmt[];
  readonly c: Computation;
  readonly product: Product;
  readonly way: Way | undefined;
}

function plan(c: Computation, tiles: readonly RegisterTile[]): Plan | undefined {
  const given = findProduct(c.stores, c.pool);
  if (!given) return undefined;
  const staged = stageWindows(c, given), first = staged ? { ...c, stores: staged.stores } : c;
  const joined = joinFolds(first, staged ? findProduct(first.stores, c.pool, staged.images)! : given);
  const stores = joined?.stores ?? first.stores, product = findProduct(stores, c.pool, staged?.images)!;
  return { first, staged, tables: joined?.tables ?? [], c: { ...c, stores }, product, way: chooseWay(product, stores, tiles) };
}

/**
 * The loops of a product on a target with vectors of four; undefined for what is none, or has nothing to put in a vector.
 * Where windows slide over an operand that is computed, it is staged, also where `otherwise` has to make the product's loops.
 */
export function productLoops(given: Computation, tiles: readonly RegisterTile[], otherwise: LoopBuilder): readonly Stmt[] | undefined {
  const found = plan(given, tiles);
  if (!found) return undefined;
  const { c, first, product, way, staged, tables } = found;
  if (!way && !staged) return undefined;
  const body = way ? loopsOf(c, product, way, staged) : stagedFirst(staged!, c, (within) => otherwise({ ...first, stores: inside(first.stores, within.open), within }));
  return body === undefined || typeof body === "string" ? undefined : [...tables, ...body];
}

/** Whether what a product's operands are computed of can be computed in its kernel: about once, as they are staged or packed. */
export function packsOperands(given: Computation, tiles: readonly RegisterTile[]): boolean {
  const found = plan(given, tiles);
  if (!found) return false;
  const { product: { sides }, way, product } = found;
  return sides.every(({ value }) => value.kind === "load") || (way?.kind === "packed" && isComputedOnce(product, way));
}

function loopsOf(c: Computation, product: Product, way: Way, staged: Staged | undefined): readonly Stmt[] | string | undefined {
  // what all images are multiplied with is packed once
  if (staged?.images && way.kind === "packed" && !way.packed.isOfImage) return packedLoops(c, product, way, staged);
  const loops = (within: Within): readonly Stmt[] | string | undefined => {
    const stores = inside(c.stores, within.open);
    return way.kind === "packed" ? packedLoops({ ...c, stores, within }, product, way) : schedule(stores, c.pool, shapesOf(way), within);
  };
  return staged ? stagedFirst(staged, c, loops) : loops({});
}

/** Loops of a product, image by image, each after its operand is staged. */
function stagedFirst(staged: Staged, { pool }: Computation, loops: (within: Within) => readonly Stmt[] | string | undefined): readonly Stmt[] | string | undefined {
  const open = staged.images ? [staged.images.loop] : [], body = loops({ open });
  return body === undefined || typeof body === "string" ? body : [...fillLoops(staged, pool), ...nested(open, [...stagingLoops(staged, [], pool), ...body])];
}

/** Stores whose outermost loops are those that are open around them. */
const inside = (stores: readonly StoreSpec[], open: readonly LoopVar[] = []): readonly StoreSpec[] => stores.map((s) => ({ ...s, domain: [...open, ...s.domain.filter((v) => !open.some((o) => o.name === v.name))] }));
