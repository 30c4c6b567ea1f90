import { dims } from "../../../ir/types/index.ts";
import { strideOf } from "../../loops/tile.ts";
import type { Expr, Kernel, LoopVar, Stmt, TileGrid } from "../../loops/ir.ts";
import { forEachExpr } from "../../loops/pool.ts";
import { bare, type Expressions } from "./expression.ts";
import type { EntryPoint } from "./kernel.ts";
import { Statements, unravel } from "./statement.ts";
import { literal, valueType } from "./types.ts";
import type { Workgroup } from "./workgroup.ts";

type Fold = Extract<Stmt, { kind: "fold" }>;

/** A product's loops taken apart: what is bound on the way in, the two operands, and what is done with each sum. */
interface ProductNest {
  readonly vars: ReadonlyMap<string, LoopVar>;
  readonly sum: string;
  readonly fold: Fold;
  readonly left: Expr;
  readonly right: Expr;
  /** Bindings around the fold and statements after it. */
  readonly epilogue: readonly Stmt[];
  readonly lets: readonly Extract<Stmt, { kind: "let" }>[];
}

/**
 * Takes the loops of a product apart. Bindings in the loops of the fold itself, and those around it that an operand
 * uses, are repeated in the operand.
 */
function openProduct(kernel: Kernel, grid: TileGrid): ProductNest {
  const vars = new Map<string, LoopVar>(), lets: Extract<Stmt, { kind: "let" }>[] = [], epilogue: Stmt[] = [];
  const inner = new Set(grid.inner);
  let fold: Fold | undefined;
  const walk = (list: readonly Stmt[], inFold: boolean): void => {
    for (const s of list) {
      if (s.kind === "loop") {
        vars.set(s.var.name, s.var);
        walk(s.body, inFold || inner.has(s.var.name));
      } else if (s.kind === "let") {
        lets.push(s);
        if (!inFold) epilogue.push(s);
      } else if (s.kind === "fold") fold = s;
      else if (s.kind !== "acc") epilogue.push(s);
    }
  };
  walk(kernel.body, false);
  if (!fold || fold.value.kind !== "scalar" || fold.value.op !== "mul") throw new Error(`internal: kernel ${kernel.name} is no product`);
  const [a, b] = fold.value.args;
  return { vars, sum: fold.name, fold, left: a, right: b, epilogue, lets };
}

/**
 * A product in tiles: a workgroup reads a tile of each operand through its index map into workgroup memory, and each
 * of its invocations keeps a few rows and columns of sums in registers.
 */
