import { check } from "../../graph/error.ts";
import { dims, type DType, type Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { axisOf } from "../dims.ts";
import { cat } from "../join.ts";
import { describe, toFloat } from "../lift.ts";
import { sliceAxis } from "../slice.ts";

/** Differences and sums of neighbours along an axis. */

/** What counts as standing before the first and after the last element along the axis: of the tensor's shape but for that axis. */
interface Ends<D extends DType> { readonly prepend?: Tensor<Shape, D>; readonly append?: Tensor<Shape, D> }

/**
 * Each element less the one before it, `n` times over; of bool, whether they differ. The axis gets shorter by `n`.
 * PyTorch: `torch.diff`.
 */
export function diff<D extends DType>(this: Tensor<Shape, D>, n?: number, dim?: number, ends?: Ends<D>): Tensor<Shape, D>;
export function diff(this: Tensor, n = 1, dim = -1, { prepend, append }: Ends<DType> = {}): Tensor {
  const axis = axisOf(dim, this);
  check(this.rank >= 1 && Number.isInteger(n) && n >= 0, () => `diff of ${describe(this)}, ${n} times`, "it takes at least 1 dimension, and a whole number of times");
  if (n === 0) return this;
  const parts = [prepend, this, append].filter((part) => part !== undefined);
  let x: Tensor = parts.length > 1 ? cat(parts, axis) : this;
  for (let i = 0; i < n && x.shape[axis] !== 0; i++) x = x.dtype === "bool" ? later(x, axis).logicalXor(earlier(x, axis)) : later(x, axis).sub(earlier(x, axis));
  return x;
}

/** What an integral is taken over: the distance of neighbours, or where the samples are. */
interface Samples { readonly x?: Tensor; readonly dx?: number; readonly dim?: number }

/**
 * Integral by the trapezoidal rule along an axis (the last unless given), over samples `dx` apart (1 unless given), or at `x`, a
 * vector or a tensor that stretches to this shape. PyTorch: `torch.trapezoid`.
 */
export function trapezoid<D extends DType>(this: Tensor<Shape, D>, samples?: Samples): Tensor;
export function trapezoid(this: Tensor, samples: Samples = {}): Tensor { return areas(this, samples).sum(axisOf(samples.dim ?? -1, this)); }

/** The integrals of {@link trapezoid} up to each sample but the first. PyTorch: `torch.cumulative_trapezoid`. */
export function cumulativeTrapezoid<D extends DType>(this: Tensor<Shape, D>, samples?: Samples): Tensor;
export function cumulativeTrapezoid(this: Tensor, samples: Samples = {}): Tensor { return areas(this, samples).cumsum(axisOf(samples.dim ?? -1, this)); }

function areas(y: Tensor, { x, dx = 1, dim = -1 }: Samples): Tensor {
  const axis = axisOf(dim, y);
  check(y.rank >= 1, () => `trapezoid of ${describe(y)}: it takes at least 1 dimension`);
  const along = x ? axis - (y.rank - x.rank) : axis; // where the axis is among those of x, which stretch to y's
  check(!x || (x.rank === 1 ? x.shape[0] === y.shape[axis] : along >= 0 && x.shape.every((d, i) => d === y.shape[i + axis - along] || (d === 1 && i !== along))), () =>
    `trapezoid of ${describe(y)} at ${describe(x!)}`, `the samples are at a vector of ${y.shape[axis]} places, or at places of a shape that stretches to that of the samples`);
  const middle = earlier(toFloat(y), axis).add(later(toFloat(y), axis)).mul(0.5);
  if (!x) return dx === 1 ? middle : middle.mul(dx);
  const width = x.rank === 1 ? x.diff().reshape(middle.shape.map((d, i) => (i === axis ? d : 1))) : x.diff(1, along);
  return middle.mul(width);
}

const earlier = (x: Tensor, axis: number): Tensor => sliceAxis(x, axis, 0, dims.sub(x.shape[axis], 1));
const later = (x: Tensor, axis: number): Tensor => sliceAxis(x, axis, 1, x.shape[axis]);
