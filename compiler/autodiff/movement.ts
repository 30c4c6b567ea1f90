import { emitOne, type Value } from "../../ir/graph/index.ts";
import { dims, type Dim } from "../../ir/types/index.ts";
import { linear, type Maybe, type Rules } from "./rule.ts";
import { full, inversePermutation, otherAxes, reshape, select, sliceAxis, spread, sum, transpose, zeros } from "./values.ts";

/** Movement is linear: elements go back to where they came from, and add up where one went to many places. */
export const movement: Rules<"reshape" | "transpose" | "broadcast" | "slice" | "pad" | "concat" | "reverse" | "barrier"> = {
  reshape: linear(({ inputs: [x] }, ct) => [reshape(ct, x.type.shape)]),

  transpose: linear(({ attrs: { perm } }, ct) => [transpose(ct, inversePermutation(perm))]),

  broadcast: linear(({ attrs: { shape, axes } }, ct) => [sum(ct, otherAxes(shape.length, axes))]),

  /** Zeros around the cotangent, and between its elements where the slice stepped over some. */
  slice: linear(({ inputs: [x], attrs: { start, step }, outputs: [out] }, ct) => {
    const high = x.type.shape.map((size, i) => dims.sub(size, dims.add(start[i], lastPlusOne(out.type.shape[i], step[i]))));
    return [emitOne("pad", [ct, full(0, { dtype: ct.type.dtype, shape: [] })], { low: start, high, interior: step.map((s) => s - 1) })];
  }),

  pad: linear(({ inputs: [x, value], attrs: { low, high, interior } }, ct, [toX, toValue]) => {
    const { shape } = ct.type;
    const cropped = (): Maybe => x.type.shape.includes(0) ? undefined // nothing to give back, and no slice of it
      : emitOne("slice", [ct], { start: low, limit: shape.map((d, i) => dims.sub(d, high[i])), step: interior.map((n) => n + 1) });
    const around = (): Value => {
      const isPadding = emitOne("pad", [full(0, { dtype: "bool", shape: x.type.shape }), full(1, { dtype: "bool", shape: [] })], { low, high, interior });
      return sum(select(isPadding, ct, zeros(ct.type)), otherAxes(shape.length, []));
    };
    return [toX ? cropped() : undefined, toValue && value ? around() : undefined];
  }),

  concat: linear(({ inputs, attrs: { axis } }, ct, wanted) => {
    let start: Dim = 0;
    return inputs.map((x, i) => {
      const from = start;
      start = dims.add(from, x.type.shape[axis]);
      return wanted[i] ? sliceAxis(ct, axis, from, start) : undefined;
    });
  }),

  reverse: linear(({ attrs }, ct) => [emitOne("reverse", [ct], attrs)]),

  /** What it waits for is no part of its value. */
  barrier: { vjp: (_, [ct]) => [ct], jvp: (_, [tangent]) => [tangent] },
};

/** Elements that `n` of them cover when they stand `step` apart: (n − 1)·step + 1. */
const lastPlusOne = (n: Dim, step: number): Dim => dims.add(dims.mul(dims.sub(n, 1), step), 1);
