import { visitIndex } from "../affine.ts";
import type { Computation } from "../builder.ts";
import { isFold, type Reduce } from "../folds.ts";
import type { Expr, LoopStmt, RowSpec, Stmt, StoreSpec } from "../ir.ts";
import { forEachExpr, type ExprPool } from "../pool.ts";
import { plainVar } from "../affine.ts";
import { schedule, type LoopShape } from "../schedule.ts";
import { isCostly, isFilledFirst, keptRows, withRows, type Kept } from "../stash.ts";
import { forEachStmt, loadsIn } from "../statements.ts";
import { openGrid } from "./nest.ts";

/** The longest row whose parts fit in the registers of a workgroup, and as many rows as do. */
const longestRow = 8192, mostRows = 2;

/** Loops that share rows among invocations, with what these keep of a row. */
export interface RowLoops {
  readonly body: readonly Stmt[];
  readonly rows: readonly RowSpec[];
}

/**
 * The loops of a kernel whose invocations share rows, each keeping what it reads of one for the passes after the
 * first: a softmax reads its input once, and computes its exponentials once. Or why there are no such loops.
 */
export function rowLoops(stores: readonly StoreSpec[], over: readonly string[], shapes: ReadonlyMap<string, LoopShape>, { pool }: Computation): RowLoops | string {
  const build = (s: readonly StoreSpec[]): readonly Stmt[] | string => schedule(s, pool, shapes);
  const isInTime = (body: readonly Stmt[], arg: number): boolean => isFilledFirst(body, arg) && isSharedAlike(openGrid(body, over)?.body ?? [], arg);
  const kept = keptRows(stores, pool, (e, fold) => isWorth(e, fold, pool), build, isInTime).slice(0, mostRows);
  const body = build(withRows(stores, kept, kept.map((_, k) => -1 - k), pool));
  return typeof body === "string" ? body : { body, rows: kept.map(rowOf) };
}

const rowOf = ({ value, over }: Kept, k: number): RowSpec => ({ name: `kept${k === 0 ? "" : k}`, dtype: value.dtype, size: over.extent });

/** What reads the row, up to where it needs a fold of it; and what is costly. */
function isWorth(e: Expr, fold: Reduce, pool: ExprPool): boolean {
  const [{ extent }] = fold.vars;
  if (typeof extent !== "number" || extent > longestRow) return false;
  const frame = pool.freeVars(fold);
  let hasFold = false, readsRow = false;
  forEachExpr([e], (x) => {
    hasFold ||= isFold(x);
    if (x.kind === "load") visitIndex(x.index, (v) => { readsRow ||= frame.has(v.name); }, () => { readsRow = true; });
  }, (x) => { hasFold ||= isFold(x); return isFold(x); });
  return hasFold ? isCostly(e) : readsRow || frame.size === 0;
}

/** Whether each invocation reads only what it has stored itself: the loops that touch a row give it the same elements. */
function isSharedAlike(body: readonly Stmt[], arg: number): boolean {
  const lanes = new Set<number>();
  for (const s of body) {
    if (!touches([s], arg)) continue;
    if (s.kind !== "loop" || s.reverse || (s.body.length === 1 && s.body[0].kind === "loop") || !isAlong(s, arg)) return false;
    lanes.add(s.lanes);
  }
  return lanes.size === 1;
}

const touches = (body: readonly Stmt[], arg: number): boolean => loadsIn(body).some((e) => e.arg === arg) || storesTo(body, arg).length > 0;

const isAlong = ({ var: v, body }: LoopStmt, arg: number): boolean =>
  [...loadsIn(body).filter((e) => e.arg === arg), ...storesTo(body, arg)].every(({ index }) => plainVar(index)?.name === v.name);

function storesTo(body: readonly Stmt[], arg: number): Extract<Stmt, { kind: "store" }>[] {
  const found: Extract<Stmt, { kind: "store" }>[] = [];
  forEachStmt(body, (s) => { if (s.kind === "store" && s.arg === arg) found.push(s); });
  return found;
}
