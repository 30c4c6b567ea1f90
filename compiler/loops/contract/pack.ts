import { dims } from "../../../ir/types/index.ts";
import type { Computation } from "../builder.ts";
import type { Expr, Index, LoopVar, Stmt, StoreSpec } from "../ir.ts";
import type { ExprPool } from "../pool.ts";
import { schedule, type LoopShape } from "../schedule.ts";
import { collides, lanes, panelWidth, tileRows, type Way } from "./plan.ts";
import { sizeOf, stepAlong, type Product } from "./product.ts";

/** Columns of a product that are computed alike: groups of panels of `width` columns, the first from column `start`. */
interface Section {
  readonly start: number;
  readonly width: number;
  readonly groups: number;
  readonly panels: number;
}

/** Bytes of a group of panels: it stays in the second cache while the rows pass by. */
const groupBytes = 256 * 1024;

/** Full panels in groups, then one of a single vector, then the columns that are left. */
function sectionsOf(columns: number, depth: number): Section[] {
  const sections: Section[] = [];
  const most = Math.max(1, Math.floor(groupBytes / (4 * panelWidth * depth)));
  let start = 0;
  const add = (width: number, groups: number, panels: number): void => {
    if (groups * panels * width === 0) return;
    sections.push({ start, width, groups, panels });
    start += width * groups * panels;
  };
  // an even number of groups, where there are several: two threads have as many each
  const full = Math.floor(columns / panelWidth), least = Math.ceil(full / most), groups = least > 1 ? least + (least % 2) : least, panels = groups === 0 ? 0 : Math.ceil(full / groups);
  const whole = panels === 0 ? 0 : Math.floor(full / panels);
  add(panelWidth, whole, panels);
  add(panelWidth, 1, full - whole * panels);
  add(lanes, 1, Math.floor(columns % panelWidth / lanes));
  add(columns % lanes, 1, 1);
  return sections;
}

/** Statements within loops whose iterations are independent. */
const nested = (vars: readonly LoopVar[], body: readonly Stmt[]): readonly Stmt[] =>
  vars.reduceRight<readonly Stmt[]>((inner, v) => [{ kind: "loop", var: v, step: 1, lanes: 1, resume: false, reverse: false, parallel: true, body: inner }], body);

/** Stores with loop variables and operands replaced. */
const rewritten = (stores: readonly StoreSpec[], pool: ExprPool, to: ReadonlyMap<string, Index>, operands: ReadonlyMap<Expr, Expr>): StoreSpec[] =>
  stores.map((s) => ({
    ...s,
    index: pool.index.substitute(s.index, to, (e) => pool.substitute(e, to)),
    value: pool.rewrite(s.value, to, (e) => operands.get(e), new Map()),
  }));

/**
 * Pack, multiply, store: the columns' operand is copied, a group of panels at a time, through its index map to where
 * a tile finds it in order, whatever the map (a transpose, a flipped kernel, padding); then each tile of rows runs
 * over the panels of the group, and what the kernel does with a sum happens as a tile is stored.
 *
 * `product` is that of the stores, `way` one that packs. Undefined where there is no such nest.
 */
export function packedLoops({ stores, pool, scratch }: Computation, product: Product, way: Extract<Way, { kind: "packed" }>): Stmt[] | undefined {
  const { packed, swept, column, row } = way, { vars, dtype } = product.fold, ix = pool.index;
  const sections = sectionsOf(column.extent as number, sizeOf(vars));
  const depth = dims.product(vars.map((v) => v.extent)), step = ix.linear(vars.map((v) => ix.variable(v)), vars.map((v) => v.extent));
  const panel = scratch("panels", dtype, dims.mul(depth, Math.max(...sections.map((s) => s.width * s.panels))));
  const around = [...product.batch, ...packed.own.filter((v) => v !== column)];
  // rows that lie badly are copied too, a tile at a time, before the panels of a group pass over them
  const isCopied = swept.value.kind === "load" && typeof row?.extent === "number" && stepAlong(swept.value.index, row.name) === 1 && collides(product, swept.value);
  const rowTile = isCopied ? scratch("rows", dtype, dims.mul(depth, tileRows)) : undefined;

  const section = ({ start, width, groups, panels }: Section): readonly Stmt[] | undefined => {
    const group: LoopVar = { name: `${column.name}_group`, extent: groups }, inGroup: LoopVar = { name: `${column.name}_panel`, extent: panels };
    const lane: LoopVar = { name: `${column.name}_lane`, extent: width };
    const counted = (v: LoopVar, stride: number) => (v.extent === 1 ? ix.constant(0) : ix.scale(ix.variable(v), stride));
    const loops = (...list: LoopVar[]): LoopVar[] => list.filter((v) => v.extent !== 1);
    const to = new Map([[column.name, ix.add(ix.constant(start), counted(group, panels * width), counted(inGroup, width), counted(lane, 1))]]);
    const place = ix.add(ix.scale(ix.add(step, ix.scale(counted(inGroup, 1), depth)), width), counted(lane, 1));
    const shape: LoopShape = width >= lanes ? { lanes, copies: width / lanes } : { lanes: 1, copies: width };
    const open = [...around, ...loops(group)];
    const pack: StoreSpec = { arg: panel, domain: [...open, ...loops(inGroup), ...vars, ...loops(lane)], index: place, value: pool.substitute(packed.value, to), mode: "set" };
    const packing = schedule([pack], pool, new Map([[lane.name, shape]]), { open, whole: true, order: pack.domain.map((v) => v.name) });
    const operand = pool.make({ kind: "load", dtype, arg: panel, index: place });
    const tiled = rewritten(stores, pool, to, new Map([[packed.value, operand]]));
    const tiling = tile(tiled, pool.substitute(swept.value, to), open, loops(inGroup, lane), new Map([[lane.name, shape]]));
    if (typeof packing === "string" || typeof tiling === "string") return undefined;
    return nested(open, [...packing, ...tiling]);
  };

  /** The tiles of all rows, each over the panels of a group. */
  const tile = (list: readonly StoreSpec[], operand: Expr, open: readonly LoopVar[], columns: readonly LoopVar[], shapes: ReadonlyMap<string, LoopShape>): readonly Stmt[] | string => {
    const others = swept.own.filter((v) => v !== row);
    if (rowTile === undefined || !row) {
      const inside = [...others, ...(row ? [row] : []), ...columns];
      const domain = [...open, ...inside];
      return schedule(list.map((s) => ({ ...s, domain })), pool, row ? new Map([...shapes, [row.name, { lanes: 1, copies: tileRows }]]) : shapes, { open, order: inside.map((v) => v.name) });
    }
    const body: Stmt[] = [];
    const rows = row.extent as number;
    for (const [start, width, tiles] of [[0, tileRows, Math.floor(rows / tileRows)], [rows - rows % tileRows, rows % tileRows, 1]]) {
      if (width * tiles === 0) continue;
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
