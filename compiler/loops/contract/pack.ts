import { dims, type Dim } from "../../../ir/types/index.ts";
import type { Computation } from "../builder.ts";
import type { Expr, LoopVar, Stmt, StoreSpec } from "../ir.ts";
import { schedule, type LoopShape } from "../schedule.ts";
import { nested } from "../statements.ts";
import { layOut, packing, rewritten, sectionsOf, type Section } from "./panels.ts";
import { copiesRows, liesAlong, type Way } from "./plan.ts";
import { sizeOf, stepAlong, type Product } from "./product.ts";
import { fillLoops, stagingLoops, type Staged } from "./staged.ts";
import { lanes } from "./tile.ts";

/** Rows in full tiles, then what is left: as one tile, or row by row where a symbol says how many. Each with its loops: over tiles, and over the rows of one. */
function rowTiles({ name, extent }: LoopVar, tileRows: number): { readonly start: Dim; readonly tile: LoopVar; readonly within: LoopVar; readonly width: number }[] {
  const full = dims.floorDiv(extent, tileRows), start = dims.mul(full, tileRows), rest = dims.sub(extent, start);
  const last = typeof rest === "number" ? { start, width: rest, tiles: 1, of: "rest" } : { start, width: 1, tiles: rest, of: "rest" };
  return [{ start: 0, width: tileRows, tiles: full, of: "tile" }, last].filter(({ width, tiles }) => width > 0 && tiles !== 0)
    .map(({ start, width, tiles, of }) => ({ start, width, tile: { name: `${name}_${of}`, extent: tiles }, within: { name: `${name}_in_${of}`, extent: width } }));
}

/**
 * Pack, multiply, store: the columns' operand is copied, a group of panels at a time, through its index map to where
 * a tile finds it in order, whatever the map (a transpose, a flipped kernel, padding); then each tile of rows runs
 * over the panels of the group, and what the kernel does with a sum happens as a tile is stored.
 *
 * `product` is that of the stores, `way` one that packs, `staged` what is staged image by image of the operand with the rows. Undefined where there is no such nest.
 */
export function packedLoops({ stores, pool, scratch, within }: Computation, product: Product, way: Extract<Way, { kind: "packed" }>, staged?: Staged): Stmt[] | undefined {
  const { packed, swept, column, row, tile: registers } = way, { vars, dtype } = product.fold, ix = pool.index;
  const sections = sectionsOf(column.extent as number, sizeOf(vars), registers);
  const depth = dims.product(vars.map((v) => v.extent)), step = ix.linear(vars.map((v) => ix.variable(v)), vars.map((v) => v.extent));
  const panel = scratch("panels", dtype, dims.mul(depth, Math.max(...sections.map((s) => s.width * s.panels))));
  const outside = within?.open ?? [], isInside = (v: LoopVar): boolean => !outside.some((o) => o.name === v.name);
  const around = [...product.batch, ...packed.own.filter((v) => v !== column)].filter(isInside);
  const isInRows = liesAlong(swept, vars.at(-1)!);
  const rowTile = row && copiesRows(product, swept, row) ? scratch("rows", dtype, dims.mul(depth, registers.rows)) : undefined;

  const section = (which: Section): readonly Stmt[] | undefined => {
    const panels = layOut(which, column, vars, pool), { to, place, shapes } = panels;
    const open = [...outside, ...around, ...panels.groups];
    const packs = packing(packed.value, panels, vars, panel, open, pool);
    const operand = pool.make({ kind: "load", dtype, arg: panel, index: place });
    const tiled = rewritten(stores, pool, to, new Map([[packed.value, operand]]));
    const tiling = staged ? imageByImage(staged, open, (within) => tile(tiled, swept.value, within, panels.loops, shapes)) : tile(tiled, swept.value, open, panels.loops, shapes);
    if (typeof packs === "string" || typeof tiling === "string") return undefined;
    return nested(open.filter(isInside), [...packs, ...tiling]);
  };

  /** The tiles of all rows, each over the panels of a group. */
  const tile = (list: readonly StoreSpec[], operand: Expr, open: readonly LoopVar[], columns: readonly LoopVar[], shapes: ReadonlyMap<string, LoopShape>): readonly Stmt[] | string => {
    const others = swept.own.filter((v) => v !== row && !open.some((o) => o.name === v.name));
    if (rowTile === undefined || !row) {
      const inside = [...others, ...(row ? [row] : []), ...columns];
      const domain = [...open, ...inside];
      return schedule(list.map((s) => ({ ...s, domain })), pool, row ? new Map([...shapes, [row.name, { lanes: 1, copies: registers.rows }]]) : shapes, { open, order: inside.map((v) => v.name) });
    }
    const body: Stmt[] = [];
    for (const { start, width, tile: which, within } of rowTiles(row, registers.rows)) {
      const around = [...open, ...others, which];
      const to = new Map([[row.name, ix.add(ix.constant(start), ix.scale(ix.variable(which), width), ix.variable(within))]]);
      // vectors of them lie along a row, or across the rows of the tile
      const place = isInRows ? ix.add(ix.scale(ix.variable(within), depth), step) : ix.add(ix.scale(step, width), ix.variable(within));
      const pack: StoreSpec = { arg: rowTile, domain: [...around, ...(isInRows ? [within, ...vars] : [...vars, within])], index: place, value: pool.substitute(operand, to), mode: "set" };
      const shape: LoopShape = isInRows ? { lanes, copies: registers.vectors } : width % lanes === 0 ? { lanes, copies: 1 } : { lanes: 1, copies: width };
      const packing = schedule([pack], pool, new Map([[pack.domain.at(-1)!.name, shape]]), { open: around, whole: true });
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

  /** The tiles of each image, after it is staged. */
  const imageByImage = (staged: Staged, open: readonly LoopVar[], tiles: (open: readonly LoopVar[]) => readonly Stmt[] | string): readonly Stmt[] | string => {
    const image = staged.images!.loop, tiling = tiles([...open, image]);
    return typeof tiling === "string" ? tiling : nested([image], [...stagingLoops(staged, open, pool), ...tiling]);
  };

  const body: Stmt[] = staged ? [...fillLoops(staged, pool)] : [];
  for (const s of sections) {
    const part = section(s);
    if (!part) return undefined;
    body.push(...part);
  }
  return body;
}
