import { custom } from "../derivatives/custom.ts";
import { check } from "../graph/error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { DType, Shape } from "../types/index.ts";
import { factor, solveFactored, substitute } from "./lu.ts";
import { identity, sameBatch, squareOf, text } from "./matrix.ts";

/** Linear systems, inverses and determinants, for batches of matrices; sizes may be symbolic. */

const t = (a: Tensor): Tensor => a.transpose(-2, -1);

/** `A⁻¹·B`; derivative (Giles 2008, 2.2.3): of B, `G = A⁻ᵀ·g`; of A, `-G·Xᵀ`. */
const solveMatrices = custom({
  name: "solve",
  forward: (a: Tensor, b: Tensor) => solveFactored(factor(a), b),
  backward(g: Tensor, { operands: [a], results: x }) {
    const gb = solveFactored(factor(t(a)), g);
    return [gb.matmul(t(x)).neg(), gb];
  },
});

/**
 * The `X` with `A·X = B`, by LU with partial pivoting. A singular `A` gives infinities or NaN: nothing can be thrown while
 * a compiled program runs.
 *
 * - `a`: `[…, n, n]`; `b`: `[…, n, k]`, or vectors `[…, n]` where that is the batch of `a` and its size (or `[n]` alone).
 *
 * PyTorch: `torch.linalg.solve`.
 */
export function solve<D extends DType>(a: Tensor<Shape, D>, b: Tensor<Shape, D>): Tensor<Shape, D>;
export function solve(a: Tensor, b: Tensor): Tensor {
  const n = squareOf("solve", a);
  const isVector = b.rank === 1 || (b.rank === a.rank - 1 && b.shape.every((d, i) => d === a.shape[i]));
  const columns = isVector ? b.unsqueeze(-1) : b;
  check(columns.rank >= 2 && columns.shape[columns.rank - 2] === n, () => `solve of ${text(a)} and ${text(b)}: ${n} against ${columns.shape[columns.rank - 2] ?? "nothing"}`, "the right-hand side has as many rows as the matrix");
  const x = solveMatrices(...sameBatch("solve", a, columns));
  return isVector ? x.squeeze(-1) : x;
}

/** `A⁻¹`; derivative (Giles 2008, 2.2.3): `-A⁻ᵀ·g·A⁻ᵀ`. */
const inverse = custom({
  name: "inv",
  forward: (a: Tensor) => solveFactored(factor(a), identity(a.shape[a.rank - 1], a.dtype).expand(a.shape)),
  backward: (g: Tensor, { results: x }) => t(x).matmul(g).matmul(t(x)).neg(),
});

/** Inverse of square matrices `[…, n, n]`. Singular ones give infinities or NaN. PyTorch: `torch.linalg.inv`. */
export function inv<S extends Shape, D extends DType>(a: Tensor<S, D>): Tensor<S, D>;
export function inv(a: Tensor): Tensor {
  squareOf("inv", a);
  return inverse(a);
}

const diagonal = (a: Tensor): Tensor => a.diagonal(0, -2, -1);

/**
 * Determinant; derivative: `g·det(A)·A⁻ᵀ` (Giles 2008, 2.2.4). Where `A` is singular that is 0·∞: there the zeros on the
 * diagonal of `U` are moved by a rounding error, which is how PyTorch gets the matrix of cofactors too.
 */
const determinant = custom({
  name: "det",
  forward(a: Tensor) {
    const { lu, sign } = factor(a);
    return diagonal(lu).prod(-1).mul(sign);
  },
  backward(g: Tensor, { operands: [a] }) {
    const factored = factor(a), n = a.shape[a.rank - 1];
    const nudge = diagonal(factored.lu).abs().amax(-1, true).mul(a.dtype === "f64" ? Number.EPSILON : 2 ** -23).clampMin(a.dtype === "f64" ? 1e-300 : 1e-30).stopGradient();
    const isHole = identity(n, a.dtype).ne(0).logicalAnd(factored.lu.eq(0));
    const lu = isHole.where(nudge.unsqueeze(-1), factored.lu);
    const value = diagonal(lu).prod(-1).mul(factored.sign);
    const inverted = solveFactored({ ...factored, lu }, identity(n, a.dtype).expand(a.shape));
    return t(inverted).mul(g.mul(value).unsqueeze(-1).unsqueeze(-1));
  },
});

