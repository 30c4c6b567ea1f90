import { check } from "../graph/error.ts";
import { dims, shapeText, typeText, type Dim, type Shape } from "../types/index.ts";
import { op, tabulate, stridesOf, linearIndex } from "./record.ts";

const isPermutation = (perm: readonly number[], rank: number): boolean =>
  perm.length === rank && [...perm].sort((a, b) => a - b).every((p, i) => p === i);


/** Elements keep their row-major order; the shape changes. */
export const reshape = op<{ shape: Shape }>({
  kind: "movement",
  infer([x], { shape }) {
    check(dims.product(x.shape) === dims.product(shape), () =>
      `cannot reshape ${typeText(x)} (${dims.product(x.shape)} elements) to ${shapeText(shape)} (${dims.product(shape)} elements)`,
      "give a shape with the same number of elements, or -1 for one dimension to have it worked out");
    return [{ dtype: x.dtype, shape }];
  },
  evaluate: ([x], _, [out]) => [{ dtype: x.dtype, shape: out.shape, data: x.data }],
});

/** `out[i₀, i₁, …]` is `x` with axis `perm[k]` of `x` as axis k of the result. */
export const transpose = op<{ perm: readonly number[] }>({
  kind: "movement",
  infer([x], { perm }) {
    check(isPermutation(perm, x.shape.length), () => `[${perm.join(",")}] is not a permutation of the axes of ${typeText(x)}`);
    return [{ dtype: x.dtype, shape: perm.map((p) => x.shape[p]) }];
  },
  evaluate([x], { perm }, [out]) {
    const strides = stridesOf(x.shape);
    return [tabulate(out, (index) => x.data[index.reduce((sum, i, k) => sum + i * strides[perm[k]], 0)])];
  },
});

/** Repeats `x` along new axes: axis k of `x` is axis `axes[k]` of the result, sizes equal. */
export const broadcast = op<{ shape: Shape; axes: readonly number[] }>({
  kind: "movement",
  infer([x], { shape, axes }) {
    check(axes.length === x.shape.length && axes.every((a, k) => x.shape[k] === shape[a] && (k === 0 || axes[k - 1] < a)), () =>
      `cannot broadcast ${typeText(x)} to ${shapeText(shape)} along axes [${axes.join(",")}]`);
    return [{ dtype: x.dtype, shape }];
  },
  evaluate([x], { axes }, [out]) {
    const strides = stridesOf(x.shape);
    return [tabulate(out, (index) => x.data[axes.reduce((sum, a, k) => sum + index[a] * strides[k], 0)])];
  },
});

/** Elements `start, start+step, …` below `limit` along every axis. */
export const slice = op<{ start: readonly Dim[]; limit: readonly Dim[]; step: readonly number[] }>({
  kind: "movement",
  infer([x], { start, limit, step }) {
    const rank = x.shape.length;
    check(start.length === rank && limit.length === rank && step.length === rank, () => `slice of ${typeText(x)} needs ${rank} starts, limits and steps`);
    for (let i = 0; i < rank; i++) {
      check(Number.isInteger(step[i]) && step[i] >= 1, () => `slice of ${typeText(x)}: the step of axis ${i} is ${step[i]}`, "steps are whole numbers from 1; use flip for the other direction");
      check(dims.atLeast(start[i], 0) !== false && dims.atLeast(x.shape[i], limit[i]) !== false && dims.atLeast(limit[i], start[i]) !== false, () =>
        `slice ${start[i]}:${limit[i]} is outside axis ${i} of ${typeText(x)}`);
    }
    return [{ dtype: x.dtype, shape: x.shape.map((_, i) => dims.ceilDiv(dims.sub(limit[i], start[i]), step[i])) }];
  },
  evaluate([x], { start, step }, [out]) {
    const strides = stridesOf(x.shape);
    return [tabulate(out, (index) => x.data[index.reduce((sum, i, k) => sum + ((start[k] as number) + i * step[k]) * strides[k], 0)])];
  },
});

