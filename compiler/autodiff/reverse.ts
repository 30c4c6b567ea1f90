import { reachable, withLocation, type Value } from "../../ir/graph/index.ts";
import { sameType, typeText } from "../../ir/types/index.ts";
import { dependents } from "./activity.ts";
import { forward } from "./forward.ts";
import { cotangentsOf } from "./rules.ts";
import type { Derivatives, Maybe, Pass } from "./rule.ts";
import { accumulate } from "./values.ts";

/**
 * Reverse mode: cotangents of `wrt` for given cotangents of `ys`.
 *
 * Walks back from `ys` over the nodes that depend on `wrt`, adding up what each user of a value gives it. A
 * value may be asked for that others asked for depend on; each gets its total derivative.
 */
export function reverse(ys: readonly Value[], cotangents: readonly Maybe[], wrt: readonly Value[]): Derivatives {
  const active = dependents(ys, wrt);
  const gathered = new Map<Value, Value>();
  const give = (to: Value, ct: Maybe): void => {
    if (!ct || !active.has(to)) return;
    if (!sameType(to.type, ct.type)) throw new Error(`internal: ${to.node.op} of ${typeText(to.type)} got a cotangent ${typeText(ct.type)}`);
    const sum = gathered.get(to);
    gathered.set(to, sum ? accumulate(sum, ct) : ct);
  };
  for (const [i, y] of ys.entries()) give(y, cotangents[i]);

  const superseded = new Map<Value, Value>();
  const pass: Pass = {
    reverse, forward,
    supersede: (node, by) => { for (const [i, v] of node.outputs.entries()) superseded.set(v, by[i]); },
  };
  // every user of a value has a larger id: when a node's turn comes, its cotangents are complete
  for (const node of reachable(ys).reverse()) {
    const given = node.outputs.map((v) => gathered.get(v));
    const wanted = node.inputs.map((v) => active.has(v));
    if (!given.some(Boolean) || !wanted.some(Boolean)) continue;
    withLocation(node.at, () => {
      const toInputs = cotangentsOf(node, given, wanted, pass);
      for (const [i, v] of node.inputs.entries()) give(v, toInputs[i]);
    });
  }
  return { values: wrt.map((w) => gathered.get(w)), superseded };
}

