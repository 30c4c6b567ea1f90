import { dims, type Dim } from "../../../ir/types/index.ts";
import type { BlockGrid, Expr, Index, Kernel, LoopVar } from "../../loops/ir.ts";
import { withoutSettledGuards } from "../../loops/guards.ts";
import { ExprPool } from "../../loops/pool.ts";
import { costReaches } from "../../loops/cost.ts";
import { loadsIn, rootsOf } from "../../loops/statements.ts";
import type { EntryPoint } from "./kernel.ts";
import { OperandReader, vectorArguments } from "./operands.ts";
import { openProduct, printEpilogue, type ProductNest } from "./product.ts";
import { unravel } from "./statement.ts";
import { bare } from "./text.ts";
import type { VectorExpressions } from "./vector.ts";
import type { Workgroup } from "./workgroup.ts";

/** Iterations of a block's loops: how far each is from where its block starts. */
type Offsets = ReadonlyMap<string, number>;

/** What one pass through the loops of the fold takes in: of each row and column, its element at each of the steps written out. */
interface Pass {
  readonly rows: readonly (readonly Expr[])[];
  readonly columns: readonly (readonly Expr[])[];
}

/** Operations from which on what is done with a sum is not written out for each column. */
const longEpilogue = 8;

/** Lengths of as equal pieces as can be, none longer than a vector. */
function pieces(length: number): number[] {
  const count = Math.ceil(length / 4);
  return Array.from({ length: count }, (_, i) => Math.ceil((length - i) / count));
}

/** Cuts a list into such pieces. */
function cut<T>(list: readonly T[]): T[][] {
  let at = 0;
  return pieces(list.length).map((n) => list.slice(at, (at += n)));
}

const vectorType = (length: number): string => (length === 1 ? "f32" : `vec${length}f`);
const vector = (parts: readonly string[]): string => {
  const [first] = parts, [name] = first.split(".");
  if (parts.length === 1) return first;
  return parts.length === 4 && parts.every((p, i) => p === `${name}.${"xyzw"[i]}`) ? name : `vec${parts.length}f(${parts.map(bare).join(", ")})`;
};

/**
 * A product in blocks: an invocation keeps the sums of a few rows and columns, the columns in vectors. Each step it
 * reads what its rows and its columns take in, and adds the products of all pairs: several steps at a time, as products
 * of a matrix and a vector.
 */
export function blockKernel(kernel: Kernel, grid: BlockGrid, x: VectorExpressions, shared: Workgroup): EntryPoint {
  return new BlockPrinter(kernel, grid, x).print(shared);
}

class BlockPrinter {
  private readonly grid: BlockGrid;
  private readonly x: VectorExpressions;
  private readonly nest: ProductNest;
  private readonly pool = new ExprPool();
  private readonly rowAt: readonly Offsets[];
  private readonly columnAt: readonly Offsets[];
  private readonly rowOperand: Expr;
  private readonly columnOperand: Expr;

  constructor(kernel: Kernel, grid: BlockGrid, x: VectorExpressions) {
    this.grid = grid;
    this.x = x;
    this.nest = openProduct(kernel, grid);
    this.rowAt = this.offsetsOf(grid.rows);
    this.columnAt = this.offsetsOf(grid.columns);
    const operands = [this.nest.left, this.nest.right].map((e) => this.withoutBindings(e));
    const isOfRows = grid.rows.some((n) => this.pool.freeVars(operands[0]).has(n));
    [this.rowOperand, this.columnOperand] = isOfRows ? operands : [operands[1], operands[0]];
  }

  private varOf(name: string): LoopVar { return this.nest.vars.get(name)!; }
  private block(name: string): number { return this.grid.block[name] ?? 1; }

  /** The loop over the blocks of a loop; the loop itself where its iterations are blocks. */
  private outer(name: string): LoopVar {
    const v = this.varOf(name), length = this.block(name);
    return length === 1 ? v : { name: `${name}_block`, extent: dims.ceilDiv(v.extent, length) };
  }

  private isWhole(name: string): boolean { return this.varOf(name).extent === this.block(name); }
  private isEven(name: string): boolean { return dims.divExact(this.varOf(name).extent, this.block(name)) !== undefined; }

  private withoutBindings(e: Expr): Expr {
    const values = new Map(this.nest.lets.map((l) => [l.name, l.value])), done = new Map<Expr, Expr>();
    const on = (inner: Expr): Expr => this.pool.rewrite(inner, new Map(), (y) => (y.kind === "ref" && values.has(y.name) ? on(values.get(y.name)!) : undefined), done);
    return on(e);
  }

  /** Every iteration of the blocks of some loops, the last the fastest. */
  private offsetsOf(names: readonly string[]): Offsets[] {
    return names.reduce<Offsets[]>((list, name) => list.flatMap((o) => Array.from({ length: this.block(name) }, (_, i) => new Map([...o, [name, i]]))), [new Map()]);
  }

