import type { Node, Value } from "../../ir/graph/index.ts";
import { dims, sameShape, type Dim } from "../../ir/types/index.ts";
import { splatOf } from "./constants.ts";
import { from, type Rule, type RuleTable } from "./rule.ts";
import { broadcasted } from "./shapes.ts";

/**
 * Slices, padding and concatenation. What they cut is compared in symbolic dimensions: a rule applies only where
 * the comparison holds for every size.
 */

const isZero = (d: Dim): boolean => d === 0;
const atLeast = (a: Dim, b: Dim): boolean => dims.atLeast(a, b) === true;

// ---- slice

const sliceWhole: Rule<"slice"> = ({ inputs: [x], attrs: { start, limit, step } }) =>
  (start.every(isZero) && sameShape(limit, x.type.shape) && step.every((s) => s === 1) ? x : undefined);

const sliceTwice: Rule<"slice"> = ({ inputs: [x], attrs: outer, outputs: [out] }, build) => {
  const slice = from(x, "slice");
  if (!slice) return undefined;
  const inner = slice.attrs;
  const start = outer.start.map((s, i) => dims.add(inner.start[i], dims.mul(s, inner.step[i])));
  // one past the last element taken: for a step of 1, that is the sum; else the last element's own place plus one
  const limit = outer.limit.map((l, i) => (inner.step[i] === 1 ? dims.add(inner.start[i], l) : dims.add(inner.start[i], dims.add(dims.mul(dims.sub(l, 1), inner.step[i]), 1))));
  const step = outer.step.map((s, i) => s * inner.step[i]);
  if (!limit.every((l, i) => inner.step[i] === 1 || atLeast(l, start[i]))) return undefined;
  // equal sizes can have different texts once a quotient is involved
  const sizes = limit.map((l, i) => dims.ceilDiv(dims.sub(l, start[i]), step[i]));
  return sameShape(sizes, out.type.shape) ? build.make("slice", [slice.inputs[0]], { start, limit, step }) : undefined;
};

const sliceBroadcast: Rule<"slice"> = ({ inputs: [x], attrs: { start, limit, step }, outputs: [out] }, build) => {
  const inner = from(x, "broadcast");
  if (!inner) return undefined;
  const own = <T>(list: readonly T[]): T[] => inner.attrs.axes.map((a) => list[a]);
  const source = build.make("slice", inner.inputs, { start: own(start), limit: own(limit), step: own(step) });
  return broadcasted(build, source, out.type.shape, inner.attrs.axes);
};

/** A slice of what was padded that takes none of the padding. */
const slicePad: Rule<"slice"> = ({ inputs: [x], attrs: { start, limit, step } }, build) => {
  const pad = from(x, "pad");
  if (!pad) return undefined;
  const [source] = pad.inputs, { low, interior } = pad.attrs, { shape } = source.type;
  const inside = shape.every((d, i) => interior[i] === 0 && atLeast(start[i], low[i]) && atLeast(dims.add(low[i], d), limit[i]));
  const back = (list: readonly Dim[]): Dim[] => list.map((d, i) => dims.sub(d, low[i]));
  return inside ? build.make("slice", [source], { start: back(start), limit: back(limit), step }) : undefined;
};

/** A slice of a concatenation that lies within one part. */
const sliceConcat: Rule<"slice"> = ({ inputs: [x], attrs: { start, limit, step } }, build) => {
  const concat = from(x, "concat");
  if (!concat) return undefined;
  const { axis } = concat.attrs;
  let offset: Dim = 0;
  for (const part of concat.inputs) {
    const end = dims.add(offset, part.type.shape[axis]);
    if (atLeast(start[axis], offset) && atLeast(end, limit[axis])) {
      const back = (list: readonly Dim[]): Dim[] => list.map((d, i) => (i === axis ? dims.sub(d, offset) : d));
      return build.make("slice", [part], { start: back(start), limit: back(limit), step });
    }
    offset = end;
  }
  return undefined;
};

// ---- pad

const padNothing: Rule<"pad"> = ({ inputs: [x], attrs: { low, high, interior } }) =>
  ([...low, ...high, ...interior].every(isZero) ? x : undefined);

const padTwice: Rule<"pad"> = ({ inputs: [x, value], attrs: outer }, build) => {
  const pad = from(x, "pad");
  if (!pad || !samePadding(pad.inputs[1], value) || [...outer.interior, ...pad.attrs.interior].some((n) => n !== 0)) return undefined;
  const sum = (a: readonly Dim[], b: readonly Dim[]): Dim[] => a.map((d, i) => dims.add(d, b[i]));
  return build.make("pad", [pad.inputs[0], value], { low: sum(outer.low, pad.attrs.low), high: sum(outer.high, pad.attrs.high), interior: outer.interior });
};

const samePadding = (a: Value, b: Value): boolean => a === b || (splatOf(a) !== undefined && Object.is(splatOf(a), splatOf(b)));

// ---- concat

const concatOne: Rule<"concat"> = ({ inputs }) => (inputs.length === 1 ? inputs[0] : undefined);

const concatEmpty: Rule<"concat"> = ({ inputs, attrs: { axis } }, build) => {
  const parts = inputs.filter((x) => x.type.shape[axis] !== 0);
  return parts.length > 0 && parts.length < inputs.length ? build.make("concat", parts, { axis }) : undefined;
};

const concatConcat: Rule<"concat"> = ({ inputs, attrs: { axis } }, build) => {
  const partsOf = (x: Value): readonly Value[] => {
    const inner = from(x, "concat");
    return inner?.attrs.axis === axis && build.usedOnce(x) ? inner.inputs : [x];
  };
  const parts = inputs.flatMap(partsOf);
  return parts.length > inputs.length ? build.make("concat", parts, { axis }) : undefined;
};

/** Neighbouring slices of one tensor, put back together. */
const concatSlices: Rule<"concat"> = ({ inputs, attrs: { axis } }, build) => {
  const parts: Value[] = [];
  for (const x of inputs) {
    const a = parts.length > 0 ? from(parts[parts.length - 1], "slice") : undefined, b = from(x, "slice");
    if (a && b && areNeighbours(a, b, axis)) {
      const limit = a.attrs.limit.map((d, i) => (i === axis ? b.attrs.limit[axis] : d));
      parts[parts.length - 1] = build.make("slice", a.inputs, { ...a.attrs, limit });
    } else parts.push(x);
  }
  return parts.length < inputs.length ? build.make("concat", parts, { axis }) : undefined;
};

/** Whether two slices of one tensor are the same but along `axis`, where the second goes on where the first ends. */
function areNeighbours(a: Node<"slice">, b: Node<"slice">, axis: number): boolean {
  const { start, limit, step } = a.attrs;
  const alike = (_: unknown, i: number): boolean =>
    step[i] === b.attrs.step[i] && (i === axis ? step[i] === 1 : start[i] === b.attrs.start[i] && limit[i] === b.attrs.limit[i]);
  return a.inputs[0] === b.inputs[0] && start.every(alike) && limit[axis] === b.attrs.start[axis];
}

export const slicing: RuleTable = {
  slice: [sliceWhole, sliceTwice, sliceBroadcast, slicePad, sliceConcat],
  pad: [padNothing, padTwice],
  concat: [concatOne, concatEmpty, concatConcat, concatSlices],
};
