import type { Dim, MathType } from "../../ir/types/index.ts";
import type { Grid, RowSpec, ScratchSpec, SortSpec, Stmt, StoreSpec } from "./ir.ts";
import type { ExprPool } from "./pool.ts";
import { dropTests } from "./guards.ts";
import { schedule, type Within } from "./schedule.ts";

/** What a kernel computes, as it is handed to a target's loop builder. */
export interface Computation {
  readonly stores: readonly StoreSpec[];
  readonly pool: ExprPool;
  /** Iterations may meet at one element, and then keep their order: the updates of a scatter. */
  readonly isOrdered?: boolean;
  /** Where the loops will stand, if that is inside others. */
  readonly within?: Within;
  /** A further argument, for what the kernel keeps for itself: its number. */
  scratch(name: string, dtype: MathType, size: Dim): number;
  /** On a GPU: one of the kernels that the computation takes, in order. What they hand on is scratch. The builder then returns no statements. */
  stage(stage: Stage): void;
}

/** One of the kernels of a computation, on a target where all of it must end before anything after it can begin: loops, or a sort. */
export type Stage = LoopStage | SortStage;

export interface LoopStage {
  readonly body: readonly Stmt[];
  readonly grid: Grid;
  readonly rows?: readonly RowSpec[];
}

export interface SortStage {
  readonly sort: SortSpec;
  /** The arguments that a sort takes, in their order. */
  readonly args: readonly number[];
}

/** What a builder made of a computation. */
export interface BuiltLoops {
  readonly body: readonly Stmt[];
  readonly scratch: readonly ScratchSpec[];
  /** Kernels instead of one body. */
  readonly stages: readonly Stage[];
}

/** Makes the loops of a kernel for a target; or says why no such loops exist (then the caller fuses less). */
export type LoopBuilder = (c: Computation) => readonly Stmt[] | string;

/** Loops as they follow from the stores, each stepping singly. */
export const plainLoops: LoopBuilder = ({ stores, pool }) => schedule(stores, pool);

/** What fusing has to know of a target, beside how its loops are built. */
export interface FusingRules {
  /** Builds loops only to see whether there are any: where the answer does not depend on how loops step, plain ones. */
  readonly attempts: LoopBuilder;
  /** Builds loops only to see whether a product can compute its operands; absent where it reads them from memory. */
  readonly operands?: LoopBuilder;
  /** Buffers that a kernel is worth touching when others are merged into it. */
  readonly maxArguments: number;
  /** Buffers that no kernel can touch more of. */
  readonly mostArguments: number;
  /** Whether the target's builder knows products that follow each other row by row ({@link "./chain/chain.ts"}). */
  readonly hasChains: boolean;
  /** Each store of an op that takes several, one after the other, is a kernel of its own, made by the target's builder. */
  readonly isStaged: boolean;
}

/** The rules where a kernel is a function that runs from its beginning to its end. */
export const rulesOfFunctions: FusingRules = { attempts: plainLoops, maxArguments: 24, mostArguments: Infinity, hasChains: true, isStaged: false };

/** Runs a builder on stores whose arguments are numbered from 0 to `args`−1. */
export function buildLoops(builder: LoopBuilder, stores: readonly StoreSpec[], pool: ExprPool, args: number, isOrdered = false): BuiltLoops | string {
  const scratch: ScratchSpec[] = [], stages: Stage[] = [];
  const body = builder({ stores: dropTests(stores, pool), pool, isOrdered, scratch: (name, dtype, size) => args + scratch.push({ name, dtype, size }) - 1, stage: (s) => { stages.push(s); } });
  return typeof body === "string" ? body : { body, scratch, stages };
}
