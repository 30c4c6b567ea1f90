import { emitOne, type Node, type Value } from "../../ir/graph/index.ts";
import type { Addressing } from "../../ir/ops/index.ts";
import { dims } from "../../ir/types/index.ts";
import { othersAtIndex } from "./indexed-product.ts";
import { linear, type Maybe, type Rule, type Rules } from "./rule.ts";
import { add, convert, div, eq, full, mul, ones, otherAxes, reshape, select, spread, zeros } from "./values.ts";

type Scatter = Node<"scatter">;

const addressing = ({ attrs: { axes, batch } }: Scatter): Addressing => ({ axes, batch });

/** What lies in `x`, a tensor of the operand's shape, where the scatter writes: one element for each update. */
const at = (x: Value, node: Scatter): Value => emitOne("gather", [x, ...node.inputs.slice(2)], addressing(node));

/** `updates` combined into `x` at the indices of the scatter. */
const into = (x: Value, updates: Value, node: Scatter, reducer = node.attrs.reducer): Value =>
  emitOne("scatter", [x, updates, ...node.inputs.slice(2)], { ...addressing(node), reducer });

const both = (a: Maybe, b: Maybe): Maybe => (a && b ? add(a, b) : a ?? b);

/** Adding is linear: the cotangent stays, and each update reads its own. */
const addition: Rule<"scatter"> = linear((node, ct, [, toUpdates]) => [ct, toUpdates ? at(ct, node) : undefined]);

/**
 * Setting is linear: what was overwritten gets nothing. Where several updates meet, the last in row-major order
 * is the one that stays, so it alone gets the cotangent.
 */
const setting: Rule<"scatter"> = linear((node, ct, [toX, toUpdates]) => {
  const { inputs: [, updates] } = node;
  return [toX ? into(ct, zeros(updates.type), node) : undefined, toUpdates ? keptOnly(at(ct, node), node) : undefined];
});

/** `x`, one element for each update, with zeros for the updates that a later one overwrites. */
function keptOnly(x: Value, node: Scatter): Value {
  const { inputs: [operand, , ...indices], attrs: { axes, batch } } = node;
  const shape = indices[0].type.shape;
  const indexed = [...axes, ...batch.map(([o]) => o)].sort((a, b) => a - b);
  const perBatch = otherAxes(shape.length, batch.map(([, i]) => i)).map((i) => shape[i]);
  if (dims.product(perBatch) === 1) return x; // nothing can meet

  // number the index tuples, write the numbers in the same order, and see whose number stayed
  const place = (axis: number): number => indexed.indexOf(axis);
  const to: Addressing = { axes: axes.map(place), batch: batch.map(([o, i]) => [place(o), i] as const) };
  const numbers = reshape(emitOne("iota", [], { dtype: "i32", shape: [dims.product(shape)], axis: 0 }), shape);
  const unwritten = full(-1, { dtype: "i32", shape: indexed.map((i) => operand.type.shape[i]) });
  const last = emitOne("scatter", [unwritten, numbers, ...indices], { ...to, reducer: "set" });
  const kept = eq(emitOne("gather", [last, ...indices], to), numbers);
  return select(spread(kept, x.type.shape, shape.map((_, i) => i)), x, zeros(x.type));
}

/** Multiplying: each factor is weighed by the product of all others at its place. */
const multiplication: Rule<"scatter"> = {
  vjp(node, [ct], [toX, toUpdates]) {
    const { inputs: [x] } = node;
    return [
      toX ? mul(ct!, productOfUpdates(node)) : undefined,
      toUpdates ? mul(mul(at(ct!, node), at(x, node)), othersAtIndex(node)) : undefined,
    ];
  },
  jvp(node, [tx, tu]) {
    const { inputs: [x] } = node;
    const fromX = tx && mul(tx, productOfUpdates(node));
    const fromUpdates = tu && into(zeros(x.type), mul(mul(tu, at(x, node)), othersAtIndex(node)), node, "sum");
    return [both(fromX, fromUpdates)];
  },
};

const productOfUpdates = (node: Scatter): Value => into(ones(node.inputs[0].type), node.inputs[1], node);

/** Largest or smallest: evenly over all that tie at a place, the operand's own element included (PyTorch's `scatter_reduce`). */
const extreme: Rule<"scatter"> = {
  vjp(node, [ct]) {
    const { isX, isUpdate, ties } = extremes(node);
    const share = div(ct!, ties);
    return [mul(share, isX), mul(at(share, node), isUpdate)];
  },
  jvp(node, [tx, tu]) {
    const { inputs: [x] } = node;
    const { isX, isUpdate, ties } = extremes(node);
    const total = both(tx && mul(tx, isX), tu && into(zeros(x.type), mul(tu, isUpdate), node, "sum"));
    return [total && div(total, ties)];
  },
};

/** 1 where the operand's element, or an update, is the result at its place; and how many are. */
function extremes(node: Scatter): { isX: Value; isUpdate: Value; ties: Value } {
  const { inputs: [x, updates], outputs: [out] } = node;
  const { dtype } = x.type;
  const isX = convert(eq(x, out), dtype), isUpdate = convert(eq(updates, at(out, node)), dtype);
  return { isX, isUpdate, ties: into(isX, isUpdate, node, "sum") };
}

const byReducer: { readonly [R in Scatter["attrs"]["reducer"]]: Rule<"scatter"> } = {
  set: setting, sum: addition, prod: multiplication, max: extreme, min: extreme,
};

/** `gather` and `scatter` with "sum" are each other's dual. */
export const indexing: Rules<"gather" | "scatter"> = {
  gather: linear(({ inputs: [x, ...indices], attrs }, ct) => [emitOne("scatter", [zeros(x.type), ct, ...indices], { ...attrs, reducer: "sum" })]),
  scatter: {
    vjp: (node, ...rest) => byReducer[node.attrs.reducer].vjp(node, ...rest),
    jvp: (node, ...rest) => byReducer[node.attrs.reducer].jvp(node, ...rest),
  },
};
