import { dims, type Dim } from "../../ir/types/index.ts";
import { visitIndex } from "./affine.ts";
import type { Stmt } from "./ir.ts";
import { forEachExpr } from "./pool.ts";
import { rootsOf } from "./statements.ts";

/**
 * How much statements do, as a dimension: elements loaded, stored and computed, each counting one. Good enough to tell
 * what is worth sharing out, for any size; `plan/stats.ts` counts exactly, for one.
 */
export function workOf(body: readonly Stmt[]): Dim {
  return walk(body, 1, 1);
}

/** `points`: how often, all loops around together; a body that does several points at once is `width` of them. */
function walk(body: readonly Stmt[], points: Dim, width: number): Dim {
  let work: Dim = 0;
  for (const s of body) {
    if (s.kind !== "loop") work = dims.add(work, dims.mul(points, Math.ceil(operations(s) / width)));
    // the rest of an unrolled loop does what is left of the same points
    else if (!s.resume) work = dims.add(work, walk(s.body, dims.mul(points, s.var.extent), (width * s.step) / s.lanes));
  }
  return work;
}

function operations(s: Exclude<Stmt, { kind: "loop" }>): number {
  if (s.kind === "acc") return 0;
  let count = s.kind === "let" ? 0 : 1;
  if (s.kind === "store") visitIndex(s.index, () => {}, () => { count++; });
  forEachExpr(rootsOf(s), (e) => { if (e.kind !== "const" && e.kind !== "ref" && e.kind !== "size") count++; });
  return count;
}
