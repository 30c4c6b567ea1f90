import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cdist, cosineSimilarity, defineModel, f32, f64, grad, linalg, pairwiseDistance, pdist, type Tensor } from "chainrule";
import type { NdArray } from "../../../ir/ops/index.ts";
import { checkFunction, sample } from "../layers.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

/** A well-conditioned matrix of any. */
const good = (a: Tensor): Tensor => a.add(tensorOfTwos(a));
const tensorOfTwos = (a: Tensor): Tensor => a.mul(0).add(2).tril().triu();
/** A positive definite one. */
const definite = (a: Tensor): Tensor => a.matmul(a.transpose(-2, -1)).add(tensorOfTwos(a));
const symmetric = (a: Tensor): Tensor => a.add(a.transpose(-2, -1));

describe("derivatives of first and second order, both modes, by finite differences", () => {
  test("solve", () => checkFunction([[3, 3], [3, 2]], (a, b) => linalg.solve(good(a), b)));
  test("inv", () => checkFunction([[2, 2, 2]], (a) => linalg.inv(good(a))));
  test("det", () => checkFunction([[3, 3]], (a) => linalg.det(a), { tolerance: 1e-5 }));
  test("slogdet", () => checkFunction([[3, 3]], (a) => linalg.slogdet(good(a)).logabsdet));
  test("solveTriangular", () => {
    checkFunction([[3, 3], [3, 2]], (a, b) => linalg.solveTriangular(good(a), b, { upper: true }));
    checkFunction([[2, 2], [1, 2]], (a, b) => linalg.solveTriangular(good(a), b, { upper: false, left: false, unitriangular: true }));
  });
  test("cholesky", () => checkFunction([[3, 3]], (a) => linalg.cholesky(definite(a))));
  test("choleskySolve", () => checkFunction([[2, 2], [2, 1]], (a, b) => linalg.choleskySolve(b, good(a).tril())));
  test("lu", () => checkFunction([[3, 3]], (a) => { const { L, U } = linalg.lu(good(a)); return [L, U]; }));
  test("qr", () => checkFunction([[3, 2]], (a) => { const { Q, R } = linalg.qr(a); return [Q, R]; }, { tolerance: 1e-5 }));
  test("svd: the values, and U and V up to their signs", () => {
    checkFunction([[3, 2]], (a) => linalg.svdvals(a), { tolerance: 1e-5 });
    checkFunction([[2, 3]], (a) => { const { U, S, Vh } = linalg.svd(a); return [U.square(), U.mul(S.unsqueeze(-2)).matmul(Vh.mul(2)), Vh.square()]; }, { tolerance: 1e-4 });
  });
  test("eigh: the values, and the vectors up to their signs", () => checkFunction([[3, 3]], (a) => {
    const { eigenvalues, eigenvectors } = linalg.eigh(symmetric(a));
    return [eigenvalues, eigenvectors.square()];
  }, { tolerance: 1e-4 }));
  test("pinv, matrixExp, matrixPower", () => {
    checkFunction([[3, 2]], (a) => linalg.pinv(a), { tolerance: 1e-4 });
    checkFunction([[2, 2]], (a) => linalg.matrixExp(a), { tolerance: 1e-5 });
    checkFunction([[2, 2]], (a) => linalg.matrixPower(a, 3));
  });
  test("of equal singular values, where the vectors are not defined", () => {
    const equal = { dtype: "f64" as const, shape: [3, 3], data: Float64Array.from([2, 0, 0, 0, 2, 0, 0, 0, 2]) };
    checkFirstOrder(equal, (a) => [linalg.pinv(a), linalg.svdvals(a).square().sum(), linalg.eigvalsh(a).exp().sum()]);
  });
  test("distances", () => {
    checkFunction([[3, 2], [2, 2]], (a, b) => cdist(a, b));
    checkFunction([[3, 2]], (a) => pdist(a, 3));
    checkFunction([[2, 3], [2, 3]], (a, b) => [cosineSimilarity(a, b), pairwiseDistance(a, b)]);
  });
});

