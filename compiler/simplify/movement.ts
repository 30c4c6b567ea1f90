import type { Value } from "../../ir/graph/index.ts";
import { freeAxes } from "../../ir/ops/index.ts";
import { sameShape } from "../../ir/types/index.ts";
import { from, type Rule, type RuleTable } from "./rule.ts";
import { broadcasted, isIncreasing, range, reshaped, sameWideAxes, transposed, wideAxes, wideAxisMap } from "./shapes.ts";

/**
 * Reshapes, transposes, broadcasts and reversals. Their normal order, from the operand outwards, is transpose,
 * reshape, broadcast: a broadcast last, so that what can be computed on the smaller tensor is.
 */

// ---- reshape

const reshapeToSame: Rule<"reshape"> = ({ inputs: [x], attrs: { shape } }) => (sameShape(x.type.shape, shape) ? x : undefined);

const reshapeTwice: Rule<"reshape"> = ({ inputs: [x], attrs: { shape } }, build) => {
  const inner = from(x, "reshape");
  return inner && reshaped(build, inner.inputs[0], shape);
};

/** A reshape that only adds or drops axes of size 1 passes through a broadcast; so does any of a repeated scalar. */
const reshapeBroadcast: Rule<"reshape"> = ({ inputs: [x], attrs: { shape } }, build) => {
  const inner = from(x, "broadcast");
  if (!inner) return undefined;
  const [source] = inner.inputs, { axes } = inner.attrs;
  if (axes.length === 0) return broadcasted(build, source, shape, []);
  if (!sameWideAxes(x.type.shape, shape)) return undefined;
  const place = wideAxisMap(x.type.shape, shape);
  const wide = wideAxes(source.type.shape);
  return broadcasted(build, reshaped(build, source, wide.map((k) => source.type.shape[k])), shape, wide.map((k) => place(axes[k])));
};

// ---- transpose

const transposeToSame: Rule<"transpose"> = ({ inputs: [x], attrs: { perm } }) => (isIncreasing(perm) ? x : undefined);

const transposeTwice: Rule<"transpose"> = ({ inputs: [x], attrs: { perm } }, build) => {
  const inner = from(x, "transpose");
  return inner && transposed(build, inner.inputs[0], perm.map((p) => inner.attrs.perm[p]));
};

/** Moving axes of size 1 about is a reshape. */
const transposeUnitAxes: Rule<"transpose"> = ({ inputs: [x], attrs: { perm }, outputs: [out] }, build) =>
  (isIncreasing(perm.filter((p) => x.type.shape[p] !== 1)) ? reshaped(build, x, out.type.shape) : undefined);

/** A transpose passes through a reshape that only adds or drops axes of size 1. */
const transposeReshape: Rule<"transpose"> = ({ inputs: [x], attrs: { perm }, outputs: [out] }, build) => {
  const inner = from(x, "reshape");
  if (!inner) return undefined;
  const [source] = inner.inputs, { shape } = source.type;
  if (!sameWideAxes(shape, x.type.shape)) return undefined;
  const place = wideAxisMap(x.type.shape, shape);
  const wide = perm.filter((p) => x.type.shape[p] !== 1).map(place);
  return reshaped(build, transposed(build, source, [...wide, ...range(shape.length).filter((i) => shape[i] === 1)]), out.type.shape);
};

const transposeBroadcast: Rule<"transpose"> = ({ inputs: [x], attrs: { perm }, outputs: [out] }, build) => {
  const inner = from(x, "broadcast");
  if (!inner) return undefined;
  const places = inner.attrs.axes.map((a) => perm.indexOf(a));
  const order = range(places.length).sort((i, j) => places[i] - places[j]);
  return broadcasted(build, transposed(build, inner.inputs[0], order), out.type.shape, order.map((i) => places[i]));
};

