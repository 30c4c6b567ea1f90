import type { Computation } from "../builder.ts";
import type { LoopVar, Stmt, StoreSpec } from "../ir.ts";
import type { ExprPool } from "../pool.ts";
import { schedule } from "../schedule.ts";
import { nested } from "../statements.ts";
import { pointsOf, typical } from "./folds.ts";
import { segmentStages } from "./segments.ts";

/** Invocations among which the elements of a scatter's result are shared out, and how many the rest of the grid should make of them. */
const mostOwners = 64, enoughInvocations = 4096;

/**
 * The updates of a scatter: two may meet at one element, and are combined in their order, so that the result is the
 * same every time. Many are sorted ({@link segmentStages}). Of few, each invocation owns a part of the elements, goes through all updates and applies those that fall
 * to it. Loops that step through the result plainly (whole rows that are updated) are shared out as they are.
 */
export function scatterStages(c: Computation): void {
  const [store] = c.stores;
  const isPlain = (v: LoopVar): boolean => store.index.terms.some(({ atom }) => atom.kind === "var" && atom.var.name === v.name);
  const plain = store.domain.filter(isPlain), ordered = store.domain.filter((v) => !isPlain(v));
  if (segmentStages(store, plain, ordered, c)) return;
  const body = schedule([{ ...store, domain: [...plain, ...ordered] }], c.pool);
  if (typeof body === "string") throw new Error(`internal: ${body}`);
  const over = plain.map((v) => v.name);
  if (ordered.length === 0) { c.stage({ body, grid: { kind: "threads", over, size: 64 } }); return; }
  const owner: LoopVar = { name: c.pool.freshName("owner"), extent: ownersFor(store, plain) };
  c.stage({ body: nested([owner], onlyOwned(body, owner, new Set(over), c.pool)), grid: { kind: "threads", over: [owner.name, ...over], size: 64 } });
}

function ownersFor(store: StoreSpec, plain: readonly LoopVar[]): number {
  return Math.max(1, Math.min(mostOwners, Math.ceil(enoughInvocations / typical(pointsOf(plain)))));
}

/** The loops, storing only what falls to the owner: the elements whose position leaves a remainder of its number. */
function onlyOwned(body: readonly Stmt[], owner: LoopVar, plain: ReadonlySet<string>, pool: ExprPool): Stmt[] {
  const ix = pool.index;
  return body.map((s): Stmt => {
    if (s.kind === "loop") return { ...s, parallel: plain.has(s.var.name), body: onlyOwned(s.body, owner, plain, pool) };
    if (s.kind !== "store") return s;
    const rest = ix.add(ix.mod(s.index, owner.extent), ix.scale(ix.variable(owner), -1));
    return { ...s, only: [{ index: rest, low: 0, high: 1, step: 1 }] };
  });
}
