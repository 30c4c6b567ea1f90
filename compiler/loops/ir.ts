import type { Reducer, ScalarName } from "../../ir/ops/index.ts";
import type { Dim, DType, Half, MathType } from "../../ir/types/index.ts";
import type { SourceLocation } from "../../ir/graph/index.ts";

/**
 * The kernel IR: what all code generators print. None of them knows a graph op.
 *
 * A kernel is told twice. First by *what it computes*: stores ({@link StoreSpec}), each over an iteration
 * domain, of a scalar expression whose loads go through index maps. Then by *how* ({@link Kernel}): the same stores
 * as a tree of loops with accumulators, made by the passes of this folder.
 */

// ---- index maps

/** A loop variable, running over 0 … extent−1. Equal names within a kernel are the same variable. */
export interface LoopVar {
  readonly name: string;
  readonly extent: Dim;
}

/**
 * An integer index in affine form: `offset + Σ stride · atom`. Strides are dimensions, so the step a load takes
 * along a loop can be read off. Equal indices have equal keys.
 */
export interface Index {
  readonly offset: Dim;
  readonly terms: readonly { readonly atom: Atom; readonly stride: Dim }[];
  readonly key: string;
}

export type Atom =
  | { readonly kind: "var"; readonly var: LoopVar }
  /** Quotient rounded down, and its remainder, of an index that is never negative. */
  | { readonly kind: "div"; readonly of: Index; readonly by: Dim }
  | { readonly kind: "mod"; readonly of: Index; readonly by: Dim }
  /** An index read from data: an i32 that must lie in 0 … size−1, or the program stops with an error naming `note`. Without a note it is known to. */
  | { readonly kind: "data"; readonly value: Expr; readonly size: Dim; readonly note?: string };

// ---- scalar expressions, a DAG: equal subexpressions of one kernel are the same object

/*
 * Halves are in buffers only: a load gives their value in f32, a store rounds to them, and what lies between is computed
 * in f32. Where a graph asks for a rounding on the way there is a scalar op, `roundF16` or `roundBF16`.
 */

export type Expr =
  | { readonly kind: "const"; readonly dtype: MathType; readonly value: number }
  /** The value of a dimension. */
  | { readonly kind: "size"; readonly dtype: MathType; readonly dim: Dim }
  /** An index as a number: what `iota` is. */
  | { readonly kind: "index"; readonly dtype: MathType; readonly index: Index }
  /** Element `index` of the buffer that is argument `arg` of the kernel; of halves, as f32. Below 0, of its row −1−`arg` (see {@link Kernel.rows}). */
  | { readonly kind: "load"; readonly dtype: MathType; readonly arg: number; readonly index: Index; readonly half?: Half }
  /** A scalar op of the graph; `dtype` is that of the result, the operands' is theirs. Of `exp` it may be known that its operand is not above 0. */
  | { readonly kind: "scalar"; readonly dtype: MathType; readonly op: ScalarName; readonly args: readonly Expr[]; readonly isOfNotPositive?: true }
  | { readonly kind: "select"; readonly dtype: MathType; readonly pred: Expr; readonly a: Expr; readonly b: Expr }
  | { readonly kind: "convert"; readonly dtype: MathType; readonly arg: Expr }
  /** `inside` where every test holds, else `outside`; what is not chosen is not evaluated (its loads may be out of bounds). */
  | { readonly kind: "guard"; readonly dtype: MathType; readonly tests: readonly Test[]; readonly inside: Expr; readonly outside: Expr }
  /** Fold of `body` over `vars`. Only before scheduling, which turns it into an accumulator. */
  | { readonly kind: "reduce"; readonly dtype: MathType; readonly reducer: Reducer; readonly vars: readonly LoopVar[]; readonly body: Expr }
  /** First index along `var` at which `body` is largest or smallest (NaN wins). Only before scheduling. */
  | { readonly kind: "argReduce"; readonly dtype: MathType; readonly reducer: "max" | "min"; readonly var: LoopVar; readonly body: Expr }
  /** Running fold of `body` along `var`, up to and including its present value. Only before scheduling. */
  | { readonly kind: "prefix"; readonly dtype: MathType; readonly reducer: Reducer; readonly var: LoopVar; readonly reverse: boolean; readonly body: Expr }
  /** A name bound by a `let` or an accumulator around this place. Only after scheduling. */
  | { readonly kind: "ref"; readonly dtype: MathType; readonly name: string }
  /** The lanes of a vector accumulator folded into one. Only after scheduling, where a target has lanes. */
  | { readonly kind: "across"; readonly dtype: MathType; readonly reducer: Reducer; readonly name: string };

