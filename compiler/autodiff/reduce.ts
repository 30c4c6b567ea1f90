import { emitOne, type Node, type Value } from "../../ir/graph/index.ts";
import { dims } from "../../ir/types/index.ts";
import { linear, noDerivative, type Maybe, type Rule, type Rules } from "./rule.ts";
import { convert, div, eq, inversePermutation, mul, otherAxes, reshape, shift, spreadAlong, sum, transpose } from "./values.ts";

/**
 * For each element, the product of all others that `axes` fold with it: what comes before times what comes after.
 * No division, so any number of zeros is exact, in derivatives of derivatives too.
 */
function productOfOthers(x: Value, axes: readonly number[]): Value {
  if (axes.length === 1) return othersAlong(x, axes[0]);
  const { shape } = x.type, kept = otherAxes(shape.length, axes), perm = [...kept, ...axes];
  const together = transpose(x, perm);
  const flat = reshape(together, [...kept.map((i) => shape[i]), dims.product(axes.map((i) => shape[i]))]);
  return transpose(reshape(othersAlong(flat, kept.length), together.type.shape), inversePermutation(perm));
}

function othersAlong(x: Value, axis: number): Value {
  const [before, after] = [false, true].map((reverse) =>
    emitOne("cumulative", [shift(x, axis, reverse, 1)], { reducer: "prod", axis, reverse }));
  return mul(before, after);
}

/** How much each element counts in a max or min: 1 shared evenly among the ties, 0 elsewhere. NaN where the result is NaN. */
function shareOfExtreme({ inputs: [x], attrs: { axes }, outputs: [out] }: Node<"reduce">): Value {
  const { dtype, shape } = x.type;
  const isExtreme = convert(eq(x, spreadAlong(out, shape, axes)), dtype);
  return div(isExtreme, spreadAlong(sum(isExtreme, axes), shape, axes));
}

/** A fold whose result varies with each element by `weight`. */
const weighted = (weight: (node: Node<"reduce">) => Value): Rule<"reduce"> => ({
  vjp: (node, [ct]) => [mul(spreadAlong(ct!, node.inputs[0].type.shape, node.attrs.axes), weight(node))],
  jvp: (node, [tangent]) => [sum(mul(tangent!, weight(node)), node.attrs.axes)],
});

const byReducer: { readonly [R in Node<"reduce">["attrs"]["reducer"]]: Rule<"reduce"> } = {
  sum: linear(({ inputs: [x], attrs: { axes } }, ct): Maybe[] => [spreadAlong(ct, x.type.shape, axes)]),
  prod: weighted(({ inputs: [x], attrs: { axes } }) => productOfOthers(x, axes)),
  max: weighted(shareOfExtreme),
  min: weighted(shareOfExtreme),
  any: noDerivative,
  all: noDerivative,
};

export const reduce: Rules<"reduce" | "argReduce"> = {
  reduce: {
    vjp: (node, ...rest) => byReducer[node.attrs.reducer].vjp(node, ...rest),
    jvp: (node, ...rest) => byReducer[node.attrs.reducer].jvp(node, ...rest),
  },
  argReduce: noDerivative,
};
