import { emitOne, reachable, rebuild, withLocation, type AnyNode, type GraphFunction, type Node, type Region, type Value } from "../../ir/graph/index.ts";
import { forward } from "./forward.ts";
import { reverse } from "./reverse.ts";
import { inline, mapNodes, rewire } from "./rewrite.ts";
import { ones, zeros } from "./values.ts";

/**
 * The chain rule: replaces every `grad`, `vjp` and `jvp` of a function by the graph that computes it, innermost
 * first, in the bodies of loops and branches too.
 *
 * Needs: a function as declared. Leaves: no derivative op, no `stopGradient`, `custom` or `checkpoint`; these mean
 * nothing once derivatives are taken. Throws a GraphError, at the user's line, for the derivative of a while
 * loop without a bound.
 */
export function expandDerivatives(fn: GraphFunction): GraphFunction {
  const roots = [...fn.outputs, ...fn.updates].map((r) => r.value);
  const values = dropMarkers(expand(mergeVariables(roots)));
  return {
    ...fn,
    outputs: fn.outputs.map((o, i) => ({ ...o, value: values[i] })),
    updates: fn.updates.map((u, i) => ({ ...u, value: values[fn.outputs.length + i] })),
  };
}

/** A variable is one value, however many nodes read it: the derivative to one of them is the derivative to all. */
function mergeVariables(roots: readonly Value[]): Value[] {
  const first = new Map<string, readonly Value[]>();
  return mapNodes(roots, (node, inputs) => {
    if (node.op !== "variable") return rebuild(node, inputs);
    const known = first.get(node.attrs.name) ?? node.outputs;
    first.set(node.attrs.name, known);
    return known;
  });
}

/** Expands the derivatives in bodies, then those of this graph; the one that was made first depends on no other. */
function expand(roots: readonly Value[]): Value[] {
  let current = mapNodes(roots, (node, inputs) => rebuild(node, inputs, mapRegions(node, expand)));
  for (;;) {
    const derivatives = reachable(current).filter(isDerivative);
    if (derivatives.length === 0) return current;
    const [node] = derivatives, wrt = new Set(derivatives.flatMap((d) => partsOf(d).wrt));
    const { values, superseded } = withLocation(node.at, () => derive(node));
    const images = new Map(superseded);
    // a result may be a value that is there already; who differentiates with respect to it means the result alone
    for (const [i, v] of node.outputs.entries()) images.set(v, wrt.has(v) ? distinct(values[i]) : values[i]);
    current = rewire(current, images);
  }
}

type DerivativeNode = { [K in "grad" | "vjp" | "jvp"]: Node<K> }["grad" | "vjp" | "jvp"];
const isDerivative = (node: AnyNode): node is DerivativeNode => node.op === "grad" || node.op === "vjp" || node.op === "jvp";

/** What is differentiated, with respect to what, in which direction; cotangents of `ys` or tangents of `wrt`. */
interface Parts {
  readonly mode: "reverse" | "forward";
  readonly ys: readonly Value[];
  readonly wrt: readonly Value[];
  readonly given: readonly Value[];
}

function partsOf(node: DerivativeNode): Parts {
  const { inputs } = node;
  switch (node.op) {
    case "grad": return { mode: "reverse", ys: inputs.slice(0, 1), wrt: inputs.slice(1), given: [ones(inputs[0].type)] };
    case "vjp": {
      const { outputs } = node.attrs;
      return { mode: "reverse", ys: inputs.slice(0, outputs), wrt: inputs.slice(2 * outputs), given: inputs.slice(outputs, 2 * outputs) };
    }
    case "jvp": {
      const { outputs } = node.attrs, count = (inputs.length - outputs) / 2;
      return { mode: "forward", ys: inputs.slice(0, outputs), wrt: inputs.slice(outputs, outputs + count), given: inputs.slice(outputs + count) };
    }
  }
}

/** The graph of one derivative; what does not depend on `wrt` has a derivative of zeros. */
function derive(node: DerivativeNode): { values: Value[]; superseded: ReadonlyMap<Value, Value> } {
  const { mode, ys, wrt, given } = partsOf(node);
  const { values, superseded } = mode === "reverse" ? reverse(ys, given, wrt) : forward(ys, wrt, given);
  return { values: node.outputs.map((v, i) => values[i] ?? zeros(v.type)), superseded };
}

/** The same elements as a value of its own. */
const distinct = (v: Value): Value => emitOne("reshape", [v], { shape: v.type.shape });

/** Drops what only differentiation looks at: `stopGradient` is its operand, `custom` and `checkpoint` are their bodies. */
function dropMarkers(roots: readonly Value[]): Value[] {
  return mapNodes(roots, (node, inputs) => {
    if (node.op === "stopGradient") return inputs;
    const regions = mapRegions(node, dropMarkers);
    return node.op === "custom" || node.op === "checkpoint" ? inline(regions[0], inputs) : rebuild(node, inputs, regions);
  });
}

/** The regions of a node with their results mapped; the very same ones where nothing changes. */
function mapRegions(node: AnyNode, map: (results: readonly Value[]) => Value[]): readonly Region[] {
  const mapped = node.regions.map((region): Region => {
    const results = map(region.results);
    return results.every((v, i) => v === region.results[i]) ? region : { params: region.params, results };
  });
  return mapped.every((region, i) => region === node.regions[i]) ? node.regions : mapped;
}
