import { emitOne, reachable, rebuild, withLocation, type AnyNode, type GraphFunction, type Region, type Value } from "../../ir/graph/index.ts";

/** Parts that a concatenation keeps, where a kernel may touch few buffers. */
const most = 4;

/**
 * Concatenations of many parts become trees of small ones: where a kernel may touch only so many buffers, no kernel
 * could do the whole. Nothing else changes.
 */
export function narrowConcats(fn: GraphFunction): GraphFunction {
  const values = narrowed([...fn.outputs, ...fn.updates].map((o) => o.value));
  return {
    ...fn,
    outputs: fn.outputs.map((o, i) => ({ ...o, value: values[i] })),
    updates: fn.updates.map((u, i) => ({ ...u, value: values[fn.outputs.length + i] })),
  };
}

function narrowed(roots: readonly Value[]): Value[] {
  const image = new Map<Value, Value>();
  for (const node of reachable(roots)) {
    const inputs = node.inputs.map((v) => image.get(v)!), regions = node.regions.map(narrowRegion);
    const isSame = inputs.every((v, i) => v === node.inputs[i]) && regions.every((r, i) => r === node.regions[i]);
    const results = node.op === "concat" && inputs.length > most ? [tree(inputs, node)] : isSame ? node.outputs : rebuild(node, inputs, regions);
    node.outputs.forEach((v, i) => image.set(v, results[i]));
  }
  return roots.map((v) => image.get(v)!);
}

function narrowRegion(region: Region): Region {
  const results = narrowed(region.results);
  return results.every((v, i) => v === region.results[i]) ? region : { params: region.params, results };
}

function tree(parts: readonly Value[], { at, attrs }: Extract<AnyNode, { op: "concat" }>): Value {
  if (parts.length === 1) return parts[0];
  if (parts.length <= most) return withLocation(at, () => emitOne("concat", parts, attrs));
  const groups = Array.from({ length: Math.ceil(parts.length / most) }, (_, i) => parts.slice(i * most, (i + 1) * most));
  return tree(groups.map((g) => tree(g, { at, attrs } as Extract<AnyNode, { op: "concat" }>)), { at, attrs } as Extract<AnyNode, { op: "concat" }>);
}
