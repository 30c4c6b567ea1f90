import { check } from "../graph/error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { typeText, type Shape } from "../types/index.ts";
import { bits, uniform, type DrawOptions } from "./distributions.ts";
import { exponential } from "./transforms.ts";

/** Draws from what there is. */

export interface MultinomialOptions extends Omit<DrawOptions, "shape" | "dtype"> {
  readonly numSamples: number;
  /** Whether a class can be drawn more than once; false unless given. */
  readonly replacement?: boolean;
}

/**
 * Classes drawn in proportion to `weights`, `[classes]` or `[N, classes]` (numbers that are not negative; they need not sum to 1): i32
 * `[numSamples]` or `[N, numSamples]`. Without replacement the order is that of drawing, and there must be as many weights above
 * 0. PyTorch: `torch.multinomial`.
 */
export function multinomial(weights: Tensor, options: MultinomialOptions): Tensor<Shape, "i32">;
export function multinomial(weights: Tensor, { numSamples, replacement = false, ...draw }: MultinomialOptions): Tensor {
  check(weights.rank === 1 || weights.rank === 2, () => `random.multinomial of ${typeText(weights.value.type)}`, "weights are [classes] or [N, classes]");
  const classes = weights.shape[weights.rank - 1], dtype = weights.dtype === "f64" ? "f64" : "f32";
  check(Number.isInteger(numSamples) && numSamples > 0 && (replacement || typeof classes !== "number" || numSamples <= classes), () =>
    `random.multinomial: ${numSamples} samples of ${classes} classes${replacement ? "" : " without replacement"}`, "give a whole number from 1 on, or replacement: true");
  const rows = (weights.rank === 1 ? weights.unsqueeze(0) : weights).convert(dtype);
  if (!replacement) {
    // the first arrivals of processes of these rates (Efraimidis & Spirakis 2006)
    const arrival: Tensor = (exponential({ ...draw, shape: rows.shape, dtype }) as Tensor).div(rows);
    const drawn = arrival.argsort(-1).narrow(-1, 0, numSamples);
    return weights.rank === 1 ? drawn.squeeze(0) : drawn;
  }
  const sums = rows.cumsum(-1), total = sums.select(-1, -1).unsqueeze(-1);
  const at = (uniform({ ...draw, shape: [rows.shape[0], numSamples], dtype }) as Tensor).mul(total);
  const drawn = sums.searchsorted(at, { right: true }).clampMax(typeof classes === "number" ? classes - 1 : rows.gt(0).int().sum(-1, true).sub(1));
  return weights.rank === 1 ? drawn.squeeze(0) : drawn;
}

/**
 * The numbers 0 … n-1 in random order, i32: by the order of random words (of which two in 2^32 are equal and keep theirs).
 * PyTorch: `torch.randperm`.
 */
export function permutation<const N extends number | string>(n: N, options?: Omit<DrawOptions, "shape" | "dtype">): Tensor<[N], "i32">;
export function permutation(n: number | string, options: Omit<DrawOptions, "shape" | "dtype"> = {}): Tensor {
  check(typeof n === "string" || (Number.isInteger(n) && n >= 0), () => `random.permutation of ${String(n)}`, "give a whole number from 0 on, or a dimension");
  return (bits({ ...options, shape: [n] }) as Tensor).argsort(0);
}
