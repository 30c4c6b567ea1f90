import { check } from "../../graph/error.ts";
import { dims, type Dim, type DType, type Shape } from "../../types/index.ts";
import { gatherAt } from "../address.ts";
import type { Tensor } from "../core.ts";
import { axisOf, iota } from "../dims.ts";
import { describe } from "../lift.ts";
import { sliceAxis, takeOne } from "../slice.ts";
import { applyIndex, type Index } from "../subscript.ts";
import type { Axis } from "../types/check.ts";
import type { WithDim, Without } from "../types/shape.ts";

/**
 * Parts of a tensor. Sizes and places may be symbolic (`"T-1"`), and what a symbol's value could put out of bounds
 * is an error when the graph is built: a symbol is known to be at least 1, no more.
 */

/** `length` elements of an axis from `start`, which counts from the end where negative. PyTorch: `torch.narrow`. */
export function narrow<S extends Shape, D extends DType, A extends number, const L extends Dim>(
  this: Tensor<S, D>, dim: Axis<S, A>, start: Dim, length: L,
): Tensor<WithDim<S, A, L>, D>;
export function narrow(this: Tensor, dim: number, start: Dim, length: Dim): Tensor {
  const axis = axisOf(dim, this);
  check(this.rank > 0, () => `narrow of ${describe(this)}: it has no axes`);
  const from = typeof start === "number" && start < 0 ? dims.add(this.shape[axis], start) : start;
  return sliceAxis(this, axis, from, dims.add(from, length));
}

/** One index of an axis, which goes away; negative counts from the end. PyTorch: `torch.select`. */
export function select<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>, index: Dim): Tensor<Without<S, A>, D>;
export function select(this: Tensor, dim: number, index: Dim): Tensor {
  check(this.rank > 0, () => `select of ${describe(this)}: it has no axes`);
  return takeOne(this, axisOf(dim, this), index);
}

/**
 * Indexing as with Python's brackets: each argument addresses the next axis.
 *
 * - a number: one index (negative from the end); the axis goes away
 * - `[start, stop, step]`: a slice; `null` or a missing entry is open: `[2]`, `[null, -1]`, `[null, null, 2]`.
 *   The same as text: `"2:"`, `":-1"`, `"::2"`; `":"` is the whole axis
 * - `null`: a new axis of size 1; `"..."`: as many whole axes as are left
 * - an integer tensor: its elements pick indices (negative from the end). Several broadcast together; their
 *   dimensions stand where they were, or in front where something whole lies between them
 *
 * `x.at(1, [0, 5], ":", null, "...")` is Python's `x[1, 0:5, :, None, ...]`. Slices are cut to the axis as in
 * Python where its size is a number. A bool tensor would give a shape that depends on data: use `where` or
 * `maskedFill`. PyTorch: `torch.Tensor.__getitem__`.
 */
export function at<D extends DType>(this: Tensor<Shape, D>, ...indices: Index[]): Tensor<Shape, D>;
export function at(this: Tensor, ...indices: Index[]): Tensor { return applyIndex(this, indices); }

/** Elements `start, start + step, …` below `stop` of an axis, which count from the end where negative. PyTorch: `x[start:stop:step]` along one axis. */
export function slice<D extends DType>(this: Tensor<Shape, D>, dim: number, start?: Dim | null, stop?: Dim | null, step?: number): Tensor<Shape, D>;
export function slice(this: Tensor, dim: number, start: Dim | null = null, stop: Dim | null = null, step = 1): Tensor {
  check(this.rank > 0, () => `slice of ${describe(this)}: it has no axes`);
  const axis = axisOf(dim, this);
  return applyIndex(this, [...this.shape.slice(0, axis).map(() => ":" as const), [start, stop, step]]);
}

/**
 * At most `chunks` parts of equal size (the last may be smaller) along an axis. A symbolic size must divide exactly.
 * PyTorch: `torch.chunk`.
 */
export function chunk<S extends Shape, D extends DType, A extends number = 0>(
  this: Tensor<S, D>, chunks: number, dim?: Axis<S, A>,
): Tensor<WithDim<S, A, Dim>, D>[];
export function chunk(this: Tensor, chunks: number, dim = 0): Tensor[] {
  const axis = axisOf(dim, this);
  check(this.rank > 0 && Number.isInteger(chunks) && chunks >= 1, () =>
    `chunk of ${describe(this)} into ${chunks}: it takes a whole number from 1, and an axis`);
  const size = this.shape[axis];
  if (typeof size === "number") return size === 0 ? Array.from({ length: chunks }, () => this) : this.split(Math.ceil(size / chunks), axis);
  const part = dims.divExact(size, chunks);
  check(part !== undefined, () =>
    `chunk of ${describe(this)}: ${size} does not divide into ${chunks} for every value of its symbols`,
    `make the size a multiple, such as "${chunks}*${dims.symbolsOf(size)[0]}"`);
  return Array.from({ length: chunks }, (_, i) => sliceAxis(this, axis, dims.mul(part, i), dims.mul(part, i + 1)));
}

/**
 * Parts along an axis: of one size (the last may be smaller; a symbolic size must divide exactly), or of the sizes
 * listed, which must add up. PyTorch: `torch.split`.
 */
