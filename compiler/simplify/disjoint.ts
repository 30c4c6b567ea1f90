import type { Value } from "../../ir/graph/index.ts";
import { dims, type Dim } from "../../ir/types/index.ts";
import { splat, splatOf } from "./constants.ts";
import { from, type Builder, type Rule, type RuleTable } from "./rule.ts";

/**
 * Sums of tensors that are zero where the others are not. The gradient of a tensor that was cut into pieces is such a
 * sum, of each piece's gradient padded to the whole: it is the pieces put together, with nothing to add. A −0 in a
 * piece stays one.
 */

/** Part of a tensor along one axis; around its parts the tensor is zero. */
interface Part {
  readonly start: Dim;
  readonly value: Value;
}
interface Parts {
  readonly axis: number;
  readonly parts: readonly Part[];
}

/** The parts of what is padded with zeros along one axis, or concatenated. */
function partsOf(v: Value): Parts | undefined {
  const pad = from(v, "pad"), concat = from(v, "concat");
  if (pad) {
    const { low, high, interior } = pad.attrs, [axis, ...others] = low.flatMap((_, i) => (low[i] !== 0 || high[i] !== 0 ? [i] : []));
    const isGrown = axis !== undefined && dims.atLeast(low[axis], 0) === true && dims.atLeast(high[axis], 0) === true;
    return isGrown && others.length === 0 && interior.every((n) => n === 0) && splatOf(pad.inputs[1]) === 0 ? { axis, parts: [{ start: low[axis], value: pad.inputs[0] }] } : undefined;
  }
  if (!concat) return undefined;
  const { axis } = concat.attrs;
  let start: Dim = 0;
  const parts = concat.inputs.flatMap((value): Part[] => {
    const part = { start, value };
    start = dims.add(start, value.type.shape[axis]);
    return splatOf(value) === 0 ? [] : [part];
  });
  return { axis, parts };
}

const addApart: Rule<"add"> = ({ inputs: [x, y], outputs: [out] }, build) => {
  const a = partsOf(x), b = partsOf(y);
  if (!a || !b || a.axis !== b.axis) return undefined;
  const whole = together([...a.parts, ...b.parts], a.axis, out, build);
  return whole && build.make("concat", whole, { axis: a.axis });
};

/** The parts in order, with zeros between them; undefined where some overlap, or might. */
function together(parts: readonly Part[], axis: number, whole: Value, build: Builder): Value[] | undefined {
  const { dtype, shape } = whole.type;
  const isBehind = (end: Dim, start: Dim): boolean => dims.atLeast(start, end) === true;
  const endOf = ({ start, value }: Part): Dim => dims.add(start, value.type.shape[axis]);
  const sorted = [...parts].sort((p, q) => (p === q || isBehind(endOf(p), q.start) ? -1 : 1));
  const list: Value[] = [];
  let at: Dim = 0;
  const zerosTo = (end: Dim): void => {
    if (at !== end) list.push(splat(build, 0, { dtype, shape: shape.map((d, i) => (i === axis ? dims.sub(end, at) : d)) }));
  };
  for (const part of sorted) {
    if (!isBehind(at, part.start)) return undefined;
    zerosTo(part.start);
    list.push(part.value);
    at = endOf(part);
  }
  zerosTo(shape[axis]);
  return list;
}

export const disjoint: RuleTable = { add: [addApart] };
