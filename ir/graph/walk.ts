import type { AnyNode, Value } from "./node.ts";

/** Every node the values reach, inputs before users (ascending id). Region bodies are not entered. */
export function reachable(values: Iterable<Value>): AnyNode[] {
  const seen = new Set<AnyNode>();
  const stack = [...values].map((v) => v.node as AnyNode);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of node.inputs) if (!seen.has(input.node as AnyNode)) stack.push(input.node as AnyNode);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** Nodes that use each value, among `nodes`. */
export function usersOf(nodes: Iterable<AnyNode>): Map<Value, AnyNode[]> {
  const users = new Map<Value, AnyNode[]>();
  for (const node of nodes)
    for (const input of new Set(node.inputs)) {
      const list = users.get(input);
      if (list) list.push(node);
      else users.set(input, [node]);
    }
  return users;
}
