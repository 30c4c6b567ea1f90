import { check } from "../graph/error.ts";
import type { DType } from "../types/index.ts";
import type { Tensor } from "./core.ts";
import { constant } from "./creation.ts";
import { iota } from "./dims.ts";
import { convert } from "./lift.ts";

/** Windows that a signal is weighted with before a transform. */

export interface WindowOptions<D extends "f32" | "f64" = "f32" | "f64"> {
  /** Whether it is one period of `length + 1` values without the last (the default), for spectra; or symmetric, for filters. */
  readonly periodic?: boolean;
  /** f32 unless given. */
  readonly dtype?: D;
}

/** A window of the places 0 … 1 of its values; the one value of length 1 is 1. */
function sampled(name: string, length: number, { periodic = true, dtype = "f32" }: WindowOptions, f: (place: Tensor) => Tensor): Tensor {
  check(Number.isInteger(length) && length >= 0, () => `${name} of length ${length}`, "give a whole number from 0 on");
  if (length <= 1) return constant(Array<number>(length).fill(1), dtype, [length]);
  return f(convert(iota([length], 0), dtype).div(periodic ? length : length - 1));
}

/** `a[0] - a[1] cos 2πx + a[2] cos 4πx …` */
const cosines = (a: readonly number[]) => (x: Tensor): Tensor =>
  a.slice(1).reduce<Tensor>((sum, c, i) => sum.add(x.mul(2 * Math.PI * (i + 1)).cos().mul(i % 2 === 0 ? -c : c)), x.fullLike(a[0]));

/** `sin²(πx)`, x from 0 to 1: `[length]`. PyTorch: `torch.hann_window`. */
export function hannWindow<const N extends number, D extends "f32" | "f64" = "f32">(length: N, options?: WindowOptions<D>): Tensor<[N], D>;
export function hannWindow(length: number, options: WindowOptions = {}): Tensor { return sampled("hannWindow", length, options, cosines([0.5, 0.5])); }

/** `α - β cos 2πx`, x from 0 to 1, α 0.54 and β 0.46 unless given: `[length]`. PyTorch: `torch.hamming_window`. */
export function hammingWindow<const N extends number, D extends "f32" | "f64" = "f32">(length: N, options?: WindowOptions<D> & { readonly alpha?: number; readonly beta?: number }): Tensor<[N], D>;
export function hammingWindow(length: number, options: WindowOptions & { readonly alpha?: number; readonly beta?: number } = {}): Tensor {
  return sampled("hammingWindow", length, options, cosines([options.alpha ?? 0.54, options.beta ?? 0.46]));
}

/** `0.42 - 0.5 cos 2πx + 0.08 cos 4πx`, x from 0 to 1: `[length]`. PyTorch: `torch.blackman_window`. */
export function blackmanWindow<const N extends number, D extends "f32" | "f64" = "f32">(length: N, options?: WindowOptions<D>): Tensor<[N], D>;
export function blackmanWindow(length: number, options: WindowOptions = {}): Tensor { return sampled("blackmanWindow", length, options, cosines([0.42, 0.5, 0.08])); }

/** `1 - |2x - 1|`, x from 0 to 1: a triangle `[length]`. PyTorch: `torch.bartlett_window`. */
export function bartlettWindow<const N extends number, D extends "f32" | "f64" = "f32">(length: N, options?: WindowOptions<D>): Tensor<[N], D>;
export function bartlettWindow(length: number, options: WindowOptions = {}): Tensor {
  return sampled("bartlettWindow", length, options, (x) => x.mul(2).sub(1).abs().neg().add(1));
}

/** `I₀(β √(1 - (2x - 1)²)) / I₀(β)`, x from 0 to 1, β 12 unless given: `[length]`. PyTorch: `torch.kaiser_window`. */
export function kaiserWindow<const N extends number, D extends "f32" | "f64" = "f32">(length: N, options?: WindowOptions<D> & { readonly beta?: number }): Tensor<[N], D>;
export function kaiserWindow(length: number, options: WindowOptions & { readonly beta?: number } = {}): Tensor {
  const beta = options.beta ?? 12;
  return sampled("kaiserWindow", length, options, (x) => x.mul(2).sub(1).square().neg().add(1).clampMin(0).sqrt().mul(beta).i0().div(x.fullLike(beta).i0()));
}
