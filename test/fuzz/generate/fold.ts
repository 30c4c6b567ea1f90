import { emit, type Value } from "../../../ir/graph/index.ts";
import { freeAxes, type AxisPairs } from "../../../ir/ops/index.ts";
import { dims, isFloat, type Dim, type Shape } from "../../../ir/types/index.ts";
import { wrapped, type Builder } from "./builder.ts";
import { fact, product, sumOf } from "./fact.ts";

/** Folds a random choice of axes, then sometimes stretches the result back, as a softmax or a norm does. */
export function reduce(b: Builder, s: Value): Value {
  const { dtype, shape } = s.type;
  const axes = shape.flatMap((_, i) => (b.random.chance(0.5) ? [i] : []));
  const folded = fold(b, s, axes);
  if (folded.type.dtype !== dtype || axes.length === 0 || b.random.chance(0.5)) return folded;
  const known = b.factOf(folded);
  return b.emit("broadcast", [folded], { shape, axes: shape.flatMap((_, i) => (axes.includes(i) ? [] : [i])) }, known);
}

function fold(b: Builder, s: Value, axes: readonly number[]): Value {
  const { dtype, shape } = s.type;
  if (dtype === "bool") return b.emit("reduce", [s], { reducer: b.random.pick(["any", "all"] as const), axes }, fact(0, 1, 0));
  const count = b.most(dims.product(axes.map((i) => shape[i])));
  const reducer = b.random.pick(["sum", "sum", "prod", ...(b.smooth ? [] : ["max", "min"] as const)] as const);
  if (!isFloat(dtype)) return b.emit("reduce", [s], { reducer, axes }, reducer === "max" || reducer === "min" ? b.factOf(s) : wrapped(dtype, -Infinity, Infinity));
  if (reducer === "max" || reducer === "min") return b.emit("reduce", [s], { reducer, axes }, b.factOf(s));
  if (reducer === "prod" && count <= 12) {
    const x = b.into(s, -1.25, 1.25);
    return b.emit("reduce", [x], { reducer, axes }, fact(-(1.25 ** count), 1.25 ** count));
  }
  return b.tame(b.emit("reduce", [s], { reducer: "sum", axes }, sumOf(b.factOf(s), count)));
}

/** Where the extreme is, of exact values. */
export function argReduce(b: Builder, s: Value): Value | undefined {
  const { shape } = s.type;
  if (shape.length === 0) return undefined;
  const axis = b.random.below(shape.length);
  return b.emit("argReduce", [s], { reducer: b.random.pick(["max", "min"] as const), axis }, fact(0, b.most(shape[axis]), 0));
}

export function cumulative(b: Builder, s: Value): Value | undefined {
  const { dtype, shape } = s.type;
  if (shape.length === 0 || dtype === "bool") return undefined;
  const axis = b.random.below(shape.length), count = b.most(shape[axis]), reverse = b.random.chance(0.5);
  const reducer = b.random.pick(["sum", "sum", "prod", ...(b.smooth ? [] : ["max", "min"] as const)] as const);
  if (!isFloat(dtype)) return b.emit("cumulative", [s], { reducer, axis, reverse }, reducer === "max" || reducer === "min" ? b.factOf(s) : wrapped(dtype, -Infinity, Infinity));
  if (reducer === "max" || reducer === "min") return b.emit("cumulative", [s], { reducer, axis, reverse }, b.factOf(s));
  if (reducer === "prod" && count <= 12) return b.emit("cumulative", [b.into(s, -1.25, 1.25)], { reducer, axis, reverse }, fact(-(1.25 ** count), 1.25 ** count));
  return b.tame(b.emit("cumulative", [s], { reducer: "sum", axis, reverse }, sumOf(b.factOf(s), count)));
}

/** Sorts: the values of any tensor (they move continuously), the indices of exact ones only. */
export function sort(b: Builder, s: Value): Value | undefined {
  const { shape } = s.type;
  if (shape.length === 0) return undefined;
  const axis = b.random.below(shape.length);
  const [values, indices] = emit("sort", [s], { axis, descending: b.random.chance(0.5) });
  b.know(values, b.factOf(s));
  b.know(indices, fact(0, b.most(shape[axis]), 0));
  return b.exact(s) && b.random.chance(0.4) ? indices : values;
}

/** A product with another tensor over a random choice of batch and contracted axes, either way around. */
export function dot(b: Builder, s: Value): Value | undefined {
  const { dtype, shape } = s.type;
  if (dtype === "bool") return undefined;
  const roles = shape.map(() => b.random.pick(["free", "batch", "contract", "contract"] as const));
  const shared = shape.flatMap((_, i) => (roles[i] === "free" ? [] : [i]));
  // the other operand: the shared axes and perhaps one of its own, in any order
  const axes = b.random.shuffled<number | "own">(b.random.chance(0.6) ? [...shared, "own"] : shared);
  const otherShape = axes.map((a): Dim => (a === "own" ? b.dim() : shape[a]));
  if (!b.fits(otherShape)) return undefined;
  const pairs = (role: string): AxisPairs => b.random.shuffled(shared.filter((i) => roles[i] === role)).map((i) => [i, axes.indexOf(i)] as const);
  const attrs = { batch: pairs("batch"), contract: pairs("contract") };
  const result: Shape = [...attrs.batch.map(([i]) => shape[i]), ...freeAxes(shape.length, 0, attrs).map((i) => shape[i]), ...freeAxes(otherShape.length, 1, attrs).map((i) => otherShape[i])];
  const count = b.most(dims.product(attrs.contract.map(([i]) => shape[i])));
  if (!b.fits(result) || count * b.most(dims.product(result)) > 4000) return undefined;

  const other = b.operand(dtype, otherShape);
  const known = isFloat(dtype) ? sumOf(product(b.factOf(s), b.factOf(other)), count) : wrapped(dtype, -Infinity, Infinity);
  if (b.random.chance(0.5)) return b.tame(b.emit("dot", [s, other], attrs, known));
  const flip = (p: AxisPairs): AxisPairs => p.map(([i, j]) => [j, i] as const);
  return b.tame(b.emit("dot", [other, s], { batch: flip(attrs.batch), contract: flip(attrs.contract) }, known));
}
