import { ops, type AttrsOf, type OpName } from "../ops/index.ts";
import type { TensorType } from "../types/index.ts";
import { GraphError } from "./error.ts";
import { currentLocation, withLocation } from "./location.ts";
import { Value, type AnyNode, type Node, type Region } from "./node.ts";

let nextId = 0;

/** The id that the next node will have: nodes made from here on have this or a greater one. */
export const nextNodeId = (): number => nextId;

/**
 * Makes a node: checks its operands against the op's record and infers the types of its outputs.
 * This is the only place where nodes come into being.
 */
export function emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, regions: readonly Region[] = []): readonly Value[] {
  const record = ops[op];
  const at = currentLocation();
  let types: readonly TensorType[];
  try {
    // `attrs` and `record` belong together by construction; TypeScript cannot correlate the two unions.
    types = (record.infer as (i: readonly TensorType[], a: unknown, r: readonly Region[]) => readonly TensorType[])(inputs.map((v) => v.type), attrs, regions);
  } catch (e) {
    if (e instanceof GraphError && !e.at && at) throw new GraphError(e.what, e.advice, at);
    throw e;
  }
  const outputs: Value[] = [];
  const node: Node<K> = { id: nextId++, op, inputs, attrs, regions, outputs, at };
  for (const [i, type] of types.entries()) outputs.push(new Value(node as unknown as Node, i, type));
  return outputs;
}

/** {@link emit} for an op of one output. */
export function emitOne<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, regions: readonly Region[] = []): Value {
  return emit(op, inputs, attrs, regions)[0];
}

/** The same node on other inputs: types are inferred anew, the source line stays. */
export function rebuild(node: AnyNode, inputs: readonly Value[], regions: readonly Region[] = node.regions): readonly Value[] {
  if (regions === node.regions && inputs.every((v, i) => v === node.inputs[i])) return node.outputs;
  return withLocation(node.at, () => emit(node.op, inputs, node.attrs as AttrsOf<OpName>, regions));
}
