import { custom } from "../derivatives/custom.ts";
import { ones } from "../tensor/creation.ts";
import { cat } from "../tensor/join.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { DType, Shape } from "../types/index.ts";
import { orthogonalize } from "./jacobi.ts";
import { identity, isEmpty, sizesOf, squareOf } from "./matrix.ts";
import { reflect } from "./qr.ts";

/** Singular values and eigenvalues of symmetric matrices, by Jacobi's rotations. Sizes of matrices are numbers. */

const t = (a: Tensor): Tensor => a.transpose(-2, -1);
const skew = (a: Tensor): Tensor => a.sub(t(a));
const diagonal = (v: Tensor): Tensor => v.diagEmbed(0, -2, -1);
/** A matrix without its diagonal, divided by `gaps`, which are 0 there. Equal values leave other gaps 0: infinite. */
function overGaps(a: Tensor, gaps: Tensor): Tensor {
  const one = identity(a.shape[a.rank - 1], a.dtype);
  return a.sub(a.mul(one)).div(gaps.add(one));
}
/** Columns of `x` in the order of `order`, `[…, n]`. */
const inOrder = (x: Tensor, order: Tensor): Tensor => x.takeAlongDim(order.unsqueeze(-2).expand(x.shape), -1);

/** The largest magnitude of each matrix, kept as 1 by 1; 1 of zeros. */
function largestOf(a: Tensor): Tensor {
  if (isEmpty(a)) return ones([...a.shape.slice(0, -2), 1, 1], a.dtype);
  const size = a.abs().amax([-2, -1], true);
  return size.eq(0).where(1, size);
}

/** `A = U·diag(s)·Vᵀ` for at least as many rows as columns: `[…, m, n]` to `[…, m, n]`, `[…, n]`, `[…, n, n]`. */
function tall(a: Tensor): readonly [u: Tensor, s: Tensor, v: Tensor] {
  const scale = largestOf(a), [turned, v] = orthogonalize(a.div(scale)), n = v.shape[v.rank - 1] as number;
  const { values, indices } = turned.norm(2, -2).sort(-1, { descending: true });
  // the columns, orthogonal already, made orthonormal by reflections: these find directions for columns of zeros as well
  const [q, r] = reflect(inOrder(turned, indices));
  const sign = r.narrow(-2, 0, n).diagonal(0, -2, -1).lt(0).where(-1, 1).unsqueeze(-2).convert(a.dtype);
  return [q.narrow(-1, 0, n).mul(sign), values.mul(scale.squeeze(-1)), inOrder(v, indices)];
}

/**
 * Derivative of the reduced decomposition (Townsend 2016, as in PyTorch's `svd_backward`); with `E[i,j] = s[j]² - s[i]²`:
 * `U·(skew(Uᵀgᵤ)/E·S + S·skew(Vᵀgᵥ)/E + diag(g))·Vᵀ`, and for the parts of `gᵤ` and `gᵥ` outside of U and V, divided by S.
 */
const decompose = custom({
  name: "svd",
  forward(a: Tensor): readonly [Tensor, Tensor, Tensor] {
    const [m, n] = a.shape.slice(-2) as number[];
    if (m >= n) return tall(a);
    const [v, s, u] = tall(t(a));
    return [u, s, v];
  },
  backward([gu, gs, gv], { results: [u, s, v] }) {
    const row = s.unsqueeze(-2), column = s.unsqueeze(-1);
    const gaps = row.sub(column).mul(row.add(column));
    const ofU = overGaps(skew(t(u).matmul(gu)), gaps).mul(row), ofV = overGaps(skew(t(v).matmul(gv)), gaps).mul(column);
    const inner = u.matmul(ofU.add(ofV).add(diagonal(gs))).matmul(t(v));
    const outside = (x: Tensor, g: Tensor): Tensor => (x.shape.at(-1) === x.shape.at(-2) ? g.zerosLike() : g.sub(x.matmul(t(x).matmul(g))));
    return inner.add(outside(u, gu).div(row).matmul(t(v))).add(u.matmul(t(outside(v, gv).div(row))));
  },
});

/**
 * The values of a decomposition, with a derivative that does not go through its vectors, which equal values leave
 * undefined: `U·diag(g)·Vᵀ`.
 */
const valuesOf = custom({
  name: "values",
  forward: (_a: Tensor, _u: Tensor, values: Tensor, _v: Tensor) => values,
  backward: (g: Tensor, { operands: [, u, , v] }) => [u.mul(g.unsqueeze(-2)).matmul(t(v)), null, null, null],
});

