import { scan } from "../control/scan.ts";
import { custom } from "../derivatives/custom.ts";
import { check } from "../graph/error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { DType, Shape } from "../types/index.ts";
import { substitute } from "./lu.ts";
import { columnAt, columnNumbers, identity, rowAt, rowNumbers, sameBatch, squareOf, text } from "./matrix.ts";

/** Symmetric positive definite matrices. */

const t = (a: Tensor): Tensor => a.transpose(-2, -1);

/** `A = L·Lᵀ`, right-looking (Golub & Van Loan, 4.2.5); reads the lower triangle. */
function factorLower(a: Tensor): Tensor {
  const n = a.shape[a.rank - 1], rows = rowNumbers(n), columns = columnNumbers(n);
  const [factor] = scan((matrix: Tensor, _: null, step: Tensor) => {
    const column = columnAt(matrix, step), root = rowAt(column, step).sqrt();
    const found = rows.eq(step).where(root, rows.gt(step).where(column.div(root), 0));
    const below = rows.gt(step).where(found, 0);
    return [columns.eq(step).where(found, matrix.sub(below.mul(t(below)))), null];
  }, a, null, { length: n });
  return factor.tril();
}

/**
 * Derivative (Murray 2016, eq. 10): with `Φ` the lower triangle with its diagonal halved, `S = L⁻ᵀ·Φ(Lᵀ·g)·L⁻¹`, made
 * symmetric: as PyTorch has it, though one triangle is read.
 */
const factorize = custom({
  name: "cholesky",
  forward: factorLower,
  backward(g: Tensor, { results: l }) {
    const product = t(l).matmul(g).tril(), halved = product.sub(product.mul(identity(l.shape[l.rank - 1], l.dtype)).mul(0.5));
    const left = substitute(t(l), halved, { upper: true });
    const s = t(substitute(t(l), t(left), { upper: true }));
    return s.add(t(s)).mul(0.5);
  },
});

/**
 * The lower triangular `L` with `L·Lᵀ = A`, or the upper `U` with `Uᵀ·U = A`, of symmetric positive definite matrices
 * `[…, n, n]`. Of others the result is NaN: nothing can be thrown while a compiled program runs. PyTorch: `torch.linalg.cholesky`.
 */
export function cholesky<S extends Shape, D extends DType>(a: Tensor<S, D>, options?: { readonly upper?: boolean }): Tensor<S, D>;
export function cholesky(a: Tensor, { upper = false }: { readonly upper?: boolean } = {}): Tensor {
  squareOf("cholesky", a);
  return upper ? t(factorize(t(a))) : factorize(a);
}

/** `(L·Lᵀ)⁻¹·B` by two substitutions. Derivative: of B, `G = (L·Lᵀ)⁻¹·g`; of L, `-(G·Xᵀ + X·Gᵀ)·L`, its upper triangle too, as PyTorch's. */
const solveOfFactor = custom({
  name: "choleskySolve",
  forward: (b: Tensor, l: Tensor) => substituteTwice(l, b),
  backward(g: Tensor, { operands: [, l], results: x }) {
    const gb = substituteTwice(l, g), product = gb.matmul(t(x));
    return [gb, product.add(t(product)).matmul(l).neg()];
  },
});
const substituteTwice = (l: Tensor, b: Tensor): Tensor => substitute(t(l), substitute(l, b, { upper: false }), { upper: true });

/**
 * The `X` with `A·X = B`, of the Cholesky factor of `A` (lower, unless `upper`): `b` `[…, n, k]`, `factor` `[…, n, n]`.
 * PyTorch: `torch.cholesky_solve`.
 */
export function choleskySolve<D extends DType>(b: Tensor<Shape, D>, factor: Tensor<Shape, D>, options?: { readonly upper?: boolean }): Tensor<Shape, D>;
export function choleskySolve(b: Tensor, factor: Tensor, { upper = false }: { readonly upper?: boolean } = {}): Tensor {
  const n = squareOf("choleskySolve", factor);
  check(b.rank >= 2 && b.shape[b.rank - 2] === n, () => `choleskySolve of ${text(b)} and the factor ${text(factor)}: ${b.shape[b.rank - 2] ?? "nothing"} against ${n}`, "the right-hand side has as many rows as the factor");
  const [l, right] = sameBatch("choleskySolve", upper ? t(factor) : factor, b);
  return solveOfFactor(right, l);
}

/** The inverse of `A`, of its Cholesky factor. PyTorch: `torch.cholesky_inverse`. */
export function choleskyInverse<S extends Shape, D extends DType>(factor: Tensor<S, D>, options?: { readonly upper?: boolean }): Tensor<S, D>;
export function choleskyInverse(factor: Tensor, options: { readonly upper?: boolean } = {}): Tensor {
  return choleskySolve(identity(squareOf("choleskyInverse", factor), factor.dtype), factor, options);
}
