import type { Dim, DType } from "../../ir/types/index.ts";
import type { ScratchSpec, Stmt, StoreSpec } from "./ir.ts";
import type { ExprPool } from "./pool.ts";
import { schedule } from "./schedule.ts";

/** What a kernel computes, as it is handed to a target's loop builder. */
export interface Computation {
  readonly stores: readonly StoreSpec[];
  readonly pool: ExprPool;
  /** A further argument, for what the kernel keeps for itself: its number. */
  scratch(name: string, dtype: DType, size: Dim): number;
}

/** Makes the loops of a kernel for a target; or says why no such loops exist (then the caller fuses less). */
export type LoopBuilder = (c: Computation) => readonly Stmt[] | string;

/** Loops as they follow from the stores, each stepping singly. */
export const plainLoops: LoopBuilder = ({ stores, pool }) => schedule(stores, pool);

/** Runs a builder on stores whose arguments are numbered from 0 to `args`−1. */
export function buildLoops(builder: LoopBuilder, stores: readonly StoreSpec[], pool: ExprPool, args: number): { readonly body: readonly Stmt[]; readonly scratch: readonly ScratchSpec[] } | string {
  const scratch: ScratchSpec[] = [];
  const body = builder({ stores, pool, scratch: (name, dtype, size) => args + scratch.push({ name, dtype, size }) - 1 });
  return typeof body === "string" ? body : { body, scratch };
}
