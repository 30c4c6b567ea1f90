import { dims, type Dim } from "../../../ir/types/index.ts";
import type { Computation } from "../builder.ts";
import type { Expr, LoopVar, Stmt, StoreSpec } from "../ir.ts";
import { schedule, type LoopShape } from "../schedule.ts";
import { nested } from "../statements.ts";
import { layOut, packing, rewritten, sectionsOf, type Section } from "./panels.ts";
import { collides, type Way } from "./plan.ts";
import { sizeOf, stepAlong, type Product } from "./product.ts";
import { lanes } from "./tile.ts";

/** Rows in full tiles, then what is left: as one tile, or row by row where a symbol says how many. */
function rowTiles(rows: Dim, tileRows: number): { readonly start: Dim; readonly width: number; readonly tiles: Dim }[] {
  const full = dims.floorDiv(rows, tileRows), start = dims.mul(full, tileRows), rest = dims.sub(rows, start);
  const last = typeof rest === "number" ? { start, width: rest, tiles: 1 } : { start, width: 1, tiles: rest };
  return [{ start: 0, width: tileRows, tiles: full }, last].filter(({ width, tiles }) => width > 0 && tiles !== 0);
}

/**
 * Pack, multiply, store: the columns' operand is copied, a group of panels at a time, through its index map to where
 * a tile finds it in order, whatever the map (a transpose, a flipped kernel, padding); then each tile of rows runs
 * over the panels of the group, and what the kernel does with a sum happens as a tile is stored.
 *
 * `product` is that of the stores, `way` one that packs. Undefined where there is no such nest.
 */
export function packedLoops({ stores, pool, scratch }: Computation, product: Product, way: Extract<Way, { kind: "packed" }>): Stmt[] | undefined {
  const { packed, swept, column, row, tile: registers } = way, { vars, dtype } = product.fold, ix = pool.index;
  const sections = sectionsOf(column.extent as number, sizeOf(vars), registers);
  const depth = dims.product(vars.map((v) => v.extent)), step = ix.linear(vars.map((v) => ix.variable(v)), vars.map((v) => v.extent));
  const panel = scratch("panels", dtype, dims.mul(depth, Math.max(...sections.map((s) => s.width * s.panels))));
  const around = [...product.batch, ...packed.own.filter((v) => v !== column)];
  // rows that lie badly, or are halves, are copied too, a tile at a time, before the panels of a group pass over them
  const isCopied = swept.value.kind === "load" && row && (swept.value.half || (typeof row.extent === "number" && stepAlong(swept.value.index, row.name) === 1 && collides(product, swept.value)));
  const rowTile = isCopied ? scratch("rows", dtype, dims.mul(depth, registers.rows)) : undefined;

  const section = (which: Section): readonly Stmt[] | undefined => {
    const panels = layOut(which, column, vars, pool), { to, place, shapes } = panels;
    const open = [...around, ...panels.groups];
    const packs = packing(packed.value, panels, vars, panel, open, pool);
    const operand = pool.make({ kind: "load", dtype, arg: panel, index: place });
    const tiled = rewritten(stores, pool, to, new Map([[packed.value, operand]]));
    const tiling = tile(tiled, pool.substitute(swept.value, to), open, panels.loops, shapes);
    if (typeof packs === "string" || typeof tiling === "string") return undefined;
    return nested(open, [...packs, ...tiling]);
  };

  /** The tiles of all rows, each over the panels of a group. */
  const tile = (list: readonly StoreSpec[], operand: Expr, open: readonly LoopVar[], columns: readonly LoopVar[], shapes: ReadonlyMap<string, LoopShape>): readonly Stmt[] | string => {
    const others = swept.own.filter((v) => v !== row);
    if (rowTile === undefined || !row) {
      const inside = [...others, ...(row ? [row] : []), ...columns];
      const domain = [...open, ...inside];
      return schedule(list.map((s) => ({ ...s, domain })), pool, row ? new Map([...shapes, [row.name, { lanes: 1, copies: registers.rows }]]) : shapes, { open, order: inside.map((v) => v.name) });
    }
    const body: Stmt[] = [];
    for (const { start, width, tiles } of rowTiles(row.extent, registers.rows)) {
      const which: LoopVar = { name: `${row.name}_tile`, extent: tiles }, within: LoopVar = { name: `${row.name}_row`, extent: width };
      const around = [...open, ...others, which];
      const to = new Map([[row.name, ix.add(ix.constant(start), ix.scale(ix.variable(which), width), ix.variable(within))]]);
      const place = ix.add(ix.scale(step, width), ix.variable(within));
      const pack: StoreSpec = { arg: rowTile, domain: [...around, ...vars, within], index: place, value: pool.substitute(operand, to), mode: "set" };
      const shape: LoopShape = width % lanes === 0 ? { lanes, copies: 1 } : { lanes: 1, copies: width };
      const packing = schedule([pack], pool, new Map([[within.name, shape]]), { open: around, whole: true });
      const load = pool.make({ kind: "load", dtype, arg: rowTile, index: place });
      const domain = [...around, ...columns, within];
      const order = [within, ...columns].map((v) => v.name);
      const tiling = schedule(rewritten(list, pool, to, new Map([[operand, load]])).map((s) => ({ ...s, domain })), pool, new Map([...shapes, [within.name, { lanes: 1, copies: width }]]), { open: around, order });
      if (typeof packing === "string") return packing;
      if (typeof tiling === "string") return tiling;
      body.push(...nested([...others, which], [...packing, ...tiling]));
    }
    return body;
  };

  const body: Stmt[] = [];
  for (const s of sections) {
    const part = section(s);
    if (!part) return undefined;
    body.push(...part);
  }
  return body;
}
