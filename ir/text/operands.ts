import type { AnyNode } from "../graph/node.ts";
import type { OpName } from "../ops/index.ts";

/** How many operands stand before the brackets, and how many bracketed groups follow, for ops that have any. */
export const grouping: Partial<Record<OpName, { readonly leading: number; readonly groups: number }>> = {
  cond: { leading: 1, groups: 1 }, grad: { leading: 1, groups: 1 },
  while: { leading: 0, groups: 2 },
  scan: { leading: 0, groups: 3 }, vjp: { leading: 0, groups: 3 }, jvp: { leading: 0, groups: 3 },
};

/**
 * Sizes of a node's bracketed groups of operands, undefined where operands are just listed:
 * `while [carries], [captures]`, `vjp [outputs], [cotangents], [with respect to]`, and so on.
 */
export function groupSizes(node: AnyNode): number[] | undefined {
  const n = node.inputs.length;
  switch (node.op) {
    case "cond": case "grad": return [n - 1];
    case "while": return [node.attrs.carries, n - node.attrs.carries];
    case "scan": return [node.attrs.carries, node.attrs.xs, n - node.attrs.carries - node.attrs.xs];
    case "vjp": return [node.attrs.outputs, node.attrs.outputs, n - 2 * node.attrs.outputs];
    case "jvp": {
      const rest = n - node.attrs.outputs;
      return [node.attrs.outputs, rest / 2, rest / 2];
    }
    default: return undefined;
  }
}

/** What the regions of an op are called, in order. */
export const regionNames: Partial<Record<OpName, readonly string[]>> = {
  cond: ["then", "else"], while: ["test", "body"], scan: ["body"], custom: ["forward", "backward"], checkpoint: ["body"],
};
