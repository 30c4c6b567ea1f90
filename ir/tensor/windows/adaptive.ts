import { check } from "../../graph/error.ts";
import { dims, type Dim, type DType, type Shape } from "../../types/index.ts";
import { gatherAt } from "../address.ts";
import type { Tensor } from "../core.ts";
import { tensor } from "../creation.ts";
import { describe, select, toFloat } from "../lift.ts";
import type { ValuesAndIndices } from "../methods/reductions.ts";
import type { ToFloat } from "../types/dtype.ts";
import { avgPool1d, avgPool2d, avgPool3d, maxPool1d, maxPool2d, maxPool3d } from "./pooling.ts";
import { batched, unbatched } from "./sizes.ts";

/** Pooling to a given size. PyTorch: `torch.nn.functional.adaptive_avg_pool1d` to `adaptive_max_pool3d`. */

/** One size for all spatial axes, or one for each; null keeps the input's. */
export type AdaptiveSize = Dim | null | readonly (Dim | null)[];

const avgPool = [avgPool1d, avgPool2d, avgPool3d], maxPool = [maxPool1d, maxPool2d, maxPool3d];

function outputSizes(text: () => string, x: Tensor, n: number, outputSize: AdaptiveSize): Dim[] {
  const list = Array.isArray(outputSize) ? (outputSize as readonly (Dim | null)[]) : Array.from({ length: n }, () => outputSize as Dim | null);
  check(list.length === n, () => `${text()}: the output size is ${JSON.stringify(outputSize)}`, `give one size, or ${n} of them`);
  return list.map((d, i) => {
    const size = d === null ? x.shape[x.rank - n + i] : dims.dim(d);
    check(dims.atLeast(size, 1) === true, () => `${text()}: the output size is ${size} along spatial axis ${i}`, "sizes are whole numbers from 1");
    return size;
  });
}

/** Sizes of windows that cover an axis evenly, where the output size divides the input's. */
function evenWindows(x: Tensor, n: number, sizes: readonly Dim[]): number[] | undefined {
  const windows = sizes.map((out, i) => dims.divExact(x.shape[x.rank - n + i], out));
  return windows.every((k): k is number => typeof k === "number") ? windows : undefined;
}

/** The elements that one output element along an axis is made of. */
interface Span { readonly start: number; readonly end: number }

/** Output element i covers `floor(i·in / out)` to `ceil((i + 1)·in / out)`: as even as whole numbers can be, with overlaps. */
function spansOf(text: () => string, size: Dim, out: Dim): Span[] {
  if (typeof size === "number" && typeof out === "number")
    return Array.from({ length: out }, (_, i) => ({ start: Math.floor((i * size) / out), end: Math.ceil(((i + 1) * size) / out) }));
  check(false, () => `${text()}: ${size} elements to ${out}`, "give sizes in numbers, or an output size that divides the input's (1 always does)");
}

/** `x` with `axis` in two: the output elements, and for each the elements it covers; the last is repeated where spans differ. */
function spread(x: Tensor, axis: number, spans: readonly Span[]): { readonly elements: Tensor; readonly widths: readonly number[] } {
  const widest = Math.max(...spans.map((s) => s.end - s.start));
  const index = tensor(spans.map((s) => Array.from({ length: widest }, (_, k) => Math.min(s.start + k, s.end - 1))), "i32");
  return { elements: gatherAt(x, [axis], [index], axis), widths: spans.map((s) => s.end - s.start) };
}

/** Mean over spans along one axis. */
function meanAlong(x: Tensor, axis: number, spans: readonly Span[]): Tensor {
  const { elements, widths } = spread(x, axis, spans);
  const after = elements.shape.slice(axis + 2).map(() => 1), widest = Math.max(...widths);
  const covered = tensor(widths.map((w) => Array.from({ length: widest }, (_, k) => k < w)), "bool").reshape([widths.length, widest, ...after]);
  return select(covered, elements, 0).sum(axis + 1).div(tensor([...widths], x.dtype).reshape([widths.length, ...after]));
}

function adaptiveMean(n: number, x: Tensor, outputSize: AdaptiveSize): Tensor {
  const name = `adaptiveAvgPool${n}d`, text = (): string => `${name} of ${describe(x)}`;
  const input = batched(name, toFloat(x), n), sizes = outputSizes(text, x, n, outputSize);
  if (sizes.every((d) => d === 1)) return unbatched(input.mean(sizes.map((_, i) => 2 + i), true), x, n);
  const even = evenWindows(input, n, sizes);
  const result = even ? avgPool[n - 1](input, even)
    : sizes.reduce<Tensor>((y, out, i) => (y.shape[2 + i] === out ? y : meanAlong(y, 2 + i, spansOf(text, y.shape[2 + i], out))), input);
  return unbatched(result, x, n);
}

