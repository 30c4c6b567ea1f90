import { check, GraphError } from "../../graph/error.ts";
import { isFloat, type DType, type Shape } from "../../types/index.ts";
import { full } from "../broadcast.ts";
import { Tensor, wrap } from "../core.ts";
import { constant } from "../creation.ts";
import { axisOf, iota, restore, sizeValue } from "../dims.ts";
import { convert, describe, requireFloat, select } from "../lift.ts";
import { sharedAmongEquals } from "../ties.ts";
import type { Axis, Keep, KeepOf } from "../types/check.ts";
import type { Reduce } from "../types/shape.ts";
import type { ValuesAndIndices } from "./reductions.ts";

/** Orders of the elements along an axis, and counts of them by size. */

const interpolations = ["linear", "lower", "higher", "nearest", "midpoint"] as const;
/** What stands between two elements: `linear` unless given. */
type Interpolation = (typeof interpolations)[number];

export interface QuantileOptions {
  readonly keepdim?: boolean;
  readonly interpolation?: Interpolation;
}

/** `x` with one axis last: the given one, or all of them as one. */
function lineOf(x: Tensor, dim: number | undefined): { lines: Tensor; axis: number | undefined } {
  if (dim === undefined || x.rank === 0) return { lines: x.flatten(), axis: dim === undefined ? undefined : 0 };
  const axis = axisOf(dim, x);
  return { lines: x.movedim(axis, -1), axis };
}

/** The quantiles `q` of each line; `counts` says how many elements of a line in order count. */
function quantilesOf(x: Tensor, q: number | readonly number[] | Tensor, dim: number | undefined, options: QuantileOptions, name: string, skipsNan: boolean): Tensor {
  requireFloat(x, name);
  const { keepdim = false, interpolation = "linear" } = options;
  check(interpolations.includes(interpolation), () => `${name}: interpolation is ${JSON.stringify(interpolation)}`, `it can be ${interpolations.join(", ")}`);
  const { lines, axis } = lineOf(x, dim);
  const shares = q instanceof Tensor ? q : constant([q].flat(), x.dtype, typeof q === "number" ? [] : [q.length]);
  check(shares.dtype === x.dtype && shares.rank <= 1, () => `${name} of ${describe(x)}: q is ${describe(shares)}`, "give a number, a list of numbers, or a tensor of the same dtype of at most one dimension");
  if (!(q instanceof Tensor)) check([q].flat().every((share) => share >= 0 && share <= 1), () => `${name} of ${describe(x)}: q is ${[q].flat().join(", ")}`, "give numbers from 0 to 1");

  const sorted = lines.sort(-1).values, size = lines.shape[lines.rank - 1], isNan = lines.isNan();
  // in order the NaN come last: where one of them makes all of the line NaN, it is what is read
  const last = skipsNan ? isNan.logicalNot().countNonzero(-1).sub(1).maximum(0) : sizeValue(size).sub(1).expand(lines.shape.slice(0, -1));
  const end = convert(last, x.dtype).unsqueeze(-1), share = end.mul(shares.atleast1d()); // […, quantiles]
  const rank = skipsNan ? share : select(isNan.any(-1, true), end, share);
  const [below, above] = [rank.floor(), rank.ceil()];
  const at = (place: Tensor): Tensor => sorted.gather(-1, place.int());
  const found = interpolation === "linear" ? at(below).lerp(at(above), rank.sub(below))
    : interpolation === "midpoint" ? at(below).lerp(at(above), select(rank.eq(below), 0, 0.5).convert(x.dtype))
    : at(interpolation === "lower" ? below : interpolation === "higher" ? above : rank.round());
  const byLine = found.movedim(-1, 0); // [quantiles, …]
  const folded = x.shape.map((d, i) => (axis === undefined || i === axis ? 1 : d));
  const shaped = keepdim ? byLine.reshape([byLine.shape[0], ...folded]) : byLine;
  return shares.rank === 0 ? shaped.squeeze(0) : shaped;
}

