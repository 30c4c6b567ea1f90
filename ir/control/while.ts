import { emit } from "../graph/build.ts";
import { check, GraphError } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { dims, typeText, type Dim, type DType, type Shape } from "../types/index.ts";
import { capturesOf, close, trace, type Slot, type Traced } from "./region.ts";
import { flatten, leavesLike, tensorsOf, valuesOf, type Loose, type Structure } from "./structure.ts";

export interface WhileOptions {
  /**
   * Most iterations that a derivative through the loop is prepared for: it records what the way back needs, and that
   * takes memory for this many. Running past it is an error where a derivative is taken, and only there. Needed
   * only for derivatives.
   */
  readonly maxTrips?: Dim;
}

/**
 * Repeats `body` while `test` holds: `state = init; while (test(state)) state = body(state);` — and returns the last
 * state, in the structure of `init` (tensor, tuple or record), whose dtypes and shapes do not change.
 *
 * `test` returns a bool scalar. Both may use any tensor around them.
 *
 * ```ts
 * const y = whileLoop(x.mul(2), (y) => y.norm().lt(1000), (y) => y.mul(2), { maxTrips: 64 });
 * ```
 */
export function whileLoop<const C extends Structure>(
  init: C, test: (state: C) => Tensor<Shape, DType>, body: (state: C) => Loose<C>, { maxTrips }: WhileOptions = {},
): C {
  const carry = flatten(init, "whileLoop: the initial state");
  const types = carry.leaves.map((t) => t.value.type);
  const condition = trace(types, (params) => {
    const holds = test(carry.rebuild(tensorsOf(params)));
    check(holds?.dtype === "bool" && holds.rank === 0, () => `whileLoop: the condition is ${holds?.value ? typeText(holds.value.type) : String(holds)}; it must be a bool scalar`, "compare scalars, or reduce with .any() or .all()");
    return [holds.value];
  });
  if (condition.frame.assigned.size > 0)
    throw new GraphError("whileLoop: the condition assigns state or draws random numbers", "do it in the body, and carry what the condition needs");
  const step = trace(types, (params) => valuesOf(leavesLike(init, body(carry.rebuild(tensorsOf(params))), "whileLoop: the state that the body returns")));

  // state that the body assigns is carried; state that either only reads is captured
  const { frame } = step;
  const assigned = [...frame.assigned.keys()];
  const readOnly = [...new Set([...condition.frame.entry.keys(), ...frame.entry.keys()])].filter((s) => !frame.assigned.has(s));
  const captures = capturesOf([condition, step], "hoist");
  const slots = (traced: Traced): Slot[] => {
    const state = (s: Value): Slot => ({ type: s.type, stands: traced.frame.entry.get(s) });
    return [
      ...traced.params.map((p) => ({ type: p.type, stands: p })), ...assigned.map(state), ...readOnly.map(state),
      ...captures.map((c) => ({ type: c.type, stands: c })),
    ];
  };
  const regions = [
    close(slots(condition), condition.results),
    close(slots(step), [...step.results, ...assigned.map((s) => frame.assigned.get(s)!)]),
  ];
  const outer = (s: Value): Value => frame.outer(s);
  const outputs = emit("while", [...valuesOf(carry.leaves), ...assigned.map(outer), ...readOnly.map(outer), ...captures],
    { carries: carry.leaves.length + assigned.length, maxTrips: maxTrips === undefined ? null : dims.dim(maxTrips) }, regions);
  for (const [i, s] of assigned.entries()) frame.parent?.write(s, outputs[carry.leaves.length + i]);
  return carry.rebuild(tensorsOf(outputs));
}
