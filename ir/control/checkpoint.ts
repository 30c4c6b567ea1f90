import { emit } from "../graph/build.ts";
import type { Value } from "../graph/node.ts";
import { capturesOf, close, slotOf, trace } from "./region.ts";
import { flatten, tensorsOf, valuesOf, type Structure } from "./structure.ts";

/**
 * `fn(...operands)`, of which a derivative keeps the operands alone: what it needs of `fn` it computes again when its
 * turn comes. Memory for time: a chain of n blocks, each checkpointed, keeps n small tensors and the inside of one
 * block; its forward pass is computed twice.
 *
 * ```ts
 * for (const block of blocks) x = checkpoint(block, x);
 * ```
 *
 * `fn` may use any tensor around it, and state too (a layer's parameters, running statistics, dropout). What is
 * computed again is computed of the same values: dropout draws the same numbers, and running statistics are updated
 * once. Operands and results are tensors, tuples or records of tensors. Values and derivatives are those of a plain
 * call. PyTorch: `torch.utils.checkpoint.checkpoint`; Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
 */
export function checkpoint<const A extends readonly Structure[], const R extends Structure>(fn: (...operands: A) => R, ...operands: A): R {
  const args = flatten(operands, "checkpoint: an operand");
  let returned: unknown;
  const traced = trace(args.leaves.map((t) => t.value.type), (params) => {
    returned = fn(...args.rebuild(tensorsOf(params)));
    return valuesOf(flatten(returned, "checkpoint: what the function returns").leaves);
  });
  const { frame, params, results } = traced;
  const touched = [...frame.entry.keys()], assigned = [...frame.assigned.keys()];
  // what the function computes of nothing but what is around it is part of it, and computed again as well
  const captures = capturesOf([traced], "lazy");
  const region = close(
    [...params, ...touched.map((s) => frame.entry.get(s)!), ...captures].map(slotOf),
    [...results, ...assigned.map((s) => frame.assigned.get(s)!)],
  );
  const outer = (s: Value): Value => frame.outer(s);
  const outputs = emit("checkpoint", [...valuesOf(args.leaves), ...touched.map(outer), ...captures], {}, [region]);
  for (const [i, s] of assigned.entries()) frame.parent?.write(s, outputs[results.length + i]);
  return flatten(returned as R, "checkpoint").rebuild(tensorsOf(outputs));
}
