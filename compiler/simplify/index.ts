import type { GraphFunction, Value } from "../../ir/graph/index.ts";
import { NodeKeys } from "./cse.ts";
import { hoistInvariants } from "./hoist.ts";
import { pruneControl } from "./prune.ts";
import { rewriteValues } from "./rewrite.ts";

/** Rounds after which a graph is taken as it is. Each finds what the last one uncovered; more than three are rare. */
const maxRounds = 8;

/**
 * A function that computes the same with less: rules of algebra and of movement, constants folded, common
 * subexpressions shared, dead code dropped, loop-invariant work moved out of loops.
 *
 * Needs a graph without derivative ops: they name values of the graph, which are replaced here. Values change by
 * rounding at most, NaN and infinities not at all, and no work is done twice that was done once. Nodes keep the
 * source lines of those they replace. The function's inputs stay the same values.
 */
export function simplify(fn: GraphFunction): GraphFunction {
  const keys = new NodeKeys();
  let values: readonly Value[] = [...fn.outputs, ...fn.updates].map((o) => o.value);
  for (let round = 0; round < maxRounds; round++) {
    const next = hoistInvariants(pruneControl(rewriteValues(values, keys)));
    const stable = next.every((v, i) => v === values[i]);
    values = next;
    if (stable) break;
  }
  const { outputs, updates } = fn;
  return {
    ...fn,
    outputs: outputs.map((o, i) => ({ ...o, value: values[i] })),
    updates: updates.map((u, i) => ({ ...u, value: values[outputs.length + i] })),
  };
}
