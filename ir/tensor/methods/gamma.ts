import { check } from "../../graph/error.ts";
import type { DType, Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { describe, select, toFloat } from "../lift.ts";
import { polynomial } from "../series.ts";
import type { ToFloat } from "../types/dtype.ts";

/**
 * The gamma function's family, element by element. Each is one formula for large operands, to which the smaller ones
 * are shifted, and a reflection for the negative ones; the chain rule differentiates through them.
 */
type Floated<S extends Shape, D extends DType> = Tensor<S, ToFloat<D>>;

/** B₂, B₄, …: Bernoulli's numbers, for Euler's and Maclaurin's sum of what is left of a series. */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330];
/** From here on the first terms of an asymptotic series are as good as double precision. */
const far = 10;

/** x less the whole number next to it, in [-1/2, 1/2]: what `sin πx` and `tan πx` are computed of, exactly 0 at a pole. */
const fromWhole = (x: Tensor): Tensor => x.sub(x.round());

/**
 * `log |Γ(x)|`, the logarithm of the gamma function's magnitude: ∞ at 0 and the negative whole numbers. On [2, 3] by
 * Cephes' rational function (Moshier 1992), to which operands below 13 are moved by `Γ(x+1) = xΓ(x)`; beyond, Stirling's
 * series; reflected below 0. The derivative is `digamma`. PyTorch: `torch.lgamma`.
 */
export function lgamma<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function lgamma(this: Tensor): Tensor {
  const x = toFloat(this), isNegative = x.lt(0);
  const y = select(isNegative, x.neg().add(1), x), isLarge = y.ge(13);
  const magnitude = select(isLarge, stirling(select(isLarge, y, 13)), nearTwo(select(isLarge, 2.5, y)));
  const angle = select(isNegative, fromWhole(x), 0.5).mul(Math.PI);
  const reflected = angle.sin().abs().log().neg().add(Math.log(Math.PI)).sub(magnitude);
  return select(x.eq(-Infinity).logicalOr(x.eq(0)), Infinity, select(isNegative, reflected, magnitude));
}

function stirling(x: Tensor): Tensor {
  const inverse = x.reciprocal(), z = inverse.square();
  const series = polynomial(z, [1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12]).mul(inverse);
  return x.sub(0.5).mul(x.log().sub(1)).add(Math.log(2 * Math.PI) / 2 - 0.5).add(series);
}

/** Of 0 < x < 13, moved to [2, 3). */
function nearTwo(x: Tensor): Tensor {
  let u = x, factor: Tensor | undefined;
  const multiply = (by: Tensor): void => { factor = factor ? factor.mul(by) : by; };
  for (let i = 0; i < 2; i++) {
    const isBelow = u.lt(2);
    multiply(select(isBelow, u, 1).reciprocal());
    u = u.add(isBelow);
  }
  for (let i = 0; i < 10; i++) {
    const isAbove = u.ge(3);
    u = u.sub(isAbove);
    multiply(select(isAbove, u, 1));
  }
  const t = u.sub(2);
  const p = polynomial(t, [-1378.25152569120859, -38801.6315134637841, -331612.992738871185, -1162370.97492762307, -1721737.00820839662, -853555.664245765466]);
  const q = polynomial(t, [1, -351.815701436523471, -17064.2106651881159, -220528.590553854454, -1139334.44367982507, -2532523.07177582951, -2018891.41433532773]);
  return factor!.log().add(t.mul(p).div(q));
}

/**
 * Derivative of `lgamma`, `ψ(x) = Γ'(x) / Γ(x)`: -∞ at 0, NaN at the negative whole numbers. By its asymptotic series,
 * shifted by `ψ(x+1) = ψ(x) + 1/x`; reflected below 0. PyTorch: `torch.digamma`, `torch.special.psi`.
 */
export function digamma<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function digamma(this: Tensor): Tensor {
  const x = toFloat(this), isNegative = x.lt(0);
  const y = select(isNegative, x.neg().add(1), x), isLarge = y.ge(far);
  const small = select(isLarge, 1, y), a = select(isLarge, y, y.add(far));
  const shift = sum(far, (i) => (i === 0 ? small : small.add(i)).reciprocal()); // -0 + 0 would be 0
  const inverse = a.reciprocal(), z = inverse.square();
  const series = polynomial(z, bernoulli.slice(0, 8).map((b, i) => -b / (2 * i + 2)).reverse()).mul(z);
  const psi = a.log().sub(inverse.mul(0.5)).add(series).sub(select(isLarge, 0, shift));
  const angle = select(isNegative, fromWhole(x), 0.25).mul(Math.PI), isPole = angle.eq(0).logicalOr(x.eq(-Infinity));
  const reflected = select(isPole, NaN, psi.sub(select(isPole, 1, angle).tan().reciprocal().mul(Math.PI)));
  return select(isNegative, reflected, psi);
}

const sum = (n: number, term: (i: number) => Tensor): Tensor =>
  Array.from({ length: n }, (_, i) => i).slice(1).reduce((total, i) => total.add(term(i)), term(0));