const transposeIota: Rule<"transpose"> = ({ inputs: [x], attrs: { perm }, outputs: [out] }, build) => {
  const inner = from(x, "iota");
  return inner && build.make("iota", [], { dtype: x.type.dtype, shape: out.type.shape, axis: perm.indexOf(inner.attrs.axis) });
};

/** The transpose of a product that exchanges the free axes of its sides is the product the other way round. */
const transposeDot: Rule<"transpose"> = ({ inputs: [x], attrs: { perm } }, build) => {
  const inner = from(x, "dot");
  if (!inner || !build.usedOnce(x)) return undefined;
  const [a, b] = inner.inputs, { batch, contract } = inner.attrs;
  const nb = batch.length, na = freeAxes(a.type.shape.length, 0, inner.attrs).length;
  const exchanged = [...range(nb), ...range(perm.length).slice(nb + na), ...range(nb + na).slice(nb)];
  if (!perm.every((p, i) => p === exchanged[i])) return undefined;
  const swap = (pairs: typeof batch): typeof batch => pairs.map(([i, j]) => [j, i] as const);
  return build.make("dot", [b, a], { batch: swap(batch), contract: swap(contract) });
};

// ---- broadcast

const broadcastToSame: Rule<"broadcast"> = ({ inputs: [x], attrs: { shape, axes } }) => (axes.length === shape.length ? x : undefined);

const broadcastTwice: Rule<"broadcast"> = ({ inputs: [x], attrs: { shape, axes } }, build) => {
  const inner = from(x, "broadcast");
  return inner && broadcasted(build, inner.inputs[0], shape, inner.attrs.axes.map((a) => axes[a]));
};

const broadcastUnitAxes: Rule<"broadcast"> = ({ inputs: [x], attrs: { shape, axes } }, build) =>
  (shape.every((d, i) => d === 1 || axes.includes(i)) ? reshaped(build, x, shape) : undefined);

/** Axes of size 1 of the operand need not be carried along: repeating brings them in. */
const broadcastWideAxes: Rule<"broadcast"> = ({ inputs: [x], attrs: { shape, axes } }, build) => {
  const wide = wideAxes(x.type.shape);
  if (wide.length === axes.length) return undefined;
  return broadcasted(build, reshaped(build, x, wide.map((k) => x.type.shape[k])), shape, wide.map((k) => axes[k]));
};

// ---- reverse

const reverseWideAxes: Rule<"reverse"> = ({ inputs: [x], attrs: { axes } }, build) => {
  const wide = axes.filter((a) => x.type.shape[a] !== 1);
  return wide.length === 0 ? x : wide.length < axes.length ? build.make("reverse", [x], { axes: wide }) : undefined;
};

const reverseTwice: Rule<"reverse"> = ({ inputs: [x], attrs: { axes } }, build) => {
  const inner = from(x, "reverse");
  if (!inner) return undefined;
  const once = [...axes.filter((a) => !inner.attrs.axes.includes(a)), ...inner.attrs.axes.filter((a) => !axes.includes(a))];
  return build.make("reverse", [inner.inputs[0]], { axes: once.sort((a, b) => a - b) });
};

const reverseBroadcast: Rule<"reverse"> = ({ inputs: [x], attrs: { axes } }, build): Value | undefined => {
  const inner = from(x, "broadcast");
  if (!inner) return undefined;
  const own = axes.flatMap((a) => (inner.attrs.axes.includes(a) ? [inner.attrs.axes.indexOf(a)] : []));
  return broadcasted(build, build.make("reverse", [inner.inputs[0]], { axes: own }), inner.attrs.shape, inner.attrs.axes);
};

export const movement: RuleTable = {
  reshape: [reshapeToSame, reshapeTwice, reshapeBroadcast],
  transpose: [transposeToSame, transposeTwice, transposeUnitAxes, transposeReshape, transposeBroadcast, transposeIota, transposeDot],
  broadcast: [broadcastToSame, broadcastTwice, broadcastUnitAxes, broadcastWideAxes],
  reverse: [reverseWideAxes, reverseTwice, reverseBroadcast],
};
