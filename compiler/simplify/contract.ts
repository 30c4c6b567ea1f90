import type { AnyNode, Value } from "../../ir/graph/index.ts";
import { freeAxes, ops, type AxisPairs, type OpName } from "../../ir/ops/index.ts";
import { splat, splatOf } from "./constants.ts";
import { from, type Builder, type Rule, type RuleTable } from "./rule.ts";
import { broadcasted, isIncreasing, range, reshaped } from "./shapes.ts";

/** Products: transposes become dimension numbers, factors of an operand those of the product, and what sums nothing becomes elementwise. */

/** A transposed operand, read as it lies; only where its free axes keep their order, which the result shows. */
const dotTranspose: Rule<"dot"> = (node, build) => {
  for (const side of [0, 1] as const) {
    const inner = from(node.inputs[side], "transpose");
    if (!inner) continue;
    const { perm } = inner.attrs;
    if (!isIncreasing(freeAxes(perm.length, side, node.attrs).map((i) => perm[i]))) continue;
    const through = (pairs: AxisPairs): AxisPairs => pairs.map(([i, j]) => (side === 0 ? [perm[i], j] as const : [i, perm[j]] as const));
    const inputs = node.inputs.map((v, i) => (i === side ? inner.inputs[0] : v));
    return build.make("dot", inputs, { batch: through(node.attrs.batch), contract: through(node.attrs.contract) });
  }
  return undefined;
};

/** Contracted axes of size 1 are dropped. */
const dotUnitAxes: Rule<"dot"> = ({ inputs, attrs: { batch, contract } }, build) => {
  const units = contract.filter(([i]) => inputs[0].type.shape[i] === 1);
  if (units.length === 0) return undefined;
  const keptOf = (side: 0 | 1): number[] => range(inputs[side].type.shape.length).filter((i) => !units.some((p) => p[side] === i));
  const kept = [keptOf(0), keptOf(1)];
  const squeezed = inputs.map((v, side) => reshaped(build, v, kept[side].map((i) => v.type.shape[i])));
  const moved = (pairs: AxisPairs): AxisPairs => pairs.map(([i, j]) => [kept[0].indexOf(i), kept[1].indexOf(j)] as const);
  return build.make("dot", squeezed, { batch: moved(batch), contract: moved(contract.filter((p) => !units.includes(p))) });
};

/** A product that sums nothing (an outer product, a batch of scalars) is a product of elements. */
const dotOfNothing: Rule<"dot"> = ({ inputs, attrs, outputs: [out] }, build) => {
  if (attrs.contract.length > 0) return undefined;
  const nb = attrs.batch.length;
  let next = nb;
  const [a, b] = inputs.map((v, s): Value => {
    const side = s as 0 | 1, free = freeAxes(v.type.shape.length, side, attrs);
    const order = [...attrs.batch.map((p) => p[side]), ...free];
    const own = isIncreasing(order) ? v : build.make("transpose", [v], { perm: order });
    const axes = [...range(nb), ...free.map(() => next++)];
    return broadcasted(build, own, out.type.shape, axes);
  });
  return build.make("mul", [a, b], {});
};

/** Factors that are taken out of a sum: so far from what overflows that only numbers next to it could tell. */
const mildFactor = 2 ** 12;

/**
 * A scaled operand, behind movement or not, scales the product instead: a product reads its operands from memory, and the
 * scaled one would be written there for it. What is scaled must be in memory anyway: no result of arithmetic.
 */
const dotScaled: Rule<"dot"> = ({ inputs, attrs, outputs: [out] }, build) => {
  if (out.type.dtype !== "f32" && out.type.dtype !== "f64") return undefined;
  for (const side of [0, 1] as const) {
    const found = unscaled(inputs[side], build);
    if (!found) continue;
    return build.make("mul", [build.make("dot", inputs.map((v, i) => (i === side ? found.value : v)), attrs), splat(build, found.factor, out.type)], {});
  }
  return undefined;
};

function unscaled(v: Value, build: Builder): { readonly value: Value; readonly factor: number } | undefined {
  const { op, attrs, inputs: [x, y] } = v.node as AnyNode;
  if (op === "reshape" || op === "transpose" || op === "slice") {
    const inner = unscaled(x, build);
    return inner && { ...inner, value: build.make(op, [inner.value], attrs) };
  }
  const factor = op === "mul" ? splatOf(y) : undefined;
  if (factor === undefined || Math.abs(factor) > mildFactor || Math.abs(factor) < 1 / mildFactor) return undefined;
  return ops[x.node.op as OpName].kind === "elementwise" ? undefined : { value: x, factor };
}

export const contraction: RuleTable = { dot: [dotTranspose, dotUnitAxes, dotOfNothing, dotScaled] };