export function split<S extends Shape, D extends DType, A extends number = 0>(
  this: Tensor<S, D>, sizes: Dim | readonly Dim[], dim?: Axis<S, A>,
): Tensor<WithDim<S, A, Dim>, D>[];
export function split(this: Tensor, sizes: Dim | readonly Dim[], dim = 0): Tensor[] {
  const axis = axisOf(dim, this);
  check(this.rank > 0, () => `split of ${describe(this)}: it has no axes`);
  const parts = typeof sizes === "object" ? sizes.map(dims.dim) : equalParts(this, axis, dims.dim(sizes));
  const total = parts.reduce<Dim>(dims.add, 0);
  check(total === this.shape[axis], () => `split of ${describe(this)}: sizes [${parts.join(",")}] add up to ${total}, axis ${axis} is ${this.shape[axis]}`);
  let start: Dim = 0;
  return parts.map((size) => sliceAxis(this, axis, start, (start = dims.add(start, size))));
}

function equalParts(x: Tensor, axis: number, size: Dim): Dim[] {
  const whole = x.shape[axis];
  if (typeof whole === "number" && typeof size === "number") {
    check(size > 0 || whole === 0, () => `split of ${describe(x)} into parts of ${size}`, "the size of a part is at least 1");
    if (whole === 0) return [0];
    return Array.from({ length: Math.ceil(whole / size) }, (_, i) => Math.min(size, whole - i * size));
  }
  const count = dims.divExact(whole, size);
  check(typeof count === "number", () =>
    `split of ${describe(x)}: how many parts of ${size} axis ${axis} has depends on its symbols`, "split into a number of parts with chunk, or list the sizes");
  return Array.from({ length: count }, () => size);
}

/** Every index of an axis, as tensors without it; its size must be a number. PyTorch: `torch.unbind`. */
export function unbind<S extends Shape, D extends DType, A extends number = 0>(this: Tensor<S, D>, dim?: Axis<S, A>): Tensor<Without<S, A>, D>[];
export function unbind(this: Tensor, dim = 0): Tensor[] {
  const axis = axisOf(dim, this), size = this.shape[axis];
  check(typeof size === "number", () => `unbind of ${describe(this)}: the size of axis ${axis} must be a number`);
  return Array.from({ length: size }, (_, i) => takeOne(this, axis, i));
}

/**
 * Windows of `size` elements along an axis, `step` apart: the axis counts the windows, and a new last axis runs
 * within one. PyTorch: `torch.Tensor.unfold`.
 */
export function unfold<D extends DType>(this: Tensor<Shape, D>, dim: number, size: number, step: number): Tensor<Shape, D>;
export function unfold(this: Tensor, dim: number, size: number, step: number): Tensor {
  const axis = axisOf(dim, this);
  check(this.rank > 0 && Number.isInteger(size) && Number.isInteger(step) && size >= 0 && step >= 1 && dims.atLeast(this.shape[axis], size) === true, () =>
    `unfold of ${describe(this)} into windows of ${size}, ${step} apart, along axis ${axis}`, "a window fits the axis, and the step is at least 1");
  const count = dims.add(dims.floorDiv(dims.sub(this.shape[axis], size), step), 1);
  const places = iota([count, size], 0).mul(step).add(iota([count, size], 1));
  return gatherAt(this, [axis], [places]).movedim(axis + 1, -1);
}

/**
 * Parts along an axis: so many, the first larger where the size does not divide, or cut at the indices listed.
 * PyTorch: `torch.tensor_split`.
 */
export function tensorSplit<D extends DType>(this: Tensor<Shape, D>, parts: number | readonly number[], dim?: number): Tensor<Shape, D>[];
export function tensorSplit(this: Tensor, parts: number | readonly number[], dim = 0): Tensor[] {
  const axis = axisOf(dim, this), size = this.shape[axis];
  check(typeof size === "number", () => `tensorSplit of ${describe(this)}: the size of axis ${axis} is "${size}"`, "it must be a number; chunk and split take symbols that divide");
  if (typeof parts !== "number") {
    const cuts = [0, ...parts.map((at) => Math.min(Math.max(at < 0 ? at + size : at, 0), size)), size];
    return cuts.slice(1).map((end, i) => sliceAxis(this, axis, cuts[i], Math.max(cuts[i], end)));
  }
  check(Number.isInteger(parts) && parts >= 1, () => `tensorSplit of ${describe(this)} into ${parts}`, "give a whole number from 1");
  return this.split(Array.from({ length: parts }, (_, i) => Math.floor(size / parts) + Number(i < size % parts)), axis);
}

/** {@link tensorSplit} side by side: along axis 1, of a vector axis 0. PyTorch: `torch.hsplit`. */
export function hsplit<D extends DType>(this: Tensor<Shape, D>, parts: number | readonly number[]): Tensor<Shape, D>[];
export function hsplit(this: Tensor, parts: number | readonly number[]): Tensor[] { return this.tensorSplit(parts, this.rank === 1 ? 0 : 1); }
/** {@link tensorSplit} from top to bottom, along axis 0. PyTorch: `torch.vsplit`. */
export function vsplit<D extends DType>(this: Tensor<Shape, D>, parts: number | readonly number[]): Tensor<Shape, D>[];
export function vsplit(this: Tensor, parts: number | readonly number[]): Tensor[] { return this.tensorSplit(parts, 0); }
/** {@link tensorSplit} in depth, along axis 2. PyTorch: `torch.dsplit`. */
export function dsplit<D extends DType>(this: Tensor<Shape, D>, parts: number | readonly number[]): Tensor<Shape, D>[];
export function dsplit(this: Tensor, parts: number | readonly number[]): Tensor[] { return this.tensorSplit(parts, 2); }
