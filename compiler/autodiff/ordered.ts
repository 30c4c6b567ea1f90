import { emitOne, type Node, type Value } from "../../ir/graph/index.ts";
import type { Addressing } from "../../ir/ops/index.ts";
import { highest } from "../../ir/types/index.ts";
import { rowType, scanRows } from "./control/build.ts";
import { linear, type Rule, type Rules } from "./rule.ts";
import { add, eq, full, inversePermutation, isNan, mul, or, otherAxes, select, shift, toFront, transpose, zeros } from "./values.ts";

/** Addresses one axis by an index tensor of the operand's own shape, as `torch.gather` does. */
const along = (rank: number, axis: number): Addressing => ({ axes: [axis], batch: otherAxes(rank, [axis]).map((i) => [i, i] as const) });

const gatherAlong = (x: Value, indices: Value, axis: number): Value => emitOne("gather", [x, indices], along(x.type.shape.length, axis));
const scatterAlong = (updates: Value, indices: Value, axis: number): Value =>
  emitOne("scatter", [zeros(updates.type), updates, indices], { ...along(updates.type.shape.length, axis), reducer: "sum" });

/** `s[k] = a[k]·s[k−1] + b[k]` along `axis`, from 0 before the first element (after the last, if `reverse`). */
function linearRecurrence(a: Value, b: Value, axis: number, reverse: boolean): Value {
  const perm = toFront(a.type.shape.length, axis);
  const rows = [transpose(a, perm), transpose(b, perm)];
  const stacked = scanRows(rows, zeros(rowType(rows[0].type)), reverse, (s, [ak, bk]) => {
    const next = add(mul(ak, s), bk);
    return { next, row: next };
  });
  return transpose(stacked, inversePermutation(perm));
}

/**
 * Cumulative product: the derivative of `y[i]` to `x[j]`, j ≤ i, is `before[j] · x[j+1] ⋯ x[i]`. Both modes sum that
 * by a linear recurrence, without a division, so zeros are exact.
 */
const product: Rule<"cumulative"> = {
  vjp(node, [ct]) {
    const { inputs: [x], attrs: { axis, reverse } } = node;
    const following = shift(x, axis, !reverse, 0);
    return [mul(productBefore(node), linearRecurrence(following, ct!, axis, !reverse))];
  },
  jvp(node, [tangent]) {
    const { inputs: [x], attrs: { axis, reverse } } = node;
    return [linearRecurrence(x, mul(productBefore(node), tangent!), axis, reverse)];
  },
};

function productBefore({ inputs: [x], attrs: { axis, reverse } }: Node<"cumulative">): Value {
  return emitOne("cumulative", [shift(x, axis, reverse, 1)], { reducer: "prod", axis, reverse });
}

/** Where along the axis each running extreme was met: of equals the latest, as PyTorch's `cummax` has it. */
function whereExtreme({ inputs: [x], attrs: { axis, reverse }, outputs: [out] }: Node<"cumulative">): Value {
  const type = { dtype: "i32", shape: x.type.shape } as const;
  const met = or(eq(x, out), isNan(x));
  const never = full(reverse ? highest.i32 : 0, type);
  const position = select(met, emitOne("iota", [], { ...type, axis }), never);
  return emitOne("cumulative", [position], { reducer: reverse ? "min" : "max", axis, reverse });
}

const extreme: Rule<"cumulative"> = {
  vjp: (node, [ct]) => [scatterAlong(ct!, whereExtreme(node), node.attrs.axis)],
  jvp: (node, [tangent]) => [gatherAlong(tangent!, whereExtreme(node), node.attrs.axis)],
};

const byReducer: { readonly [R in Node<"cumulative">["attrs"]["reducer"]]: Rule<"cumulative"> } = {
  sum: linear(({ attrs }, ct) => [emitOne("cumulative", [ct], { ...attrs, reverse: !attrs.reverse })]),
  prod: product,
  max: extreme,
  min: extreme,
};

export const ordered: Rules<"cumulative" | "sort"> = {
  cumulative: {
    vjp: (node, ...rest) => byReducer[node.attrs.reducer].vjp(node, ...rest),
    jvp: (node, ...rest) => byReducer[node.attrs.reducer].jvp(node, ...rest),
  },

  /** Sorting is a permutation: derivatives follow it. */
  sort: {
    vjp: ({ attrs: { axis }, outputs: [, from] }, [ct]) => [ct && scatterAlong(ct, from, axis)],
    jvp: ({ attrs: { axis }, outputs: [, from] }, [tangent]) => [tangent && gatherAlong(tangent, from, axis), undefined],
  },
};
