import { dims, type Dim } from "../../../ir/types/index.ts";
import { readsAlong } from "../../loops/grid/folds.ts";
import type { Expr, Kernel, LoopVar, TileGrid } from "../../loops/ir.ts";
import type { EntryPoint } from "./kernel.ts";
import { openProduct, printEpilogue, type ProductNest } from "./product.ts";
import { unravel } from "./statement.ts";
import { bare } from "./text.ts";
import { literal, valueType } from "./types.ts";
import type { VectorExpressions } from "./vector.ts";
import type { Workgroup } from "./workgroup.ts";

/**
 * A product in tiles: a workgroup reads a tile of each operand through its index map into workgroup memory, and each
 * of its invocations keeps the sums of a few rows and columns in registers. Its columns are apart by the number of
 * invocations side by side, so that these read neighbours.
 */
export function tileKernel(kernel: Kernel, grid: TileGrid, x: VectorExpressions, shared: Workgroup): EntryPoint {
  const nest = openProduct(kernel, grid);
  const { rows, columns, inner, perThread: [high, wide] } = grid.tile;
  const list = (names: readonly string[]): LoopVar[] => names.map((n) => nest.vars.get(n)!);
  const batchVars = list(grid.batch), rowVars = list(grid.rows), columnVars = list(grid.columns), innerVars = list(grid.inner);
  const [m, n, k, b] = [rowVars, columnVars, innerVars, batchVars].map((vars) => dims.product(vars.map((v) => v.extent)));
  const type = valueType[nest.fold.dtype], zero = literal(nest.fold.dtype, 0);
  const across = columns / wide;
  // the left tile lies as it is read, a row a little longer than its steps, so that rows are in different banks
  const leftAlongInner = liesAlong(nest.left, innerVars, rowVars);
  const leftAt = (at: string, step: string): string => (leftAlongInner ? `leftTile[(${at}) * ${inner + 1} + ${step}]` : `leftTile[${step} * ${rows} + ${at}]`);
  const rightAt = (at: string, step: string): string => `rightTile[${step} * ${columns} + ${at}]`;
  shared.array("leftTile", type, rows * (inner + 1));
  shared.array("rightTile", type, columns * inner);
  const takeApart = (position: string, vars: readonly LoopVar[]): string[] => unravel(position, vars.map((v) => ({ name: x.variable(v), extent: x.dim(v.extent) })));

  /** Reads a tile: neighbouring invocations read what lies side by side. Past the end of an operand are zeros. */
  const pack = (element: (at: string, step: string) => string, operand: Expr, start: string, extent: Dim, vars: readonly LoopVar[], length: number): string[] => {
    const alongInner = liesAlong(operand, innerVars, vars);
    const before = x.lines;
    x.lines = [];
    for (const l of nest.lets) x.inline(l.name, l.value);
    const value = bare(x.print(operand)), lines = x.lines;
    x.lines = before;
    // what lies past the end is read at the end, and counted as zero: a branch around the load costs more
    const isWhole = dims.divExact(extent, length) !== undefined, isWholeInner = dims.divExact(k, inner) !== undefined;
    const tests = [...(isWhole ? [] : [`${start} + at < ${x.dim(extent)}`]), ...(isWholeInner ? [] : [`first + step < ${x.dim(k)}`])];
    const clamped = (position: string, size: Dim, fits: boolean): string => (fits ? position : `min(${position}, ${x.dim(dims.sub(size, 1))})`);
    return [
      `for (var q = i32(lane); q < ${length * inner}; q += ${grid.size}) {`,
      `  let at = ${alongInner ? `q / ${inner}` : `q % ${length}`};`,
      `  let step = ${alongInner ? `q % ${inner}` : `q / ${length}`};`,
      `  let place = ${clamped(`${start} + at`, extent, isWhole)};`,
      `  let depth = ${clamped("first + step", k, isWholeInner)};`,
      "  {",
      ...[...takeApart("place", vars), ...takeApart("depth", innerVars), ...lines].map((l) => `    ${l}`),
      `    ${element("at", "step")} = ${tests.length > 0 ? `select(${zero}, ${value}, ${tests.join(" && ")})` : value};`,
      "  }",
      "}",
    ];
  };
  const ups = Array.from({ length: high }, (_, i) => i), sides = Array.from({ length: wide }, (_, j) => j);
  const plus = (offset: number): string => (offset > 0 ? ` + ${offset}` : "");
  shared.define("finish", finish(nest, x, takeApart, {
    tests: [...(dims.divExact(m, rows) === undefined ? [`row < ${x.dim(m)}`] : []), ...(dims.divExact(n, columns) === undefined ? [`column < ${x.dim(n)}`] : [])],
    rowVars, columnVars, batchVars, type,
  }));
  const lines = [
    "let tile = i32(groupId.x + groupId.y * groups.x);",
    `let tilesAcross = (${x.dim(n)} + ${columns - 1}) / ${columns};`,
    `let tilesDown = (${x.dim(m)} + ${rows - 1}) / ${rows};`,
    "let batch = tile / (tilesAcross * tilesDown);",
    `if (batch >= ${x.dim(b)}) { return; }`,
    `let row0 = ((tile / tilesAcross) % tilesDown) * ${rows};`,
    `let column0 = (tile % tilesAcross) * ${columns};`,
    `let up = (i32(lane) / ${across}) * ${high};`,
    `let along = i32(lane) % ${across};`,
    ...takeApart("batch", batchVars),
    ...ups.map((i) => sides.map((j) => `var sum_${i}_${j} = ${zero};`).join(" ")),
    `for (var first = 0; first < ${x.dim(k)}; first += ${inner}) {`,
    ...[
      ...pack(leftAt, nest.left, "row0", m, rowVars, rows),
      ...pack(rightAt, nest.right, "column0", n, columnVars, columns),
      "workgroupBarrier();",
      `for (var step = 0; step < ${inner}; step++) {`,
      ...sides.map((j) => `  let right_${j} = ${rightAt(`along${plus(j * across)}`, "step")};`),
      ...ups.flatMap((i) => [`  let left_${i} = ${leftAt(`up${plus(i)}`, "step")};`, `  ${sides.map((j) => `sum_${i}_${j} += left_${i} * right_${j};`).join(" ")}`]),
      "}",
      "workgroupBarrier();",
    ].map((l) => `  ${l}`),
    "}",
    // one after the other from memory: written out, the statements of so many sums would be the larger part of the kernel
    `var sums = array<${type}, ${high * wide}>(${ups.flatMap((i) => sides.map((j) => `sum_${i}_${j}`)).join(", ")});`,
    `for (var s = 0; s < ${high * wide}; s++) {`,
    `  finish(batch, row0 + up + s / ${wide}, column0 + along + (s % ${wide}) * ${across}, sums[s]);`,
    "}",
  ];
  return { lines, size: grid.size, groups: dims.product([dims.ceilDiv(m, rows), dims.ceilDiv(n, columns), b]) };
}