/**
 * Singular value decomposition `A = U·diag(S)·Vh` of `[…, m, n]`, S in falling order: `[…, m, k]`, `[…, k]` and `[…, k, n]`, k the
 * smaller size. Signs of the columns of U are arbitrary. Derivatives through U and V need singular values that differ (and
 * are not 0, unless the matrix is square): others make them infinite or NaN. With `fullMatrices` U is `[…, m, m]` and Vh `[…, n, n]`: what
 * is added completes a basis, and has no derivative. PyTorch: `torch.linalg.svd` (which has `full_matrices=True` unless told otherwise).
 */
export function svd<D extends DType>(a: Tensor<Shape, D>, options?: { readonly fullMatrices?: boolean }): { readonly U: Tensor<Shape, D>; readonly S: Tensor<Shape, D>; readonly Vh: Tensor<Shape, D> };
export function svd(a: Tensor, { fullMatrices = false }: { readonly fullMatrices?: boolean } = {}): { readonly U: Tensor; readonly S: Tensor; readonly Vh: Tensor } {
  sizesOf("svd", a);
  const [u, s, v] = decompose(a), whole = fullMatrices ? completed : (x: Tensor): Tensor => x;
  return { U: whole(u), S: valuesOf(a, u, s, v), Vh: t(whole(v)) };
}

/** Orthonormal columns with others to a square matrix: reflections that make the columns leave the rest of the basis. */
function completed(x: Tensor): Tensor {
  const [m, k] = x.shape.slice(-2) as number[];
  return m === k ? x : cat([x, reflect(x.stopGradient())[0].narrow(-1, k, m - k)], -1);
}

/** Singular values in falling order: `[…, m, n]` to `[…, min(m, n)]`. PyTorch: `torch.linalg.svdvals`. */
export const svdvals = <D extends DType>(a: Tensor<Shape, D>): Tensor<Shape, D> => svd(a).S;

/**
 * Eigenvalues and eigenvectors of symmetric matrices: one-sided rotations of `A + c·I`, with c so large that no eigenvalue
 * is negative, find the vectors; each value is `vᵀ·A·v`. Derivative (Giles 2008, 3.1), as PyTorch's:
 * `V·(diag(g) + (Vᵀgᵥ)/E)·Vᵀ`, `E[i,j] = λ[j] - λ[i]`.
 */
const decomposeSymmetric = custom({
  name: "eigh",
  forward(a: Tensor): readonly [Tensor, Tensor] {
    const n = a.shape[a.rank - 1], scale = largestOf(a), x = a.div(scale);
    const [, v] = orthogonalize(x.add(identity(n, a.dtype).mul(x.norm(2, [-2, -1], true))));
    const { values, indices } = v.mul(x.matmul(v)).sum(-2).sort(-1);
    return [values.mul(scale.squeeze(-1)), inOrder(v, indices)];
  },
  backward([gl, gv], { results: [values, v] }) {
    const gaps = values.unsqueeze(-2).sub(values.unsqueeze(-1));
    return v.matmul(overGaps(t(v).matmul(gv), gaps).add(diagonal(gl))).matmul(t(v));
  },
});

/**
 * Eigenvalues in rising order and eigenvectors (columns) of symmetric matrices `[…, n, n]`, of which the lower triangle is
 * read (the upper with `UPLO: "U"`). Signs of the vectors are arbitrary. Derivatives through the vectors need values that differ:
 * equal ones make them infinite or NaN.
 * PyTorch: `torch.linalg.eigh`.
 */
export function eigh<D extends DType>(a: Tensor<Shape, D>, UPLO?: "L" | "U"): { readonly eigenvalues: Tensor<Shape, D>; readonly eigenvectors: Tensor<Shape, D> };
export function eigh(a: Tensor, UPLO: "L" | "U" = "L"): { readonly eigenvalues: Tensor; readonly eigenvectors: Tensor } {
  squareOf("eigh", a);
  sizesOf("eigh", a);
  const half = UPLO === "L" ? a.tril(-1) : a.triu(1);
  // the triangle that is read, mirrored; derivatives are those of the whole symmetric matrix, as PyTorch's
  const mirrored = half.add(t(half)).add(a.mul(identity(a.shape[a.rank - 1], a.dtype)));
  const x = a.add(mirrored.sub(a).stopGradient()), [values, v] = decomposeSymmetric(x);
  return { eigenvalues: valuesOf(x, v, values, v), eigenvectors: v };
}

/** Eigenvalues of symmetric matrices in rising order. PyTorch: `torch.linalg.eigvalsh`. */
export const eigvalsh = <D extends DType>(a: Tensor<Shape, D>, UPLO: "L" | "U" = "L"): Tensor<Shape, D> => eigh(a, UPLO).eigenvalues;
