import type { Node, Region, Value } from "../../ir/graph/index.ts";
import type { AttrsOf, OpName } from "../../ir/ops/index.ts";

/**
 * Makes nodes that are simplified as they come into being. Its operands must be values that a rule was given,
 * or that it made here.
 */
export interface Builder {
  /** The one result of a node. */
  make<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, regions?: readonly Region[]): Value;
  /** All results of a node. */
  makeAll<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, regions?: readonly Region[]): readonly Value[];
  /**
   * Whether a value is known to have one use only. A rule that would compute something again in another way
   * asks this first, so that no work is done twice.
   */
  usedOnce(v: Value): boolean;
}

/**
 * One simplification: what a node's results are instead, or undefined where it does not apply. The results have
 * the types of the node's. A rule is named for what it removes, or for what it turns the node into.
 */
export type Rule<K extends OpName = OpName> = (node: Node<K>, build: Builder) => Value | readonly Value[] | undefined;

/** Rules by the op they look at, tried in order. */
export type RuleTable = { readonly [K in OpName]?: readonly Rule<K>[] };

/** The node a value comes from, if it is of the given op. */
export function from<K extends OpName>(v: Value, op: K): Node<K> | undefined {
  return v.node.op === op ? (v.node as unknown as Node<K>) : undefined;
}