export function tileKernel(kernel: Kernel, grid: TileGrid, x: Expressions, shared: Workgroup): EntryPoint {
  const nest = openProduct(kernel, grid);
  const { rows, columns, inner, perThread: [high, wide] } = grid.tile;
  const list = (names: readonly string[]): LoopVar[] => names.map((n) => nest.vars.get(n)!);
  const batchVars = list(grid.batch), rowVars = list(grid.rows), columnVars = list(grid.columns), innerVars = list(grid.inner);
  const [m, n, k, b] = [rowVars, columnVars, innerVars, batchVars].map((vars) => dims.product(vars.map((v) => v.extent)));
  const type = valueType[nest.fold.dtype];
  const across = columns / wide;
  const vector = wide === 1 ? type : `vec${wide}<${type}>`;
  const leftTile = shared.array("leftTile", type, rows * inner), rightTile = shared.array("rightTile", vector, (columns / wide) * inner);
  const takeApart = (position: string, vars: readonly LoopVar[]): string[] => unravel(position, vars.map((v) => ({ name: x.variable(v), extent: x.dim(v.extent) })));
  const zero = literal(nest.fold.dtype, 0);

  /** Reads a tile: neighbouring invocations read what lies side by side. */
  const pack = (tile: string, operand: Expr, start: string, extent: string, vars: readonly LoopVar[], length: number, store: (position: string, step: string) => string): string[] => {
    const alongInner = readsAlong(operand, innerVars, vars);
    const before = x.lines;
    x.lines = [];
    for (const l of nest.lets) x.inline(l.name, l.value);
    const value = bare(x.print(operand));
    const lines = x.lines;
    x.lines = before;
    return [
      `for (var q = i32(lane); q < ${length * inner}; q += ${grid.size}) {`,
      `  let at = ${alongInner ? `q / ${inner}` : `q % ${length}`};`,
      `  let step = ${alongInner ? `q % ${inner}` : `q / ${length}`};`,
      `  let place = ${start} + at;`,
      "  let depth = first + step;",
      `  var value = ${zero};`,
      `  if (place < ${extent} && depth < ${x.dim(k)}) {`,
      ...[...takeApart("place", vars), ...takeApart("depth", innerVars), ...lines, `value = ${value};`].map((l) => `    ${l}`),
      "  }",
      `  ${store("at", "step")} = value;`,
      "}",
    ];
  };
  const column = (at: string): string => (wide === 1 ? "" : `[${at} % ${wide}]`);
  const sums = Array.from({ length: high }, (_, i) => `sum_${i}`);
  const lines = [
    "let tile = i32(groupId.x + groupId.y * groups.x);",
    `let tilesAcross = (${x.dim(n)} + ${columns - 1}) / ${columns};`,
    `let tilesDown = (${x.dim(m)} + ${rows - 1}) / ${rows};`,
    "let batch = tile / (tilesAcross * tilesDown);",
    `if (batch >= ${x.dim(b)}) { return; }`,
    `let row0 = ((tile / tilesAcross) % tilesDown) * ${rows};`,
    `let column0 = (tile % tilesAcross) * ${columns};`,
    `let down = i32(lane) / ${across};`,
    `let along = i32(lane) % ${across};`,
    ...takeApart("batch", batchVars),
    ...sums.map((s) => `var ${s} = ${vector}(${zero});`),
    `for (var first = 0; first < ${x.dim(k)}; first += ${inner}) {`,
    ...[
      ...pack(leftTile, nest.left, "row0", x.dim(m), rowVars, rows, (at, step) => `${leftTile}[${step} * ${rows} + ${at}]`),
      ...pack(rightTile, nest.right, "column0", x.dim(n), columnVars, columns, (at, step) => `${rightTile}[${step} * ${across} + ${wide === 1 ? at : `${at} / ${wide}`}]${column(at)}`),
      "workgroupBarrier();",
      `for (var step = 0; step < ${inner}; step++) {`,
      `  let right = ${rightTile}[step * ${across} + along];`,
      ...sums.map((s, i) => `  ${s} += ${leftTile}[step * ${rows} + down * ${high}${i > 0 ? ` + ${i}` : ""}] * right;`),
      "}",
      "workgroupBarrier();",
    ].map((l) => `  ${l}`),
    "}",
    ...finishes(nest, x, takeApart, { sums, high, wide, m: x.dim(m), n: x.dim(n), rowVars, columnVars, vector, type }),
  ];
  return { lines, size: grid.size, groups: dims.product([dims.ceilDiv(m, rows), dims.ceilDiv(n, columns), b]) };
}

interface Finish {
  readonly sums: readonly string[];
  readonly high: number;
  readonly wide: number;
  readonly m: string;
  readonly n: string;
  readonly rowVars: readonly LoopVar[];
  readonly columnVars: readonly LoopVar[];
  readonly vector: string;
  readonly type: string;
}

/** What is done with each sum: the kernel's statements around its fold, at the row and column of the sum. */
function finishes(nest: ProductNest, x: Expressions, takeApart: (position: string, vars: readonly LoopVar[]) => string[], f: Finish): string[] {
  const sum = x.local(nest.sum);
  const statements = new Statements(x).list(withoutInlining(nest, x));
  const one = f.wide === 1;
  return [
    `for (var turn = 0; turn < ${f.high}; turn++) {`,
    `  var sums = ${f.sums[0]};`,
    ...f.sums.slice(1).map((s, i) => `  if (turn == ${i + 1}) { sums = ${s}; }`),
    `  let row = row0 + down * ${f.high} + turn;`,
    `  if (row >= ${f.m}) { break; }`,
    ...takeApart("row", f.rowVars).map((l) => `  ${l}`),
    `  for (var side = 0; side < ${f.wide}; side++) {`,
    `    let column = column0 + along * ${f.wide} + side;`,
    `    if (column >= ${f.n}) { break; }`,
    ...takeApart("column", f.columnVars).map((l) => `    ${l}`),
    `    let ${sum} = ${one ? "sums" : "sums[side]"};`,
    ...statements.map((l) => `    ${l}`),
    "  }",
    "}",
  ];
}

/** The statements of the epilogue: there, bindings have names again. */
function withoutInlining(nest: ProductNest, x: Expressions): readonly Stmt[] {
  x.forget();
  return nest.epilogue;
}

/** Whether an operand's neighbours in memory are along the folded loops, rather than along its own. */
function readsAlong(operand: Expr, inner: readonly LoopVar[], own: readonly LoopVar[]): boolean {
  let alongInner = false, alongOwn = false;
  forEachExpr([operand], (e) => {
    if (e.kind !== "load") return;
    alongInner ||= inner.some((v) => strideOf(e.index, v) === 1);
    alongOwn ||= own.some((v) => strideOf(e.index, v) === 1);
  });
  return alongInner && !alongOwn;
}

