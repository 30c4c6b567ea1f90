import type { Dim } from "../../../ir/types/index.ts";
import type { Index, LoopVar, StoreSpec } from "../ir.ts";
import { forEachExpr } from "../pool.ts";
import type { LoopShape } from "../schedule.ts";
import { sizeOf, stepAlong, typical, type Load, type Product, type Side } from "./product.ts";
import { accumulatorsOf, foldedTile, lanes, panelWidth, type RegisterTile } from "./tile.ts";

/** How to compute a product, in which tiles. The ways differ in what lies in a vector. */
export type Way =
  /** Columns are neighbours in memory, in the operand and in the result: vectors are loaded where they are. */
  | { readonly kind: "direct"; readonly column: LoopVar; readonly row: LoopVar | undefined; readonly tile: RegisterTile }
  /** The operand with the columns is copied, panel by panel, to where a tile reads it in order. */
  | { readonly kind: "packed"; readonly packed: Side; readonly swept: Side; readonly column: LoopVar; readonly row: LoopVar | undefined; readonly tile: RegisterTile }
  /** Vectors lie along the folded axis; their lanes are summed at the end. */
  | { readonly kind: "folded"; readonly along: LoopVar; readonly row: LoopVar | undefined; readonly column: LoopVar | undefined };

/**
 * For one row alone, a matrix times a vector: there is no tile, and a sum has a latency to hide. As many vectors of
 * columns; or as many columns with their vectors along the fold, each of which takes two registers.
 */
const aloneVectors = 8, aloneColumns = 6;

/**
 * The cheapest way, by a rough count in steps of a tile of 4×8: how many of them, what partial tiles cost, what it
 * takes to pack, to store and to add up lanes. Undefined where no vectors can be used. With `columns`, that loop is the one over columns.
 */
export function chooseWay(product: Product, stores: readonly StoreSpec[], tiles: readonly RegisterTile[], columns?: LoopVar): Way | undefined {
  const ways: { way: Way; cost: number }[] = [];
  const [a, b] = product.sides;
  for (const tile of tiles) for (const [side, other] of [[b, a], [a, b]] as const) {
    ways.push(...directWays(product, side, other, stores, tile), ...packedWays(product, side, other, stores, tile));
  }
  ways.push(...foldedWays(product));
  const possible = ways.filter(({ way }) => !columns || way.kind === "folded" || way.column.name === columns.name);
  return possible.reduce<{ way: Way; cost: number } | undefined>((best, w) => (best && best.cost <= w.cost ? best : w), undefined)?.way;
}

/** Whether an operand's rows are copied, a tile at a time, before panels pass over them: what is computed, halves, which are converted, and what lies badly. */
export const copiesRows = (product: Product, { value }: Side, row: LoopVar): boolean =>
  value.kind !== "load" || value.half !== undefined || (typeof row.extent === "number" && stepAlong(value.index, row.name) === 1 && collides(product, value));

/** What converting a vector of halves takes, in steps of a full tile. */
const conversion = ({ half }: Load): number => (half === "f16" ? 0.5 : half === "bf16" ? 0.08 : 0);

const plainLoad = (s: Side): Load | undefined => (s.value.kind === "load" ? s.value : undefined);

/** Tiles to cover columns, in full ones: whole panels, narrower ones, which hardly take less time, then single columns. */
function columnTiles(v: LoopVar, tile: RegisterTile): number {
  const n = typical(v.extent), full = panelWidth(tile);
  if (typeof v.extent !== "number") return n / full + 0.6;
  let time = Math.floor(n / full) + (n % lanes) * (0.3 + 0.4 / tile.vectors);
  for (let width = full / 2, left = n % full; width >= lanes; left %= width, width /= 2) time += Math.floor(left / width) * (0.5 + 0.2 * width / full);
  return time;
}

/** Tiles to cover rows, in full ones: the last may have fewer. */
function rowTiles(v: LoopVar | undefined, { rows }: RegisterTile): number {
  if (!v) return 0.45;
  const n = typical(v.extent), rest = typeof v.extent === "number" ? n % rows : 0;
  return (n - rest) / rows + (rest > 0 ? 0.3 + 0.7 * rest / rows : 0);
}

/** The loop over rows that tiles best; the innermost, whose rows are near each other, if it is not much worse. */
function bestRow(side: Side, tile: RegisterTile): LoopVar | undefined {
  const waste = (v: LoopVar): number => rowTiles(v, tile) / typical(v.extent);
  return [...side.own].reverse().reduce<LoopVar | undefined>((best, v) => (best && waste(best) <= 1.15 * waste(v) ? best : v), undefined);
}

/** Tiles, over all loops of the stores. */
function tiles({ batch }: Product, column: LoopVar, columns: Side, row: LoopVar | undefined, rows: Side, tile: RegisterTile): number {
  return columnTiles(column, tile) * rowTiles(row, tile) * sizeOf([...batch, ...columns.own.filter((v) => v !== column), ...rows.own.filter((v) => v !== row)]);
}

/** What the stores of a tile read and write: vectors where columns are neighbours, or element by element. */
function storeCost(stores: readonly StoreSpec[], column: LoopVar, tile: RegisterTile): number {
  const size = accumulatorsOf(tile);
  let cost = 0;
  const access = (x: Index): void => {
    const step = stepAlong(x, column.name);
    cost += size * (step === 0 ? 0.1 : step === 1 ? 1.5 : 9);
  };
  for (const s of stores) access(s.index);
  // what is folded is not the tile's
  forEachExpr(stores.map((s) => s.value), (e) => { if (e.kind === "load") access(e.index); }, (e) => e.kind === "reduce");
  return cost;
}

/** Bytes of a group of panels: it stays in the second cache while the rows pass by. */
export const groupBytes = 256 * 1024;

