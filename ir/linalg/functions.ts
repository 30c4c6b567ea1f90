import { custom } from "../derivatives/custom.ts";
import { check } from "../graph/error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { DType, Shape } from "../types/index.ts";
import { identity, isEmpty, matrixOf, sameBatch, sizesOf, squareOf, text } from "./matrix.ts";
import { inv, solve } from "./solve.ts";
import { svd, svdvals } from "./svd.ts";

/** Functions of matrices that are made of products, inverses and singular values. */

const t = (a: Tensor): Tensor => a.transpose(-2, -1);

/** `A` to a whole power, by repeated squaring; of the inverse where that is negative. PyTorch: `torch.linalg.matrix_power`. */
export function matrixPower<S extends Shape, D extends DType>(a: Tensor<S, D>, n: number): Tensor<S, D>;
export function matrixPower(a: Tensor, n: number): Tensor {
  const size = squareOf("matrixPower", a);
  check(Number.isInteger(n), () => `matrixPower of ${text(a)}: the power is ${n}`, "give a whole number");
  if (n < 0) return matrixPower(inv(a), -n);
  if (n === 0) return identity(size, a.dtype).expand(a.shape);
  const half = n > 1 ? matrixPower(a, Math.floor(n / 2)) : undefined;
  if (!half) return a;
  const squared = half.matmul(half);
  return n % 2 === 0 ? squared : squared.matmul(a);
}

/** Coefficients of Padé's approximation of e^x of order 13 (Higham 2005, table 2.3 with eq. 2.2). */
const pade = [64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1];
/** The norm up to which that is exact in f64, and how many squarings are prepared for: norms up to 5.37·2^20. */
const exactUpTo = 5.371920351148152, squarings = 20;

/**
 * `e^A` of square matrices: scaling and squaring with Padé's approximation (Higham 2005). Norms (of columns) above 5.6
 * million give NaN. PyTorch: `torch.linalg.matrix_exp`.
 */
export function matrixExp<S extends Shape, D extends DType>(a: Tensor<S, D>): Tensor<S, D>;
export function matrixExp(a: Tensor): Tensor {
  const one = identity(squareOf("matrixExp", a), a.dtype);
  const norm = a.stopGradient().abs().sum(-2, true).amax(-1, true);
  const times = norm.div(exactUpTo).log2().ceil().clampMin(0); // how often to halve
  const x = a.mul(times.neg().exp2()), x2 = x.matmul(x), x4 = x2.matmul(x2), x6 = x4.matmul(x2);
  const sum = (...terms: readonly (readonly [number, Tensor])[]): Tensor => terms.map(([k, m]) => m.mul(k)).reduce((p, q) => p.add(q));
  const b = pade;
  const odd = x.matmul(x6.matmul(sum([b[13], x6], [b[11], x4], [b[9], x2])).add(sum([b[7], x6], [b[5], x4], [b[3], x2], [b[1], one])));
  const even = x6.matmul(sum([b[12], x6], [b[10], x4], [b[8], x2])).add(sum([b[6], x6], [b[4], x4], [b[2], x2], [b[0], one]));
  let y: Tensor = solve(even.sub(odd), even.add(odd));
  for (let i = 0; i < squarings; i++) y = times.gt(i).where(y.matmul(y), y);
  return times.gt(squarings).logicalOr(norm.isNan()).where(NaN, y);
}

/** Up to what singular values count as zero. */
export interface Tolerance {
  /** Of the value; 0 unless given. */
  readonly atol?: number;
  /** Of the largest value: max(m, n) rounding errors unless given, and nothing where `atol` alone is. */
  readonly rtol?: number;
}

/** Up to what each matrix's singular values `s`, `[…, k]`, count as zero: `[…, 1]`. */
function threshold(a: Tensor, s: Tensor, { atol = 0, rtol }: Tolerance): Tensor {
  const [m, n] = a.shape.slice(-2) as number[];
  const part = rtol ?? (atol > 0 ? 0 : Math.max(m, n) * (a.dtype === "f64" ? 2 ** -52 : 2 ** -23));
  return s.amax(-1, true).mul(part).maximum(atol);
}

/**
 * Moore and Penrose's inverse. Derivative (Golub & Pereyra 1973, 4.12), with `P = A⁺`, as long as the rank stays:
 * `-Pᵀ·g·Pᵀ + (I - A·P)·gᵀ·P·Pᵀ + Pᵀ·P·gᵀ·(I - P·A)`.
 */
const pseudoinverse = (tolerance: Tolerance) => custom({
  name: "pinv",
  forward(a: Tensor) {
    if (isEmpty(a)) return t(a);
    const { U, S, Vh } = svd(a) as { U: Tensor; S: Tensor; Vh: Tensor };
    const isZero = S.le(threshold(a, S, tolerance));
    return t(Vh).mul(isZero.where(0, isZero.where(1, S).reciprocal()).unsqueeze(-2)).matmul(t(U));
  },
  backward(g: Tensor, { operands: [a], results: p }) {
    const inside = t(p).matmul(g).matmul(t(p)), left = t(g).matmul(p).matmul(t(p)), right = t(p).matmul(p).matmul(t(g));
    return left.sub(a.matmul(p.matmul(left))).add(right.sub(right.matmul(p).matmul(a))).sub(inside);
  },
});

