import { dims } from "../../../ir/types/index.ts";
import type { Computation } from "../builder.ts";
import type { LoopVar, Stmt, StoreSpec } from "../ir.ts";
import { schedule, type LoopShape } from "../schedule.ts";
import { lanes, panelWidth, tileRows, type Way } from "./plan.ts";
import { sizeOf, type Product } from "./product.ts";

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
  const full = Math.floor(columns / panelWidth), groups = Math.ceil(full / most), panels = groups === 0 ? 0 : Math.ceil(full / groups);
  const whole = panels === 0 ? 0 : Math.floor(full / panels);
  add(panelWidth, whole, panels);
  add(panelWidth, 1, full - whole * panels);
  add(lanes, 1, Math.floor(columns % panelWidth / lanes));
  add(columns % lanes, 1, 1);
  return sections;
}

const loopOver = (v: LoopVar, body: readonly Stmt[]): Stmt => ({ kind: "loop", var: v, step: 1, lanes: 1, resume: false, reverse: false, parallel: true, body });

/**
 * Pack, multiply, store: the columns' operand is copied, a group of panels at a time, through its index map to where
 * a tile finds it in order, whatever the map (a transpose, a flipped kernel, padding); then each tile of rows runs
 * over the panels of the group, and what the kernel does with a sum happens as a tile is stored.
 *
 * `product` is that of the stores, `way` one that packs. Undefined where there is no such nest.
 */
export function packedLoops({ stores, pool, scratch }: Computation, product: Product, way: Extract<Way, { kind: "packed" }>): Stmt[] | undefined {
  const { packed, swept, column, row } = way, { vars } = product.fold, ix = pool.index;
  const sections = sectionsOf(column.extent as number, sizeOf(vars));
  const depth = dims.product(vars.map((v) => v.extent)), step = ix.linear(vars.map((v) => ix.variable(v)), vars.map((v) => v.extent));
  const panel = scratch("panels", product.fold.dtype, dims.mul(depth, Math.max(...sections.map((s) => s.width * s.panels))));
  const around = [...product.batch, ...packed.own.filter((v) => v !== column)];
  const rows = [...swept.own.filter((v) => v !== row), ...(row ? [row] : [])];

  const section = ({ start, width, groups, panels }: Section): Stmt[] | undefined => {
    const group: LoopVar = { name: `${column.name}_group`, extent: groups }, inGroup: LoopVar = { name: `${column.name}_panel`, extent: panels };
    const lane: LoopVar = { name: `${column.name}_lane`, extent: width };
    const counted = (v: LoopVar, stride: number) => (v.extent === 1 ? ix.constant(0) : ix.scale(ix.variable(v), stride));
    const loops = (...list: LoopVar[]): LoopVar[] => list.filter((v) => v.extent !== 1);
    const to = new Map([[column.name, ix.add(ix.constant(start), counted(group, panels * width), counted(inGroup, width), counted(lane, 1))]]);
    const place = ix.add(ix.scale(ix.add(step, ix.scale(counted(inGroup, 1), depth)), width), counted(lane, 1));
    const shape: LoopShape = width >= lanes ? { lanes, copies: width / lanes } : { lanes: 1, copies: width };
    const open = [...around, ...loops(group)], inside = [...rows, ...loops(inGroup, lane)];

    const pack: StoreSpec = { arg: panel, domain: [...open, ...loops(inGroup), ...vars, ...loops(lane)], index: place, value: pool.substitute(packed.value, to), mode: "set" };
    const packing = schedule([pack], pool, new Map([[lane.name, shape]]), { open, whole: true, order: pack.domain.map((v) => v.name) });
    const operand = pool.make({ kind: "load", dtype: product.fold.dtype, arg: panel, index: place });
    const tiled = stores.map((s): StoreSpec => ({
      ...s,
      domain: [...open, ...inside],
      index: ix.substitute(s.index, to, (e) => pool.substitute(e, to)),
      value: pool.rewrite(s.value, to, (e) => (e === packed.value ? operand : undefined), new Map()),
    }));
    const shapes = new Map([[lane.name, shape], ...(row ? [[row.name, { lanes: 1, copies: tileRows }] as const] : [])]);
    const tiling = schedule(tiled, pool, shapes, { open, order: inside.map((v) => v.name) });
    if (typeof packing === "string" || typeof tiling === "string") return undefined;
    return open.reduceRight<Stmt[]>((body, v) => [loopOver(v, body)], [...packing, ...tiling]);
  };

  const body: Stmt[] = [];
  for (const s of sections) {
    const part = section(s);
    if (!part) return undefined;
    body.push(...part);
  }
  return body;
}