/** `low` and `high` copies of `value` around each axis, and `interior` between neighbours. `value` is a scalar operand. */
export const pad = op<{ low: readonly Dim[]; high: readonly Dim[]; interior: readonly number[] }>({
  kind: "movement",
  infer([x, value], { low, high, interior }) {
    const rank = x.shape.length;
    check(low.length === rank && high.length === rank && interior.length === rank, () => `pad of ${typeText(x)} needs ${rank} lows, highs and interiors`);
    check(value.shape.length === 0 && value.dtype === x.dtype, () => `pad of ${typeText(x)} needs a scalar ${x.dtype} to pad with, not ${typeText(value)}`);
    for (let i = 0; i < rank; i++)
      check(dims.atLeast(low[i], 0) !== false && dims.atLeast(high[i], 0) !== false && interior[i] >= 0, () =>
        `pad of ${typeText(x)}: negative padding on axis ${i}`, "slice the tensor instead");
    const shape = x.shape.map((d, i) => {
      const spread = interior[i] === 0 ? d : dims.add(d, dims.mul(dims.sub(d, 1), interior[i]));
      return dims.add(dims.add(spread, low[i]), high[i]);
    });
    return [{ dtype: x.dtype, shape }];
  },
  evaluate([x, value], { low, interior }, [out]) {
    const strides = stridesOf(x.shape);
    return [tabulate(out, (index) => {
      let linear = 0;
      for (let k = 0; k < index.length; k++) {
        const at = index[k] - (low[k] as number), step = interior[k] + 1;
        if (at < 0 || at % step !== 0 || at / step >= x.shape[k]) return value.data[0];
        linear += (at / step) * strides[k];
      }
      return x.data[linear];
    })];
  },
});

/** Operands one after another along `axis`. */
export const concat = op<{ axis: number }>({
  kind: "movement",
  infer(inputs, { axis }) {
    const [first] = inputs;
    check(inputs.length > 0, "concat of no tensors");
    for (const x of inputs)
      check(x.dtype === first.dtype && x.shape.length === first.shape.length && x.shape.every((d, i) => i === axis || d === first.shape[i]), () =>
        `cannot concatenate ${typeText(first)} with ${typeText(x)} along axis ${axis}`, "all other dimensions, and the dtypes, must be equal");
    check(axis >= 0 && axis < first.shape.length, () => `axis ${axis} is outside ${typeText(first)}`);
    return [{ dtype: first.dtype, shape: first.shape.map((d, i) => (i === axis ? inputs.reduce<Dim>((sum, x) => dims.add(sum, x.shape[axis]), 0) : d)) }];
  },
  evaluate(inputs, { axis }, [out]) {
    const strides = inputs.map((x) => stridesOf(x.shape));
    return [tabulate(out, (index) => {
      let at = index[axis], which = 0;
      while (at >= inputs[which].shape[axis]) at -= inputs[which++].shape[axis];
      return inputs[which].data[linearIndex(index.map((i, k) => (k === axis ? at : i)), strides[which])];
    })];
  },
});

/** Turns the order along `axes` around. */
export const reverse = op<{ axes: readonly number[] }>({
  kind: "movement",
  infer([x], { axes }) {
    check(axes.every((a) => a >= 0 && a < x.shape.length) && new Set(axes).size === axes.length, () => `cannot reverse axes [${axes.join(",")}] of ${typeText(x)}`);
    return [x];
  },
  evaluate([x], { axes }, [out]) {
    const strides = stridesOf(x.shape);
    return [tabulate(out, (index) => x.data[index.reduce((sum, i, k) => sum + (axes.includes(k) ? x.shape[k] - 1 - i : i) * strides[k], 0)])];
  },
});

/**
 * The first operand, no sooner than the others: what is computed from it waits until they have been computed, and is
 * not shared with what is computed from the operand itself. XLA's `optimization_barrier`. It costs nothing: the
 * memory planner puts the uses in their order, and there is no such op afterwards.
 */
export const barrier = op<{}>({ kind: "movement", infer: ([x]) => [x], evaluate: ([x]) => [x] });
