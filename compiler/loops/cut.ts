import { plainVar } from "./affine.ts";
import type { Computation } from "./builder.ts";
import { allIndices, nestsOf, withLoops } from "./collapse.ts";
import { lanes } from "./contract/index.ts";
import type { Index, LoopVar, StoreSpec } from "./ir.ts";

/** Steps that a loop is worth starting for, in whole vectors. */
const leastSteps = 16;

/**
 * Cuts loops whose position indices take apart: where heads side by side are read as columns, column `c` is
 * `c % 64` of head `c / 64`. With a loop over heads and one over the columns of each, nothing divides at every step, and
 * neighbours are neighbours again. What {@link file://./collapse.ts} joined because a shape said so, an index takes
 * apart because memory does. The order of the steps stays.
 */
export function cutLoops(c: Computation): Computation {
  for (let { stores } = c; ;) {
    const cut = findCut(stores);
    if (!cut) return { ...c, stores };
    const { loop, by } = cut, { index: ix } = c.pool;
    const outer: LoopVar = { name: `${loop.name}_outer`, extent: (loop.extent as number) / by }, inner: LoopVar = { name: `${loop.name}_inner`, extent: by };
    stores = withLoops(stores, c.pool, new Map([[loop.name, { loops: [outer, inner], at: ix.add(ix.scale(ix.variable(outer), by), ix.variable(inner)) }]]));
  }
}

/** A loop that an index divides evenly, and by how much: the most of several, as the less can still be taken from what is left. */
function findCut(stores: readonly StoreSpec[]): { readonly loop: LoopVar; readonly by: number } | undefined {
  const { alone } = nestsOf(stores);
  let best: { loop: LoopVar; by: number } | undefined;
  const look = (x: Index): void => {
    for (const { atom } of x.terms) {
      if (atom.kind !== "div" && atom.kind !== "mod") continue;
      look(atom.of);
      const loop = plainVar(atom.of), { by } = atom;
      if (!loop || typeof by !== "number" || typeof loop.extent !== "number" || alone.has(loop.name)) continue;
      if (by >= leastSteps && by % lanes === 0 && by < loop.extent && loop.extent % by === 0 && (!best || by > best.by)) best = { loop, by };
    }
  };
  allIndices(stores).forEach(look);
  return best;
}
