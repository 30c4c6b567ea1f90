import { emit, type Node, type Region, type Value } from "../../../ir/graph/index.ts";
import { close, placeholder, rewire } from "../rewrite.ts";
import type { Derivatives, Maybe, Pass, Rule } from "../rule.ts";
import { zeros } from "../values.ts";

type Cond = Node<"cond">;

/**
 * A cond on the same predicate, of the cotangents that each branch gives its operands. The branch taken is
 * computed again in it: what the two branches would have to keep differs, and both would be kept.
 */
function vjp(node: Cond, given: readonly Maybe[], wanted: readonly boolean[], pass: Pass): readonly Maybe[] {
  const [pred, ...operands] = node.inputs;
  const cotangents = given.filter((ct) => ct !== undefined);
  const sides = node.regions.map((region) => {
    const seeds = given.map((ct) => ct && placeholder(ct.type));
    const { values, superseded } = pass.reverse(region.results, seeds, region.params.filter((_, i) => wanted[1 + i]));
    return { params: [...region.params, ...seeds.filter((s) => s !== undefined)], values, superseded };
  });
  const asked = operands.map((_, i) => i).filter((i) => wanted[1 + i]);
  return [undefined, ...join(pred, [...operands, ...cotangents], sides, asked, operands)];
}

interface Side extends Derivatives {
  readonly params: readonly Value[];
}

/** Runs whichever side the predicate picks; `values[k]` is the derivative for slot `slots[k]`, zero where one side has none. */
function join(pred: Value, inputs: readonly Value[], sides: readonly Side[], slots: readonly number[], types: readonly Value[]): Maybe[] {
  const some = slots.map((_, k) => k).filter((k) => sides.some((s) => s.values[k]));
  if (some.length === 0) return [];
  const regions = sides.map(({ params, values, superseded }): Region =>
    close(params, rewire(some.map((k) => values[k] ?? zeros(types[slots[k]].type)), superseded)));
  const results = emit("cond", [pred, ...inputs], {}, regions);
  const joined = new Map(some.map((k, i) => [slots[k], results[i]]));
  return types.map((_, slot) => joined.get(slot));
}

/** One cond gives results and tangents; it supersedes the one of the results alone. */
function jvp(node: Cond, tangents: readonly Maybe[], pass: Pass): readonly Maybe[] {
  const [pred, ...operands] = node.inputs;
  const given = tangents.slice(1);
  const sides = node.regions.map((region) => {
    const seeds = given.map((t) => t && placeholder(t.type));
    const { values, superseded } = pass.forward(region.results, region.params, seeds);
    return { params: [...region.params, ...seeds.filter((s) => s !== undefined)], results: region.results, values, superseded };
  });
  const some = node.outputs.map((_, k) => k).filter((k) => sides.some((s) => s.values[k]));
  const regions = sides.map(({ params, results, values, superseded }) =>
    close(params, rewire([...results, ...some.map((k) => values[k] ?? zeros(node.outputs[k].type))], superseded)));
  const both = emit("cond", [pred, ...operands, ...given.filter((t) => t !== undefined)], {}, regions);
  pass.supersede(node, both.slice(0, node.outputs.length));
  return node.outputs.map((_, k) => (some.includes(k) ? both[node.outputs.length + some.indexOf(k)] : undefined));
}

export const cond: Rule<"cond"> = { vjp, jvp };