/** A cache of so many bytes is read in any order. */
const nearBytes = 256 * 1024;
/** Rows of an operand so many bytes apart fall into few sets of the first cache. */
const collidingBytes = 2048;
/** Folds so long meet that. */
const longFold = 64;

/** Whether reading an operand step by step of the fold misses the first cache again and again. */
export function collides({ fold }: Product, operand: Load): boolean {
  const along = fold.vars.at(-1), stride = along && stepAlong(operand.index, along.name);
  return stride !== undefined && typical(stride) * 4 >= collidingBytes && sizeOf(fold.vars) >= longFold;
}

function directWays(product: Product, side: Side, other: Side, stores: readonly StoreSpec[], tile: RegisterTile): { way: Way; cost: number }[] {
  const load = plainLoad(side), swept = plainLoad(other), column = side.own.at(-1);
  if (!load || !swept || !column || typical(column.extent) < lanes || stepAlong(load.index, column.name) !== 1) return [];
  if (!stores.every((s) => stepAlong(s.index, column.name) === 1)) return [];
  const row = bestRow(other, tile), depth = sizeOf(product.fold.vars);
  const isFar = depth * typical(column.extent) * 4 > nearBytes || collides(product, load);
  const step = (isFar ? 1.3 : 1.05) * tile.time + tile.vectors * conversion(load) + tile.rows * conversion(swept);
  return [{ way: { kind: "direct", column, row, tile }, cost: tiles(product, column, side, row, other, tile) * (depth * step + storeCost(stores, column, tile)) }];
}

/** Whether what an operand reads are neighbours along a loop, or the same element: a vector of it is loaded whole. */
export function liesAlong({ value }: Side, { name }: LoopVar): boolean {
  const steps: (Dim | undefined)[] = [];
  forEachExpr([value], (e) => { if (e.kind === "load") steps.push(stepAlong(e.index, name)); });
  return steps.includes(1) && steps.every((step) => step === 0 || step === 1);
}

/** What copying an element takes: a vector at a time, or one by one, or where each is asked whether it is there. */
function copyCost(side: Side, along: LoopVar): number {
  let isTested = false;
  forEachExpr([side.value], (e) => { isTested ||= e.kind === "guard"; });
  return isTested ? 1 : liesAlong(side, along) ? 0.12 : 0.2;
}

function packedWays(product: Product, side: Side, other: Side, stores: readonly StoreSpec[], tile: RegisterTile): { way: Way; cost: number }[] {
  const row = bestRow(other, tile);
  if (!row) return [];
  const depth = sizeOf(product.fold.vars), panels = sizeOf([...product.batch, ...side.own]);
  return side.own.filter((v) => typeof v.extent === "number" && v.extent >= lanes && (!tile.inPairs || stores.every((s) => stepAlong(s.index, v.name) === 1))).map((column) => {
    const times = product.image && !side.isOfImage ? 1 / typical(product.image.extent) : 1;
    const pack = times * panels * depth * copyCost(side, column);
    const copied = copiesRows(product, other, row) ? sizeOf(other.own) * depth * Math.min(copyCost(other, product.fold.vars.at(-1)!), copyCost(other, row)) * Math.max(1, panels * depth * 4 / groupBytes) : 0;
    const risk = typeof row.extent === "number" ? 1 : tile.leastGain;
    return { way: { kind: "packed", packed: side, swept: other, column, row, tile }, cost: risk * (pack + copied + tiles(product, column, side, row, other, tile) * (depth * tile.time + storeCost(stores, column, tile))) };
  });
}

function foldedWays(product: Product): { way: Way; cost: number }[] {
  const [a, b] = product.sides.map(plainLoad), along = product.fold.vars.at(-1);
  if (!a || !b || !along || ![a, b].every((x) => stepAlong(x.index, along.name) === 1)) return [];
  const [row, column] = product.sides.map((s) => s.own.at(-1));
  const tiled = typical(row?.extent ?? 1) * typical(column?.extent ?? 1) / (foldedTile.rows * foldedTile.vectors);
  const others = sizeOf([...product.batch, ...product.sides.flatMap((s) => s.own.slice(0, -1))]);
  const outer = sizeOf(product.fold.vars.slice(0, -1)), length = typical(along.extent);
  // lanes are summed once; what is left over of the folded axis goes step by step
  const step = 1.1 + foldedTile.rows * conversion(a) + foldedTile.vectors * conversion(b);
  const cost = others * tiled * (outer * (step * Math.floor(length / lanes) + (length % lanes) * 1.5 + 1) + 9);
  return [{ way: { kind: "folded", along, row, column }, cost }];
}

/** Shapes of the loops for the ways that need no packing. */
export function shapesOf(way: Exclude<Way, { kind: "packed" }>): Map<string, LoopShape> {
  const shapes = new Map<string, LoopShape>();
  if (way.kind === "direct") {
    const alone = { lanes, copies: aloneVectors };
    shapes.set(way.column.name, way.row ? { lanes, copies: way.tile.vectors } : alone);
    if (way.row) shapes.set(way.row.name, { lanes: 1, copies: way.tile.rows, alone: new Map([[way.column.name, alone]]) });
  } else {
    const alone = new Map<string, LoopShape>(way.column ? [[way.column.name, { lanes: 1, copies: aloneColumns }]] : []);
    shapes.set(way.along.name, { lanes, copies: 1 });
    if (way.row) shapes.set(way.row.name, { lanes: 1, copies: foldedTile.rows, alone });
    else for (const [name, shape] of alone) shapes.set(name, shape);
    if (way.row && way.column) shapes.set(way.column.name, { lanes: 1, copies: foldedTile.vectors });
  }
  return shapes;
}


