/**
 * Special functions in double precision. The JavaScript target copies the text of those it uses into the
 * artifact, so each is self-contained: it may call only `Math` and functions of this file.
 */

/** Error function: rational approximations of Sun's fdlibm `s_erf.c` (1993); error below 1 ulp. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 0.84375) {
    if (a < 3.7e-9) return x + 0.1283791670955126 * x;
    const z = x * x;
    const p = 0.12837916709551256 + z * (-0.3250421072470015 + z * (-0.02848174957559851 + z * (-0.005770270296489442 + z * -0.000023763016656650163)));
    const q = 1 + z * (0.39791722395915535 + z * (0.0650222499887673 + z * (0.005081306281875766 + z * (0.00013249473800432164 + z * -0.000003960228278775368))));
    return x + x * (p / q);
  }
  const tail = a < 6 ? erfc(a) : 0;
  return x > 0 ? 1 - tail : x < 0 ? tail - 1 : x;
}

/** Complementary error function, accurate in its tail. Source and error as for `erf`. */
export function erfc(x: number): number {
  const a = Math.abs(x);
  if (!(a >= 0.84375)) return x < 0.25 ? 1 - erf(x) : 0.5 - (x - 0.5 + (erf(x) - x));
  if (a < 1.25) {
    const s = a - 1;
    const p = -0.0023621185607526594 + s * (0.41485611868374833 + s * (-0.3722078760357013 + s * (0.31834661990116175 + s * (-0.11089469428239668 + s * (0.035478304325618236 + s * -0.002166375594868791)))));
    const q = 1 + s * (0.10642088040084423 + s * (0.540397917702171 + s * (0.07182865441419627 + s * (0.12617121980876164 + s * (0.01363708391202905 + s * 0.011984499846799107)))));
    return x > 0 ? 0.1549370884895325 - p / q : 1.8450629115104675 + p / q;
  }
  if (a > 28) return x > 0 ? 0 : 2;
  const s = 1 / (a * a);
  let r: number;
  if (a < 2.857142857142857) {
    const p = -0.009864944034847148 + s * (-0.6938585727071818 + s * (-10.558626225323291 + s * (-62.375332450326006 + s * (-162.39666946257347 + s * (-184.60509290671104 + s * (-81.2874355063066 + s * -9.814329344169145))))));
    const q = 1 + s * (19.651271667439257 + s * (137.65775414351904 + s * (434.56587747522923 + s * (645.3872717332679 + s * (429.00814002756783 + s * (108.63500554177944 + s * (6.570249770319282 + s * -0.0604244152148581)))))));
    r = p / q;
  } else {
    const p = -0.0098649429247001 + s * (-0.799283237680523 + s * (-17.757954917754752 + s * (-160.63638485582192 + s * (-637.5664433683896 + s * (-1025.0951316110772 + s * -483.5191916086514)))));
    const q = 1 + s * (30.33806074348246 + s * (325.7925129965739 + s * (1536.729586084437 + s * (3199.8582195085955 + s * (2553.0504064331644 + s * (474.52854120695537 + s * -22.44095244658582))))));
    r = p / q;
  }
  const z = Math.fround(a); // z * z is exact, which keeps the digits of exp(-a * a)
  const tail = (Math.exp(-z * z - 0.5625) * Math.exp((z - a) * (z + a) + r)) / a;
  return x > 0 ? tail : 2 - tail;
}

/** Inverse error function: Giles' polynomial (2012), polished by two Newton steps. */
export function erfinv(x: number): number {
  if (!(x > -1 && x < 1)) return x === 1 ? Infinity : x === -1 ? -Infinity : NaN;
  if (x === 0) return x;
  const w0 = -Math.log((1 - x) * (1 + x));
  let y: number;
  if (w0 < 5) {
    const w = w0 - 2.5;
    y = ((((((((2.81022636e-8 * w + 3.43273939e-7) * w - 3.5233877e-6) * w - 4.39150654e-6) * w + 0.00021858087) * w - 0.00125372503) * w - 0.00417768164) * w + 0.246640727) * w + 1.50140941) * x;
  } else {
    const w = Math.sqrt(w0) - 3;
    y = ((((((((-0.000200214257 * w + 0.000100950558) * w + 0.00134934322) * w - 0.00367342844) * w + 0.00573950773) * w - 0.0076224613) * w + 0.00943887047) * w + 1.00167406) * w + 2.83297682) * x;
  }
  // erf'(y) = 2/sqrt(pi) exp(-y^2); beyond one half the residual is taken with erfc, which keeps its digits near 1
  for (let i = 0; i < 2; i++) {
    const residual = x > 0.5 ? 1 - x - erfc(y) : x < -0.5 ? erfc(-y) - 1 - x : erf(y) - x;
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