/**
 * The `q`-th quantiles of the elements along an axis, or of all: a number from 0 to 1, or several (a list or a vector),
 * which then are the result's first axis. NaN where a NaN is among them. PyTorch: `torch.quantile`.
 */
export function quantile<D extends DType>(this: Tensor<Shape, D>, q: number | readonly number[] | Tensor, dim?: number, options?: QuantileOptions): Tensor<Shape, D>;
export function quantile(this: Tensor, q: number | readonly number[] | Tensor, dim?: number, options: QuantileOptions = {}): Tensor { return quantilesOf(this, q, dim, options, "quantile", false); }

/** As {@link quantile}, without the NaN; NaN where there is nothing else. PyTorch: `torch.nanquantile`. */
export function nanquantile<D extends DType>(this: Tensor<Shape, D>, q: number | readonly number[] | Tensor, dim?: number, options?: QuantileOptions): Tensor<Shape, D>;
export function nanquantile(this: Tensor, q: number | readonly number[] | Tensor, dim?: number, options: QuantileOptions = {}): Tensor { return quantilesOf(this, q, dim, options, "nanquantile", true); }

/**
 * As `median`, without the NaN; NaN where there is nothing else: of all elements a tensor, along an axis values and
 * where they are. PyTorch: `torch.nanmedian`.
 */
export function nanmedian<S extends Shape, D extends DType>(this: Tensor<S, D>): Tensor<[], D>;
export function nanmedian<S extends Shape, D extends DType, A extends number, const K extends Keep = false>(
  this: Tensor<S, D>, dim: Axis<S, A>, keepdim?: K,
): ValuesAndIndices<Reduce<S, A, KeepOf<K>>, D>;
export function nanmedian(this: Tensor, dim?: number, keepdim: Keep = false): Tensor | ValuesAndIndices<Shape, DType> {
  const { lines, axis } = lineOf(this, dim);
  const { values, indices } = lines.sort(-1);
  const count = (isFloat(this.dtype) ? lines.isNan().logicalNot() : lines.onesLike("bool")).countNonzero(-1);
  const middle = count.sub(1).maximum(0).floorDivide(2).unsqueeze(-1);
  const pick = (x: Tensor): Tensor => x.gather(-1, middle).squeeze(-1);
  if (axis === undefined) return sharedAmongEquals(pick(values), this);
  if (this.rank === 0) return { values: this, indices: this.zerosLike("i32") as Tensor<Shape, "i32"> };
  return { values: restore(pick(values), this.shape, [axis], keepdim), indices: restore(pick(indices), this.shape, [axis], keepdim) as Tensor<Shape, "i32"> };
}

/**
 * The most frequent element along an axis (the last by default), the smallest of several, and the last place where it
 * is. PyTorch: `torch.mode`.
 */
export function mode<S extends Shape, D extends DType, A extends number = -1, const K extends Keep = false>(
  this: Tensor<S, D>, dim?: Axis<S, A>, keepdim?: K,
): ValuesAndIndices<Reduce<S, A, KeepOf<K>>, D>;
export function mode(this: Tensor, dim = -1, keepdim: Keep = false): ValuesAndIndices<Shape, DType> {
  if (this.rank === 0) return { values: this, indices: this.zerosLike("i32") };
  const { lines, axis } = lineOf(this, dim);
  const { values, indices } = lines.sort(-1), end = lines.rank - 1, size = lines.shape[end];
  const place = iota(lines.shape, end);
  // in order, equals are runs: how long the run is up to a place, counted from where the element last changed
  const changes = values.ne(values.roll(1, end)).logicalOr(place.eq(0));
  const length = place.sub(select(changes, place, 0).cummax(end).values);
  check(size !== 0, () => `mode of ${describe(this)}: axis ${axis} has no elements`);
  const longest = length.argmax(end, true);
  const pick = (x: Tensor): Tensor => restore(x.gather(end, longest).squeeze(end), this.shape, [axis!], keepdim);
  return { values: pick(values), indices: pick(indices) as Tensor<Shape, "i32"> };
}