  /** An operand, so far from where its block starts; `singly` steps along the loop of that name. */
  private at(operand: Expr, offsets: Offsets, singly?: string): Expr {
    const { index } = this.pool;
    const to = new Map<string, Index>([...offsets].flatMap(([name, offset]): [string, Index][] => {
      if ((this.block(name) === 1 && !this.isWhole(name)) || name === singly) return [];
      const start = this.isWhole(name) ? index.constant(0) : index.scale(index.variable(this.outer(name)), this.block(name));
      return [[name, index.shift(start, offset)]];
    }));
    return withoutSettledGuards(this.pool.substitute(operand, to), this.pool);
  }

  private passOf(steps: readonly Offsets[], singly?: string): Pass {
    const elements = (operand: Expr, places: readonly Offsets[]): Expr[][] => places.map((p) => steps.map((s) => this.at(operand, new Map([...p, ...s]), singly)));
    return { rows: elements(this.rowOperand, this.rowAt), columns: elements(this.columnOperand, this.columnAt) };
  }

  print(shared: Workgroup): EntryPoint {
    const { grid, x } = this, { size, across } = grid, down = size / across;
    const blocks = (names: readonly string[]): Dim => dims.product(names.map((n) => this.outer(n).extent));
    const [m, n, b] = [grid.rows, grid.columns, grid.batch].map(blocks);
    shared.define("finish", this.finish());
    const lines = [
      "let group = i32(groupId.x + groupId.y * groups.x);",
      `let groupsAcross = ${bare(x.dim(dims.ceilDiv(n, across)))};`,
      ...(grid.batch.length > 0 ? [`let groupsDown = ${bare(x.dim(dims.ceilDiv(m, down)))};`, "let batch = group / (groupsAcross * groupsDown);"] : []),
      `let row = ${grid.batch.length > 0 ? "((group / groupsAcross) % groupsDown)" : "(group / groupsAcross)"} * ${down} + i32(lane) / ${across};`,
      `let column = (group % groupsAcross) * ${across} + i32(lane) % ${across};`,
      `if (${grid.batch.length > 0 ? `batch >= ${x.dim(b)} || ` : ""}row >= ${x.dim(m)} || column >= ${x.dim(n)}) { return; }`,
      ...this.takeApart("batch", grid.batch), ...this.takeApart("row", grid.rows), ...this.takeApart("column", grid.columns),
      ...this.sums(), ...this.loops(), ...this.results(),
    ];
    return { lines, size, groups: dims.product([dims.ceilDiv(m, down), dims.ceilDiv(n, across), b]) };
  }

  private takeApart(position: string, names: readonly string[]): string[] {
    return unravel(position, names.filter((n) => !this.isWhole(n)).map((n) => ({ name: this.x.variable(this.outer(n)), extent: this.x.dim(this.outer(n).extent) })));
  }

  private sum(row: number, group: number): string { return this.x.names.of("sum", `${row} ${group}`, `sum_${row}_${group}`); }

  private sums(): string[] {
    const groups = pieces(this.columnAt.length);
    return this.rowAt.map((_, r) => groups.map((length, g) => `var ${this.sum(r, g)} = ${vectorType(length)}(0);`).join(" "));
  }

  // ---- the fold

  private loops(): string[] {
    const { x, grid } = this, open = grid.inner.filter((n) => !this.isWhole(n));
    const partial = open.find((n) => this.block(n) > 1);
    const steps = this.offsetsOf(grid.inner);
    const passes = [this.passOf(steps)];
    if (partial !== undefined && !this.isEven(partial)) passes.push(this.passOf(this.offsetsOf(grid.inner.filter((n) => n !== partial)), partial));
    const vectors = vectorArguments(passes.flatMap((p) => [...p.rows, ...p.columns].flat()), (arg) => this.mayBeVectors(arg));
    vectors.forEach((arg) => { x.readVectors(arg); });
    const [main, rest] = passes.map((p) => this.products(p, vectors));
    const loop = (head: string, body: readonly string[]): string[] => [`for (${head}) {`, ...body.map((l) => `  ${l}`), "}"];
    const inside = open.filter((n) => n !== partial).reverse();
    let body = main;
    if (partial !== undefined) {
      const k = x.variable(this.outer(partial)), extent = x.dim(this.varOf(partial).extent), length = this.block(partial);
      const whole = this.isEven(partial) ? x.dim(this.outer(partial).extent) : `${extent} / ${length}`;
      body = loop(`var ${k} = 0; ${k} < ${whole}; ${k}++`, main);
      const v = x.variable(this.varOf(partial));
      if (rest) body.push(...loop(`var ${v} = ${whole} * ${length}; ${v} < ${extent}; ${v}++`, rest));
    }
    return inside.reduce((lines, n) => {
      const v = x.variable(this.varOf(n));
      return loop(`var ${v} = 0; ${v} < ${x.dim(this.varOf(n).extent)}; ${v}++`, lines);
    }, body);
  }

  /** Whether nothing but the operands reads an argument, and it consists of whole vectors. */
  private mayBeVectors(arg: number): boolean {
    const { access, size } = this.x.kernel.args[arg];
    return access === "read" && dims.divExact(size, 4) !== undefined && !loadsIn(this.nest.epilogue).some((l) => l.arg === arg);
  }

