import { check } from "../../graph/error.ts";
import type { DType, Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { describe, toFloat } from "../lift.ts";
import type { ToFloat } from "../types/dtype.ts";

/**
 * Orthogonal polynomials of degree `n`, a whole number (0 everywhere where it is negative, as in PyTorch), element by
 * element, by their three-term recurrences.
 */
type Floated<S extends Shape, D extends DType> = Tensor<S, ToFloat<D>>;

/** p₀ = 1, p₁, and pₖ₊₁ of pₖ and pₖ₋₁. */
interface Recurrence {
  readonly name: string;
  first(x: Tensor): Tensor;
  next(x: Tensor, p: Tensor, before: Tensor, k: number): Tensor;
}

function ofDegree(operand: Tensor, n: number, { name, first, next }: Recurrence): Tensor {
  check(Number.isInteger(n), () => `${name} of ${describe(operand)}: the degree is ${n}; it must be a whole number`);
  const x = toFloat(operand);
  if (n < 0) return x.zerosLike();
  let before: Tensor = x.onesLike(), p = first(x);
  if (n === 0) return before;
  for (let k = 1; k < n; k++) [before, p] = [p, next(x, p, before, k)];
  return p;
}

const chebyshev = (name: string, first: Recurrence["first"]): Recurrence => ({ name, first, next: (x, p, before) => x.mul(2).mul(p).sub(before) });
const firstKind = chebyshev("chebyshevPolynomialT", (x) => x), secondKind = chebyshev("chebyshevPolynomialU", (x) => x.mul(2));
const thirdKind = chebyshev("chebyshevPolynomialV", (x) => x.mul(2).sub(1)), fourthKind = chebyshev("chebyshevPolynomialW", (x) => x.mul(2).add(1));
const physicists: Recurrence = { name: "hermitePolynomialH", first: (x) => x.mul(2), next: (x, p, before, k) => x.mul(p).sub(before.mul(k)).mul(2) };
const probabilists: Recurrence = { name: "hermitePolynomialHe", first: (x) => x, next: (x, p, before, k) => x.mul(p).sub(before.mul(k)) };
const laguerre: Recurrence = { name: "laguerrePolynomialL", first: (x) => x.neg().add(1), next: (x, p, before, k) => x.neg().add(2 * k + 1).mul(p).sub(before.mul(k)).div(k + 1) };
const legendre: Recurrence = { name: "legendrePolynomialP", first: (x) => x, next: (x, p, before, k) => x.mul(2 * k + 1).mul(p).sub(before.mul(k)).div(k + 1) };
/** [0, 1] as [-1, 1]. */
const unshifted = (x: Tensor): Tensor => toFloat(x).mul(2).sub(1);

/** Chebyshev polynomial of the first kind, `cos(n acos x)`. PyTorch: `torch.special.chebyshev_polynomial_t`. */
export function chebyshevPolynomialT<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function chebyshevPolynomialT(this: Tensor, n: number): Tensor { return ofDegree(this, n, firstKind); }

/** Chebyshev polynomial of the second kind: p₁ = 2x. PyTorch: `torch.special.chebyshev_polynomial_u`. */
export function chebyshevPolynomialU<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function chebyshevPolynomialU(this: Tensor, n: number): Tensor { return ofDegree(this, n, secondKind); }

/** Chebyshev polynomial of the third kind: p₁ = 2x - 1. PyTorch: `torch.special.chebyshev_polynomial_v`. */
export function chebyshevPolynomialV<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function chebyshevPolynomialV(this: Tensor, n: number): Tensor { return ofDegree(this, n, thirdKind); }

/** Chebyshev polynomial of the fourth kind: p₁ = 2x + 1. PyTorch: `torch.special.chebyshev_polynomial_w`. */
export function chebyshevPolynomialW<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function chebyshevPolynomialW(this: Tensor, n: number): Tensor { return ofDegree(this, n, fourthKind); }

/** `chebyshevPolynomialT` of `2x - 1`, for x in [0, 1]. PyTorch: `torch.special.shifted_chebyshev_polynomial_t`. */
export function shiftedChebyshevPolynomialT<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function shiftedChebyshevPolynomialT(this: Tensor, n: number): Tensor { return ofDegree(unshifted(this), n, firstKind); }

/** `chebyshevPolynomialU` of `2x - 1`, for x in [0, 1]. PyTorch: `torch.special.shifted_chebyshev_polynomial_u`. */
export function shiftedChebyshevPolynomialU<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function shiftedChebyshevPolynomialU(this: Tensor, n: number): Tensor { return ofDegree(unshifted(this), n, secondKind); }

/** `chebyshevPolynomialV` of `2x - 1`, for x in [0, 1]. PyTorch: `torch.special.shifted_chebyshev_polynomial_v`. */
export function shiftedChebyshevPolynomialV<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function shiftedChebyshevPolynomialV(this: Tensor, n: number): Tensor { return ofDegree(unshifted(this), n, thirdKind); }

/** `chebyshevPolynomialW` of `2x - 1`, for x in [0, 1]. PyTorch: `torch.special.shifted_chebyshev_polynomial_w`. */
export function shiftedChebyshevPolynomialW<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function shiftedChebyshevPolynomialW(this: Tensor, n: number): Tensor { return ofDegree(unshifted(this), n, fourthKind); }

/** The physicists' Hermite polynomial: p₁ = 2x. PyTorch: `torch.special.hermite_polynomial_h`. */
export function hermitePolynomialH<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function hermitePolynomialH(this: Tensor, n: number): Tensor { return ofDegree(this, n, physicists); }

/** The probabilists' Hermite polynomial: p₁ = x. PyTorch: `torch.special.hermite_polynomial_he`. */
export function hermitePolynomialHe<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function hermitePolynomialHe(this: Tensor, n: number): Tensor { return ofDegree(this, n, probabilists); }

/** Laguerre polynomial: p₁ = 1 - x. PyTorch: `torch.special.laguerre_polynomial_l`. */
export function laguerrePolynomialL<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function laguerrePolynomialL(this: Tensor, n: number): Tensor { return ofDegree(this, n, laguerre); }

/** Legendre polynomial: p₁ = x. PyTorch: `torch.special.legendre_polynomial_p`. */
export function legendrePolynomialP<S extends Shape, D extends DType>(this: Tensor<S, D>, n: number): Floated<S, D>;
export function legendrePolynomialP(this: Tensor, n: number): Tensor { return ofDegree(this, n, legendre); }
