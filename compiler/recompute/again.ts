import { emit, emitOne, reachable, withLocation, type AnyNode, type GraphFunction, type Value } from "../../ir/graph/index.ts";
import type { AttrsOf, OpName } from "../../ir/ops/index.ts";
import type { Candidate } from "./candidates.ts";

/**
 * The function with a value computed a second time, for those of its uses that come late. `writtenAt` tells the step
 * that leaves a value in memory: what is in memory is early or late, and what is computed where it is used is both.
 *
 * The new nodes come where the late ones begin, and these after them, so that ids are in the order of the program still.
 */
export function computedAgain(fn: GraphFunction, { value, from, leaves, after }: Candidate, writtenAt: (v: Value) => number | undefined): GraphFunction {
  const roots = [...fn.outputs, ...fn.updates].map((o) => o.value);
  const early = new Map<Value, Value>(), late = new Map<Value, Value>();
  let again: Value | undefined;
  const inLate = (v: Value): Value => (v === value ? (again ??= copyOf(value, leaves, after)) : late.get(v)!);
  const inEarly = (v: Value): Value => early.get(v)!;
  const settle = (node: AnyNode, inEither: readonly Value[], inTheLate: readonly Value[]): void =>
    node.outputs.forEach((v, i) => { early.set(v, inEither[i]); late.set(v, inTheLate[i]); });

  for (const node of reachable(roots)) {
    const at = node.outputs.map(writtenAt).find((step) => step !== undefined);
    if (node.inputs.length === 0) settle(node, node.outputs, node.outputs);
    else if (at !== undefined) {
      const inputs = node.inputs.map(at >= from ? inLate : inEarly);
      const results = again || inputs.some((v, i) => v !== node.inputs[i]) ? remade(node, inputs) : node.outputs;
      settle(node, results, results);
    } else {
      const before = again, own = node.inputs.map(inEarly), other = readsLate(node, value, early, late) ? node.inputs.map(inLate) : own;
      const results = before || own.some((v, i) => v !== node.inputs[i]) ? remade(node, own) : node.outputs;
      settle(node, results, other === own ? results : remade(node, other));
    }
  }
  const { outputs, updates } = fn;
  return {
    ...fn,
    outputs: outputs.map((o) => ({ ...o, value: inEarly(o.value) })),
    updates: updates.map((u) => ({ ...u, value: inEarly(u.value) })),
  };
}

/** Whether a node that is computed where it is used is another one for late uses. */
const readsLate = (node: AnyNode, value: Value, early: ReadonlyMap<Value, Value>, late: ReadonlyMap<Value, Value>): boolean =>
  node.inputs.some((v) => v === value || early.get(v) !== late.get(v));

const remade = (node: AnyNode, inputs: readonly Value[]): readonly Value[] =>
  withLocation(node.at, () => emit(node.op, inputs, node.attrs as AttrsOf<OpName>, node.regions));

/** What lies between the leaves and the value, once more, on leaves that wait. */
function copyOf(value: Value, leaves: ReadonlySet<Value>, after: Value): Value {
  const images = new Map<Value, Value>();
  for (const leaf of leaves) images.set(leaf, emitOne("barrier", [leaf, after], {}));
  const inside = new Set<AnyNode>(), stack = [value];
  for (let v = stack.pop(); v; v = stack.pop()) {
    const node = v.node as AnyNode;
    if (images.has(v) || inside.has(node)) continue;
    inside.add(node);
    stack.push(...passed(node));
  }
  for (const node of [...inside].sort((a, b) => a.id - b.id)) {
    const inputs = passed(node).map((v) => images.get(v)!);
    const results = node.op === "barrier" ? inputs : remade(node, inputs);
    for (const [i, v] of node.outputs.entries()) images.set(v, results[i]);
  }
  return images.get(value)!;
}

/** What a node computes with: a barrier's other operands are only waited for. */
const passed = (node: AnyNode): readonly Value[] => (node.op === "barrier" ? node.inputs.slice(0, 1) : node.inputs);
