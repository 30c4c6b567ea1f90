import { reachable, rebuild, type AnyNode, type GraphFunction, type Region, type Value } from "../../ir/graph/index.ts";

/** What stands for a node's results, given its operands and regions as they are now; undefined where it stays. */
export type Replace = (node: AnyNode, inputs: readonly Value[], regions: readonly Region[]) => readonly Value[] | undefined;

/** A function with nodes replaced, operands first, and those of regions before the node that has them. */
export function replaceNodes(fn: GraphFunction, replace: Replace): GraphFunction {
  const { outputs, updates } = fn;
  const values = replaceIn([...outputs, ...updates].map((o) => o.value), replace);
  return {
    ...fn,
    outputs: outputs.map((o, i) => ({ ...o, value: values[i] })),
    updates: updates.map((u, i) => ({ ...u, value: values[outputs.length + i] })),
  };
}

/** The same for what is reached from some values. Where nothing is replaced, the very same values come back. */
export function replaceIn(roots: readonly Value[], replace: Replace): Value[] {
  const image = new Map<Value, Value>();
  for (const node of reachable(roots)) {
    const inputs = node.inputs.map((v) => image.get(v)!), regions = node.regions.map((r) => replaceInRegion(r, replace));
    const isSame = inputs.every((v, i) => v === node.inputs[i]) && regions.every((r, i) => r === node.regions[i]);
    const results = replace(node, inputs, regions) ?? (isSame ? node.outputs : rebuild(node, inputs, regions));
    node.outputs.forEach((v, i) => image.set(v, results[i] ?? v));
  }
  return roots.map((v) => image.get(v)!);
}

function replaceInRegion(region: Region, replace: Replace): Region {
  const results = replaceIn(region.results, replace);
  return results.every((v, i) => v === region.results[i]) ? region : { params: region.params, results };
}
