import { emitOne, reachable, rebuild, type AnyNode, type Node, type Region, type Value } from "../../ir/graph/index.ts";
import type { TensorType } from "../../ir/types/index.ts";

/** Values and what stands in their place. */
export type Images = ReadonlyMap<Value, Value>;

/**
 * `roots` with every value that has an image replaced by it, everywhere below. Images are taken as they are:
 * nothing inside them is replaced. Nodes that nothing touches stay the same objects.
 */
export function substitute(roots: readonly Value[], images: Images): Value[] {
  return rebuildBelow(roots, (v) => v, images);
}

/**
 * Like {@link substitute}, but images are rewritten too, so an image may mention other values that have images
 * (never, directly or not, the value it stands for).
 */
export function rewire(roots: readonly Value[], images: Images): Value[] {
  if (images.size === 0) return [...roots];
  return rebuildBelow(roots, (v) => {
    for (let image = images.get(v); image; image = images.get(v)) v = image;
    return v;
  }, new Map());
}

/** Rebuilds what `roots` reach, operands first: each value is read through `resolve`; those in `given` are known. */
function rebuildBelow(roots: readonly Value[], resolve: (v: Value) => Value, given: Images): Value[] {
  const rebuilt = new Map<Node, readonly Value[]>();
  const finished = (v: Value): Value | undefined => {
    const known = given.get(v);
    if (known) return known;
    const at = resolve(v);
    return rebuilt.get(at.node)?.[at.index];
  };
  const stack: Value[] = [...roots];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (finished(top)) { stack.pop(); continue; }
    const node = resolve(top).node as AnyNode;
    const waiting = node.inputs.filter((v) => !finished(v));
    if (waiting.length > 0) stack.push(...waiting);
    else rebuilt.set(node, rebuild(node, node.inputs.map((v) => finished(v)!)));
  }
  return roots.map((v) => finished(v)!);
}

/**
 * Rebuilds everything `roots` reach, operands first: `visit` gets each node with its new operands and returns
 * its new results.
 */
export function mapNodes(roots: readonly Value[], visit: (node: AnyNode, inputs: readonly Value[]) => readonly Value[]): Value[] {
  const results = new Map<Node, readonly Value[]>();
  const image = (v: Value): Value => results.get(v.node)![v.index];
  for (const node of reachable(roots)) results.set(node, visit(node, node.inputs.map(image)));
  return roots.map(image);
}

/** The results of a region for given arguments, as part of the graph that the arguments belong to. */
export function inline(region: Region, args: readonly Value[]): Value[] {
  return substitute(region.results, new Map(region.params.map((p, i) => [p, args[i]])));
}

/** A value that stands for a parameter of a region in the making; {@link close} puts the real one in its place. */
export const placeholder = (type: TensorType): Value => emitOne("parameter", [], { index: 0, type });

/**
 * The region that computes `results` from `params`. Any values may be made parameters, computed ones too: what
 * they were computed from stays outside.
 */
export function close(params: readonly Value[], results: readonly Value[]): Region {
  const fresh = params.map((p, index) => emitOne("parameter", [], { index, type: p.type }));
  const closed = substitute(results, new Map(params.map((p, i) => [p, fresh[i]])));
  const own = new Set(fresh.map((p) => p.node));
  for (const node of reachable(closed))
    if ((node.op === "parameter" || node.op === "input" || node.op === "variable") && !own.has(node as Node))
      throw new Error(`internal: a region under construction still reads ${node.op} ${JSON.stringify(node.attrs)}`);
  return { params: fresh, results: closed };
}
