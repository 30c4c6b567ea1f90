import type { Expr, StoreSpec } from "./ir.ts";
import { forEachExpr, type ExprPool } from "./pool.ts";

/**
 * Marks exponentials of what is not above 0, whatever the data: x − max x, as in a softmax, and −x², as in the derivative
 * of erf. Their results cannot be too large, which spares a target a part of its work.
 *
 * To come before passes that rewrite folds: those of a softmax are recognised by what they fold.
 */
export function markExponents(stores: readonly StoreSpec[], pool: ExprPool): readonly StoreSpec[] {
  const marked = new Set<Expr>(), done = new Map<Expr, Expr>();
  forEachExpr(stores.map((s) => s.value), (e) => { if (e.kind === "scalar" && e.op === "exp" && isNotPositive(e.args[0], pool)) marked.add(e); });
  if (marked.size === 0) return stores;
  const on = (e: Expr): Expr => pool.rewrite(e, new Map(), (x) => (x.kind === "scalar" && marked.has(x) ? pool.make({ ...x, args: x.args.map(on), isOfNotPositive: true }) : undefined), done);
  return stores.map((s) => ({ ...s, value: on(s.value) }));
}

/** Whether a number is at most 0, or NaN. */
function isNotPositive(e: Expr, pool: ExprPool): boolean {
  if (e.kind !== "scalar") return false;
  const [a, b] = e.args;
  if (e.op === "neg") return a.kind === "scalar" && (a.op === "abs" || (a.op === "mul" && a.args[0] === a.args[1]));
  return e.op === "sub" && b.kind === "reduce" && b.reducer === "max" && isFolded(a, b, pool);
}

/** Whether a value is one of those that a fold along one loop takes in: its body, along another loop as long. */
function isFolded(value: Expr, { vars, body }: Extract<Expr, { kind: "reduce" }>, pool: ExprPool): boolean {
  const [over] = vars;
  return vars.length === 1 && [...pool.freeVars(value).values()].some((v) => v.extent === over.extent && pool.substitute(body, new Map([[over.name, pool.index.variable(v)]])) === value);
}
