import { emitOne, type Node, type Value } from "../../ir/graph/index.ts";
import { dims, type Dim, type DType, type Shape, type TensorType } from "../../ir/types/index.ts";

/**
 * The few ops that derivative rules are written with, on values whose types already agree. What is trivial is
 * folded on the spot (a factor one, a zero term), so that derived graphs are readable before they are simplified.
 */

export const full = (value: number, { dtype, shape }: TensorType): Value => emitOne("constant", [], { dtype, shape, data: value });
export const zeros = (type: TensorType): Value => full(0, type);
export const ones = (type: TensorType): Value => full(1, type);
export const i32 = (value: number): Value => full(value, { dtype: "i32", shape: [] });

/** The number that every element of `v` is known to be, if one is. */
export function uniform(v: Value): number | undefined {
  if (v.node.op !== "constant") return undefined;
  const { data } = (v.node as unknown as Node<"constant">).attrs;
  return typeof data === "number" ? data : undefined;
}
const isConstant = (v: Value, value: number): boolean => uniform(v) === value;

export const neg = (x: Value): Value => emitOne("neg", [x], {});
export const sub = (x: Value, y: Value): Value => emitOne("sub", [x, y], {});
export const eq = (x: Value, y: Value): Value => emitOne("eq", [x, y], {});
export const gt = (x: Value, y: Value): Value => emitOne("gt", [x, y], {});
export const or = (x: Value, y: Value): Value => emitOne("bitOr", [x, y], {});
export const isNan = (x: Value): Value => emitOne("isNan", [x], {});
export const select = (pred: Value, x: Value, y: Value): Value => emitOne("select", [pred, x, y], {});
export const div = (x: Value, y: Value): Value => (isConstant(y, 1) ? x : emitOne("div", [x, y], {}));
export const convert = (x: Value, dtype: DType): Value => (x.type.dtype === dtype ? x : emitOne("convert", [x], { dtype }));

export function add(x: Value, y: Value): Value {
  return isConstant(x, 0) ? y : isConstant(y, 0) ? x : emitOne("add", [x, y], {});
}

export function mul(x: Value, y: Value): Value {
  return isConstant(x, 1) ? y : isConstant(y, 1) ? x : emitOne("mul", [x, y], {});
}

/** `x` repeated to `shape`: its axis k becomes axis `axes[k]`. */
export function spread(x: Value, shape: Shape, axes: readonly number[]): Value {
  if (axes.length === shape.length) return x;
  const value = uniform(x);
  return value !== undefined ? full(value, { dtype: x.type.dtype, shape }) : emitOne("broadcast", [x], { shape, axes });
}

/** The axes 0 … rank−1 without some. */
export const otherAxes = (rank: number, without: readonly number[]): number[] =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => !without.includes(i));

/** A tensor that lacks `axes` of `shape`, repeated along them: the dual of folding them away. */
export const spreadAlong = (x: Value, shape: Shape, axes: readonly number[]): Value => spread(x, shape, otherAxes(shape.length, axes));

export const sum = (x: Value, axes: readonly number[]): Value =>
  axes.length === 0 ? x : emitOne("reduce", [x], { reducer: "sum", axes });

export function reshape(x: Value, shape: Shape): Value {
  return x.type.shape.length === shape.length && shape.every((d, i) => d === x.type.shape[i]) ? x : emitOne("reshape", [x], { shape });
}

export function transpose(x: Value, perm: readonly number[]): Value {
  return perm.every((p, i) => p === i) ? x : emitOne("transpose", [x], { perm });
}

export function inversePermutation(perm: readonly number[]): number[] {
  const inverse = new Array<number>(perm.length);
  for (const [i, p] of perm.entries()) inverse[p] = i;
  return inverse;
}

/** The permutation that brings `axis` to the front. */
export const toFront = (rank: number, axis: number): number[] => [axis, ...otherAxes(rank, [axis])];

/** `start <= index < limit` along one axis. */
export function sliceAxis(x: Value, axis: number, start: Dim, limit: Dim): Value {
  const { shape } = x.type;
  return emitOne("slice", [x], {
    start: shape.map((_, i) => (i === axis ? start : 0)),
    limit: shape.map((d, i) => (i === axis ? limit : d)),
    step: shape.map(() => 1),
  });
}

/** `low` and `high` copies of a number before and after `x` along one axis. */
export function padAxis(x: Value, axis: number, low: Dim, high: Dim, value: number): Value {
  const none = x.type.shape.map(() => 0);
  return emitOne("pad", [x, full(value, { dtype: x.type.dtype, shape: [] })], {
    low: none.map((_, i) => (i === axis ? low : 0)), high: none.map((_, i) => (i === axis ? high : 0)), interior: none,
  });
}

/** Each element replaced by its neighbour: the one before it along `axis` (after it, if `reverse`); `edge` at the end. */
export function shift(x: Value, axis: number, reverse: boolean, edge: number): Value {
  const size = x.type.shape[axis];
  return reverse
    ? sliceAxis(padAxis(x, axis, 0, 1, edge), axis, 1, dims.add(size, 1))
    : sliceAxis(padAxis(x, axis, 1, 0, edge), axis, 0, size);
}

/**
 * Sum of two cotangents. What is scattered into zeros is scattered into the other one instead: a row of a table
 * is then added in place, and no second table is filled with zeros.
 */
export function accumulate(x: Value, y: Value): Value {
  return scatteredInto(x, y) ?? scatteredInto(y, x) ?? add(x, y);
}

function scatteredInto(base: Value, term: Value): Value | undefined {
  if (term.node.op !== "scatter") return undefined;
  const { inputs: [from, ...rest], attrs } = term.node as unknown as Node<"scatter">;
  return attrs.reducer === "sum" && isConstant(from, 0) ? emitOne("scatter", [base, ...rest], attrs) : undefined;
}
