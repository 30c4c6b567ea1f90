import { check, GraphError } from "../../graph/error.ts";
import type { DType, Dim, Shape } from "../../types/index.ts";
import { dims } from "../../types/index.ts";
import { gatherAt } from "../address.ts";
import type { Tensor } from "../core.ts";
import { tensor } from "../creation.ts";
import { describe, requireFloat } from "../lift.ts";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "./adaptive.ts";

/** Resampling. PyTorch: `torch.nn.functional.interpolate`. */

export type InterpolationMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "trilinear" | "bicubic" | "area";

export interface InterpolateOptions {
  /** Spatial sizes of the result; this or `scaleFactor`. */
  readonly size?: number | readonly number[];
  readonly scaleFactor?: number | readonly number[];
  /** `"nearest"` unless given. */
  readonly mode?: InterpolationMode;
  /** Whether the outermost elements keep their place, instead of the edges; false unless given. For the linear modes and `"bicubic"`. */
  readonly alignCorners?: boolean;
  /** Whether positions go by the sizes, instead of by the scale factor as given; false unless given. */
  readonly recomputeScaleFactor?: boolean;
}

/** An axis to be resampled: its sizes, and how far apart the places of two neighbours of the result are in the input. */
interface Axis {
  readonly axis: number;
  readonly size: number;
  readonly out: number;
  /** A scale that was given, by which positions go. */
  readonly given: number | undefined;
}

/** An element of the result as a weighted sum of some of the input's. */
interface Taps { readonly index: readonly number[]; readonly weight: readonly number[] }

const spatialAxes: Readonly<Record<InterpolationMode, readonly number[]>> = {
  nearest: [1, 2, 3], "nearest-exact": [1, 2, 3], linear: [1], bilinear: [2], trilinear: [3], bicubic: [2], area: [1, 2, 3],
};

/**
 * `x [N, C, …]`, with one to three spatial axes, resampled to `size` or by `scaleFactor`. PyTorch:
 * `torch.nn.functional.interpolate`, whose conventions it follows: positions are those of the elements' middles unless
 * `alignCorners`; cubic weights have a = −0.75; what would lie outside is the element at the edge.
 */
export function interpolate<D extends DType>(x: Tensor<Shape, D>, options: InterpolateOptions): Tensor<Shape, D>;
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { mode = "nearest", alignCorners = false } = options, n = x.rank - 2;
  const text = (): string => `interpolate of ${describe(x)} by ${JSON.stringify(mode)}`;
  if (!Object.hasOwn(spatialAxes, mode)) throw new GraphError(text(), `the modes are ${Object.keys(spatialAxes).join(", ")}`);
  check(spatialAxes[mode].includes(n), () => text(), `it takes [N, C, …] with ${spatialAxes[mode].join(" or ")} spatial ${spatialAxes[mode][0] === 1 ? "axis" : "axes"}`);
  const exact = mode === "nearest" || mode === "nearest-exact";
  if (!exact) requireFloat(x, "interpolate");
  if (alignCorners) check(!exact && mode !== "area", () => `${text()} with alignCorners`, "it means something for the linear modes and bicubic");
  const axes = axesOf(text, x, options);
  if (mode === "area") return [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][n - 1](x, axes.map((a) => a.out));
  return axes.reduce((y, a) => (exact ? nearest(y, a, mode) : weighted(y, a, mode === "bicubic" ? cubicTaps : linearTaps, alignCorners)), x);
}

function axesOf(text: () => string, x: Tensor, { size, scaleFactor, recomputeScaleFactor = false }: InterpolateOptions): Axis[] {
  const n = x.rank - 2;
  check((size === undefined) !== (scaleFactor === undefined), () => text(), "give either size or scaleFactor");
  const given = size ?? scaleFactor!, list = typeof given === "number" ? Array.from({ length: n }, () => given) : given;
  check(list.length === n && list.every((v) => v > 0), () => `${text()}: the ${size === undefined ? "scaleFactor" : "size"} is ${JSON.stringify(given)}`, `give a positive number, or ${n} of them`);
  return list.map((v, i) => {
    const from: Dim = x.shape[2 + i];
    check(typeof from === "number", () => `${text()}: spatial axis ${i} has ${from} elements`, "it has to be a number to be resampled");
    const out = size === undefined ? Math.floor(from * v) : v;
    check(Number.isInteger(out) && out >= 1 && from >= 1, () => `${text()}: ${from} elements to ${out}`, "sizes are whole numbers from 1");
    return { axis: 2 + i, size: from, out, given: size === undefined && !recomputeScaleFactor ? v : undefined };
  });
}

/** Steps of the input from one element of the result to the next; a scale that was given counts as it is. */
function stepOf({ size, out, given }: Axis, alignCorners: boolean): number {
  if (alignCorners) return out > 1 ? (size - 1) / (out - 1) : 0;
  return given === undefined ? size / out : 1 / given;
}

/** The element nearest to each place; each repeated, where every one is repeated as often. PyTorch computes the place in f32. */
function nearest(x: Tensor, a: Axis, mode: InterpolationMode): Tensor {
  const step = Math.fround(stepOf(a, false));
  const place = (i: number): number => (mode === "nearest" ? Math.fround(i * step) : Math.fround(Math.fround(i + 0.5) * step));
  const index = Array.from({ length: a.out }, (_, i) => Math.min(Math.floor(place(i)), a.size - 1));
  const times = dims.divExact(a.out, a.size) as number | undefined;
  if (times !== undefined && index.every((k, i) => k === Math.floor(i / times))) return times === 1 ? x : x.repeatInterleave(times, a.axis);
  return gatherAt(x, [a.axis], [tensor(index, "i32")]);
}

/** A sum of neighbours of each place, weighted. */
function weighted(x: Tensor, a: Axis, tapsOf: (place: number, size: number) => Taps, alignCorners: boolean): Tensor {
  if (a.out === a.size && (a.given === undefined || a.given === 1 || alignCorners)) return x;
  const round = x.dtype === "f32" ? Math.fround : (v: number): number => v;
  const step = round(stepOf(a, alignCorners));
  const taps = Array.from({ length: a.out }, (_, i) => tapsOf(alignCorners ? round(i * step) : round(round(step * (i + 0.5)) - 0.5), a.size));
  const after = x.shape.slice(a.axis + 1).map(() => 1);
  return taps[0].index.map((_, k) => {
    const elements = gatherAt(x, [a.axis], [tensor(taps.map((t) => t.index[k]), "i32")]);
    return elements.mul(tensor(taps.map((t) => t.weight[k]), x.dtype).reshape([a.out, ...after]));
  }).reduce((sum, term) => sum.add(term));
}

function linearTaps(place: number, size: number): Taps {
  const at = Math.max(place, 0), low = Math.min(Math.floor(at), size - 1);
  return { index: [low, Math.min(low + 1, size - 1)], weight: [1 - (at - low), at - low] };
}

/** Keys (1981) with a = −0.75. */
function cubicTaps(place: number, size: number): Taps {
  const a = -0.75, low = Math.floor(place), t = place - low;
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1, far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return {
    index: [-1, 0, 1, 2].map((k) => Math.min(Math.max(low + k, 0), size - 1)),
    weight: [far(t + 1), near(t), near(1 - t), far(2 - t)],
  };
}
