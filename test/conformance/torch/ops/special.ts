import type { Tensor } from "chainrule";
import { row, type Row, type Table } from "../row.ts";

/** `torch.special`, and the functions of it that `torch` has too. */
const unary = (f: (x: Tensor) => Tensor): Row => row("input|x", (a) => f(a.tensor("input")));
const ofDegree = (f: (x: Tensor, n: number) => Tensor): Row => row("input|x n", (a) => f(a.tensor("input"), a.number("n")));
const lgamma = unary((x) => x.lgamma()), digamma = unary((x) => x.digamma()), i0 = unary((x) => x.i0()), i1 = unary((x) => x.i1());
const mvlgamma = row("input p", (a) => a.tensor("input").mvlgamma(a.number("p")));
const polygamma = row("n input", (a) => a.tensor("input").polygamma(a.number("n")));

export const special: Table = {
  lgamma, gammaln: lgamma, digamma, psi: digamma, polygamma, mvlgamma, multigammaln: mvlgamma,
  "torch.Tensor.polygamma": row("input n", (a) => a.tensor("input").polygamma(a.number("n"))),
  zeta: row("input other", (a) => a.tensor("input").zeta(a.tensor("other"))),
  i0, i1, modified_bessel_i0: i0, modified_bessel_i1: i1, i0e: unary((x) => x.i0e()), i1e: unary((x) => x.i1e()),
  modified_bessel_k0: unary((x) => x.modifiedBesselK0()), modified_bessel_k1: unary((x) => x.modifiedBesselK1()),
  scaled_modified_bessel_k0: unary((x) => x.scaledModifiedBesselK0()), scaled_modified_bessel_k1: unary((x) => x.scaledModifiedBesselK1()),
  erfcx: unary((x) => x.erfcx()), log_ndtr: unary((x) => x.logNdtr()), ndtri: unary((x) => x.ndtri()),
  entr: unary((x) => x.entr()), ndtr: unary((x) => x.ndtr()), xlog1py: row("input other", (a) => a.tensor("input").xlog1py(a.operand("other"))),
  chebyshev_polynomial_t: ofDegree((x, n) => x.chebyshevPolynomialT(n)), chebyshev_polynomial_u: ofDegree((x, n) => x.chebyshevPolynomialU(n)),
  chebyshev_polynomial_v: ofDegree((x, n) => x.chebyshevPolynomialV(n)), chebyshev_polynomial_w: ofDegree((x, n) => x.chebyshevPolynomialW(n)),
  shifted_chebyshev_polynomial_t: ofDegree((x, n) => x.shiftedChebyshevPolynomialT(n)), shifted_chebyshev_polynomial_u: ofDegree((x, n) => x.shiftedChebyshevPolynomialU(n)),
  shifted_chebyshev_polynomial_v: ofDegree((x, n) => x.shiftedChebyshevPolynomialV(n)), shifted_chebyshev_polynomial_w: ofDegree((x, n) => x.shiftedChebyshevPolynomialW(n)),
  hermite_polynomial_h: ofDegree((x, n) => x.hermitePolynomialH(n)), hermite_polynomial_he: ofDegree((x, n) => x.hermitePolynomialHe(n)),
  laguerre_polynomial_l: ofDegree((x, n) => x.laguerrePolynomialL(n)), legendre_polynomial_p: ofDegree((x, n) => x.legendrePolynomialP(n)),
};