/** Holds gradients of the sums of functions at a symmetric matrix, where there may be no second derivatives. */
function checkFirstOrder(at: NdArray, f: (a: Tensor) => readonly Tensor[]): void {
  const s = new Session(defineModel("m", (m) => { m.fn("f", { a: f64(3, 3) }, ({ a }) => Object.fromEntries(f(symmetric(a as Tensor).mul(0.5)).flatMap((y, i) => [[`y${i}`, y.sum()], [`g${i}`, grad(y.sum(), [a])[0]]]))); }));
  const values = (by: number, i: number) => s.numbers("f", { a: { ...at, data: at.data.map((x, k) => x + (k === i ? by : 0)) } });
  const g = values(0, 0);
  for (let i = 0; i < 9; i++) {
    const above = values(1e-5, i), below = values(-1e-5, i);
    for (let k = 0; `y${k}` in g; k++) expect(g[`g${k}`][i]).toBeCloseTo((above[`y${k}`][0] - below[`y${k}`][0]) / 2e-5, 6);
  }
}

/** Runs a function of one matrix in the interpreter. */
function run(shape: readonly [number, number], f: (a: Tensor) => Record<string, Tensor>) {
  const s = new Session(defineModel("m", (m) => { m.fn("f", { a: f64(...shape) }, ({ a }) => f(a as Tensor)); }));
  return (data: readonly number[]) => s.numbers("f", { a: { dtype: "f64", shape: [...shape], data: Float64Array.from(data) } });
}
const identityOf = (n: number): number[] => Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
const expectAll = (got: readonly number[], want: readonly number[], tolerance: number): void => {
  for (const [i, x] of got.entries()) if (!(Math.abs(x - want[i]) <= tolerance)) expect.fail(`element ${i} is ${x}, not ${want[i]}`);
};

describe("what decompositions are defined by, for any matrix", () => {
  const sizes: [number, number][] = [[1, 1], [4, 4], [5, 3], [2, 5]];
  test.each(sizes)("svd and qr of %d x %d: orthonormal factors, values in order, and the product is the matrix", (m, n) => {
    const k = Math.min(m, n);
    const call = run([m, n], (a) => {
      const { U, S, Vh } = linalg.svd(a), { Q, R } = linalg.qr(a);
      return { product: U.mul(S.unsqueeze(-2)).matmul(Vh), uu: U.t().matmul(U), vv: Vh.matmul(Vh.t()), s: S, qr: Q.matmul(R), qq: Q.t().matmul(Q), below: R.tril(-1) };
    });
    // rows and columns of zeros and repeated ones make the rank fall
    const entry = fc.oneof(fc.constantFrom(0, 1, -1, 2), fc.double({ min: -3, max: 3, noNaN: true }));
    fc.assert(fc.property(fc.array(entry, { minLength: m * n, maxLength: m * n }), (data) => {
      const y = call(data);
      expectAll(y.product, data, 1e-12);
      expectAll(y.qr, data, 1e-12);
      for (const g of [y.uu, y.vv, y.qq]) expectAll(g, identityOf(k), 1e-12);
      for (const [i, s] of y.s.entries()) expect(s).toBeLessThanOrEqual(i === 0 ? Infinity : y.s[i - 1] + 1e-13);
      expectAll(y.below, y.below.map(() => 0), 0);
    }), { numRuns: 30 });
  });
  test("lu, eigh, solve", () => {
    const call = run([4, 4], (a) => {
      const { P, L, U } = linalg.lu(a), { eigenvalues, eigenvectors: v } = linalg.eigh(a), lower = a.tril().add(a.tril(-1).t());
      return { plu: P.matmul(L).matmul(U), vv: v.t().matmul(v), residual: lower.matmul(v).sub(v.mul(eigenvalues.unsqueeze(-2))), values: eigenvalues, solved: a.matmul(linalg.solve(a, a)), det: linalg.det(a), factored: a.matmul(linalg.luSolve(linalg.luFactor(a), a)) };
    });
    const entry = fc.oneof(fc.constantFrom(0, 1, -1), fc.double({ min: -3, max: 3, noNaN: true }));
    fc.assert(fc.property(fc.array(entry, { minLength: 16, maxLength: 16 }), (a) => {
      const y = call(a);
      expectAll(y.plu, a, 1e-13);
      expectAll(y.vv, identityOf(4), 1e-12);
      expectAll(y.residual, y.residual.map(() => 0), 1e-11);
      expect([...y.values].sort((p, q) => p - q)).toEqual(y.values);
      if (Math.abs(y.det[0]) > 1e-2) for (const solved of [y.solved, y.factored]) expectAll(solved, a, 1e-8);
    }), { numRuns: 40 });
  });
});