interface Finish {
  /** What holds of the rows and columns that there are, where tiles reach past them. */
  readonly tests: readonly string[];
  readonly rowVars: readonly LoopVar[];
  readonly columnVars: readonly LoopVar[];
  readonly batchVars: readonly LoopVar[];
  readonly type: string;
}

/** What is done with each sum: the kernel's statements around its fold, at the row and column of the sum. */
function finish(nest: ProductNest, x: VectorExpressions, takeApart: (position: string, vars: readonly LoopVar[]) => string[], f: Finish): string {
  const sum = x.local(nest.sum);
  const statements = printEpilogue(nest, x);
  const lines = [
    ...(f.tests.length > 0 ? [`if (${f.tests.join(" && ")}) {`] : []),
    ...[...takeApart("batch", f.batchVars), ...takeApart("row", f.rowVars), ...takeApart("column", f.columnVars), ...statements].map((l) => (f.tests.length > 0 ? `  ${l}` : l)),
    ...(f.tests.length > 0 ? ["}"] : []),
  ];
  return `fn finish(batch: i32, row: i32, column: i32, ${sum}: ${f.type}) {\n${lines.map((l) => `  ${l}`).join("\n")}\n}`;
}

/** Whether an operand's neighbours in memory are along the folded loops, rather than along its own. */
function liesAlong(operand: Expr, inner: readonly LoopVar[], own: readonly LoopVar[]): boolean {
  return readsAlong([operand], inner) && !readsAlong([operand], own);
}
