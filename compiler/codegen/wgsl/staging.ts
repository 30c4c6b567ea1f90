import { dims, type Dim } from "../../../ir/types/index.ts";
import { readsAlong } from "../../loops/grid/folds.ts";
import type { Expr, Kernel, LoopVar, ProductLoops, Tile } from "../../loops/ir.ts";
import { openProduct, printEpilogue, type ProductNest } from "./product.ts";
import { unravel } from "./statement.ts";
import { bare } from "./text.ts";
import { literal } from "./types.ts";
import type { VectorExpressions } from "./vector.ts";

/** An operand as it is read into tiles: its own loops, and how many of their positions a tile has. */
export interface Side {
  readonly operand: Expr;
  readonly vars: readonly LoopVar[];
  readonly extent: Dim;
  readonly length: number;
  /** Where the tile starts. */
  readonly start: string;
  /** Whether the operand's neighbours in memory are along the folded loops, rather than along its own. */
  readonly alongInner: boolean;
}

/**
 * A product whose operands go through workgroup memory, tile by tile, each element read through its index map by one
 * invocation for all. What is done with the tiles is the caller's matter.
 */
export class StagedProduct {
  readonly nest: ProductNest;
  readonly left: Side;
  readonly right: Side;
  /** Workgroups: tiles of all batches. */
  readonly groups: Dim;
  /** Steps in all. */
  readonly steps: Dim;
  /** The loops along rows and columns. */
  readonly rows: readonly LoopVar[];
  readonly columns: readonly LoopVar[];
  private readonly x: VectorExpressions;
  private readonly tile: Tile;
  private readonly batch: readonly LoopVar[];
  private readonly inner: readonly LoopVar[];

  constructor(kernel: Kernel, grid: ProductLoops & { readonly tile: Tile }, x: VectorExpressions) {
    this.x = x;
    this.tile = grid.tile;
    this.nest = openProduct(kernel, grid);
    const loops = (names: readonly string[]): LoopVar[] => names.map((n) => this.nest.vars.get(n)!);
    [this.batch, this.rows, this.columns, this.inner] = [loops(grid.batch), loops(grid.rows), loops(grid.columns), loops(grid.inner)];
    const { inner, tile } = this;
    const side = (operand: Expr, vars: readonly LoopVar[], length: number, start: string): Side =>
      ({ operand, vars, extent: pointsOf(vars), length, start, alongInner: readsAlong([operand], inner) && !readsAlong([operand], vars) });
    this.left = side(this.nest.left, this.rows, tile.rows, "row0");
    this.right = side(this.nest.right, this.columns, tile.columns, "column0");
    this.steps = pointsOf(inner);
    this.groups = dims.product([dims.ceilDiv(this.left.extent, tile.rows), dims.ceilDiv(this.right.extent, tile.columns), pointsOf(this.batch)]);
  }

  /** Where the tile of a workgroup is: `batch`, `row0` and `column0`. */
  opening(): string[] {
    const { x, tile: { rows, columns } } = this;
    return [
      "let tile = i32(groupId.x + groupId.y * groups.x);",
      `let tilesAcross = (${x.dim(this.right.extent)} + ${columns - 1}) / ${columns};`,
      `let tilesDown = (${x.dim(this.left.extent)} + ${rows - 1}) / ${rows};`,
      "let batch = tile / (tilesAcross * tilesDown);",
      `if (batch >= ${x.dim(pointsOf(this.batch))}) { return; }`,
      `let row0 = ((tile / tilesAcross) % tilesDown) * ${rows};`,
      `let column0 = (tile % tilesAcross) * ${columns};`,
      ...this.takeApart("batch", this.batch),
    ];
  }

  /** A loop over the steps of the product, a tile of them at a time from `first` on: both sides are read, then used. */
  overTiles(read: readonly string[], use: readonly string[]): string[] {
    const body = [...read, "workgroupBarrier();", ...use, "workgroupBarrier();"];
    return [`for (var first = 0; first < ${this.x.dim(this.steps)}; first += ${this.tile.inner}) {`, ...body.map((l) => `  ${l}`), "}"];
  }

  /**
   * Reads a tile: neighbouring invocations, of which there are `size`, read what lies side by side. `put` is the
   * statement that keeps a value at position `at` and `step`. Past the end of an operand are zeros.
   */
  pack({ operand, vars, extent, length, start, alongInner }: Side, size: number | string, put: (value: string) => string): string[] {
    const { x, inner, steps, tile } = this;
    const before = x.lines;
    x.lines = [];
    for (const l of this.nest.lets) x.inline(l.name, l.value);
    const value = bare(x.print(operand)), lines = x.lines;
    x.lines = before;
    // what lies past the end is read at the end, and counted as zero: a branch around the load costs more
    const isWhole = dims.divExact(extent, length) !== undefined, isWholeInner = dims.divExact(steps, tile.inner) !== undefined;
    const tests = [...(isWhole ? [] : [`${start} + at < ${x.dim(extent)}`]), ...(isWholeInner ? [] : [`first + step < ${x.dim(steps)}`])];
    const clamped = (position: string, size: Dim, fits: boolean): string => (fits ? position : `min(${position}, ${x.dim(dims.sub(size, 1))})`);
    return [
      `for (var q = i32(lane); q < ${length * tile.inner}; q += ${size}) {`,
      `  let at = ${alongInner ? `q / ${tile.inner}` : `q % ${length}`};`,
      `  let step = ${alongInner ? `q % ${tile.inner}` : `q / ${length}`};`,
      `  let place = ${clamped(`${start} + at`, extent, isWhole)};`,
      `  let depth = ${clamped("first + step", steps, isWholeInner)};`,
      "  {",
      ...[...this.takeApart("place", vars), ...this.takeApart("depth", inner), ...lines].map((l) => `    ${l}`),
      `    ${put(tests.length > 0 ? `select(${literal(this.nest.fold.dtype, 0)}, ${value}, ${tests.join(" && ")})` : value)}`,
      "  }",
      "}",
    ];
  }

  /** A function for what is done with each sum: the kernel's statements around its fold, at the row and column of the sum. */
  finish(type: string): string {
    const { x, nest, tile } = this, sum = x.local(nest.sum);
    const tests = [
      ...(dims.divExact(this.left.extent, tile.rows) === undefined ? [`row < ${x.dim(this.left.extent)}`] : []),
      ...(dims.divExact(this.right.extent, tile.columns) === undefined ? [`column < ${x.dim(this.right.extent)}`] : []),
    ];
    const statements = printEpilogue(nest, x);
    const inside = [...this.takeApart("batch", this.batch), ...this.takeApart("row", this.rows), ...this.takeApart("column", this.columns), ...statements];
    const lines = tests.length > 0 ? [`if (${tests.join(" && ")}) {`, ...inside.map((l) => `  ${l}`), "}"] : inside;
    return `fn finish(batch: i32, row: i32, column: i32, ${sum}: ${type}) {\n${lines.map((l) => `  ${l}`).join("\n")}\n}`;
  }

  private takeApart(position: string, vars: readonly LoopVar[]): string[] {
    return unravel(position, vars.map((v) => ({ name: this.x.variable(v), extent: this.x.dim(v.extent) })));
  }
}

const pointsOf = (vars: readonly LoopVar[]): Dim => dims.product(vars.map((v) => v.extent));
