import { check, GraphError } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import { dims, shapeText, type Dim } from "../types/index.ts";
import { wrap, type Tensor } from "./core.ts";
import { cat } from "./join.ts";
import { describe, fillValue } from "./lift.ts";
import { sliceAxis } from "./slice.ts";

export interface PadOptions {
  readonly mode?: "constant" | "reflect" | "replicate" | "circular";
  /** What a constant padding consists of; 0 by default. */
  readonly value?: number;
}

/** `x` padded along its last axes; the rules are those of the method `pad`. */
export function padTensor(x: Tensor, amounts: readonly Dim[], { mode = "constant", value = 0 }: PadOptions): Tensor {
  check(amounts.length % 2 === 0 && amounts.length <= 2 * x.rank, () =>
    `pad of ${describe(x)} by ${shapeText(amounts)}: it takes two amounts for each of at most ${x.rank} axes`);
  for (const a of amounts) check(typeof a === "string" || Number.isInteger(a), () =>
    `pad of ${describe(x)} by ${shapeText(amounts)}: ${a} is not a whole number`);
  const pairs = Array.from({ length: amounts.length / 2 }, (_, k): AxisPadding => {
    const [before, after] = amounts.slice(2 * k, 2 * k + 2).map(dims.dim);
    return { axis: x.rank - 1 - k, before, after };
  });
  if (mode === "constant") return padConstant(x, pairs, value);
  const extend = { reflect, replicate, circular }[mode];
  if (!extend) throw new GraphError(`pad: the mode is ${JSON.stringify(mode)}`, 'use "constant", "reflect", "replicate" or "circular"');
  return pairs.reduce((y, { axis, before, after }) => {
    const [more, moreAfter] = [before, after].map((d) => (isNegative(d) ? 0 : d)), cut = { axis, before: isNegative(before) ? before : 0, after: isNegative(after) ? after : 0 };
    // what is cut off counts for a reflection, and not for what goes around
    return mode === "circular" ? extend(crop(y, cut), axis, more, moreAfter) : crop(extend(y, axis, more, moreAfter), cut);
  }, x);
}

interface AxisPadding { readonly axis: number; readonly before: Dim; readonly after: Dim }

function padConstant(x: Tensor, pairs: readonly AxisPadding[], value: number): Tensor {
  const cropped = pairs.reduce(crop, x);
  const low = x.shape.map<Dim>(() => 0), high = x.shape.map<Dim>(() => 0);
  for (const { axis, before, after } of pairs) {
    low[axis] = isNegative(before) ? 0 : before;
    high[axis] = isNegative(after) ? 0 : after;
  }
  if ([...low, ...high].every((d) => d === 0)) return cropped;
  return wrap(emitOne("pad", [cropped.value, fillValue(x, value, "pad").value], { low, high, interior: x.shape.map(() => 0) }));
}
/** Negative amounts cut off elements; others do nothing. */
function crop(x: Tensor, { axis, before, after }: AxisPadding): Tensor {
  if (!isNegative(before) && !isNegative(after)) return x;
  return sliceAxis(x, axis, isNegative(before) ? -before : 0, isNegative(after) ? dims.add(x.shape[axis], after) : x.shape[axis]);
}
const isNegative = (d: Dim): d is number => typeof d === "number" && d < 0;

/** Throws unless `before` and `after` are amounts from 0 to `most`. */
function checkAmounts(x: Tensor, axis: number, before: Dim, after: Dim, most: Dim | null, mode: string, rule: string): void {
  for (const amount of [before, after])
    check(dims.atLeast(amount, 0) === true && (most === null || dims.atLeast(most, amount) === true), () =>
      `pad of ${describe(x)} by ${amount} along axis ${axis} in mode "${mode}"`, rule);
}

function reflect(x: Tensor, axis: number, before: Dim, after: Dim): Tensor {
  const size = x.shape[axis], last = dims.sub(size, 1);
  checkAmounts(x, axis, before, after, last, "reflect", "a reflection is smaller than the axis it reflects");
  const head = sliceAxis(x, axis, 1, dims.add(before, 1)).flip(axis);
  const tail = sliceAxis(x, axis, dims.sub(last, after), last).flip(axis);
  return cat([head, x, tail], axis);
}

function replicate(x: Tensor, axis: number, before: Dim, after: Dim): Tensor {
  const size = x.shape[axis];
  checkAmounts(x, axis, before, after, null, "replicate", "amounts are whole numbers from 0");
  check(dims.atLeast(size, 1) === true, () => `pad of ${describe(x)}: axis ${axis} has no edge to replicate`);
  const edge = (from: Dim, times: Dim): Tensor => sliceAxis(x, axis, from, dims.add(from, 1)).expand(x.shape.map((d, i) => (i === axis ? times : d)));
  return cat([edge(0, before), x, edge(dims.sub(size, 1), after)], axis);
}

function circular(x: Tensor, axis: number, before: Dim, after: Dim): Tensor {
  const size = x.shape[axis];
  checkAmounts(x, axis, before, after, size, "circular", "it wraps around at most once");
  return cat([sliceAxis(x, axis, dims.sub(size, before), size), x, sliceAxis(x, axis, 0, after)], axis);
}
