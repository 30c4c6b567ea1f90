import type { Value } from "../../ir/graph/index.ts";
import { sameShape, type Shape, type TensorType } from "../../ir/types/index.ts";
import { splat, splatOf } from "./constants.ts";
import { from, type Builder, type Rule } from "./rule.ts";
import { broadcasted, transposed } from "./shapes.ts";

/**
 * Movement sinks below elementwise ops: `f(broadcast(x), broadcast(y))` is `broadcast(f(x, y))`, computed on the
 * smaller tensors; reshapes and transposes, which cost as much before as after, move down to where they meet
 * another that undoes them.
 */

/** A tensor that varies along some axes of its shape only. */
interface Repeated {
  readonly axes: readonly number[];
  /** What it is repeated from, as a tensor of at least these axes. */
  along(axes: readonly number[]): Value;
}

function asRepeated(v: Value, build: Builder): Repeated | undefined {
  const shapeOf = (axes: readonly number[]): Shape => axes.map((a) => v.type.shape[a]);
  const { dtype } = v.type, value = splatOf(v);
  if (value !== undefined) return { axes: [], along: (axes) => splat(build, value, { dtype, shape: shapeOf(axes) }) };
  const broadcast = from(v, "broadcast");
  if (broadcast)
    return {
      axes: broadcast.attrs.axes,
      along: (axes) => broadcasted(build, broadcast.inputs[0], shapeOf(axes), broadcast.attrs.axes.map((a) => axes.indexOf(a))),
    };
  const iota = from(v, "iota");
  if (iota) return { axes: [iota.attrs.axis], along: (axes) => build.make("iota", [], { dtype, shape: shapeOf(axes), axis: axes.indexOf(iota.attrs.axis) }) };
  return undefined;
}

/** Elementwise ops whose operands all repeat along some axis are computed once for it. */
export const sinkBroadcasts: Rule = (node, build) => {
  const operands: Repeated[] = [];
  for (const x of node.inputs) {
    const repeated = asRepeated(x, build);
    if (!repeated) return undefined;
    operands.push(repeated);
  }
  const { shape } = node.outputs[0].type;
  const axes = shape.flatMap((_, i) => (operands.some((x) => x.axes.includes(i)) ? [i] : []));
  if (axes.length === shape.length) return undefined;
  return broadcasted(build, build.make(node.op, operands.map((x) => x.along(axes)), node.attrs), shape, axes);
};

/** A tensor of one element repeated everywhere, in another shape. */
function repeatedEverywhere(v: Value, shape: Shape, build: Builder): Value | undefined {
  const value = splatOf(v), broadcast = from(v, "broadcast");
  if (value !== undefined) return splat(build, value, { dtype: v.type.dtype, shape });
  return broadcast?.attrs.axes.length === 0 ? broadcasted(build, broadcast.inputs[0], shape, []) : undefined;
}

/**
 * The operands as they are before one and the same movement, where all are moved so (or are the same everywhere).
 * `source` is what a moved operand was made from.
 */
function beforeMovement(inputs: readonly Value[], source: (v: Value) => Value | undefined, build: Builder): Value[] | undefined {
  const sources = inputs.map(source);
  const type: TensorType | undefined = sources.find((s) => s !== undefined)?.type;
  if (!type) return undefined;
  const operands: Value[] = [];
  for (const [i, x] of inputs.entries()) {
    const s = sources[i] ?? repeatedEverywhere(x, type.shape, build);
    if (!s || !sameShape(s.type.shape, type.shape)) return undefined;
    operands.push(s);
  }
  return operands;
}

export const sinkReshapes: Rule = (node, build) => {
  const operands = beforeMovement(node.inputs, (v) => from(v, "reshape")?.inputs[0], build);
  return operands && build.make("reshape", [build.make(node.op, operands, node.attrs)], { shape: node.outputs[0].type.shape });
};

export const sinkTransposes: Rule = (node, build) => {
  const perm = node.inputs.map((v) => from(v, "transpose")?.attrs.perm).find((p) => p !== undefined);
  if (!perm) return undefined;
  const source = (v: Value): Value | undefined => {
    const transpose = from(v, "transpose");
    return transpose && perm.every((p, i) => p === transpose.attrs.perm[i]) ? transpose.inputs[0] : undefined;
  };
  const operands = beforeMovement(node.inputs, source, build);
  return operands && transposed(build, build.make(node.op, operands, node.attrs), perm);
};