/**
 * Largest elements over spans, axis by axis from the last: the first maximum in row-major order is the first along each
 * axis of those found along the later ones.
 */
function adaptiveExtreme(n: number, x: Tensor, outputSize: AdaptiveSize, returnIndices: boolean): Tensor | ValuesAndIndices<Shape, DType> {
  const name = `adaptiveMaxPool${n}d`, text = (): string => `${name} of ${describe(x)}`;
  const input = batched(name, x, n), sizes = outputSizes(text, x, n, outputSize);
  const even = evenWindows(input, n, sizes);
  if (even) {
    if (!returnIndices) return unbatched(maxPool[n - 1](input, even), x, n);
    const { values, indices } = maxPool[n - 1](input, even, { returnIndices });
    return { values: unbatched(values, x, n), indices: unbatched(indices, x, n) as Tensor<Shape, "i32"> };
  }
  let values = input, places: Tensor | undefined, stride = 1;
  for (let axis = 1 + n; axis >= 2; axis--) {
    const size = values.shape[axis], spans = spansOf(text, size, sizes[axis - 2]);
    const found = spread(values, axis, spans).elements.max(axis + 1);
    const starts = tensor(spans.map((s) => s.start), "i32").reshape([spans.length, ...values.shape.slice(axis + 1).map(() => 1)]);
    const along = found.indices.add(starts);
    // where it was found along the later axes: at the element chosen here
    const later = places && spread(places, axis, spans).elements.gather(axis + 1, found.indices.unsqueeze(axis + 1)).squeeze(axis + 1);
    places = later ? along.mul(stride).add(later) : along;
    values = found.values;
    stride *= size as number;
  }
  return returnIndices ? { values: unbatched(values, x, n), indices: unbatched(places!, x, n) as Tensor<Shape, "i32"> } : unbatched(values, x, n);
}

export interface AdaptiveAvgPooling { <D extends DType>(x: Tensor<Shape, D>, outputSize: AdaptiveSize): Tensor<Shape, ToFloat<D>> }
export interface AdaptiveMaxPooling {
  <D extends DType>(x: Tensor<Shape, D>, outputSize: AdaptiveSize, options: { readonly returnIndices: true }): ValuesAndIndices<Shape, D>;
  <D extends DType>(x: Tensor<Shape, D>, outputSize: AdaptiveSize, options?: { readonly returnIndices?: false }): Tensor<Shape, D>;
}

const adaptiveAvgPooling = (n: number): AdaptiveAvgPooling => ((x: Tensor, outputSize: AdaptiveSize) => adaptiveMean(n, x, outputSize)) as AdaptiveAvgPooling;
const adaptiveMaxPooling = (n: number): AdaptiveMaxPooling =>
  ((x: Tensor, outputSize: AdaptiveSize, options: { readonly returnIndices?: boolean } = {}) => adaptiveExtreme(n, x, outputSize, options.returnIndices ?? false)) as AdaptiveMaxPooling;

/** Means of `x [N, C, L]` (or `[C, L]`) over as many windows as asked for: `[N, C, outputSize]`. PyTorch: `F.adaptive_avg_pool1d`. */
export const adaptiveAvgPool1d = adaptiveAvgPooling(1);
/** Means of `x [N, C, H, W]` over as many windows as asked for along each axis. PyTorch: `F.adaptive_avg_pool2d`. */
export const adaptiveAvgPool2d = adaptiveAvgPooling(2);
/** Means of `x [N, C, D, H, W]` over as many windows as asked for along each axis. PyTorch: `F.adaptive_avg_pool3d`. */
export const adaptiveAvgPool3d = adaptiveAvgPooling(3);
/** Maxima of `x [N, C, L]` (or `[C, L]`) over as many windows as asked for: `[N, C, outputSize]`. PyTorch: `F.adaptive_max_pool1d`. */
export const adaptiveMaxPool1d = adaptiveMaxPooling(1);
/** Maxima of `x [N, C, H, W]` over as many windows as asked for along each axis. PyTorch: `F.adaptive_max_pool2d`. */
export const adaptiveMaxPool2d = adaptiveMaxPooling(2);
/** Maxima of `x [N, C, D, H, W]` over as many windows as asked for along each axis. PyTorch: `F.adaptive_max_pool3d`. */
export const adaptiveMaxPool3d = adaptiveMaxPooling(3);
