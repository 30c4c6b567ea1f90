import { dims } from "../../../ir/types/index.ts";
import type { Computation } from "../builder.ts";
import { collapseLoops } from "../collapse.ts";
import type { Expr, StoreSpec } from "../ir.ts";
import { forEachExpr } from "../pool.ts";
import { findProduct } from "./product.ts";

/** Memory that an epilogue goes through where it is better done apart: more than stays in a second cache. */
const farBytes = 512 * 1024;
/** Buffers as large as the product, read or written: fewer are there by the time a tile is stored. */
const manyBuffers = 4;

/** A product, and what is done with its sums. */
export interface Apart {
  readonly sums: Computation;
  readonly rest: Computation;
}

/**
 * An optimizer's update in the store of a gradient reads and writes the weight and its moments, which lie in no cache: a
 * few numbers of each at every tile, and the tile waits for all of them. After the product they are read in order, ahead
 * of being needed. The sums are kept in scratch until then. Undefined where the epilogue is none of that kind.
 */
export function apart(c: Computation): Apart | undefined {
  const { stores, pool, scratch } = c, { index: ix } = pool, product = findProduct(stores, pool);
  if (!product) return undefined;
  const { fold } = product, [{ domain }] = stores, size = dims.product(domain.map((v) => v.extent));
  if (typeof size !== "number") return undefined;
  const loads = new Set<Expr>();
  forEachExpr(stores.map((s) => s.value), (e) => { if (e.kind === "load" && pool.freeVars(e).size === domain.length) loads.add(e); }, (e) => e === fold);
  const buffers = loads.size + stores.length;
  if (buffers < manyBuffers || buffers * size * 4 < farBytes) return undefined;
  const at = ix.linear(domain.map((v) => ix.variable(v)), domain.map((v) => v.extent)), arg = scratch("sums", fold.dtype, size);
  const kept = pool.make({ kind: "load", dtype: fold.dtype, arg, index: at });
  const rest = stores.map((s): StoreSpec => ({ ...s, value: pool.rewrite(s.value, new Map(), (e) => (e === fold ? kept : undefined), new Map()) }));
  return { sums: { ...c, stores: [{ arg, domain, index: at, value: fold, mode: "set" }] }, rest: { ...c, stores: collapseLoops(rest, pool) } };
}