/**
 * The `n`-th derivative of `digamma`, `(-1)^(n+1) n! ζ(n+1, x)`; `polygamma(0)` is `digamma`. Infinite at 0 and the
 * negative whole numbers. `n` is a whole number from 0 on. PyTorch: `torch.polygamma(n, x)`.
 */
export function polygamma<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function polygamma(this: Tensor, n: number): Tensor {
  check(Number.isInteger(n) && n >= 0, () => `polygamma of ${describe(this)}: n is ${n}; it must be a whole number from 0 on`);
  if (n === 0) return this.digamma();
  const x = toFloat(this), isNegative = x.lt(0), y = select(isNegative, x.neg().add(1), x);
  const factorial = Array.from({ length: n }, (_, i) => i + 1).reduce((a, b) => a * b, 1), sign = n % 2 === 0 ? -1 : 1;
  const direct = hurwitz(n + 1, y).mul(sign * factorial);
  // ψₙ(1-x)(-1)ⁿ - ψₙ(x) = π dⁿ/dxⁿ cot πx, a polynomial in the cotangent
  const cotangent = select(isNegative, fromWhole(x), 0.25).mul(Math.PI).tan().reciprocal();
  const reflected = direct.mul(n % 2 === 0 ? 1 : -1).sub(polynomial(cotangent, cotangentDerivative(n)).mul(Math.PI));
  return select(isNegative, reflected, direct);
}

/** The n-th derivative of cot(πx) as a polynomial in c = cot(πx), the highest power first: c' = -π (1 + c²). */
function cotangentDerivative(n: number): number[] {
  let p = [0, 1]; // the lowest power first
  for (let i = 0; i < n; i++) {
    const slope = p.slice(1).map((a, k) => a * (k + 1));
    p = Array.from({ length: slope.length + 2 }, (_, k) => -Math.PI * ((slope[k] ?? 0) + (slope[k - 2] ?? 0)));
  }
  return p.reverse();
}

/** `Σ (q + i)^-s` over i ≥ 0, for q > 0: the first terms, and Euler's and Maclaurin's formula for the rest. */
function hurwitz(s: Tensor | number, q: Tensor): Tensor {
  const power = (x: Tensor, by: Tensor | number): Tensor => x.pow(typeof by === "number" ? -by : by.neg());
  const a = q.add(far), less = typeof s === "number" ? s - 1 : s.sub(1);
  const first = sum(far, (i) => power(q.add(i), s));
  // s (s+1) … (s+2k-2) B₂ₖ / (2k)! a^-(s+2k-1)
  let rising: Tensor | number = s, tail: Tensor = power(a, s).mul(0.5).add(power(a, less).div(less)), factorial = 2;
  for (const [i, b] of bernoulli.entries()) {
    const k = 2 * i + 1;
    tail = tail.add(power(a, typeof s === "number" ? s + k : s.add(k)).mul(rising).mul(b / factorial));
    rising = typeof s === "number" ? (rising as number) * (s + k) * (s + k + 1) : s.add(k).mul(s.add(k + 1)).mul(rising);
    factorial *= (k + 2) * (k + 3);
  }
  return first.add(tail);
}

/**
 * Hurwitz's zeta function `Σ (q + i)^-x` over i ≥ 0, of exponents x > 1 and q > 0: ∞ at x = 1 and q = 0, NaN where
 * either is below. PyTorch: `torch.special.zeta(x, q)`, which for q < 0 takes whole x too.
 */
export function zeta<S extends Shape, D extends DType>(this: Tensor<S, D>, q: Tensor | number): Tensor<Shape, ToFloat<D>>;
export function zeta(this: Tensor, q: Tensor | number): Tensor {
  const x = toFloat(this), at = typeof q === "number" ? x.fullLike(q) : toFloat(q);
  const isDefined = x.gt(1).logicalAnd(at.gt(0)), isPole = x.eq(1).logicalOr(x.gt(1).logicalAnd(at.eq(0)));
  const hasNan = x.isNan().logicalOr(at.isNan());
  return select(isDefined, hurwitz(select(isDefined, x, 2), select(isDefined, at, 1)), select(hasNan.logicalNot().logicalAnd(isPole), Infinity, NaN));
}

/**
 * Logarithm of the multivariate gamma function of dimension `p`, `p(p-1)/4 log π + Σ lgamma(x - j/2)` over j < p, of
 * x > (p-1)/2. PyTorch: `torch.mvlgamma`, `torch.special.multigammaln`.
 */
export function mvlgamma<S extends Shape, D extends DType>(this: Tensor<S, D>, p: number): Floated<S, D>;
export function mvlgamma(this: Tensor, p: number): Tensor {
  check(Number.isInteger(p) && p >= 1, () => `mvlgamma of ${describe(this)}: p is ${p}; it must be a whole number from 1 on`);
  const x = toFloat(this);
  return sum(p, (j) => x.sub(j / 2).lgamma()).add((p * (p - 1) * Math.log(Math.PI)) / 4);
}