/** `low <= index < high`, and `index - low` a multiple of `step`. */
export interface Test {
  readonly index: Index;
  readonly low: Dim;
  readonly high: Dim;
  readonly step: number;
}

// ---- kernels

export type StoreMode = "set" | Reducer;

/** One store: for every point of `domain`, writes (or combines) `value` at `index` of argument `arg`. */
export interface StoreSpec {
  readonly arg: number;
  readonly domain: readonly LoopVar[];
  readonly index: Index;
  readonly value: Expr;
  readonly mode: StoreMode;
}

export interface KernelArg {
  readonly name: string;
  readonly dtype: DType;
  /** Elements of the buffer. */
  readonly size: Dim;
  readonly access: "read" | "write" | "readwrite";
  /**
   * Room for what the kernel keeps for itself while it runs: it writes there before it reads, and nobody
   * else does either. Loops that fill it are not `parallel`: of several who share a kernel's loops, each fills its own.
   */
  readonly scratch?: true;
}

/** A scratch argument, as whoever builds the loops asks for it. */
export interface ScratchSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly size: Dim;
}

/** A row that invocations keep: numbers, as they are computed with. */
export interface RowSpec extends ScratchSpec {
  readonly dtype: MathType;
}

/** Where a kernel comes from: the ops computed in it, with the user's lines. */
export interface Origin {
  readonly op: string;
  readonly at: SourceLocation | undefined;
}

/** The three shapes of the design, and the two routines that are neither. */
export type KernelKind = "map" | "reduce" | "contract" | "scatter" | "sort";

/** How a kernel computes what its stores say: a tree of statements. */
export interface Kernel {
  readonly name: string;
  readonly kind: KernelKind;
  readonly args: readonly KernelArg[];
  /** Integer arguments: the symbolic dimensions and enclosing `scan` counters it mentions. */
  readonly scalars: readonly string[];
  readonly origins: readonly Origin[];
  readonly body: readonly Stmt[];
  /** On a GPU: how its loops are spread over invocations. */
  readonly grid?: Grid;
  /**
   * On a GPU: rows that a workgroup keeps, each invocation the elements that fall to it, so that memory is read once.
   * Loops that touch one share its elements out alike. Loads and stores name row k as argument −1−k. In a chain they are
   * memory of the workgroup, which all invocations read and write.
   */
  readonly rows?: readonly RowSpec[];
  /** A sort, which is no tree of loops: the target brings its own routine. */
  readonly sort?: SortSpec;
}

/**
 * How a GPU runs the loops of a kernel: those named `over` become the grid, the others run inside.
 *
 * - `threads`: an invocation for each point of the grid; the loops inside run one iteration after another.
 * - `groups`: `size` invocations for each point, or as many as suit the device: a subgroup or a workgroup. The loops
 *   inside are shared among them, each taking every `size`th iteration; a fold is then combined across them, and what
 *   stands in no loop is computed by all of them alike, and stored by the first.
 * - `tiles`: a product. A workgroup computes a tile of rows and columns, reading the operands through workgroup memory.
 * - `blocks`: a product whose operands cost little to read. An invocation computes a block of rows and columns in its
 *   registers, reading the operands straight from where they are.
 * - `matrices`: a product in tiles, whose subgroups multiply matrices. Each has a block of the tile, of which its
 *   invocations hold the sums among them.
 * - `chain`: products that follow each other row by row. A workgroup has a block of rows; what it keeps of them is its
 *   memory. Its invocations share each loop inside, and wait for each other after it; the loop `steps` they all run.
 */
export type Grid =
  | { readonly kind: "threads" | "groups"; readonly over: readonly string[]; readonly size: number }
  | ChainGrid
  | TileGrid
  | BlockGrid
  | MatrixGrid;

/** The loop along the rows, where it takes several steps, and the invocations of a workgroup. */
export interface ChainGrid {
  readonly kind: "chain";
  readonly over: readonly string[];
  readonly steps: string | undefined;
  readonly size: number;
}