/** Determinants of square matrices: `[…, n, n]` to `[…]`. PyTorch: `torch.linalg.det`. */
export function det<D extends DType>(a: Tensor<Shape, D>): Tensor<Shape, D>;
export function det(a: Tensor): Tensor {
  const n = squareOf("det", a);
  return n === 0 ? a.sum([-2, -1]).add(1) : determinant(a);
}

/** Sign and logarithm of the magnitude; derivative of the latter: `g·A⁻ᵀ`. */
const signAndLog = custom({
  name: "slogdet",
  forward(a: Tensor): readonly [Tensor, Tensor] {
    const { lu, sign } = factor(a);
    return [diagonal(lu).sign().prod(-1).mul(sign), diagonal(lu).abs().log().sum(-1)];
  },
  backward: ([, g], { operands: [a] }) => t(solveFactored(factor(a), identity(a.shape[a.rank - 1], a.dtype).expand(a.shape))).mul(g.unsqueeze(-1).unsqueeze(-1)),
});

/**
 * The determinant as its sign and the logarithm of its magnitude, which does not overflow: `[…, n, n]` to two of `[…]`.
 * A singular matrix has sign 0 and logarithm -∞. PyTorch: `torch.linalg.slogdet`.
 */
export function slogdet<D extends DType>(a: Tensor<Shape, D>): { readonly sign: Tensor<Shape, D>; readonly logabsdet: Tensor<Shape, D> };
export function slogdet(a: Tensor): { readonly sign: Tensor; readonly logabsdet: Tensor } {
  squareOf("slogdet", a);
  const [sign, logabsdet] = signAndLog(a);
  return { sign, logabsdet };
}

/** Logarithm of the determinant; NaN where that is negative, -∞ where it is zero. PyTorch: `torch.logdet`. */
export function logdet<D extends DType>(a: Tensor<Shape, D>): Tensor<Shape, D>;
export function logdet(a: Tensor): Tensor {
  const { sign, logabsdet } = slogdet(a) as { sign: Tensor; logabsdet: Tensor };
  return sign.lt(0).where(NaN, logabsdet);
}

export interface TriangularOptions {
  /** Whether the upper triangle counts, or the lower one. */
  readonly upper: boolean;
  /** `A·X = B`, or with `false` `X·A = B`; true unless given. */
  readonly left?: boolean;
  /** Takes the diagonal for ones, without reading it. */
  readonly unitriangular?: boolean;
}

/** `T⁻¹·B`; derivative as of `solve`, the triangle of it that is read. */
const solveTriangle = (upper: boolean, unit: boolean) => custom({
  name: "solveTriangular",
  forward: (a: Tensor, b: Tensor) => substitute(a, b, { upper, unit }),
  backward(g: Tensor, { operands: [a], results: x }) {
    const gb = substitute(t(a), g, { upper: !upper, unit }), ga = gb.matmul(t(x)).neg(), offset = unit ? 1 : 0;
    return [upper ? ga.triu(offset) : ga.tril(-offset), gb];
  },
});

/**
 * The `X` with `A·X = B` for a triangular `A`, of which only one triangle is read. `a`: `[…, n, n]`; `b`: `[…, n, k]` (`[…, k, n]`
 * with `left: false`). PyTorch: `torch.linalg.solve_triangular`.
 */
export function solveTriangular<D extends DType>(a: Tensor<Shape, D>, b: Tensor<Shape, D>, options: TriangularOptions): Tensor<Shape, D>;
export function solveTriangular(a: Tensor, b: Tensor, { upper, left = true, unitriangular = false }: TriangularOptions): Tensor {
  const n = squareOf("solveTriangular", a), axis = b.rank - (left ? 2 : 1);
  check(b.rank >= 2 && b.shape[axis] === n, () => `solveTriangular of ${text(a)} and ${text(b)}: ${n} against ${b.shape[axis] ?? "nothing"}`, left ? "the right-hand side has as many rows as the matrix" : "the right-hand side has as many columns as the matrix has rows");
  const [matrix, columns] = sameBatch("solveTriangular", left ? a : t(a), left ? b : t(b));
  const x = solveTriangle(left ? upper : !upper, unitriangular)(matrix, columns);
  return left ? x : t(x);
}
