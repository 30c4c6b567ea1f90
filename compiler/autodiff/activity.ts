import { reachable, type AnyNode, type Value } from "../../ir/graph/index.ts";
import { isScalarName, scalarRow } from "../../ir/ops/index.ts";
import { isFloat } from "../../ir/types/index.ts";

/** Whether no derivative passes through a node whatever its operands. */
function blocks(node: AnyNode): boolean {
  if (node.op === "stopGradient") return true;
  return isScalarName(node.op) && (scalarRow(node.op).partials?.every((p) => p === null) ?? true);
}

/**
 * The values below `roots` that vary with `wrt`, `wrt` included. Only floats vary: a derivative does not pass
 * through an integer.
 */
export function dependents(roots: readonly Value[], wrt: Iterable<Value>): Set<Value> {
  const active = new Set([...wrt].filter((v) => isFloat(v.type.dtype)));
  for (const node of reachable(roots)) {
    if (blocks(node) || !node.inputs.some((v) => active.has(v))) continue;
    for (const v of node.outputs) if (isFloat(v.type.dtype)) active.add(v);
  }
  return active;
}

/** The values on the ways from `wrt` to `roots`: both ends included, where there is a way. */
export function between(roots: readonly Value[], wrt: Iterable<Value>): Set<Value> {
  const active = dependents(roots, wrt);
  const met = new Set<Value>();
  const stack = roots.filter((v) => active.has(v));
  while (stack.length > 0) {
    const v = stack.pop()!;
    if (met.has(v)) continue;
    met.add(v);
    if (!blocks(v.node as AnyNode)) stack.push(...v.node.inputs.filter((x) => active.has(x)));
  }
  return met;
}
