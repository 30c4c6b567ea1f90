/**
 * Elementary functions of f32, where WGSL's own need not be exact enough or may do as they like with NaN and
 * infinities.
 *
 * Sources: exp, log, tanh, sin, cos and the inverse functions are S. Moshier's Cephes library (single precision);
 * erf and large angles are N. Juffa's; erfc is Sun's fdlibm; erfinv is M. Giles' (GPU Computing Gems, 2011).
 */
export const functions = `
fn powerOfTwo(n: i32) -> f32 {
  return bitcast<f32>(u32(n + 127) << 23u);
}
// x times 2^n, in two steps: 2^n alone may be out of range, or the result subnormal
fn scaled(x: f32, n: i32) -> f32 {
  let half = n >> 1u;
  return x * powerOfTwo(half) * powerOfTwo(n - half);
}
fn expTail(r: f32) -> f32 {
  return ((((0.000198756915 * r + 0.0013981999507) * r + 0.0083334519073) * r + 0.041665795894) * r + 0.16666665459) * r + 0.50000001201;
}
// x times 2^k, for a whole k: added to the exponent, which must stay one of a normal number
fn shifted(x: f32, k: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) + (bitcast<u32>(k + 12582912.0) << 23u));
}
// e^x where that is a normal number, else 0, infinity or NaN
fn exp_f32(x: f32) -> f32 {
  let k = floor(x * 1.4426950408889634 + 0.5);
  let r = (x - k * 0.693145751953125) - k * 1.428606765330187e-6;
  let e = select(shifted(r * r * expTail(r) + r + 1.0, k), 0.0, x < -87.33654);
  return select(select(e, special_f32(0x7f800000u), x > 88.722835), x, isNan_f32(x));
}
// The same for what is not above 0, which takes less: 2^k is a number, or 0.
fn expDown(x: f32) -> f32 {
  let c = max(x, -88.0);
  let k = floor(c * 1.4426950408889634 + 0.5);
  let r = (c - k * 0.693145751953125) - k * 1.428606765330187e-6;
  let e = (r * r * expTail(r) + r + 1.0) * bitcast<f32>(bitcast<u32>(k + 12583039.0) << 23u);
  return select(e, x, isNan_f32(x));
}
fn exp2_f32(x: f32) -> f32 {
  let k = floor(x + 0.5);
  let r = (x - k) * 0.6931471805599453;
  let e = select(shifted(r * r * expTail(r) + r + 1.0, k), 0.0, x < -126.0);
  return select(select(e, special_f32(0x7f800000u), x >= 128.0), x, isNan_f32(x));
}
fn expm1_f32(x: f32) -> f32 {
  if (x == 0.0 || isNan_f32(x)) { return x; }
  if (x > 60.0) { return exp_f32(x); }
  let c = max(x, -40.0);
  let k = floor(c * 1.4426950408889634 + 0.5);
  let r = (c - k * 0.693145751953125) - k * 1.428606765330187e-6;
  let s = powerOfTwo(i32(k));
  return s * (r * r * expTail(r) + r) + (s - 1.0);
}
// A positive number as m times 2^e, with m from sqrt(1/2) to sqrt(2). What is below the normal numbers is taken as the
// whole number of its digits, times 2^-149.
fn mantissaAndExponent(x: f32) -> vec2<f32> {
  let given = bitcast<u32>(x);
  let isTiny = given < 0x800000u;
  let bits = bitcast<u32>(select(x, f32(given), isTiny));
  let half = bitcast<f32>((bits & 0x7fffffu) | 0x3f000000u);
  let isLow = half < 0.70710678;
  let m = select(half, half + half, isLow);
  return vec2(m, f32(i32((bits >> 23u) & 255u) - select(126, 275, isTiny) - select(0, 1, isLow)));
}
// log((1+z) 2^e), for such an m = 1+z
fn logSeries(z: f32, e: f32) -> f32 {
  let z2 = z * z;
  let y = z2 * z * ((((((((0.070376836292 * z - 0.1151461031) * z + 0.1167699874) * z - 0.12420140846) * z + 0.14249322787) * z - 0.16668057665) * z + 0.20000714765) * z - 0.24999993993) * z + 0.33333331174);
  return z + (y + e * -2.1219444e-4 - 0.5 * z2) + e * 0.693359375;
}
// The logarithm of x, which is l where x is positive and finite
fn logOrSpecial(l: f32, x: f32) -> f32 {
  let given = bitcast<u32>(x);
  let result = select(l, special_f32(0x7fc00000u), given > 0x80000000u);
  return select(select(result, x, isNan_f32(x) || given == 0x7f800000u), special_f32(0xff800000u), (given & 0x7fffffffu) == 0u);
}
fn log_f32(x: f32) -> f32 {
  let p = mantissaAndExponent(x);
  return logOrSpecial(logSeries(p.x - 1.0, p.y), x);
}
fn log2_f32(x: f32) -> f32 {
  return log_f32(x) * 1.4426950408889634;
}
fn log10_f32(x: f32) -> f32 {
  return log_f32(x) * 0.4342944819032518;
}
// Near 1, the series is of x itself. What 1+x has lost of it is not to be had: compilers take (1+x)-1 for x.
fn log1p_f32(x: f32) -> f32 {
  let u = x + 1.0;
  let p = mantissaAndExponent(u);
  return select(logOrSpecial(logSeries(select(p.x - 1.0, x, p.y == 0.0), p.y), u), x, u == 1.0);
}
fn tanh_f32(x: f32) -> f32 {
  let z = x * x;
  let near = ((((-0.00570498872745 * z + 0.0206390887954) * z - 0.0537397155531) * z + 0.133314422036) * z - 0.333332819422) * z * x + x;
  let e = expDown(-2.0 * abs(x));
  return copysign_f32(select(near, (1.0 - e) / (1.0 + e), abs(x) >= 0.625), x);
}
fn sigmoid_f32(x: f32) -> f32 {
  let e = expDown(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}
fn softplus_f32(x: f32) -> f32 {
  return max_f32(x, 0.0) + log1p_f32(expDown(-abs(x)));
}
fn logaddexp_f32(x: f32, y: f32) -> f32 {
  if (x == y) { return x + 0.6931471805599453; }
  let d = x - y;
  return max_f32(x, y) + select(log1p_f32(expDown(-abs(d))), d, isNan_f32(d));
}
fn erf_f32(x: f32) -> f32 {
  let t = abs(x);
  let s = x * x;
  let near = (((((-5.96761703e-4 * s + 4.99119423e-3) * s - 2.67681349e-2) * s + 1.12819925e-1) * s - 3.76125336e-1) * s + 1.28379166e-1) * x + x;
  var r = (-1.7285347e-5 * t + 3.83197126e-4) * s + (-3.88396438e-3 * t + 2.42546219e-2);
  r = ((r * t - 1.06777877e-1) * t - 6.34846687e-1) * t - 1.28717512e-1;
  return copysign_f32(select(near, 1.0 - expDown(r * t - t), t > 0.921875), x);
}
fn erfc_f32(x: f32) -> f32 {
  let a = abs(x);
  if (!(a >= 0.84375)) { return select(0.5 - (x - 0.5 + (erf_f32(x) - x)), 1.0 - erf_f32(x), x < 0.25); }
  if (a < 1.25) {
    let s = a - 1.0;
    let p = -0.0023621185607526594 + s * (0.41485611868374833 + s * (-0.3722078760357013 + s * (0.31834661990116175 + s * (-0.11089469428239668 + s * (0.035478304325618236 + s * -0.002166375594868791)))));
    let q = 1.0 + s * (0.10642088040084423 + s * (0.540397917702171 + s * (0.07182865441419627 + s * (0.12617121980876164 + s * (0.01363708391202905 + s * 0.011984499846799107)))));
    return select(1.8450629115104675 + p / q, 0.1549370884895325 - p / q, x > 0.0);
  }
  if (a > 28.0) { return select(2.0, 0.0, x > 0.0); }
  let s = 1.0 / (a * a);
  var r: f32;
  if (a < 2.857142857142857) {
    let p = -0.009864944034847148 + s * (-0.6938585727071818 + s * (-10.558626225323291 + s * (-62.375332450326006 + s * (-162.39666946257347 + s * (-184.60509290671104 + s * (-81.2874355063066 + s * -9.814329344169145))))));
    let q = 1.0 + s * (19.651271667439257 + s * (137.65775414351904 + s * (434.56587747522923 + s * (645.3872717332679 + s * (429.00814002756783 + s * (108.63500554177944 + s * (6.570249770319282 + s * -0.0604244152148581)))))));
    r = p / q;
  } else {
    let p = -0.0098649429247001 + s * (-0.799283237680523 + s * (-17.757954917754752 + s * (-160.63638485582192 + s * (-637.5664433683896 + s * (-1025.0951316110772 + s * -483.5191916086514)))));
    let q = 1.0 + s * (30.33806074348246 + s * (325.7925129965739 + s * (1536.729586084437 + s * (3199.8582195085955 + s * (2553.0504064331644 + s * (474.52854120695537 + s * -22.44095244658582))))));
    r = p / q;
  }
  // the square of a shortened a is exact
  let z = bitcast<f32>(bitcast<u32>(a) & 0xffffe000u);
  let tail = exp_f32(-z * z - 0.5625) * exp_f32((z - a) * (z + a) + r) / a;
  return select(2.0 - tail, tail, x > 0.0);
}
fn erfinv_f32(x: f32) -> f32 {
  let a = abs(x);
  if (!(a < 1.0)) { return select(special_f32(0x7fc00000u), copysign_f32(special_f32(0x7f800000u), x), a == 1.0); }
  var w = -(log1p_f32(-x) + log1p_f32(x));
  var p: f32;
  if (w < 5.0) {
    w = w - 2.5;
    p = ((((((((2.81022636e-08 * w + 3.43273939e-07) * w - 3.5233877e-06) * w - 4.39150654e-06) * w + 0.00021858087) * w - 0.00125372503) * w - 0.00417768164) * w + 0.246640727) * w + 1.50140941);
  } else {
    w = sqrt(w) - 3.0;
    p = ((((((((-0.000200214257 * w + 0.000100950558) * w + 0.00134934322) * w - 0.00367342844) * w + 0.00573950773) * w - 0.0076224613) * w + 0.00943887047) * w + 1.00167406) * w + 2.83297682);
  }
  return p * x;
}
fn hypot_f32(x: f32, y: f32) -> f32 {
  let a = abs(x);
  let b = abs(y);
  let inf = 0x7f800000u;
  if (bitcast<u32>(a) == inf || bitcast<u32>(b) == inf) { return special_f32(inf); }
  if (isNan_f32(x) || isNan_f32(y)) { return special_f32(0x7fc00000u); }
  let m = max(a, b);
  if (m == 0.0) { return 0.0; }
  let r = min(a, b) / m;
  return m * sqrt(1.0 + r * r);
}
`;
