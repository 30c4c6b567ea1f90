import { check } from "../graph/error.ts";
import type { ScalarName } from "../ops/index.ts";
import { isFloat, isHalf, type DType, type Half } from "../types/index.ts";
import type { Tensor } from "./core.ts";

/**
 * Which precision formulas are computed in where halves are about: those that need the range or the digits of f32 have
 * them, and under `autocast` products are given halves.
 */

let current: Half | undefined;

/**
 * What `body` computes, with the products in it (matrix products, linear layers, convolutions, attention's scores) in f16 or
 * bf16, whose operands are converted, and what needs more in f32: sums, exponentials and logarithms, softmax, norms,
 * losses. Other ops take what they get, promoted as everywhere. Parameters stay f32, and so do their gradients:
 *
 * ```ts
 * const logits = autocast("bf16", () => net(x));
 * ```
 *
 * `null` turns it off for a part inside. f64 is left alone. The types of the editor do not know of it: they say f32 where a
 * product gives a half. With "f16", gradients want a scale: `optim.gradScaler`. PyTorch: `torch.autocast`.
 */
export function autocast<T>(dtype: Half | null, body: () => T): T {
  check(dtype === null || isHalf(dtype), () => `autocast to ${JSON.stringify(dtype)}`, 'give "f16" or "bf16", or null to turn it off');
  const before = current;
  current = dtype ?? undefined;
  try { return body(); } finally { current = before; }
}

/** The operands of a product as they are multiplied: under {@link autocast}, floats but f64 as halves. */
export function forProduct<T extends readonly (Tensor | null | undefined)[]>(...operands: T): T {
  const to = current;
  if (!to || !operands.every((x) => !x || (isFloat(x.dtype) && x.dtype !== "f64"))) return operands;
  return operands.map((x) => x?.convert(to) ?? x) as unknown as T;
}

/** Ops of one or two operands that are f32 under {@link autocast}: their results leave a half's range, or lose its few digits. */
const wideOps: ReadonlySet<ScalarName> = new Set(["exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "reciprocal", "rsqrt", "softplus", "logaddexp", "sinh", "cosh", "tan", "acos", "asin", "erfinv"]);

/** The dtype that an op computes in, of operands that have one dtype. */
export const precisionOf = (op: ScalarName | "sum", dtype: DType): DType => (current && isHalf(dtype) && (op === "sum" || wideOps.has(op)) ? "f32" : dtype);

/**
 * A formula of a tensor, computed in f32 where that is a half, and rounded once, as PyTorch's kernels are: a sum of squares,
 * say, soon leaves f16's range. Under {@link autocast} the result stays f32.
 */
export function inFullPrecision(x: Tensor, formula: (x: Tensor) => Tensor): Tensor {
  if (!isHalf(x.dtype)) return formula(x);
  const result = formula(x.convert("f32"));
  return current ? result : result.convert(x.dtype);
}
