import type { Value } from "../../../ir/graph/index.ts";
import { wholeAxes, type Addressing } from "../../../ir/ops/index.ts";
import { isFloat, type Dim, type DType, type Shape } from "../../../ir/types/index.ts";
import { wrapped, type Builder } from "./builder.ts";
import { joined } from "./elementwise.ts";
import { fact, mergeGrains, sumOf } from "./fact.ts";

/** `n` made an index into an axis of this size: the remainder, which is never negative. */
export function asIndex(b: Builder, n: Value, size: Dim): Value {
  const last = fact(0, b.most(size) - 1, 0), { shape } = n.type;
  const count = typeof size === "number"
    ? b.constant("i32", shape, size)
    : b.emit("broadcast", [b.emit("dimension", [], { size }, fact(1, b.most(size), 0))], { shape, axes: [] }, fact(1, b.most(size), 0));
  return b.emit("remainder", [n, count], {}, last);
}

/** A way to address a tensor, the indices for it, and the shape it selects. */
interface Selection {
  readonly at: Addressing;
  readonly indices: Value[];
  readonly shape: Shape;
}

function selection(b: Builder, operand: Shape): Selection | undefined {
  if (operand.length === 0) return undefined;
  const order = b.random.shuffled(operand.map((_, i) => i));
  const axes = order.slice(0, b.random.between(1, Math.min(2, operand.length)));
  const indexShape: Dim[] = [], batch: [number, number][] = [];
  for (const axis of order.slice(axes.length))
    if (b.random.chance(0.4)) {
      batch.push([axis, indexShape.length]);
      indexShape.push(operand[axis]);
    }
  if (b.random.chance(0.6)) indexShape.push(b.dim());
  const at = { axes, batch };
  const shape = [...indexShape, ...wholeAxes(operand.length, at).map((i) => operand[i])];
  if (!b.fits(shape)) return undefined;
  return { at, shape, indices: axes.map((axis) => asIndex(b, b.operand("i32", indexShape), operand[axis])) };
}

export function gather(b: Builder, s: Value): Value | undefined {
  const chosen = selection(b, s.type.shape);
  return chosen && b.emit("gather", [s, ...chosen.indices], chosen.at, b.factOf(s));
}

/** Looks up rows of a table by the integers `s`. */
export function lookUp(b: Builder, s: Value): Value | undefined {
  if (s.type.dtype !== "i32") return undefined;
  const size = b.dim(), dtype = b.random.pick<DType>([...b.floats, "i32"]);
  const row: Dim[] = b.random.chance(0.5) ? [b.dim()] : [];
  if (!b.fits([...s.type.shape, ...row])) return undefined;
  const table = b.operand(dtype, [size, ...row]);
  return b.emit("gather", [table, asIndex(b, s, size)], { axes: [0], batch: [] }, b.factOf(table));
}

/** Writes into `s`, or writes `s` itself into zeros, where indices meet too. */
export function scatter(b: Builder, s: Value): Value | undefined {
  const chosen = selection(b, s.type.shape);
  if (!chosen || s.type.dtype === "bool") return undefined;
  const { dtype } = s.type;
  const reducer = b.random.pick(["set", "sum", "sum", ...(b.smooth ? [] : ["max", "min"] as const)] as const);
  const updates = b.operand(dtype, chosen.shape);
  const f = b.factOf(s);
  const meeting = sumOf(b.factOf(updates), b.most(chosen.shape.reduce<number>((n, d) => n * b.most(d), 1)));
  const known = reducer !== "sum" ? joined(b, s, updates)
    : isFloat(dtype) ? fact(f.lo + Math.min(0, meeting.lo), f.hi + Math.max(0, meeting.hi), mergeGrains([f.grain, meeting.grain])) : wrapped(dtype, -Infinity, Infinity);
  return b.tame(b.emit("scatter", [s, updates, ...chosen.indices], { ...chosen.at, reducer }, known));
}
