import type { Expr, Kernel, LoopVar, Stmt, TileGrid } from "../../loops/ir.ts";
import { Statements } from "./statement.ts";
import type { VectorExpressions } from "./vector.ts";

type Fold = Extract<Stmt, { kind: "fold" }>;

/** A product's loops taken apart: what is bound on the way in, the two operands, and what is done with each sum. */
export interface ProductNest {
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
export function openProduct(kernel: Kernel, grid: Pick<TileGrid, "inner">): ProductNest {
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

/** The statements of the epilogue, where bindings have names again. */
export function printEpilogue(nest: ProductNest, x: VectorExpressions): string[] {
  x.forget();
  return new Statements(x).list(nest.epilogue);
}
