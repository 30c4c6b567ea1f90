import type { Computation } from "../builder.ts";
import type { Stmt } from "../ir.ts";
import { schedule } from "../schedule.ts";
import { packedLoops } from "./pack.ts";
import { chooseWay, shapesOf } from "./plan.ts";
import { findProduct } from "./product.ts";
import { joinFolds } from "./table.ts";
import type { RegisterTile } from "./tile.ts";

export { apart } from "./apart.ts";
export { blockedProduct } from "./blocks.ts";
export { lanes, panelWidth, registerTiles, type VectorBits } from "./tile.ts";

/** The loops of a product on a target with vectors of four; undefined for what is none, or has nothing to put in a vector. */
export function productLoops(c: Computation, tiles: readonly RegisterTile[]): readonly Stmt[] | undefined {
  const product = findProduct(c.stores, c.pool);
  if (!product) return undefined;
  const joined = joinFolds(c, product);
  const stores = joined?.stores ?? c.stores, multiplied = joined ? findProduct(stores, c.pool) : product;
  const way = multiplied && chooseWay(multiplied, stores, tiles);
  if (!multiplied || !way) return undefined;
  const body = way.kind === "packed" ? packedLoops({ ...c, stores }, multiplied, way) : schedule(stores, c.pool, shapesOf(way));
  return body === undefined || typeof body === "string" ? undefined : [...(joined?.tables ?? []), ...body];
}
