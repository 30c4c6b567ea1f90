import { dims, type Dim, type MathType } from "../../../ir/types/index.ts";
import type { Reduce } from "../folds.ts";
import type { Expr, Index, LoopVar, StoreSpec } from "../ir.ts";
import { forEachExpr, type ExprPool } from "../pool.ts";

export type Load = Extract<Expr, { kind: "load" }>;

/** A sum of products that a kernel computes for every point of its stores: a matrix product, a convolution, their gradients. */
export interface Product {
  readonly fold: Reduce;
  readonly sides: readonly [Side, Side];
  /** Loops of the stores that both operands step along. */
  readonly batch: readonly LoopVar[];
  /** The loop over images around all of these, if there is one. */
  readonly image: LoopVar | undefined;
}

/** An operand of a product. */
export interface Side {
  readonly value: Expr;
  /** Loops of the stores that this operand steps along and the other does not, in order. */
  readonly own: readonly LoopVar[];
  /** Whether every image has another. */
  readonly isOfImage: boolean;
}

/** Images that a product is computed one by one of: the loop over them, and the argument that the present one is staged in. */
export interface Images {
  readonly loop: LoopVar;
  readonly arg: number;
}

/** Numbers of 32 bits, four in a vector. */
const vectorDtypes: ReadonlySet<MathType> = new Set(["f32", "i32", "u32"]);

/** The product in a kernel's stores, where there is one that vectors can compute. */
export function findProduct(stores: readonly StoreSpec[], pool: ExprPool, images?: Images): Product | undefined {
  const folds: Reduce[] = [];
  forEachExpr(stores.map((s) => s.value), (e) => { if (e.kind === "reduce" || e.kind === "argReduce" || e.kind === "prefix") folds.push(e as Reduce); });
  const [fold] = folds, [{ domain }] = stores;
  if (folds.length !== 1 || fold.kind !== "reduce" || fold.reducer !== "sum" || !vectorDtypes.has(fold.dtype)) return undefined;
  if (!stores.every((s) => s.mode === "set" && s.domain.length === domain.length && s.domain.every((v, i) => v.name === domain[i].name))) return undefined;
  if (fold.body.kind !== "scalar" || fold.body.op !== "mul") return undefined;
  // a row's sum of squares goes along the loop that stores the row
  if (fold.vars.some((v) => domain.some((d) => d.name === v.name))) return undefined;
  const [left, right] = fold.body.args.map((e) => pool.freeVars(e));
  const loops = domain.filter((v) => v.name !== images?.loop.name), batch = loops.filter((v) => left.has(v.name) && right.has(v.name));
  const side = (value: Expr, a: ReadonlyMap<string, LoopVar>, b: ReadonlyMap<string, LoopVar>): Side => ({
    value, own: loops.filter((v) => a.has(v.name) && !b.has(v.name)),
    isOfImage: images !== undefined && (a.has(images.loop.name) || (value.kind === "load" && value.arg === images.arg)),
  });
  const sides = [side(fold.body.args[0], left, right), side(fold.body.args[1], right, left)] as const;
  return sides[0].own.length + sides[1].own.length + batch.length === loops.length ? { fold, sides, batch, image: images?.loop } : undefined;
}

/** Step of an index along a loop where the loop appears plainly; 0 where it does not appear; else undefined. */
export function stepAlong(x: Index, name: string): Dim | undefined {
  let step: Dim = 0;
  for (const { atom, stride } of x.terms) {
    if (atom.kind === "var") { if (atom.var.name === name) step = stride; }
    else if (atom.kind === "data" || mentions(atom.of, name)) return undefined;
  }
  return step;
}

function mentions(x: Index, name: string): boolean {
  return x.terms.some(({ atom }) => (atom.kind === "var" ? atom.var.name === name : atom.kind === "data" || mentions(atom.of, name)));
}

/** What a symbol counts for where costs must be compared. Affects speed, never results. */
const typicalSize = 16;

/** A size in numbers, with a typical one for each symbol. */
export const typical = (d: Dim): number => (typeof d === "number" ? d : Math.max(1, dims.evaluate(d, Object.fromEntries(dims.symbolsOf(d).map((s) => [s, typicalSize])))));

export const sizeOf = (vars: readonly LoopVar[]): number => vars.reduce((n, v) => n * typical(v.extent), 1);
