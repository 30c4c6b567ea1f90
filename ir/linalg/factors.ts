import { check } from "../graph/error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { iota } from "../tensor/dims.ts";
import type { DType, Shape } from "../types/index.ts";
import { factor, solveFactored } from "./lu.ts";
import { matrixOf, sameBatch, squareOf, text } from "./matrix.ts";

/** LU as a factorization of its own. Derivatives go through the elimination. */

export interface LU<D extends DType = DType> {
  readonly P: Tensor<Shape, D>;
  readonly L: Tensor<Shape, D>;
  readonly U: Tensor<Shape, D>;
}

/**
 * `A = P·L·U` of `[…, m, n]` with partial pivoting: a permutation `[…, m, m]`, a lower triangle with ones `[…, m, k]` and an upper
 * triangle `[…, k, n]`, k the smaller size. PyTorch: `torch.linalg.lu`.
 */
export function lu<D extends DType>(a: Tensor<Shape, D>): LU<D>;
export function lu(a: Tensor): LU {
  const [m, n] = matrixOf("lu", a);
  check(m === n || (typeof m === "number" && typeof n === "number"), () => `lu of ${text(a)}`, "the sizes of the matrix must be numbers, or equal");
  const { lu, order } = factor(a), k = typeof m === "number" && typeof n === "number" ? Math.min(m, n) : m;
  const P = order.unsqueeze(-2).eq(iota([m, 1], 0)).convert(a.dtype), ones = iota([m, k], 0).eq(iota([m, k], 1)).convert(a.dtype);
  return { P, L: lu.narrow(-1, 0, k).tril(-1).add(ones), U: lu.narrow(-2, 0, k).triu() };
}

/** Factors of {@link luFactor}: both triangles in one matrix, and the order of the rows, i32, `[…, n]`. */
export interface Factors<D extends DType = DType> {
  readonly LU: Tensor<Shape, D>;
  readonly order: Tensor<Shape, "i32">;
}

/**
 * Factors to solve with again and again by {@link luSolve}. Row i of `L·U` is row `order[i]` of `a` (PyTorch lists the
 * exchanges of rows instead). PyTorch: `torch.linalg.lu_factor`.
 */
export function luFactor<D extends DType>(a: Tensor<Shape, D>): Factors<D>;
export function luFactor(a: Tensor): Factors {
  squareOf("luFactor", a);
  const { lu, order } = factor(a);
  return { LU: lu, order: order as Tensor<Shape, "i32"> };
}

/** The `X` with `A·X = B`, of the factors of `A`; `b`: `[…, n, k]`. PyTorch: `torch.linalg.lu_solve`. */
export function luSolve<D extends DType>(factors: Factors<D>, b: Tensor<Shape, D>): Tensor<Shape, D>;
export function luSolve({ LU, order }: Factors, b: Tensor): Tensor {
  const n = squareOf("luSolve", LU);
  check(b.rank >= 2 && b.shape[b.rank - 2] === n, () => `luSolve of the factors ${text(LU)} and ${text(b)}: ${n} against ${b.shape[b.rank - 2] ?? "nothing"}`, "the right-hand side has as many rows as the matrix");
  const [lu, right] = sameBatch("luSolve", LU, b);
  return solveFactored({ lu, order: order.expand(lu.shape.slice(0, -1)) }, right);
}
