import { dims } from "../../../ir/types/index.ts";
import type { Computation } from "../builder.ts";
import type { BlockedProduct, ProductLoops } from "../chain/rows.ts";
import type { LoopVar, Stmt, StoreSpec } from "../ir.ts";
import { schedule, type LoopShape } from "../schedule.ts";
import { scalarTiles } from "../tile.ts";
import { layOut, packing, rewritten, sectionsOf } from "./panels.ts";
import { chooseWay, shapesOf, type Way } from "./plan.ts";
import { findProduct, sizeOf } from "./product.ts";
import type { RegisterTile } from "./tile.ts";

/**
 * A product of which a few rows are computed at a time, on a target with vectors of four: the way is chosen for all rows,
 * and what it packs is packed once, all panels beside each other.
 */
export const blockedProduct = (tiles: readonly RegisterTile[]) => (c: Computation, loops: ProductLoops): BlockedProduct => {
  const product = findProduct(c.stores, c.pool), way = product && chooseWay(product, c.stores, tiles, loops.column);
  if (!way) return { before: [], loops: (stores, { within }) => schedule(stores, c.pool, scalarTiles(stores, c.pool), within) };
  if (way.kind === "packed") return packedBlocks(c, way, product.fold.vars, loops);
  return {
    before: [],
    loops: (stores, { rows, within }) => schedule(stores, c.pool, shapesOf(way.kind === "direct" ? { ...way, row: rows } : { ...way, row: rows, column: loops.column }), within),
  };
};

function packedBlocks({ pool, scratch }: Computation, { packed, column, tile: registers }: Extract<Way, { kind: "packed" }>, vars: readonly LoopVar[], { around }: ProductLoops): BlockedProduct {
  const columns = column.extent as number, depth = dims.product(vars.map((v) => v.extent)), { dtype } = packed.value;
  const arg = scratch("panels", dtype, dims.mul(depth, columns));
  const sections = sectionsOf(columns, sizeOf(vars), registers, Infinity).map((section) => {
    const panels = layOut(section, column, vars, pool);
    // one section's panels behind another's
    return { ...panels, place: pool.index.shift(panels.place, dims.mul(depth, section.start)) };
  });
  const before = sections.flatMap((panels): readonly Stmt[] => {
    const loops = packing(packed.value, panels, vars, arg, around, pool);
    if (typeof loops === "string") throw new Error(`internal: a copy has no loops: ${loops}`);
    return loops;
  });
  return {
    before,
    loops: (list, { rows, within }) => {
      const body: Stmt[] = [];
      for (const { to, place, shapes, loops } of sections) {
        const operand = pool.make({ kind: "load", dtype, arg, index: place });
        const inside = [...(rows ? [rows] : []), ...loops], domain = [...within.open ?? [], ...inside];
        const tiled = rewritten(list, pool, to, new Map([[packed.value, operand]])).map((s): StoreSpec => ({ ...s, domain }));
        const tile = new Map<string, LoopShape>(rows ? [...shapes, [rows.name, { lanes: 1, copies: registers.rows }]] : shapes);
        const part = schedule(tiled, pool, tile, { ...within, order: inside.map((v) => v.name) });
        if (typeof part === "string") return part;
        body.push(...part);
      }
      return body;
    },
  };
}
