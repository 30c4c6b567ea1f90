import { eye, linalg as l, type Tensor } from "chainrule";
import { at, within, type Table } from "./check.ts";

/** `linalg`. */

/** Well-conditioned, whatever is drawn. */
const good = (a: Tensor): Tensor => a.add(eye(a.shape[a.rank - 1] as number, a.shape[a.rank - 1] as number, "f64").mul(3) as Tensor);
const definite = (a: Tensor): Tensor => good(a.matmul(a.mT()));
const symmetric = (a: Tensor): Tensor => a.add(a.mT());

export const linalg: Table = {
  solve: at([[3, 3], [3, 2]], (a, b) => l.solve(good(a), b)),
  inv: at([[2, 3, 3]], (a) => l.inv(good(a))),
  det: at([[3, 3]], (a) => l.det(a)),
  slogdet: at([[3, 3]], (a) => l.slogdet(good(a)).logabsdet),
  logdet: at([[3, 3]], (a) => l.logdet(definite(a))),
  solveTriangular: [
    at([[3, 3], [3, 2]], (a, b) => l.solveTriangular(good(a), b, { upper: true })),
    at([[2, 2], [1, 2]], (a, b) => l.solveTriangular(good(a), b, { upper: false, left: false, unitriangular: true })),
  ],
  cholesky: [at([[3, 3]], (a) => l.cholesky(definite(a))), at([[2, 2, 2]], (a) => l.cholesky(definite(a), { upper: true }))],
  choleskySolve: at([[3, 3], [3, 2]], (a, b) => l.choleskySolve(b, good(a).tril())),
  choleskyInverse: at([[3, 3]], (a) => l.choleskyInverse(good(a).tril())),
  lu: at([[3, 3]], (a) => { const { L, U } = l.lu(good(a)); return [L, U]; }),
  luFactor: at([[3, 3]], (a) => l.luFactor(good(a)).LU),
  luSolve: at([[3, 3], [3, 2]], (a, b) => l.luSolve(l.luFactor(good(a)), b)),
  qr: [at([[4, 2]], (a) => { const { Q, R } = l.qr(a); return [Q, R]; }), at([[3, 3]], (a) => { const { Q, R } = l.qr(a, "complete"); return [Q, R]; })],
  eigh: at([[3, 3]], (a) => { const { eigenvalues, eigenvectors } = l.eigh(symmetric(a)); return [eigenvalues, eigenvectors.square()]; }),
  eigvalsh: at([[3, 3]], (a) => l.eigvalsh(symmetric(a))),
  svd: at([[2, 3]], (a) => { const { U, S, Vh } = l.svd(a); return [U.square(), S, Vh.square()]; }),
  svdvals: at([[3, 2]], (a) => l.svdvals(a)),
  pinv: at([[3, 2]], (a) => l.pinv(a)),
  lstsq: at([[4, 2], [4, 1]], (a, b) => l.lstsq(a, b)),
  cond: [at([[3, 3]], (a) => l.cond(good(a))), at([[3, 3]], (a) => l.cond(good(a), "fro"))],
  matrixNorm: [at([[2, 3]], (a) => l.matrixNorm(a)), at([[2, 3]], (a) => l.matrixNorm(a, 1)), at([[2, 3]], (a) => l.matrixNorm(a, "nuc")), at([[2, 3]], (a) => l.matrixNorm(a, 2))],
  matrixExp: at([[3, 3]], (a) => l.matrixExp(a)),
  matrixPower: [at([[2, 2]], (a) => l.matrixPower(a, 3)), at([[2, 2]], (a) => l.matrixPower(good(a), -2))],
  matrixRank: "gives an integer",
  multiDot: at([[2, 3], [3, 4], [4, 2]], (a, b, c) => l.multiDot([a, b, c])),
  vander: at([[3]], (x) => l.vander(x, 4)),
  trace: at([[3, 3]], (a) => l.trace(a)),
  tensorinv: at([[4, 4]], (a) => l.tensorinv(good(a).reshape([2, 2, 4]))),
  tensorsolve: at([[4, 4], [2, 2]], (a, b) => l.tensorsolve(good(a).reshape([2, 2, 4]), b)),
  householderProduct: at([[3, 2], within(0.3, 0.9, [2])], (a, tau) => l.householderProduct(a, tau)),
};
