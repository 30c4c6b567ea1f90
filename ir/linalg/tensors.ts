import { check } from "../graph/error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { dims, type Dim, type DType, type Shape } from "../types/index.ts";
import { isEmpty, matrixOf, text } from "./matrix.ts";
import { inv, solve } from "./solve.ts";

/** Linear maps between tensors, and products of reflections. */

const product = (shape: Shape): Dim => dims.product(shape);

/**
 * The inverse of a map from the axes from `ind` on to those before it, as a tensor `[…last axes, …first axes]`. PyTorch:
 * `torch.linalg.tensorinv`.
 */
export function tensorinv<D extends DType>(a: Tensor<Shape, D>, ind?: number): Tensor<Shape, D>;
export function tensorinv(a: Tensor, ind = 2): Tensor {
  const [to, from] = [a.shape.slice(0, ind), a.shape.slice(ind)];
  check(Number.isInteger(ind) && ind > 0 && product(to) === product(from), () => `tensorinv of ${text(a)} with ind ${ind}: ${product(to)} elements against ${product(from)}`, "the axes before and from ind on must have as many elements");
  return inv(a.reshape(product(to), product(from))).reshape([...from, ...to]);
}

/**
 * The `X` with `tensordot(A, X, X.rank) = B`: `a` is `[…shape of b, …shape of X]`; `dims` are axes of `a` that are moved to its
 * end first. PyTorch: `torch.linalg.tensorsolve`.
 */
export function tensorsolve<D extends DType>(a: Tensor<Shape, D>, b: Tensor<Shape, D>, axes?: readonly number[]): Tensor<Shape, D>;
export function tensorsolve(a: Tensor, b: Tensor, axes: readonly number[] = []): Tensor {
  const moved = axes.length === 0 ? a : a.movedim(axes, axes.map((_, i) => a.rank - axes.length + i));
  const unknown = moved.shape.slice(b.rank), size = product(unknown);
  check(b.numel() === size && moved.shape.slice(0, b.rank).every((d, i) => d === b.shape[i]), () => `tensorsolve of ${text(a)} and ${text(b)}`, "the first axes of the matrix have the shape of the right-hand side, the others as many elements");
  return solve(moved.reshape(size, size), b.flatten()).reshape(unknown);
}

/**
 * The first columns of `(I - τ₀·v₀·v₀ᵀ)·(I - τ₁·v₁·v₁ᵀ)·…`: `a` `[…, m, n]` has vᵢ below the diagonal of column i, `tau` is `[…, k]`; the
 * result is `[…, m, n]`. PyTorch: `torch.linalg.householder_product`.
 */
export function householderProduct<D extends DType>(a: Tensor<Shape, D>, tau: Tensor<Shape, D>): Tensor<Shape, D>;
export function householderProduct(a: Tensor, tau: Tensor): Tensor {
  const [m, n] = matrixOf("householderProduct", a), k = tau.shape[tau.rank - 1];
  check(typeof m === "number" && typeof n === "number" && typeof k === "number" && k <= n && n <= m && tau.rank === a.rank - 1, () => `householderProduct of ${text(a)} and ${text(tau)}`, "give a matrix [m, n], m ≥ n, of known sizes and at most n factors");
  if (isEmpty(a)) return a;
  const rows = a.fullLike(1).select(-1, 0).cumsum(-1).sub(1); // […, m]
  let q = a.fullLike(0).add(rows.unsqueeze(-1).eq(a.fullLike(1).select(-2, 0).cumsum(-1).sub(1).unsqueeze(-2)).convert(a.dtype));
  for (let i = k - 1; i >= 0; i--) {
    const v = rows.eq(i).where(1, rows.gt(i).where(a.select(-1, i), 0)).unsqueeze(-1); // […, m, 1]
    q = q.sub(v.mul(tau.select(-1, i).unsqueeze(-1).unsqueeze(-1)).mul(v.transpose(-2, -1).matmul(q)));
  }
  return q;
}
