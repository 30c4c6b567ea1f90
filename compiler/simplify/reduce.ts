import type { Value } from "../../ir/graph/index.ts";
import { dims, isFloat, type Dim } from "../../ir/types/index.ts";
import { sizeAs, splat } from "./constants.ts";
import { from, type Rule, type RuleTable } from "./rule.ts";
import { broadcasted, range, reshaped, sameWideAxes, transposed, wideAxes, wideAxisMap } from "./shapes.ts";

/** Folds: fewer of them, over smaller tensors. Sums of floats may be taken in another order. */

const reduceNothing: Rule<"reduce"> = ({ inputs: [x], attrs: { axes } }) => (axes.length === 0 ? x : undefined);

/** Folding one element gives it. */
const reduceUnitAxes: Rule<"reduce"> = ({ inputs: [x], attrs: { reducer, axes } }, build) => {
  const { shape } = x.type, units = axes.filter((a) => shape[a] === 1);
  if (units.length === 0) return undefined;
  const kept = range(shape.length).filter((i) => !units.includes(i));
  const left = axes.filter((a) => !units.includes(a)).map((a) => kept.indexOf(a));
  return build.make("reduce", [reshaped(build, x, kept.map((i) => shape[i]))], { reducer, axes: left });
};

const reduceTwice: Rule<"reduce"> = ({ inputs: [x], attrs: { reducer, axes } }, build) => {
  const inner = from(x, "reduce");
  if (!inner || inner.attrs.reducer !== reducer || !build.usedOnce(x)) return undefined;
  const kept = range(inner.inputs[0].type.shape.length).filter((i) => !inner.attrs.axes.includes(i));
  const all = [...inner.attrs.axes, ...axes.map((a) => kept[a])].sort((a, b) => a - b);
  return build.make("reduce", inner.inputs, { reducer, axes: all });
};

const reduceTranspose: Rule<"reduce"> = ({ inputs: [x], attrs: { reducer, axes } }, build) => {
  const inner = from(x, "transpose");
  if (!inner) return undefined;
  const { perm } = inner.attrs, folded = axes.map((a) => perm[a]).sort((a, b) => a - b);
  const left = range(perm.length).filter((i) => !folded.includes(i));
  const order = perm.filter((_, i) => !axes.includes(i)).map((p) => left.indexOf(p));
  return transposed(build, build.make("reduce", inner.inputs, { reducer, axes: folded }), order);
};

/** Through a reshape that only adds or drops axes of size 1; and through any, where everything is folded. */
const reduceReshape: Rule<"reduce"> = ({ inputs: [x], attrs: { reducer, axes }, outputs: [out] }, build) => {
  const inner = from(x, "reshape");
  if (!inner) return undefined;
  const [source] = inner.inputs, { shape } = source.type;
  const everything = axes.length === x.type.shape.length;
  if (!everything && !sameWideAxes(x.type.shape, shape)) return undefined;
  const place = wideAxisMap(x.type.shape, shape);
  const folded = everything ? wideAxes(shape) : axes.filter((a) => x.type.shape[a] !== 1).map(place).sort((a, b) => a - b);
  return reshaped(build, build.make("reduce", [source], { reducer, axes: folded }), out.type.shape);
};

/**
 * The fold of what is repeated: the sum is the product with the number of repetitions; largest, smallest, any and
 * all are unchanged. Left alone where nothing at all might be repeated (0·∞ is not a sum of no terms).
 */
const reduceBroadcast: Rule<"reduce"> = ({ inputs: [x], attrs: { reducer, axes }, outputs: [out] }, build) => {
  const inner = from(x, "broadcast");
  if (!inner || reducer === "prod") return undefined;
  const [source] = inner.inputs, places = inner.attrs.axes;
  const repeated = axes.filter((a) => !places.includes(a));
  const times: Dim = dims.product(repeated.map((a) => x.type.shape[a]));
  if (repeated.length === 0 || dims.atLeast(times, 1) !== true) return undefined;
  const own = places.flatMap((a, k) => (axes.includes(a) ? [k] : []));
  const folded = own.length > 0 ? build.make("reduce", [source], { reducer, axes: own }) : source;
  const scaled = reducer === "sum" ? build.make("mul", [folded, sizeAs(build, times, folded.type)], {}) : folded;
  const left = range(x.type.shape.length).filter((i) => !axes.includes(i));
  return broadcasted(build, scaled, out.type.shape, places.filter((a) => !axes.includes(a)).map((a) => left.indexOf(a)));
};

/** A sum of negations that cancel is 0, and the negation of a sum that does is −0: floats are subtracted from 0. */
const reduceNegation: Rule<"reduce"> = ({ inputs: [x], attrs: { reducer, axes }, outputs: [out] }, build) => {
  const inner = from(x, "neg");
  if (!inner || reducer !== "sum") return undefined;
  const sum = build.make("reduce", inner.inputs, { reducer, axes });
  return isFloat(out.type.dtype) ? build.make("sub", [splat(build, 0, out.type), sum], {}) : build.make("neg", [sum], {});
};

// ---- positions and running folds

const argOfOne: Rule<"argReduce"> = ({ inputs: [x], attrs: { axis }, outputs: [out] }, build) =>
  (x.type.shape[axis] === 1 ? splat(build, 0, out.type) : undefined);

const accumulateOne: Rule<"cumulative"> = ({ inputs: [x], attrs: { axis } }) => (x.type.shape[axis] === 1 ? x : undefined);

const sortOne: Rule<"sort"> = ({ inputs: [x], attrs: { axis }, outputs: [, positions] }, build): readonly Value[] | undefined =>
  (x.type.shape[axis] === 1 ? [x, splat(build, 0, positions.type)] : undefined);

export const reduction: RuleTable = {
  reduce: [reduceNothing, reduceUnitAxes, reduceTwice, reduceTranspose, reduceReshape, reduceBroadcast, reduceNegation],
  argReduce: [argOfOne],
  cumulative: [accumulateOne],
  sort: [sortOne],
};
