import { reachable, withLocation, type Value } from "../../ir/graph/index.ts";
import { sameType, typeText } from "../../ir/types/index.ts";
import { reverse } from "./reverse.ts";
import type { Derivatives, Maybe, Pass } from "./rule.ts";
import { tangentsOf } from "./rules.ts";
import { add } from "./values.ts";

/**
 * Forward mode: tangents of `ys` for given tangents of `wrt`, carried along from operands to results.
 *
 * Where one value of `wrt` depends on another, its own tangent adds to the one it inherits; that is the exact
 * dual of what reverse mode returns.
 */
export function forward(ys: readonly Value[], wrt: readonly Value[], tangents: readonly Maybe[]): Derivatives {
  const own = new Map<Value, Value>();
  const plus = (a: Maybe, b: Maybe): Maybe => (a && b ? add(a, b) : a ?? b);
  for (const [i, w] of wrt.entries()) {
    const total = plus(own.get(w), tangents[i]);
    if (total) own.set(w, total);
  }

  const superseded = new Map<Value, Value>();
  const pass: Pass = {
    reverse, forward,
    supersede: (node, by) => { for (const [i, v] of node.outputs.entries()) superseded.set(v, by[i]); },
  };
  const carried = new Map<Value, Value>();
  for (const node of reachable(ys)) {
    const given = node.inputs.map((v) => carried.get(v));
    const derived = given.some(Boolean) ? withLocation(node.at, () => tangentsOf(node, given, pass)) : [];
    for (const [i, v] of node.outputs.entries()) {
      const tangent = plus(derived[i], own.get(v));
      if (!tangent) continue;
      if (!sameType(v.type, tangent.type)) throw new Error(`internal: ${node.op} of ${typeText(v.type)} got a tangent ${typeText(tangent.type)}`);
      carried.set(v, tangent);
    }
  }
  return { values: ys.map((y) => carried.get(y)), superseded };
}
