import type { Value } from "../../../ir/graph/index.ts";
import { dims, type Dim, type Shape } from "../../../ir/types/index.ts";
import type { Builder } from "./builder.ts";
import { joined } from "./elementwise.ts";

const axesOf = (s: Value): number[] => s.type.shape.map((_, i) => i);

export function reshape(b: Builder, s: Value): Value {
  const shape = [...s.type.shape];
  const at = b.random.below(shape.length + 1);
  const choice = b.random.below(4);
  const factor = typeof shape[at] === "number" ? [2, 3].find((f) => (shape[at] as number) % f === 0) : undefined;
  if (choice === 0 || shape.length === 0) shape.splice(at, 0, 1);
  else if (choice === 1 && factor) shape.splice(at, 1, factor, (shape[at] as number) / factor);
  else if (choice === 2 && shape.length > 1) {
    const i = b.random.below(shape.length - 1);
    shape.splice(i, 2, dims.mul(shape[i], shape[i + 1]));
  } else shape.splice(0, shape.length, dims.product(shape));
  return b.emit("reshape", [s], { shape: b.fits(shape) ? shape : [dims.product(shape)] }, b.factOf(s));
}

export function transpose(b: Builder, s: Value): Value {
  return b.emit("transpose", [s], { perm: b.random.shuffled(axesOf(s)) }, b.factOf(s));
}

export function reverse(b: Builder, s: Value): Value {
  return b.emit("reverse", [s], { axes: axesOf(s).filter(() => b.random.chance(0.5)) }, b.factOf(s));
}

/** Repeats along one or two new axes, where the result is small enough. */
export function broadcast(b: Builder, s: Value): Value | undefined {
  const shape: Dim[] = [...s.type.shape], isNew = shape.map(() => false);
  for (let n = b.random.between(1, 2); n > 0; n--) {
    const at = b.random.below(shape.length + 1), d = b.dim();
    if (!b.fits(shape.toSpliced(at, 0, d))) continue;
    shape.splice(at, 0, d);
    isNew.splice(at, 0, true);
  }
  const axes = isNew.flatMap((fresh, i) => (fresh ? [] : [i]));
  return axes.length < shape.length ? b.emit("broadcast", [s], { shape, axes }, b.factOf(s)) : undefined;
}

export function slice(b: Builder, s: Value): Value {
  const start: Dim[] = [], limit: Dim[] = [], step: number[] = [], shape: Dim[] = [];
  for (const d of s.type.shape) {
    const from = b.random.below(3), short = b.random.below(2), by = b.random.pick([1, 1, 2, 3]);
    const size = dims.ceilDiv(dims.sub(dims.sub(d, short), from), by);
    const whole = !b.fits([dims.sub(dims.sub(d, short), from)]) || b.random.chance(0.3);
    start.push(whole ? 0 : from);
    limit.push(whole ? d : dims.sub(d, short));
    step.push(whole ? 1 : by);
    shape.push(whole ? d : size);
  }
  return b.emit("slice", [s], { start, limit, step }, b.factOf(s));
}

/** Pads with a constant or an earlier scalar: around, and between neighbours. */
export function pad(b: Builder, s: Value): Value {
  const { dtype, shape } = s.type;
  const low: Dim[] = [], high: Dim[] = [], interior: number[] = [];
  const padded: Dim[] = [...shape];
  for (const [i, d] of shape.entries()) {
    const l = b.random.pick<Dim>([0, 0, 1, 2, "T"]), h = b.random.pick<Dim>([0, 0, 1, "B"]), inner = b.random.pick([0, 0, 1, 2]);
    const size = dims.add(dims.add(dims.add(d, dims.mul(dims.sub(d, 1), inner)), l), h);
    const taken = b.fits(padded.with(i, size));
    low.push(taken ? l : 0);
    high.push(taken ? h : 0);
    interior.push(taken ? inner : 0);
    if (taken) padded[i] = size;
  }
  const value = b.operand(dtype, []);
  return b.emit("pad", [s, value], { low, high, interior }, joined(b, s, value));
}

/** One to three tensors along an axis, `s` among them. */
export function concat(b: Builder, s: Value): Value | undefined {
  const { dtype, shape } = s.type;
  if (shape.length === 0) return undefined;
  const axis = b.random.below(shape.length);
  let total: Shape = shape;
  const parts = [s];
  for (let n = b.random.between(1, 2); n > 0; n--) {
    const d = b.random.chance(0.5) ? shape[axis] : b.dim();
    const grown = total.with(axis, dims.add(total[axis], d));
    if (!b.fits(grown)) continue;
    const other = b.operand(dtype, shape.with(axis, d));
    parts.push(other);
    total = grown;
  }
  return b.emit("concat", b.random.shuffled(parts), { axis }, joined(b, ...parts));
}

export const movements = [reshape, transpose, reverse, broadcast, slice, slice, pad, concat];
