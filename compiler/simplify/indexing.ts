import type { Node, Value } from "../../ir/graph/index.ts";
import { dims, type Dim } from "../../ir/types/index.ts";
import { splatOf } from "./constants.ts";
import { from, type Builder, type Rule, type RuleTable } from "./rule.ts";
import { broadcasted, range, reshaped, slicedAxis, transposed } from "./shapes.ts";

/**
 * Gathers and scatters whose indices are known: they are slices. Only where every index is provably in range: an
 * index that is not stops the program, and must go on doing so.
 */

/** The axis of the operand and its index tensor, where one axis is indexed and none walks along. */
function single({ axes, batch }: Node<"gather" | "scatter">["attrs"], indices: readonly Value[]): { axis: number; index: Value } | undefined {
  return axes.length === 1 && batch.length === 0 ? { axis: axes[0], index: indices[0] } : undefined;
}

/** How many places 0, 1, 2, … an index tensor of one axis counts through, if it does so. */
function countOf(index: Value): Dim | undefined {
  return from(index, "iota") && index.type.shape.length === 1 ? index.type.shape[0] : undefined;
}

const gatherInOrder: Rule<"gather"> = ({ inputs: [x, ...indices], attrs }, build) => {
  const at = single(attrs, indices), count = at && countOf(at.index);
  if (!at || count === undefined || dims.atLeast(x.type.shape[at.axis], count) !== true) return undefined;
  return toFront(build, slicedAxis(build, x, at.axis, 0, count), at.axis);
};

const gatherOnePlace: Rule<"gather"> = ({ inputs: [x, ...indices], attrs, outputs: [out] }, build) => {
  const at = single(attrs, indices), place = at && splatOf(at.index);
  if (!at || place === undefined || place < 0 || dims.atLeast(x.type.shape[at.axis], place + 1) !== true) return undefined;
  const rest = x.type.shape.filter((_, i) => i !== at.axis), rank = at.index.type.shape.length;
  const row = reshaped(build, slicedAxis(build, x, at.axis, place, place + 1), rest);
  return broadcasted(build, row, out.type.shape, rest.map((_, k) => rank + k));
};

/** Every place replaced, or combined with an update, in order. */
const scatterInOrder: Rule<"scatter"> = ({ inputs: [x, updates, ...indices], attrs }, build) => {
  const at = single(attrs, indices);
  if (!at || countOf(at.index) !== x.type.shape[at.axis]) return undefined;
  const placed = transposed(build, updates, inverse(frontOrder(x.type.shape.length, at.axis)));
  switch (attrs.reducer) {
    case "set": return placed;
    case "sum": return build.make("add", [x, placed], {});
    case "prod": return build.make("mul", [x, placed], {});
    case "max": return build.make("maximum", [x, placed], {});
    case "min": return build.make("minimum", [x, placed], {});
  }
};

const frontOrder = (rank: number, axis: number): number[] => [axis, ...range(rank).filter((i) => i !== axis)];
const toFront = (build: Builder, x: Value, axis: number): Value => transposed(build, x, frontOrder(x.type.shape.length, axis));
const inverse = (perm: readonly number[]): number[] => perm.map((_, i) => perm.indexOf(i));

export const indexing: RuleTable = {
  gather: [gatherInOrder, gatherOnePlace],
  scatter: [scatterInOrder],
};
