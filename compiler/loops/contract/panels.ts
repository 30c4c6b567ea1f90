import { dims, type Dim } from "../../../ir/types/index.ts";
import type { Expr, Index, LoopVar, Stmt, StoreSpec } from "../ir.ts";
import type { ExprPool } from "../pool.ts";
import { schedule, type LoopShape } from "../schedule.ts";
import { shapesToTranspose } from "../transposes.ts";
import { groupBytes } from "./plan.ts";
import { lanes, panelWidth, type RegisterTile } from "./tile.ts";

/** Columns of a product that are computed alike: groups of panels of `width` columns, the first from column `start`. */
export interface Section {
  readonly start: number;
  readonly width: number;
  readonly groups: number;
  readonly panels: number;
}

/** Full panels in groups, of so many bytes at most, then narrower ones of whole vectors, then the columns that are left. */
export function sectionsOf(columns: number, depth: number, tile: RegisterTile, mostBytes = groupBytes): Section[] {
  const sections: Section[] = [];
  const width = panelWidth(tile), most = Math.max(1, Math.floor(mostBytes / (4 * width * depth)));
  let start = 0;
  const add = (width: number, groups: number, panels: number): void => {
    if (groups * panels * width === 0) return;
    sections.push({ start, width, groups, panels });
    start += width * groups * panels;
  };
  // an even number of groups, where there are several: two threads have as many each
  const full = Math.floor(columns / width), least = Math.min(full, Math.max(1, Math.ceil(full / most))), groups = least > 1 ? least + (least % 2) : least, panels = groups === 0 ? 0 : Math.ceil(full / groups);
  const whole = panels === 0 ? 0 : Math.floor(full / panels);
  add(width, whole, panels);
  add(width, 1, full - whole * panels);
  for (let narrower = width / 2; narrower >= lanes; narrower /= 2) add(narrower, 1, Math.floor((columns - start) / narrower));
  add(columns % lanes, 1, 1);
  return sections;
}

/** Where the columns of a section are, and where they are packed. */
export interface Panels {
  /** The loop over groups, where there are several, and those inside a group. */
  readonly groups: readonly LoopVar[];
  readonly loops: readonly LoopVar[];
  readonly lane: LoopVar;
  /** The column, in these loops. */
  readonly to: ReadonlyMap<string, Index>;
  /** The place of a step of the fold in a group of panels. */
  readonly place: Index;
  readonly shapes: ReadonlyMap<string, LoopShape>;
}

/** Lays out the panels of a section for folds over `vars`. */
export function layOut({ start, width, groups, panels }: Section, column: LoopVar, vars: readonly LoopVar[], { index: ix }: ExprPool): Panels {
  const extents = vars.map((v) => v.extent), depth: Dim = dims.product(extents), step = ix.linear(vars.map((v) => ix.variable(v)), extents);
  const group: LoopVar = { name: `${column.name}_group`, extent: groups }, inGroup: LoopVar = { name: `${column.name}_panel`, extent: panels };
  const lane: LoopVar = { name: `${column.name}_lane`, extent: width };
  const counted = (v: LoopVar, stride: number) => (v.extent === 1 ? ix.constant(0) : ix.scale(ix.variable(v), stride));
  const loops = (...list: LoopVar[]): LoopVar[] => list.filter((v) => v.extent !== 1);
  return {
    groups: loops(group), loops: loops(inGroup, lane), lane,
    to: new Map([[column.name, ix.add(ix.constant(start), counted(group, panels * width), counted(inGroup, width), counted(lane, 1))]]),
    place: ix.add(ix.scale(ix.add(step, ix.scale(counted(inGroup, 1), depth)), width), counted(lane, 1)),
    shapes: new Map([[lane.name, width >= lanes ? { lanes, copies: width / lanes } : { lanes: 1, copies: width }]]),
  };
}

/** Loops that pack panels, inside the loops `open`; or the reason why there are none. */
export function packing(value: Expr, { loops, lane, to, place, shapes }: Panels, vars: readonly LoopVar[], arg: number, open: readonly LoopVar[], pool: ExprPool): readonly Stmt[] | string {
  const [inGroup, inLane] = [loops.filter((v) => v !== lane), loops.filter((v) => v === lane)], packed = pool.substitute(value, to);
  // what is transposed is read on and on along the fold, each column by a pointer of its own
  const transposing = shapesToTranspose(packed, vars, lane, shapes.get(lane.name)!);
  const domain = [...open, ...inGroup, ...(transposing ? [...inLane, ...vars] : [...vars, ...inLane])];
  return schedule([{ arg, domain, index: place, value: packed, mode: "set" }], pool, transposing ?? shapes, { open, whole: true, order: domain.map((v) => v.name) });
}

/** Stores with loop variables and operands replaced. */
export const rewritten = (stores: readonly StoreSpec[], pool: ExprPool, to: ReadonlyMap<string, Index>, operands: ReadonlyMap<Expr, Expr>): StoreSpec[] =>
  stores.map((s) => ({
    ...s,
    index: pool.index.substitute(s.index, to, (e) => pool.substitute(e, to)),
    value: pool.rewrite(s.value, to, (e) => operands.get(e), new Map()),
  }));
