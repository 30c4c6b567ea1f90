import { emit, reachable, rebuild, withLocation, type AnyNode, type Region, type Value } from "../../ir/graph/index.ts";
import { ops, type AttrsOf, type OpKind, type OpName } from "../../ir/ops/index.ts";
import { dims } from "../../ir/types/index.ts";
import { copyOf, remade, typesOf } from "./regions.ts";

/**
 * Moves work that every trip of a loop would repeat out in front of it: what a `while` or `scan` computes from its
 * captures alone. Inner loops first, so that it goes out as far as it can. Views (transposes, broadcasts, …) stay
 * inside, where they cost nothing; so does what might stop the program, unless the loop is known to run.
 */
export function hoistInvariants(roots: readonly Value[]): Value[] {
  const nodes = reachable(roots);
  if (!nodes.some((node) => node.regions.length > 0)) return [...roots];
  const images = new Map<Value, Value>();
  for (const node of nodes) {
    const inputs = node.inputs.map((v) => images.get(v)!);
    const results = withLocation(node.at, () => hoisted(node, inputs, hoistInside(node.regions)));
    for (const [i, v] of node.outputs.entries()) images.set(v, results[i]);
  }
  return roots.map((v) => images.get(v)!);
}

function hoistInside(regions: readonly Region[]): readonly Region[] {
  const next = regions.map((region): Region => {
    const results = hoistInvariants(region.results);
    return results.every((v, i) => v === region.results[i]) ? region : { params: region.params, results };
  });
  return next.every((r, i) => r === regions[i]) ? regions : next;
}

function hoisted(node: AnyNode, inputs: readonly Value[], regions: readonly Region[]): readonly Value[] {
  const loop = node.op === "while" ? { first: node.attrs.carries, params: 0, runs: false }
    : node.op === "scan" ? { first: node.attrs.carries + node.attrs.xs, params: 1, runs: dims.atLeast(node.attrs.length, 1) === true }
    : undefined;
  if (!loop) return rebuild(node, inputs, regions);
  const kinds: readonly OpKind[] = loop.runs ? [...pure, "index", "control"] : pure;
  const fixed = regions.map((region) => invariants(region, region.params.slice(loop.params + loop.first), kinds));
  if (fixed.every((values) => values.length === 0)) return rebuild(node, inputs, regions);

  // computed outside, of the captures; then captured themselves, by every region
  const captures = inputs.slice(loop.first);
  const outside = regions.flatMap((region, r) => copyOf(fixed[r], new Map(region.params.slice(loop.params + loop.first).map((p, i) => [p, captures[i]]))));
  const next = regions.map((region, r) => {
    const before = fixed.slice(0, r).reduce((n, values) => n + values.length, region.params.length);
    return remade([...typesOf(region.params), ...typesOf(outside)], (fresh) => new Map([
      ...region.params.map((p, i) => [p, fresh[i]] as const),
      ...fixed[r].map((v, i) => [v, fresh[before + i]] as const),
    ]), region.results);
  });
  return emit(node.op, [...inputs, ...outside], node.attrs as AttrsOf<OpName>, next);
}

const pure: readonly OpKind[] = ["elementwise", "reduce", "contract", "ordered"];

/** Values of ops of the given kinds that depend on captures alone, where what uses them does not. */
function invariants(region: Region, captures: readonly Value[], kinds: readonly OpKind[]): Value[] {
  const nodes = reachable(region.results);
  const fixed = new Set<Value>(captures), sources = new Set<Value>();
  const movable = new Set<AnyNode>();
  for (const node of nodes) {
    const isView = ops[node.op].kind === "movement";
    if (node.op !== "parameter" && node.inputs.length === 0) for (const v of node.outputs) sources.add(v);
    else if (node.inputs.some((v) => fixed.has(v)) && node.inputs.every((v) => fixed.has(v) || sources.has(v)) && (isView || kinds.includes(ops[node.op].kind))) {
      for (const v of node.outputs) fixed.add(v);
      if (!isView) movable.add(node);
    }
  }
  const edge = new Set<Value>();
  const use = (v: Value): void => {
    // a view stays; what it shows may move
    if (movable.has(v.node as AnyNode)) edge.add(v);
    else if (fixed.has(v)) v.node.inputs.forEach(use);
  };
  for (const node of nodes) if (!node.outputs.some((v) => fixed.has(v))) node.inputs.forEach(use);
  region.results.forEach(use);
  return [...edge];
}
