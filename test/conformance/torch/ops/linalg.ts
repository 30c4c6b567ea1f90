import { cdist, cosineSimilarity, linalg, pairwiseDistance, pdist, zeros, type Tensor } from "chainrule";
import type { Arguments } from "../arguments.ts";
import { row, type Row, type Table } from "../row.ts";

const inverse: Row = row("A", (a) => linalg.inv(a.tensor("A")));
const determinant: Row = row("A", (a) => linalg.det(a.tensor("A")));
const upper = (a: Arguments) => ({ upper: a.bool("upper", false) });

/** Small linear algebra, and distances. */
export const linearAlgebra: Table = {
  "torch.inverse": inverse,
  "torch.linalg.inv": inverse,
  "torch.det": determinant,
  "torch.linalg.det": determinant,
  logdet: row("A", (a) => linalg.logdet(a.tensor("A"))),
  "torch.linalg.slogdet": row("A", (a) => { const { sign, logabsdet } = linalg.slogdet(a.tensor("A")); return [sign, logabsdet]; }),
  "torch.linalg.cholesky": row("A upper", (a) => linalg.cholesky(a.tensor("A"), upper(a))),
  cholesky_solve: row("B L|input2 upper", (a) => linalg.choleskySolve(a.tensor("B"), a.tensor("L"), upper(a))),
  cholesky_inverse: row("L upper", (a) => linalg.choleskyInverse(a.tensor("L"), upper(a))),
  "torch.linalg.inv_ex": row("A", (a) => withInfo(linalg.inv(a.tensor("A")), 2)),
  "torch.linalg.cholesky_ex": row("A upper", (a) => withInfo(linalg.cholesky(a.tensor("A"), upper(a)), 2)),
  "torch.linalg.solve_ex": row("A B", (a) => withInfo(linalg.solve(a.tensor("A"), a.tensor("B")), a.tensor("B").rank === 1 ? 1 : 2)),
  "torch.linalg.solve": row("A B|other|b", (a) => linalg.solve(a.tensor("A"), a.tensor("B"))),
  "torch.linalg.solve_triangular": row("A B|other|b", (a) => linalg.solveTriangular(a.tensor("A"), a.tensor("B"), { upper: a.bool("upper", false), left: a.bool("left", true), unitriangular: a.bool("unitriangular", false) })),
  "torch.linalg.qr": row("A mode", (a) => { const { Q, R } = linalg.qr(a.tensor("A"), a.text("mode", "reduced") as "reduced"); return [Q, R]; }),
  "torch.linalg.svdvals": row("A", (a) => linalg.svdvals(a.tensor("A"))),
  "torch.linalg.eigvalsh": row("A UPLO", (a) => linalg.eigvalsh(a.tensor("A"), a.text("UPLO", "L") as "L")),
  "torch.linalg.pinv": row("A rcond", (a) => linalg.pinv(a.tensor("A"), tolerances(a, "rcond"))),
  pinverse: row("A rcond", (a) => linalg.pinv(a.tensor("A"), { rtol: a.number("rcond", 1e-15) })),
  "torch.linalg.matrix_rank": row("A tol", (a) => linalg.matrixRank(a.tensor("A"), a.has("tol") ? { atol: a.number("tol"), rtol: 0 } : tolerances(a, "rtol"))),
  "torch.linalg.matrix_power": row("A n", (a) => linalg.matrixPower(a.tensor("A"), a.number("n"))),
  matrix_power: row("A n", (a) => linalg.matrixPower(a.tensor("A"), a.number("n"))),
  "torch.linalg.matrix_exp": row("A", (a) => linalg.matrixExp(a.tensor("A"))),
  matrix_exp: row("A", (a) => linalg.matrixExp(a.tensor("A"))),
  "torch.linalg.cond": row("A p", (a) => linalg.cond(a.tensor("A"), a.has("p") ? orderOf(a, "p") : 2)),
  "torch.linalg.vander": row("x N", (a) => linalg.vander(a.tensor("x"), a.number("N", undefined))),
  "torch.linalg.lstsq": row("A B|other|b", (a) => linalg.lstsq(a.tensor("A"), a.tensor("B"))),
  "torch.linalg.lu": row("A", (a) => { const { P, L, U } = linalg.lu(a.tensor("A")); return [P, L, U]; }),
  "torch.linalg.eigh": row("A UPLO", (a) => { const { eigenvalues, eigenvectors } = linalg.eigh(a.tensor("A"), a.text("UPLO", "L") as "L"); return [eigenvalues, eigenvectors]; }),
  "torch.linalg.svd": row("A full_matrices", (a) => { const { U, S, Vh } = linalg.svd(a.tensor("A"), { fullMatrices: a.bool("full_matrices", true) }); return [U, S, Vh]; }),
  svd: row("A some", (a) => {
    const { U, S, Vh } = linalg.svd(a.tensor("A"), { fullMatrices: !a.bool("some", true) });
    return [U, S, Vh.mT()];
  }),
  triangular_solve: row("b A upper transpose unitriangular", (a) => {
    const isTransposed = a.bool("transpose", false), upper = a.bool("upper", true), matrix = a.tensor("A");
    return [linalg.solveTriangular(isTransposed ? matrix.mT() : matrix, a.tensor("b"), { upper: upper !== isTransposed, unitriangular: a.bool("unitriangular", false) }), matrix];
  }),
  frobenius_norm: row("A dim keepdim", (a) => a.tensor("A").norm("fro", a.axes("dim"), a.bool("keepdim", false))),
  nuclear_norm: row("A keepdim", (a) => linalg.matrixNorm(a.tensor("A"), "nuc", { keepdim: a.bool("keepdim", false) })),
  "torch.linalg.norm": row("A ord dim keepdim", (a) => norm(a)),
  "torch.linalg.vecdot": row("x y dim", (a) => a.tensor("x").mul(a.tensor("y")).sum(a.number("dim", -1))),
  "torch.linalg.diagonal": row("A offset dim1 dim2", (a) => a.tensor("A").diagonal(a.number("offset", 0), a.number("dim1", -2), a.number("dim2", -1))),
  "torch.linalg.tensorinv": row("A ind", (a) => linalg.tensorinv(a.tensor("A"), a.number("ind", 2))),
  "torch.linalg.tensorsolve": row("A B|other dims", (a) => linalg.tensorsolve(a.tensor("A"), a.tensor("B"), a.has("dims") ? a.numbers("dims") : [])),
  "torch.linalg.householder_product": row("A tau", (a) => linalg.householderProduct(a.tensor("A"), a.tensor("tau"))),
  vander: row("x N increasing", (a) => { const powers = linalg.vander(a.tensor("x"), a.number("N", undefined)); return a.bool("increasing", false) ? powers : powers.flip(-1); }),
  cdist: row("x1 x2 p compute_mode", (a) => cdist(a.tensor("x1"), a.tensor("x2"), a.number("p", 2))),
  pdist: row("input p", (a) => pdist(a.tensor("input"), a.number("p", 2))),
  cosine_similarity: row("x1 x2 dim eps", (a) => cosineSimilarity(a.tensor("x1"), a.tensor("x2"), { dim: a.number("dim", 1), eps: a.number("eps", 1e-8) })),
  pairwise_distance: row("x1 x2 p eps keepdim", (a) => pairwiseDistance(a.tensor("x1"), a.tensor("x2"), { p: a.number("p", 2), eps: a.number("eps", 1e-6), keepdim: a.bool("keepdim", false) })),
};