/**
 * Moore and Penrose's inverse `V·S⁻¹·Uᵀ`: `[…, m, n]` to `[…, n, m]`. Singular values up to {@link Tolerance} count as zero.
 * PyTorch: `torch.linalg.pinv`.
 */
export function pinv<D extends DType>(a: Tensor<Shape, D>, options?: Tolerance): Tensor<Shape, D>;
export function pinv(a: Tensor, options: Tolerance = {}): Tensor {
  sizesOf("pinv", a);
  return pseudoinverse(options)(a);
}

/** How many singular values are above {@link Tolerance}: i32, `[…]`. PyTorch: `torch.linalg.matrix_rank`. */
export function matrixRank(a: Tensor, options: Tolerance = {}): Tensor<Shape, "i32"> {
  const s: Tensor = svdvals(a);
  if (isEmpty(a)) return s.zerosLike("i32").sum(-1) as Tensor<Shape, "i32">;
  return s.gt(threshold(a, s, options)).sum(-1) as Tensor<Shape, "i32">;
}

/**
 * The `X` that makes `|A·X - B|` smallest, and of those the smallest: `pinv(A)·B`. `a`: `[…, m, n]`, `b`: `[…, m, k]`.
 * PyTorch: `torch.linalg.lstsq(…).solution`.
 */
export function lstsq<D extends DType>(a: Tensor<Shape, D>, b: Tensor<Shape, D>): Tensor<Shape, D>;
export function lstsq(a: Tensor, b: Tensor): Tensor {
  const [rows] = matrixOf("lstsq", a);
  check(b.rank >= 2 && b.shape[b.rank - 2] === rows, () => `lstsq of ${text(a)} and ${text(b)}: ${rows} against ${b.shape[b.rank - 2] ?? "nothing"}`, "the right-hand side has as many rows as the matrix");
  const [matrix, right] = sameBatch("lstsq", a, b);
  return pinv(matrix).matmul(right);
}

type MatrixOrder = number | "fro" | "nuc";

/**
 * Norm of matrices `[…, m, n]`: `"fro"`, sums of columns (1, -1) or rows (±Infinity), the largest (2) or smallest (-2) singular
 * value, or the sum of these (`"nuc"`). PyTorch: `torch.linalg.matrix_norm`.
 */
export function matrixNorm<D extends DType>(a: Tensor<Shape, D>, ord?: MatrixOrder, options?: { readonly dim?: readonly [number, number]; readonly keepdim?: boolean }): Tensor<Shape, D>;
export function matrixNorm(a: Tensor, ord: MatrixOrder = "fro", { dim = [-2, -1], keepdim = false }: { readonly dim?: readonly [number, number]; readonly keepdim?: boolean } = {}): Tensor {
  if (ord !== "nuc" && Math.abs(Number(ord)) !== 2) return a.matrixNorm(ord, dim, keepdim);
  const s: Tensor = svdvals(a.movedim(dim, [-2, -1]));
  const norm = ord === "nuc" ? s.sum(-1) : Number(ord) > 0 ? s.amax(-1) : s.amin(-1);
  if (!keepdim) return norm;
  const axes = dim.map((d) => (d < 0 ? d + a.rank : d)).sort((x, y) => x - y);
  return axes.reduce((x, axis) => x.unsqueeze(axis), norm);
}

/** `|A|·|A⁻¹|` in a norm; 2 unless given, the ratio of the largest singular value to the smallest. PyTorch: `torch.linalg.cond`. */
export function cond<D extends DType>(a: Tensor<Shape, D>, p?: MatrixOrder): Tensor<Shape, D>;
export function cond(a: Tensor, p: MatrixOrder = 2): Tensor {
  if (Math.abs(Number(p)) === 2) {
    const s: Tensor = svdvals(a), ratio = s.amax(-1).div(s.amin(-1));
    return Number(p) > 0 ? ratio : ratio.reciprocal();
  }
  squareOf("cond", a);
  return matrixNorm(a, p).mul(matrixNorm(inv(a), p));
}

/**
 * Powers of each element in a row: `x^0, x^1, …`, `[…]` to `[…, N]`; as many as the last axis is long unless given.
 * PyTorch: `torch.linalg.vander` (and `torch.vander` with `increasing=True`).
 */
export function vander<D extends DType>(x: Tensor<Shape, D>, N?: number): Tensor<Shape, D>;
export function vander(x: Tensor, N?: number): Tensor {
  const count = N ?? x.shape[x.rank - 1];
  check(typeof count === "number" && x.rank >= 1, () => `vander of ${text(x)}`, "say how many powers");
  const ones = x.onesLike().unsqueeze(-1);
  if (count <= 1) return ones.narrow(-1, 0, count);
  return x.unsqueeze(-1).expand([...x.shape, count - 1]).cumprod(-1).convert(x.dtype).pad([1, 0], { value: 1 });
}

/** The sum of the diagonal: `[…, n, n]` to `[…]`. PyTorch: `torch.trace`, of batches too. */
export function trace<D extends DType>(a: Tensor<Shape, D>): Tensor<Shape, D>;
export function trace(a: Tensor): Tensor { return a.diagonal(0, -2, -1).sum(-1); }
