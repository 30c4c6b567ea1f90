import { emit, reachable, rebuild, withLocation, type AnyNode, type Node, type Region, type Value } from "../../ir/graph/index.ts";
import { ops, type AttrsOf, type OpName } from "../../ir/ops/index.ts";
import { sameType, typeText } from "../../ir/types/index.ts";
import { NodeKeys } from "./cse.ts";
import type { Builder } from "./rule.ts";
import { rulesFor } from "./rules.ts";

/**
 * The values that `roots` are after every rule has been tried on everything below them, operands first. One
 * pass over the graph: a rule builds its replacement of values that are simple already, and what it builds is
 * simplified in turn. Equal nodes are one node afterwards, at the place of the first. Regions are rewritten as
 * graphs of their own. Where nothing applies, the very same values come back.
 */
export function rewriteValues(roots: readonly Value[], keys = new NodeKeys()): Value[] {
  const nodes = reachable(roots);
  const scope = new Scope(keys, countUses(nodes, roots));
  const image = new Map<Value, Value>();
  for (const node of nodes) {
    if (ops[node.op].kind === "derivative") throw new Error(`internal: simplify met ${node.op}; derivatives must be expanded first`);
    const regions = node.regions.map((r) => rewriteRegion(r, keys));
    const same = regions.every((r, i) => r === node.regions[i]);
    const inputs = node.inputs.map((v) => image.get(v)!);
    const results = scope.settle(rebuilt(node, inputs, same ? node.regions : regions));
    for (const [i, v] of node.outputs.entries()) image.set(v, results[i]);
  }
  return roots.map((v) => image.get(v)!);
}

function rewriteRegion(region: Region, keys: NodeKeys): Region {
  const results = rewriteValues(region.results, keys);
  return results.every((v, i) => v === region.results[i]) ? region : { params: region.params, results };
}

function rebuilt(node: AnyNode, inputs: readonly Value[], regions: readonly Region[]): AnyNode {
  const [first] = rebuild(node, inputs, regions);
  return first === undefined ? node : (first.node as AnyNode);
}

function countUses(nodes: readonly AnyNode[], roots: readonly Value[]): Map<Value, number> {
  const uses = new Map<Value, number>();
  const use = (v: Value): void => void uses.set(v, (uses.get(v) ?? 0) + 1);
  for (const node of nodes) node.inputs.forEach(use);
  roots.forEach(use);
  return uses;
}

/** One graph, or one region, being rewritten. */
class Scope implements Builder {
  readonly #keys: NodeKeys;
  readonly #uses: ReadonlyMap<Value, number>;
  /** What nodes met so far turned into, by what they compute. */
  readonly #settled = new Map<string, readonly Value[]>();

  constructor(keys: NodeKeys, uses: ReadonlyMap<Value, number>) {
    this.#keys = keys;
    this.#uses = uses;
  }

  make<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, regions: readonly Region[] = []): Value {
    return this.makeAll(op, inputs, attrs, regions)[0];
  }

  makeAll<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, regions: readonly Region[] = []): readonly Value[] {
    const [first] = emit(op, inputs, attrs, regions);
    return first === undefined ? [] : this.settle(first.node as AnyNode);
  }

  /** Counted before this pass began: of what a rule has made since, nothing is known. */
  usedOnce(v: Value): boolean { return this.#uses.get(v) === 1; }

  /** The simplest values equal to a node's results. */
  settle(node: AnyNode): readonly Value[] {
    const key = this.#keys.keyOf(node);
    const known = this.#settled.get(key);
    if (known) return known;
    const results = withLocation(node.at, () => this.#apply(node)) ?? node.outputs;
    this.#settled.set(key, results);
    return results;
  }

  #apply(node: AnyNode): readonly Value[] | undefined {
    for (const rule of rulesFor(node.op)) {
      const result = rule(node as unknown as Node, this);
      if (result === undefined) continue;
      const results = "node" in result ? [result] : result;
      for (const [i, { type }] of node.outputs.entries())
        if (!sameType(results[i].type, type)) throw new Error(`internal: the rule ${rule.name} turns ${node.op} of ${typeText(type)} into ${typeText(results[i].type)}`);
      return results;
    }
    return undefined;
  }
}
