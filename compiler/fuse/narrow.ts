import { emitOne, withLocation, type AnyNode, type GraphFunction, type Value } from "../../ir/graph/index.ts";
import { replaceNodes } from "./replace.ts";

/** Parts that a concatenation keeps, where a kernel may touch few buffers. */
const most = 4;

/**
 * Concatenations of many parts become trees of small ones: where a kernel may touch only so many buffers, no kernel
 * could do the whole. Nothing else changes.
 */
export const narrowConcats = (fn: GraphFunction): GraphFunction =>
  replaceNodes(fn, (node, inputs) => (node.op === "concat" && inputs.length > most ? [tree(inputs, node)] : undefined));

function tree(parts: readonly Value[], { at, attrs }: Extract<AnyNode, { op: "concat" }>): Value {
  if (parts.length === 1) return parts[0];
  if (parts.length <= most) return withLocation(at, () => emitOne("concat", parts, attrs));
  const groups = Array.from({ length: Math.ceil(parts.length / most) }, (_, i) => parts.slice(i * most, (i + 1) * most));
  return tree(groups.map((g) => tree(g, { at, attrs } as Extract<AnyNode, { op: "concat" }>)), { at, attrs } as Extract<AnyNode, { op: "concat" }>);
}
