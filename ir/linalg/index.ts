/**
 * Linear algebra: `linalg.solve(a, b)`. Matrices are the last two axes, all before them are batches. As nothing can be
 * thrown while a compiled program runs, what has no answer (the inverse of a singular matrix) is NaN or infinite.
 * PyTorch: `torch.linalg`.
 */
export { det, inv, logdet, slogdet, solve, solveTriangular, type TriangularOptions } from "./solve.ts";
export { cholesky, choleskyInverse, choleskySolve } from "./cholesky.ts";
export { lu, luFactor, luSolve, type Factors, type LU } from "./factors.ts";
export { qr } from "./qr.ts";
export { eigh, eigvalsh, svd, svdvals } from "./svd.ts";
export { cond, lstsq, matrixExp, matrixNorm, matrixPower, matrixRank, pinv, trace, vander, type Tolerance } from "./functions.ts";
export { householderProduct, tensorinv, tensorsolve } from "./tensors.ts";
export { multiDot } from "../tensor/products.ts";
