import { emit } from "../graph/build.ts";
import { check } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { typeText, type DType, type Shape } from "../types/index.ts";
import { capturesOf, close, trace, type Slot, type Traced } from "./region.ts";
import { flatten, leavesLike, tensorsOf, valuesOf, type Structure } from "./structure.ts";

/**
 * `then(...operands)` where `pred` (a bool scalar) holds, else `otherwise(...operands)`. Only the branch taken is
 * computed. Branches may use any tensor around them, with or without operands; they return the same structure
 * (tensor, tuple or record) with the same dtypes and shapes.
 *
 * To choose element by element, use `where`.
 */
export function cond<const A extends readonly Structure[], const R extends Structure, const E extends Structure>(
  pred: Tensor<Shape, DType>, then: (...operands: A) => R, otherwise: (...operands: A) => E, ...operands: A
): R {
  check(pred.dtype === "bool" && pred.rank === 0, () => `cond: the condition is ${typeText(pred.value.type)}; it must be a bool scalar`,
    "to choose element by element, use where; else compare scalars, or reduce with .any() or .all()");
  const args = flatten(operands, "cond: an operand");
  const types = args.leaves.map((t) => t.value.type);
  let first: unknown;
  const yes = trace(types, (params) => {
    first = then(...args.rebuild(tensorsOf(params)));
    return valuesOf(flatten(first, "cond: what the first branch returns").leaves);
  });
  const no = trace(types, (params) => {
    const second: unknown = otherwise(...args.rebuild(tensorsOf(params)));
    return valuesOf(leavesLike(first, second, "cond: what the second branch returns"));
  });

  // state that either branch assigns is a further result of both
  const branches = [yes, no];
  const assigned = [...new Set(branches.flatMap((b) => [...b.frame.assigned.keys()]))];
  for (const b of branches) for (const s of assigned) b.frame.read(s);
  const touched = [...new Set(branches.flatMap((b) => [...b.frame.entry.keys()]))];
  const captures = capturesOf(branches, "lazy");
  const slots = (b: Traced): Slot[] => [
    ...b.params.map((p) => ({ type: p.type, stands: p })),
    ...touched.map((s) => ({ type: s.type, stands: b.frame.entry.get(s) })),
    ...captures.map((c) => ({ type: c.type, stands: c })),
  ];
  const regions = branches.map((b) => close(slots(b), [...b.results, ...assigned.map((s) => b.frame.read(s))]));
  const outer = (s: Value): Value => yes.frame.outer(s);
  const outputs = emit("cond", [pred.value, ...valuesOf(args.leaves), ...touched.map(outer), ...captures], {}, regions);
  for (const [i, s] of assigned.entries()) yes.frame.parent?.write(s, outputs[yes.results.length + i]);
  return flatten(first as R, "cond").rebuild(tensorsOf(outputs));
}
