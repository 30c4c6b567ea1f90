import { emitOne, type Node, type Value } from "../../ir/graph/index.ts";
import { freeAxes, type AxisPairs } from "../../ir/ops/index.ts";
import type { Maybe, Rules } from "./rule.ts";
import { add, inversePermutation, transpose } from "./values.ts";

const isIdentity = (perm: readonly number[]): boolean => perm.every((p, i) => p === i);

/** One way of contracting a cotangent with the other operand: the product, and the operand's axis that each of its axes is. */
interface Contraction {
  readonly product: () => Value;
  readonly axes: readonly number[];
}

/**
 * The cotangent of one operand of a `dot`: the result's cotangent contracted with the other operand over that
 * one's free axes, then brought to the operand's order of axes.
 *
 * The product can be taken either way round; the way that needs no transpose is chosen where there is one (for
 * `x·Wᵀ`, as a linear layer has it, that is the other way than for `x·W`).
 */
function cotangentOf(side: 0 | 1, { inputs, attrs: { batch, contract }, outputs: [out] }: Node<"dot">, ct: Value): Value {
  const operand = inputs[side], other = inputs[1 - side], far = side === 0 ? 1 : 0;
  const free = freeAxes(operand.type.shape.length, side, { batch, contract });
  const otherFree = freeAxes(other.type.shape.length, far, { batch, contract });
  // in the result: batch axes, free axes of lhs, free axes of rhs
  const firstOtherFree = side === 0 ? out.type.shape.length - otherFree.length : batch.length;
  const batchPairs = batch.map((p, k) => [k, p[far]] as const);
  const contracted = otherFree.map((axis, k) => [firstOtherFree + k, axis] as const);
  const swap = (pairs: AxisPairs): AxisPairs => pairs.map(([i, j]) => [j, i]);

  const batchAxes = batch.map((p) => p[side]);
  // the contracted axes of the other operand are free now; they come in its order
  const contractAxes = [...contract].sort((p, q) => p[far] - q[far]).map((p) => p[side]);
  const ctFirst: Contraction = {
    product: () => emitOne("dot", [ct, other], { batch: batchPairs, contract: contracted }), axes: [...batchAxes, ...free, ...contractAxes],
  };
  const otherFirst: Contraction = {
    product: () => emitOne("dot", [other, ct], { batch: swap(batchPairs), contract: swap(contracted) }), axes: [...batchAxes, ...contractAxes, ...free],
  };
  const { product, axes } = isIdentity(otherFirst.axes) ? otherFirst : ctFirst;
  return transpose(product(), inversePermutation(axes));
}

export const contract: Rules<"dot"> = {
  dot: {
    vjp: (node, [ct], wanted) => [wanted[0] ? cotangentOf(0, node, ct!) : undefined, wanted[1] ? cotangentOf(1, node, ct!) : undefined],
    jvp({ inputs: [a, b], attrs }, [ta, tb]) {
      const left = ta && emitOne("dot", [ta, b], attrs), right = tb && emitOne("dot", [a, tb], attrs);
      return [left && right ? add(left, right) : left ?? right] satisfies Maybe[];
    },
  },
};
