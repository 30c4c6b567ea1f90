import type { ScalarRow } from "../../ir/ops/index.ts";
import { isHalf, mathType, type DType, type Half } from "../../ir/types/index.ts";
import type { Expr } from "../loops/ir.ts";
import { isPicked } from "../loops/halves.ts";
import type { ExprPool } from "../loops/pool.ts";

/**
 * Values of halves within a kernel, where they are f32. PyTorch rounds the result of every op; a kernel that computes
 * several rounds what it stores, and keeps the digits of what goes from one op to the next. But a value must look the
 * same to all who ask a question about it: what is equal to its maximum, or infinite, in one kernel is so in another that
 * reads it from memory. So it is rounded where it is compared, where it becomes another dtype, and where it goes into
 * any function with jumps.
 */

const rounding = { f16: "roundF16", bf16: "roundBF16" } as const;

/** A value as a buffer of its dtype would hold it. */
export const held = (pool: ExprPool, dtype: DType, e: Expr): Expr => (!isHalf(dtype) || isHeld(e, rounding[dtype]) ? e : rounded(pool, dtype, e));

const rounded = (pool: ExprPool, dtype: Half, e: Expr): Expr => pool.make({ kind: "scalar", dtype: "f32", op: rounding[dtype], args: [e] });

/** The value of a half to be stored: the store rounds it. */
export const unrounded = (dtype: DType, e: Expr): Expr => (isHalf(dtype) && e.kind === "scalar" && e.op === rounding[dtype] ? e.args[0] : e);

/** Whether an expression for a value of a half is rounded: it is read from memory, or one of several that are is picked. */
const isHeld = (e: Expr, round: "roundF16" | "roundBF16"): boolean =>
  isPicked(e, (x) => x.kind === "load" || x.kind === "const" || (x.kind === "scalar" && x.op === round));

/** Whether a scalar op has no derivative: it asks a question, or goes in steps. */
export const hasJumps = ({ partials }: ScalarRow): boolean => partials === null || partials.every((p) => p === null);

/** A value, as a buffer of dtype `from` holds it, in dtype `to`. */
export function converted(pool: ExprPool, from: DType, to: DType, e: Expr): Expr {
  const dtype = mathType(to), value = e.dtype === dtype ? e : pool.make({ kind: "convert", dtype, arg: e });
  // no half has too few digits for a byte
  return !isHalf(to) || from === "bool" || from === "u8" ? value : rounded(pool, to, value);
}
