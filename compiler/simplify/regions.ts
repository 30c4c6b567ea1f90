import { emit, emitOne, withLocation, type AnyNode, type Region, type Value } from "../../ir/graph/index.ts";
import { ops, type AttrsOf, type OpName } from "../../ir/ops/index.ts";
import type { TensorType } from "../../ir/types/index.ts";
import { splatOf } from "./constants.ts";

/** What passes over regions share. A region stays closed: what it uses of the graph around it arrives as a parameter. */

/**
 * Copies of `roots` and of everything below them, up to the values that have an image. All nodes are new, constants
 * too: a region shares none with the graph around it.
 */
export function copyOf(roots: readonly Value[], images: ReadonlyMap<Value, Value>): Value[] {
  const done = new Map(images);
  for (const node of nodesAbove(roots, images)) {
    if (node.op === "parameter") throw new Error(`internal: a copied region still needs its parameter ${node.attrs.index}`);
    const copies = copyNode(node, node.inputs.map((v) => done.get(v)!));
    // a node of several outputs may have an image for one of them
    for (const [i, v] of node.outputs.entries()) if (!done.has(v)) done.set(v, copies[i]);
  }
  return roots.map((v) => done.get(v)!);
}

const copyNode = (node: AnyNode, inputs: readonly Value[]): readonly Value[] =>
  withLocation(node.at, () => emit(node.op, inputs, node.attrs as AttrsOf<OpName>, node.regions));

/** Every node that the values reach without passing through one of `images`, operands first. */
function nodesAbove(roots: readonly Value[], images: ReadonlyMap<Value, Value>): AnyNode[] {
  const seen = new Set<AnyNode>();
  const stack = roots.filter((v) => !images.has(v)).map((v) => v.node as AnyNode);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const v of node.inputs) if (!images.has(v)) stack.push(v.node as AnyNode);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

export const freshParameters = (types: readonly TensorType[]): Value[] => types.map((type, index) => emitOne("parameter", [], { index, type }));

/** The values that a region captures, as it is being put together anew. */
export class Captures {
  readonly values: Value[] = [];
  readonly #places = new Map<Value, number>();

  /**
   * How the region comes by an outer value, given its capture parameters. Each value is captured once. What takes no
   * memory (a constant of one number, an iota) is made inside, and so is a view of something captured: as
   * an operand it would have to be written out first, and inside it may disappear into what uses it.
   */
  add(v: Value): (params: readonly Value[]) => Value {
    const node = v.node as AnyNode;
    const make = (inputs: readonly Value[]): Value => copyNode(node, inputs)[v.index];
    if (splatOf(v) !== undefined || node.op === "iota" || node.op === "dimension") return () => make([]);
    if (ops[node.op].kind === "movement" && node.inputs.length === 1) {
      const operand = this.add(node.inputs[0]);
      return (params) => make([operand(params)]);
    }
    const place = this.#places.get(v) ?? this.values.length;
    if (place === this.values.length) {
      this.values.push(v);
      this.#places.set(v, place);
    }
    return (params) => params[place];
  }
}

/** What values of a region depend on, added one by one. */
export class Reach {
  readonly #seen = new Set<Value["node"]>();

  add(v: Value): void {
    const stack = [v.node];
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (this.#seen.has(node)) continue;
      this.#seen.add(node);
      for (const input of node.inputs) stack.push(input.node);
    }
  }

  has(v: Value): boolean { return this.#seen.has(v.node); }
}

export const typesOf = (values: readonly Value[]): TensorType[] => values.map((v) => v.type);

/** A region over fresh parameters. `images` says what stands for the old parameters (those that are still used). */
export function remade(types: readonly TensorType[], images: (fresh: readonly Value[]) => ReadonlyMap<Value, Value>, results: readonly Value[]): Region {
  const params = freshParameters(types);
  return { params, results: copyOf(results, images(params)) };
}
