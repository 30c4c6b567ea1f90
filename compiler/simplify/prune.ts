import { reachable, rebuild, withLocation, type AnyNode, type Region, type Value } from "../../ir/graph/index.ts";
import { slimCond, slimScan, slimWhile, type Slim } from "./slim.ts";

/**
 * Dead code in and around control flow. (Anywhere else, what nothing reaches does not exist.) Drops results that
 * nobody reads with all that was computed for them alone, carries that only feed themselves, captures that are not
 * used; carries that never change become captures. Walks from the results up, so that what one loop no longer needs
 * is gone from the loop before it.
 */
export function pruneControl(roots: readonly Value[]): Value[] {
  const nodes = reachable(roots);
  if (!nodes.some((node) => node.regions.length > 0)) return [...roots];
  const slims = new Map<AnyNode, Slim>();
  const live = new Set(roots);
  for (const node of nodes.toReversed()) {
    const wanted = node.outputs.map((v) => live.has(v));
    if (!wanted.includes(true)) continue;
    const slim = slimmed(node, wanted);
    if (slim) slims.set(node, slim);
    for (const v of slim?.needs ?? node.inputs) live.add(v);
  }

  const images = new Map<Value, Value>();
  const image = (v: Value): Value => images.get(v)!;
  for (const node of nodes) {
    if (!node.outputs.some((v) => live.has(v))) continue;
    const slim = slims.get(node);
    const results = slim ? withLocation(node.at, () => slim.emit(image)) : rebuild(node, node.inputs.map(image), pruneRegions(node.regions));
    for (const [i, v] of node.outputs.entries()) {
      const result = results[i];
      if (result) images.set(v, result);
    }
  }
  return roots.map(image);
}

function slimmed(node: AnyNode, wanted: readonly boolean[]): Slim | undefined {
  switch (node.op) {
    case "cond": return slimCond(node, wanted);
    case "while": return slimWhile(node, wanted);
    case "scan": return slimScan(node, wanted);
    default: return undefined;
  }
}

/** The same regions, pruned inside; the same list where nothing changes. */
function pruneRegions(regions: readonly Region[]): readonly Region[] {
  const pruned = regions.map((region): Region => {
    const results = pruneControl(region.results);
    return results.every((v, i) => v === region.results[i]) ? region : { params: region.params, results };
  });
  return pruned.every((r, i) => r === regions[i]) ? regions : pruned;
}
