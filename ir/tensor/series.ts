import type { Tensor } from "./core.ts";

/** Sums of many terms with known coefficients, as the special functions use them. */

/** `c[0] x^n + c[1] x^(n-1) + … + c[n]`, by Horner's rule. */
export function polynomial(x: Tensor, c: readonly number[]): Tensor {
  return c.slice(2).reduce<Tensor>((sum, a) => sum.mul(x).add(a), x.mul(c[0]).add(c[1]));
}

/** `c[0] + c[1] T₁(t) + c[2] T₂(t) + …` of Chebyshev polynomials, t in [-1, 1], by Clenshaw's recurrence. */
export function chebyshev(t: Tensor, c: readonly number[]): Tensor {
  const twice = t.mul(2), n = c.length - 1;
  let above = t.mul(2 * c[n]).add(c[n - 1]), beyond: Tensor | number = c[n];
  for (let k = n - 2; k > 0; k--) [above, beyond] = [twice.mul(above).sub(beyond).add(c[k]), above];
  return t.mul(above).sub(beyond).add(c[0]);
}
