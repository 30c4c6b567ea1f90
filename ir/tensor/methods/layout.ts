import { check } from "../../graph/error.ts";
import { dims, shapeText, type Dim, type DType, type Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { axisOf, iota, sizeValue } from "../dims.ts";
import { gatherAt } from "../address.ts";
import { cat } from "../join.ts";
import { describe } from "../lift.ts";
import { padTensor, type PadOptions } from "../padding.ts";
import { listed, reshapeTo } from "../reshape.ts";
import { sliceAxis } from "../slice.ts";
import type { Axis } from "../types/check.ts";
import type { ShapeArguments } from "../types/reshape.ts";

/** Copies, rolls and pads: elements at other places, some of them more than once. */

/**
 * The tensor repeated along each axis as often as said; more numbers than axes repeat along new ones in front.
 * PyTorch: `torch.Tensor.repeat`.
 */
export function repeat<D extends DType>(this: Tensor<Shape, D>, ...counts: ShapeArguments): Tensor<Shape, D>;
export function repeat(this: Tensor, ...counts: ShapeArguments): Tensor {
  const times = listed(counts), added = times.length - this.rank;
  check(added >= 0, () => `repeat of ${describe(this)} by ${shapeText(times)}: it takes a count for every axis`);
  checkCounts(this, times);
  const from = [...times.slice(0, added).map(() => 1), ...this.shape];
  if (times.every((n) => n === 1)) return reshapeTo(this, from);
  // [a, b] by [m, n]: [1, a, 1, b] stretched to [m, a, n, b], which is [m*a, n*b]
  return reshapeTo(this, from.flatMap((d) => [1, d])).expand(from.flatMap((d, i) => [times[i], d])).reshape(from.map((d, i) => dims.mul(dims.dim(times[i]), d)));
}

/** As {@link repeat}, but missing counts are 1, in front. PyTorch: `torch.tile`. */
export function tile<D extends DType>(this: Tensor<Shape, D>, ...counts: ShapeArguments): Tensor<Shape, D>;
export function tile(this: Tensor, ...counts: ShapeArguments): Tensor {
  const times = listed(counts);
  return this.repeat([...this.shape.slice(times.length).map(() => 1), ...times]);
}

function checkCounts(x: Tensor, counts: readonly Dim[]): void {
  for (const n of counts) check(typeof n === "string" || (Number.isInteger(n) && n >= 0), () => `${describe(x)} cannot be repeated ${n} times`);
}

/**
 * Each element `repeats` times in a row along an axis, or of the flattened tensor. How often is one number for
 * all: with a count for each element the shape would depend on data. PyTorch: `torch.repeat_interleave`.
 */
export function repeatInterleave<D extends DType>(this: Tensor<Shape, D>, repeats: Dim, dim?: number): Tensor<Shape, D>;
export function repeatInterleave(this: Tensor, repeats: Dim, dim?: number): Tensor {
  checkCounts(this, [repeats]);
  const x = dim === undefined || this.rank === 0 ? this.flatten() : this;
  const axis = x === this && dim !== undefined ? axisOf(dim, x) : 0;
  const apart = x.unsqueeze(axis + 1);
  return apart.expand(apart.shape.map((d, i) => (i === axis + 1 ? repeats : d))).flatten(axis, axis + 1);
}

/**
 * Elements moved `shifts` places along axes, those that fall out at the end coming in at the start; without axes,
 * of the flattened tensor. PyTorch: `torch.roll`.
 */
export function roll<S extends Shape, D extends DType, A extends number>(
  this: Tensor<S, D>, shifts: number | readonly number[], dims?: Axis<S, A> | readonly Axis<S, A>[],
): Tensor<S, D>;
export function roll(this: Tensor, shifts: number | readonly number[], axes?: number | readonly number[]): Tensor {
  const by = [shifts].flat() as number[];
  if (axes === undefined) {
    check(by.length === 1, () => `roll of ${describe(this)} by [${by.join(",")}]: name the axes`);
    return reshapeTo(rollAxis(this.flatten(), 0, by[0]), this.shape);
  }
  const list = ([axes].flat() as number[]).map((a) => axisOf(a, this)); // an axis may occur twice
  check(by.length === list.length, () => `roll of ${describe(this)} by [${by.join(",")}] along ${list.length} axes: it takes as many shifts as axes`);
  return this.rank === 0 ? this : list.reduce((x, axis, i) => rollAxis(x, axis, by[i]), this);
}

function rollAxis(x: Tensor, axis: number, shift: number): Tensor {
  check(Number.isInteger(shift), () => `roll of ${describe(x)} by ${shift}: shifts are whole numbers`);
  const size = x.shape[axis];
  const by: Dim = typeof size === "number" ? (size === 0 ? 0 : ((shift % size) + size) % size) : shift;
  if (by === 0) return x;
  const cut = by > 0 ? dims.sub(size, by) : -by; // what was at `cut` comes first
  if (dims.atLeast(cut, 0) && dims.atLeast(size, cut)) return cat([sliceAxis(x, axis, cut, size), sliceAxis(x, axis, 0, cut)], axis);
  // a symbolic size may be smaller than the shift: wrap around by remainder
  return gatherAt(x, [axis], [iota([size], 0).sub(by).remainder(sizeValue(size))]);
}

/**
 * Padding around the last axes: `[before last, after last, before the one before, …]`, so `[1, 1, 2, 2]` pads the
 * last axis by 1 and the one before it by 2 on each side.
 *
 * `mode` is `"constant"` (`value`, 0 by default; a negative amount crops), `"reflect"` (mirrored at the edge
 * element, by less than the size), `"replicate"` (the edge element) or `"circular"` (from the other end, by at
 * most the size). PyTorch: `torch.nn.functional.pad`.
 */
export function pad<D extends DType>(this: Tensor<Shape, D>, amounts: readonly Dim[], options?: PadOptions): Tensor<Shape, D>;
export function pad(this: Tensor, amounts: readonly Dim[], options: PadOptions = {}): Tensor { return padTensor(this, amounts, options); }

/** `[…, C r², H, W]` as `[…, C, H r, W r]`: channels become pixels. PyTorch: `torch.nn.functional.pixel_shuffle`. */
export function pixelShuffle<D extends DType>(this: Tensor<Shape, D>, upscale: number): Tensor<Shape, D>;
export function pixelShuffle(this: Tensor, upscale: number): Tensor {
  const channels = this.rank >= 3 ? dims.divExact(this.shape[this.rank - 3], upscale * upscale) : undefined;
  check(channels !== undefined, () => `pixelShuffle of ${describe(this)} by ${upscale}: it takes […, channels * ${upscale * upscale}, height, width]`);
  const batch = this.shape.slice(0, -3), [height, width] = this.shape.slice(-2), n = batch.length;
  return this.reshape([...batch, channels, upscale, upscale, height, width])
    .permute([...batch.map((_, i) => i), n, n + 3, n + 1, n + 4, n + 2])
    .reshape([...batch, channels, dims.mul(height, upscale), dims.mul(width, upscale)]);
}

/** `[…, C, H r, W r]` as `[…, C r², H, W]`: the inverse of {@link pixelShuffle}. PyTorch: `torch.nn.functional.pixel_unshuffle`. */
export function pixelUnshuffle<D extends DType>(this: Tensor<Shape, D>, downscale: number): Tensor<Shape, D>;
export function pixelUnshuffle(this: Tensor, downscale: number): Tensor {
  const [height, width] = this.shape.slice(-2).map((d) => dims.divExact(d, downscale));
  check(this.rank >= 3 && height !== undefined && width !== undefined, () =>
    `pixelUnshuffle of ${describe(this)} by ${downscale}: height and width must be multiples of it`);
  const batch = this.shape.slice(0, -3), channels = this.shape[this.rank - 3], n = batch.length;
  return this.reshape([...batch, channels, height, downscale, width, downscale])
    .permute([...batch.map((_, i) => i), n, n + 2, n + 4, n + 1, n + 3])
    .reshape([...batch, dims.mul(channels, downscale * downscale), height, width]);
}
