import { emitOne, type AnyNode, type Value } from "../../../ir/graph/index.ts";
import { add, reshape, sum, transpose } from "../values.ts";

/** The sum of a value over all steps of a loop, of what the steps have stacked. */
export interface SumAfter {
  /** Values of a step that have to be stacked for it. */
  readonly of: readonly Value[];
  /** Makes it, of the stacks: tensors with an axis in front. */
  emit(stackOf: (v: Value) => Value): Value;
}

/**
 * The sum over all steps of what a step computes, taken after the loop instead of step by step: the gradient of a weight
 * is `Σₜ aₜᵀ·bₜ`, which is one product over all steps at once, where a sum kept up to date would be read and written in
 * each of them.
 *
 * `isStacked` tells what is kept of all steps anyway. A product needs that of one factor, as with both to be kept the
 * loop might take much more memory than without; a plain sum needs it of what is summed. Else undefined.
 */
export function sumAfter(term: Value, isStacked: (v: Value) => boolean): SumAfter | undefined {
  const node = term.node as AnyNode;
  if (isStacked(term)) return { of: [term], emit: (stackOf) => sum(stackOf(term), [0]) };
  switch (node.op) {
    case "dot": {
      const [a, b] = node.inputs, sources = [a, b].map(viewed);
      if (!sources.some(isStacked) || sources.some((v) => v.node.op === "constant")) return undefined;
      const behind = ([i, j]: readonly [number, number]): readonly [number, number] => [i + 1, j + 1];
      const attrs = { batch: node.attrs.batch.map(behind), contract: [[0, 0] as const, ...node.attrs.contract.map(behind)] };
      return { of: sources, emit: (stackOf) => emitOne("dot", [stackedView(a, stackOf), stackedView(b, stackOf)], attrs) };
    }
    case "reduce": {
      const [x] = node.inputs, { reducer, axes } = node.attrs;
      if (reducer !== "sum" || !isStacked(viewed(x))) return undefined;
      return { of: [viewed(x)], emit: (stackOf) => sum(stackedView(x, stackOf), [0, ...axes.map((a) => a + 1)]) };
    }
    case "reshape": case "transpose": {
      const inside = sumAfter(node.inputs[0], isStacked);
      if (!inside) return undefined;
      const move = (x: Value): Value => (node.op === "reshape" ? reshape(x, node.attrs.shape) : transpose(x, node.attrs.perm));
      return { of: inside.of, emit: (stackOf) => move(inside.emit(stackOf)) };
    }
    case "add": {
      const [x, y] = node.inputs.map((v) => sumAfter(v, isStacked));
      return x && y && { of: [...x.of, ...y.of], emit: (stackOf) => add(x.emit(stackOf), y.emit(stackOf)) };
    }
    default: return undefined;
  }
}

/** What a value is a view of: stacked, it can be viewed so after the loop. */
function viewed(v: Value): Value {
  const node = v.node as AnyNode;
  return node.op === "reshape" || node.op === "transpose" ? viewed(node.inputs[0]) : v;
}

/** The stack of a view: the same view of each row of the stack. */
function stackedView(v: Value, stackOf: (v: Value) => Value): Value {
  const node = v.node as AnyNode;
  if (node.op !== "reshape" && node.op !== "transpose") return stackOf(v);
  const stack = stackedView(node.inputs[0], stackOf);
  return node.op === "reshape" ? reshape(stack, [stack.type.shape[0], ...node.attrs.shape]) : transpose(stack, [0, ...node.attrs.perm.map((p) => p + 1)]);
}