  /** Adds the products of all pairs of a row and a column. */
  private products({ rows, columns }: Pass, vectors: ReadonlySet<number>): string[] {
    const { x } = this;
    x.forgetNames();
    const lines = new OperandReader(x, vectors).readAll([...columns, ...rows].flat());
    const text = (e: Expr): string => x.print(e);
    const bind = (wanted: string, value: string): string => {
      const name = x.names.fresh(wanted);
      lines.push(`let ${name} = ${value};`);
      return name;
    };
    // of each piece of the steps and each group of columns, a matrix with a column for each step
    const rights = cut(columns).map((group, g) => cut(group[0].map((_, d) => vector(group.map((c) => text(c[d]))))).map((piece, p) => {
      if (piece.length === 1) return piece[0];
      return bind(`right_${g}_${p}`, group.length === 1 ? vector(piece) : `mat${piece.length}x${group.length}f(${piece.join(", ")})`);
    }));
    rows.forEach((row, r) => {
      const lefts = cut(row.map(text)).map(vector).map((left) => (rights.length === 1 || /^\w+(\.\w)?$/.test(left) ? left : bind(`left_${r}`, left)));
      rights.forEach((right, g) => {
        const isOne = cut(columns)[g].length === 1;
        lines.push(`${this.sum(r, g)} += ${right.map((matrix, p) => (isOne && pieces(row.length)[p] > 1 ? `dot(${matrix}, ${lefts[p]})` : `${matrix} * ${lefts[p]}`)).join(" + ")};`);
      });
    });
    return lines;
  }

  // ---- what is done with the sums

  /** The kernel's statements around its fold, at the position of a sum. */
  private finish(): string {
    const { x, grid, nest } = this, own = [...grid.batch, ...grid.rows, ...grid.columns];
    const tests = own.filter((n) => !this.isEven(n)).map((n) => `${x.variable(this.varOf(n))} < ${x.dim(this.varOf(n).extent)}`);
    const params = [...own.map((n) => `${x.variable(this.varOf(n))}: i32`), `${x.local(nest.sum)}: f32`];
    const statements = printEpilogue(nest, x);
    const lines = tests.length > 0 ? [`if (${tests.join(" && ")}) {`, ...statements.map((l) => `  ${l}`), "}"] : statements;
    return `fn finish(${params.join(", ")}) {\n${lines.map((l) => `  ${l}`).join("\n")}\n}`;
  }

  /**
   * One row after the other from memory: written out, the statements of so many sums would be the larger part of the
   * kernel. Where they are many, so are the columns.
   */
  private results(): string[] {
    const { x, grid } = this, groups = cut(this.columnAt), rows = this.rowAt.length;
    const isLong = costReaches(longEpilogue, this.nest.epilogue.flatMap(rootsOf));
    const at = (name: string, offset: string): string => {
      if (this.block(name) === 1) return x.variable(this.varOf(name));
      if (this.isWhole(name)) return offset;
      return `${x.variable(this.outer(name))} * ${this.block(name)}${offset === "0" ? "" : ` + ${offset}`}`;
    };
    const finish = (columnOffset: (name: string) => string, sum: string): string => `finish(${[
      ...grid.batch.map((n) => x.variable(this.varOf(n))),
      ...grid.rows.map((n) => at(n, this.inBlock(n, grid.rows, "nth"))), ...grid.columns.map((n) => at(n, columnOffset(n))), sum,
    ].join(", ")});`;
    const calls = groups.flatMap((group, g) => {
      const length = group.length, sum = (place: string): string => `sums_${g}[nth]${length === 1 ? "" : place}`;
      if (!isLong || length === 1) return group.map((offsets, i) => finish((n) => String(offsets.get(n)), sum(`.${"xyzw"[i]}`)));
      const first = groups.slice(0, g).flat().length;
      return [
        `for (var side = 0; side < ${length}; side++) {`,
        ...[`let along = side + ${first};`, ...this.insideBlock("along", grid.columns), finish((n) => this.inBlock(n, grid.columns, "along"), sum("[side]"))].map((l) => `  ${l}`),
        "}",
      ];
    });
    return [
      ...groups.map(({ length }, g) => `var sums_${g} = array<${vectorType(length)}, ${rows}>(${this.rowAt.map((_, r) => this.sum(r, g)).join(", ")});`),
      `for (var nth = 0; nth < ${rows}; nth++) {`,
      ...[...this.insideBlock("nth", grid.rows), ...calls].map((l) => `  ${l}`),
      "}",
    ];
  }

  private blocked(names: readonly string[]): string[] { return names.filter((n) => this.block(n) > 1); }

  /** How far a position in a block is along a loop: the position itself where no other loop is in the block. */
  private inBlock(name: string, names: readonly string[], position: string): string {
    return this.blocked(names).length === 1 ? position : `${this.x.variable(this.varOf(name))}_in`;
  }

  private insideBlock(position: string, names: readonly string[]): string[] {
    const blocked = this.blocked(names);
    return blocked.length === 1 ? [] : unravel(position, blocked.map((n) => ({ name: this.inBlock(n, names, position), extent: String(this.block(n)) })));
  }
}
