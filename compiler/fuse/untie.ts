import { reachable, rebuild, type AnyNode, type GraphFunction, type Region, type Value } from "../../ir/graph/index.ts";

/** A function without barriers, and what they said. */
export interface Untied {
  readonly fn: GraphFunction;
  /** What the values became that were asked for besides. */
  readonly others: readonly Value[];
  /** Values that have to be computed before a node is, besides its operands. */
  readonly after: ReadonlyMap<AnyNode, readonly Value[]>;
  /** The value of the function with barriers that one of this function is. */
  readonly original: (v: Value) => Value;
}

/**
 * Takes the barriers out of a graph: what reads one reads its operand, and is noted to come after what the barrier
 * waits for. Nodes that were kept apart stay apart, as nothing after this compares what nodes compute.
 */
export function untie(fn: GraphFunction, others: readonly Value[] = []): Untied {
  const after = new Map<AnyNode, readonly Value[]>(), originals = new Map<Value, Value>();
  const { outputs, updates } = fn;
  const values = untied([...[...outputs, ...updates].map((o) => o.value), ...others], after, originals);
  return {
    fn: {
      ...fn,
      outputs: outputs.map((o, i) => ({ ...o, value: values[i] })),
      updates: updates.map((u, i) => ({ ...u, value: values[outputs.length + i] })),
    },
    others: values.slice(outputs.length + updates.length),
    after,
    original: (v) => originals.get(v) ?? v,
  };
}

function untied(roots: readonly Value[], after: Map<AnyNode, readonly Value[]>, originals: Map<Value, Value>): Value[] {
  const images = new Map<Value, Value>(), waits = new Map<Value, readonly Value[]>();
  for (const node of reachable(roots)) {
    const inputs = node.inputs.map((v) => images.get(v)!);
    const waited = node.inputs.flatMap((v) => waits.get(v) ?? []);
    if (node.op === "barrier") {
      images.set(node.outputs[0], inputs[0]);
      waits.set(node.outputs[0], [...(waits.get(node.inputs[0]) ?? []), ...inputs.slice(1)]);
      continue;
    }
    const results = rebuild(node, inputs, untiedRegions(node.regions, after, originals));
    for (const [i, v] of node.outputs.entries()) {
      images.set(v, results[i]);
      if (results[i] !== v) originals.set(results[i], v);
    }
    if (waited.length > 0) after.set(results[0].node as AnyNode, waited);
  }
  return roots.map((v) => images.get(v)!);
}

/** Regions without barriers; the very same where there are none. */
function untiedRegions(regions: readonly Region[], after: Map<AnyNode, readonly Value[]>, originals: Map<Value, Value>): readonly Region[] {
  const next = regions.map((region): Region => {
    const results = untied(region.results, after, originals);
    return results.every((v, i) => v === region.results[i]) ? region : { params: region.params, results };
  });
  return next.every((r, i) => r === regions[i]) ? regions : next;
}