/** The loops of a product by their part in it. */
export interface ProductLoops {
  readonly batch: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly inner: readonly string[];
}

/** A product as every device computes it. */
interface PlainProduct extends ProductLoops {
  /** The same for a device whose subgroups multiply matrices, where numbers of 16 bits hold the operands. */
  readonly matrices?: MatrixGrid;
}

/** `block` iterations of a loop (1 where it is not named) are computed at once: rows and columns side by side, steps written out. */
export interface BlockGrid extends PlainProduct, Blocks {
  readonly kind: "blocks";
  /** The same for a device of narrow vectors, a processor that plays a GPU, where other blocks suit it: it has memory for registers, and each load counts. */
  readonly narrow?: Blocks;
}

export interface Blocks {
  /** Invocations of a workgroup. */
  readonly size: number;
  readonly block: Readonly<Record<string, number>>;
  /** How many of the invocations are side by side, along the columns; the others are below each other. */
  readonly across: number;
}

/** Each invocation computes `perThread` rows by as many columns of a workgroup's tile. */
export interface TileGrid extends PlainProduct {
  readonly kind: "tiles";
  /** Invocations of a workgroup. */
  readonly size: number;
  readonly tile: Tile & { readonly perThread: readonly [number, number] };
}

/** Rows, columns and steps of a tile. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
}

/** Each subgroup computes `perSubgroup` rows and as many columns of a workgroup's tile, in matrices of the size that the device has. */
export interface MatrixGrid extends ProductLoops {
  readonly kind: "matrices";
  readonly tile: Tile & { readonly perSubgroup: number };
}

/** Sorts argument 0 along the middle one of `[outer, length, inner]` into arguments 1 (values) and 2 (i32 positions). */
export interface SortSpec {
  readonly outer: Dim;
  readonly length: Dim;
  readonly inner: Dim;
  readonly descending: boolean;
  /**
   * On a GPU, one of the kernels that a long sort takes: `runs` sorts so many elements at a time, `merge` merges sorted
   * runs two by two, from arguments 0 and 1 into 2 and 3. How long these are is the symbol {@link runSymbol}.
   */
  readonly step?: { readonly kind: "runs"; readonly length: number } | { readonly kind: "merge" };
}

/** Elements of a run that is merged with the next. */
export const runSymbol = "$run";

export type Stmt =
  | { readonly kind: "let"; readonly name: string; readonly value: Expr }
  /** Declares an accumulator, of `lanes` numbers side by side where that is given. */
  | { readonly kind: "acc"; readonly name: string; readonly dtype: MathType; readonly init: number; readonly lanes?: number }
  /** Combines a value into an accumulator. */
  | { readonly kind: "fold"; readonly name: string; readonly dtype: MathType; readonly reducer: Reducer; readonly value: Expr }
  /** Keeps the extreme value in `best` and the index where it was first met in `at`; `at` starts as −1, "none yet". */
  | { readonly kind: "foldArg"; readonly best: string; readonly at: string; readonly reducer: "max" | "min"; readonly value: Expr; readonly index: Index }
  | LoopStmt
  /** With `only`, where all of these hold: what a GPU's invocations share out among them. */
  | { readonly kind: "store"; readonly arg: number; readonly index: Index; readonly value: Expr; readonly mode: StoreMode; readonly only?: readonly Test[] };

/**
 * `for (var = 0; var + step <= extent; var += step)`. With `resume`, it takes the variable where the loop before it
 * (of the same variable, in the same list) left it: the remainder after an unrolled loop. `reverse` counts down.
 */
export interface LoopStmt {
  readonly kind: "loop";
  readonly var: LoopVar;
  readonly step: number;
  /**
   * Neighbouring iterations computed as one vector: what depends on the variable is that wide. 1 on targets that
   * have no vectors. `step` is a multiple of it.
   */
  readonly lanes: number;
  readonly resume: boolean;
  readonly reverse: boolean;
  /** Iterations are independent of each other: they may run in any order, or at once. */
  readonly parallel: boolean;
  /** The last step may reach past the end, and does no harm there: what it touches has room for whole steps. */
  readonly isPadded?: boolean;
  /** On a GPU: the loop ends before the first iteration for which these do not all hold. */
  readonly while?: readonly Test[];
  readonly body: readonly Stmt[];
}