test("batches and symbols: as many matrices of any size as come, singular ones among them", () => {
  const s = new Session(defineModel("m", (m) => { m.fn("f", { a: f64("B", "N", "N") }, ({ a }) => ({ det: linalg.det(a), inv: linalg.inv(a) })); }));
  const { det, inv } = s.numbers("f", { a: [[[0, 2], [1, 0]], [[1, 2], [2, 4]]] });
  expect(det.map((x) => x + 0)).toEqual([-2, 0]);
  expect(inv.slice(0, 4)).toEqual([0, 1, 0.5, 0]);
  expect(inv.slice(4).some(Number.isFinite)).toBe(false);
  expect(s.numbers("f", { a: [[[5]]] })).toEqual({ det: [5], inv: [0.2] });
});

test("NaN in, NaN out, and no loop without an end", () => {
  const data = [1, NaN, 2, 3];
  const y = run([2, 2], (a) => ({ det: linalg.det(a), s: linalg.svdvals(a), e: linalg.eigvalsh(a.add(a.t())), c: linalg.cholesky(a), x: linalg.matrixExp(a) }))(data);
  for (const name of ["det", "s", "e", "x"] as const) expect(y[name].some(Number.isNaN), name).toBe(true);
});

test("a matrix that is not positive definite has no Cholesky factor: NaN", () => {
  expect(run([2, 2], (a) => ({ l: linalg.cholesky(a) }))([1, 2, 2, 1]).l[3]).toBeNaN();
});

test("eigenvalues of a matrix of 24 to full precision", () => {
  const n = 24, a = sample([n, n], 5).data;
  const y = run([n, n], (x) => { const { eigenvalues, eigenvectors: v } = linalg.eigh(symmetric(x)); return { r: symmetric(x).matmul(v).sub(v.mul(eigenvalues.unsqueeze(-2))), s: linalg.svdvals(x), t: symmetric(x).diagonal().sum().sub(eigenvalues.sum()) }; })([...a]);
  expectAll(y.r, y.r.map(() => 0), 1e-12);
  expect(y.t[0]).toBeCloseTo(0, 11);
  expect(Math.hypot(...y.s)).toBeCloseTo(Math.hypot(...a), 12);
}, 60_000);

test("mistakes name the shapes", () => {
  const of = (body: (x: Tensor, y: Tensor) => unknown) => mistake(() => defineModel("m", (m) => { m.fn("f", { x: f32("B", 3, 4), y: f32(3, 2) }, ({ x, y }) => { body(x as Tensor, y as Tensor); return { x }; }); }));
  expect(of((x) => linalg.inv(x))).toMatch(/inv of f32\[B,3,4\]: 3 rows against 4 columns\n {2}it takes square matrices/);
  expect(of((x, y) => linalg.solve(x.narrow(2, 0, 3), y.narrow(0, 0, 2)))).toMatch(/solve of f32\[B,3,3\] and f32\[2,2\]: 3 against 2/);
  expect(of((x) => linalg.svd(x.transpose(0, 2)))).toMatch(/svd of f32\[4,3,B\]\n {2}the sizes of the matrix must be numbers/);
  expect(of((x, y) => linalg.solveTriangular(x.narrow(2, 0, 3), y.double(), { upper: true }))).toMatch(/the dtypes differ/);
  expect(of((_, y) => linalg.det(y.int()))).toMatch(/det of i32\[3,2\]/);
  expect(of((x, y) => cdist(x, y))).toMatch(/cdist of f32\[B,3,4\] and f32\[3,2\]/);
});
