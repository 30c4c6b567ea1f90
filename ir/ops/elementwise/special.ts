/**
 * Special functions in double precision. The JavaScript target copies the text of those it uses into the
 * artifact, so each is self-contained: it may call only `Math` and functions of this file.
 */

/** Error function. Series near 0, continued fraction of erfc beyond (Abramowitz & Stegun 7.1.5, 7.1.14). */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 2) {
    let term = x, sum = x;
    for (let n = 1; n < 60; n++) {
      term *= (-x * x) / n;
      const add = term / (2 * n + 1);
      sum += add;
      if (Math.abs(add) < 1e-17 * Math.abs(sum)) break;
    }
    return 1.1283791670955126 * sum;
  }
  return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
}

/** Complementary error function, accurate in its tail. */
export function erfc(x: number): number {
  if (!(x >= 2)) return 1 - erf(x);
  if (x > 27.3) return 0;
  let f = 0;
  for (let k = 60; k > 0; k--) f = k / 2 / (x + f);
  return Math.exp(-x * x) / (1.772453850905516 * (x + f));
}

/** Inverse error function: Giles' polynomial (2012), polished by two Newton steps. */
export function erfinv(x: number): number {
  if (!(x > -1 && x < 1)) return x === 1 ? Infinity : x === -1 ? -Infinity : NaN;
  const w0 = -Math.log((1 - x) * (1 + x));
  let y: number;
  if (w0 < 5) {
    const w = w0 - 2.5;
    y = ((((((((2.81022636e-8 * w + 3.43273939e-7) * w - 3.5233877e-6) * w - 4.39150654e-6) * w + 0.00021858087) * w - 0.00125372503) * w - 0.00417768164) * w + 0.246640727) * w + 1.50140941) * x;
  } else {
    const w = Math.sqrt(w0) - 3;
    y = ((((((((-0.000200214257 * w + 0.000100950558) * w + 0.00134934322) * w - 0.00367342844) * w + 0.00573950773) * w - 0.0076224613) * w + 0.00943887047) * w + 1.00167406) * w + 2.83297682) * x;
  }
  // erf'(y) = 2/sqrt(pi) exp(-y^2); the residual is taken with erfc, which keeps its digits near |x| = 1
  for (let i = 0; i < 2; i++) {
    const residual = y > 0 ? 1 - x - erfc(y) : erfc(-y) - 1 - x;
    y -= residual * 0.886226925452758 * Math.exp(y * y);
  }
  return y;
}

/** Python's modulus: the remainder has the divisor's sign. */
export function remainder(x: number, y: number): number {
  const r = x % y;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r;
}

/** Python's floor division on floats: consistent with `remainder`. */
export function floorDivide(x: number, y: number): number {
  if (y === 0) return x / y;
  const r = x % y;
  let q = (x - r) / y;
  if (r !== 0 && r < 0 !== y < 0) q -= 1;
  if (q === 0) return x / y < 0 ? -0 : 0;
  const f = Math.floor(q);
  return q - f > 0.5 ? f + 1 : f;
}

/** Rounds half to even. */
export function roundEven(x: number): number {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

/** `log(exp(x) + exp(y))` without overflow. */
export function logaddexp(x: number, y: number): number {
  if (x === y) return x + Math.LN2;
  const d = x - y;
  return d > 0 ? x + Math.log1p(Math.exp(-d)) : d <= 0 ? y + Math.log1p(Math.exp(d)) : d;
}

export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** `pow` with C's edge cases, which JavaScript's misses at base ±1: `pow(1, NaN) = 1`, `pow(±1, ±inf) = 1`. */
export function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return Math.pow(x, y);
}

/** Integer power, wrapping in 32 bits; a negative exponent gives 0 unless the base is ±1, as PyTorch's does. */
export function intPow(x: number, y: number): number {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0;
  let result = 1, base = x;
  for (let n = y; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}

/**
 * Threefry-2x32 with 20 rounds (Salmon et al., SC 2011): encrypts counter `(c0, c1)` under key `(k0, k1)` and
 * returns word 0 as an unsigned 32-bit integer.
 */
export function threefry(k0: number, k1: number, c0: number, c1: number): number {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  const keys = [k0, k1, k2];
  let x0 = (c0 + k0) | 0, x1 = (c1 + k1) | 0;
  for (let group = 0; group < 5; group++) {
    for (let i = 0; i < 4; i++) {
      const r = group % 2 === 0 ? (i === 0 ? 13 : i === 1 ? 15 : i === 2 ? 26 : 6) : (i === 0 ? 17 : i === 1 ? 29 : i === 2 ? 16 : 24);
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    x0 = (x0 + keys[(group + 1) % 3]) | 0;
    x1 = (x1 + keys[(group + 2) % 3] + group + 1) | 0;
  }
  return x0 >>> 0;
}