/** What counts as zero: an absolute and a relative bound. Symmetric matrices are decomposed as others are. */
const tolerances = (a: Arguments, relative: string) => {
  a.bool("hermitian", false);
  const rtol = a.has(relative) ? relative : "rtol";
  return { ...(a.has("atol") && { atol: a.number("atol") }), ...(a.has(rtol) && { rtol: a.number(rtol) }) };
};

/** A result and PyTorch's word on whether it was found: 0 for each matrix, as nothing here can go wrong and say so. */
const withInfo = (x: Tensor, dims: number): Tensor[] => [x, zeros(x.shape.slice(0, x.rank - dims), "i32")];

/** A norm of a vector or a matrix, of all elements where neither order nor axes are given. */
function norm(a: Arguments): Tensor {
  const x = a.tensor("A"), dim = a.axes("dim"), keepdim = a.bool("keepdim", false);
  if (!a.has("ord")) return x.norm(2, dim, keepdim);
  const isMatrix = Array.isArray(dim) ? dim.length === 2 : dim === undefined && x.rank === 2;
  return isMatrix ? linalg.matrixNorm(x, orderOf(a, "ord"), { dim: (dim ?? [-2, -1]) as [number, number], keepdim }) : x.vectorNorm(a.number("ord"), dim, keepdim);
}

const orderOf = (a: Arguments, name: string): number | "fro" | "nuc" => {
  const x = a.value(name);
  return typeof x === "number" ? x : (a.text(name) as "fro" | "nuc");
};