/** Where histograms count: `bins` of one width from `min` to `max`, of which the last has its upper end too. */
export interface HistogramOptions {
  /** 100 unless given. */
  readonly bins?: number;
  /** The smallest and the largest element unless given (or where both are equal). */
  readonly min?: number;
  readonly max?: number;
}

/** Which bin each element is in, and which are in none. */
function bins(x: Tensor, { bins: n = 100, min = 0, max = 0 }: HistogramOptions, name: string, margin: number): { lower: Tensor; upper: Tensor; bin: Tensor; isInside: Tensor } {
  requireFloat(x, name);
  check(Number.isInteger(n) && n > 0, () => `${name} of ${describe(x)}: ${n} bins`, "give a whole number from 1 on");
  if (!(min <= max)) throw new GraphError(`${name} of ${describe(x)}: from ${min} to ${max}`, "min must not be above max");
  const flat = x.flatten().stopGradient(), end = (value: number): Tensor => wrap(full(value, x.dtype));
  const [lower, upper] = min === max ? ends(flat, margin) : [end(min), end(max)];
  const isInside = flat.ge(lower).logicalAnd(flat.le(upper));
  const place = flat.sub(lower).mul(n).div(upper.sub(lower)).floor().clamp(0, n - 1);
  return { lower, upper, bin: select(isInside, place, 0).int(), isInside };
}

/** The smallest and the largest element; where they are equal, PyTorch widens by a margin either way: 1 in `histc`, 0.5 in `histogram`. */
function ends(x: Tensor, margin: number): [Tensor, Tensor] {
  const [least, most] = [x.amin(), x.amax()], isPoint = least.eq(most);
  return [select(isPoint, least.sub(margin), least), select(isPoint, most.add(margin), most)];
}

const counted = (weights: Tensor, bin: Tensor, n: number): Tensor => wrap(full(0, weights.dtype, [n])).indexAdd(0, bin, weights);

/**
 * How many elements are in each bin, as floats `[bins]`; those outside `min` to `max` and NaN are in none. Without
 * derivative. PyTorch: `torch.histc`.
 */
export function histc<D extends DType>(this: Tensor<Shape, D>, options?: HistogramOptions): Tensor<[number], D>;
export function histc(this: Tensor, options: HistogramOptions = {}): Tensor {
  const { bin, isInside } = bins(this, options, "histc", 1);
  return counted(convert(isInside, this.dtype), bin, options.bins ?? 100);
}

export interface WeightedHistogramOptions extends HistogramOptions {
  /** What each element counts, 1 unless given. */
  readonly weight?: Tensor;
  /** Divided by the sum and the width of a bin, so that the integral is 1. */
  readonly density?: boolean;
}

/** {@link histc} and the ends of its bins `[bins + 1]`. PyTorch: `torch.histogram`. */
export function histogram<D extends DType>(this: Tensor<Shape, D>, options?: WeightedHistogramOptions): { readonly hist: Tensor<[number], D>; readonly binEdges: Tensor<[number], D> };
export function histogram(this: Tensor, options: WeightedHistogramOptions = {}): { readonly hist: Tensor; readonly binEdges: Tensor } {
  const { weight, density = false } = options, n = options.bins ?? 100;
  const { lower, upper, bin, isInside } = bins(this, options, "histogram", 0.5);
  check(!weight || (weight.dtype === this.dtype && weight.rank === this.rank), () => `histogram of ${describe(this)}: the weights are ${describe(weight!)}`, "give them the dtype and shape of the tensor");
  const hist = counted(select(isInside, weight ? weight.flatten() : 1, 0).convert(this.dtype), bin, n);
  const width = upper.sub(lower).div(n), binEdges = lower.add(width.mul(iota([n + 1], 0, this.dtype)));
  return { hist: density ? hist.div(hist.sum().mul(width)) : hist, binEdges };
}
