/** Functions of angles, their inverses and the hyperbolic ones. Sources as in `functions.ts`. */
export const angles = `
fn mulWide(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu);
  let right = (a & 0xffffu) * (b >> 16u);
  let middle = left + (low >> 16u);
  let across = (middle & 0xffffu) + right;
  return vec2<u32>((across << 16u) | (low & 0xffffu), (a >> 16u) * (b >> 16u) + (middle >> 16u) + (across >> 16u));
}
// An angle less the nearest multiple of half a turn's half, and which multiple: Payne and Hanek's reduction.
fn reducedLarge(x: f32) -> vec2<f32> {
  var twoOverPi = array<u32, 7>(0x00000000u, 0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u);
  let bits = bitcast<u32>(x);
  let digits = ((bits & 0x7fffffu) | 0x800000u) << 8u;
  let e = ((bits >> 23u) & 255u) - 126u;
  let i = e >> 5u;
  let shift = e & 31u;
  var high = twoOverPi[i];
  var middle = twoOverPi[i + 1u];
  var low = twoOverPi[i + 2u];
  if (shift > 0u) {
    high = (high << shift) | (middle >> (32u - shift));
    middle = (middle << shift) | (low >> (32u - shift));
    low = (low << shift) | (twoOverPi[i + 3u] >> (32u - shift));
  }
  // the product in fixed point: two bits of quadrant, then the fraction
  let lowest = mulWide(digits, low);
  let next = mulWide(digits, middle);
  var p0 = next.x + lowest.y;
  var p1 = next.y + select(0u, 1u, p0 < lowest.y) + digits * high;
  var quadrant = i32(p1 >> 30u);
  p1 = p1 & 0x3fffffffu;
  var sign = 1.0;
  if ((p1 & 0x20000000u) != 0u) {
    quadrant += 1;
    sign = -1.0;
    // 2^62 less the fraction
    p0 = 0u - p0;
    p1 = 0x40000000u - p1 - select(0u, 1u, p0 != 0u);
  }
  let fraction = f32(p1) * 4294967296.0 + f32(p0);
  let r = sign * (fraction * 2.168404344971009e-19) * 1.5707963267948966;
  return select(vec2<f32>(r, f32(quadrant)), vec2<f32>(-r, f32(-quadrant)), x < 0.0);
}
fn reduced(x: f32) -> vec2<f32> {
  if (abs(x) > 4096.0) { return reducedLarge(x); }
  let j = round(x * 0.6366197723675814);
  return vec2<f32>(((x - j * 1.5703125) - j * 4.837512969970703e-4) - j * 7.54978995489188e-8, j);
}
fn sinSeries(y: f32) -> f32 {
  let z = y * y;
  return y + y * z * ((-0.00019515295891 * z + 0.0083321608736) * z - 0.16666654611);
}
fn cosSeries(y: f32) -> f32 {
  let z = y * y;
  return (1.0 - 0.5 * z) + z * z * ((0.00002443315711809948 * z - 0.001388731625493765) * z + 0.04166664568298827);
}
fn wave(r: vec2<f32>, turn: i32) -> f32 {
  let j = i32(r.y) + turn;
  let y = select(cosSeries(r.x), sinSeries(r.x), (j & 1) == 0);
  return select(y, -y, (j & 2) != 0);
}
fn sin_f32(x: f32) -> f32 {
  if (!isFinite_f32(x)) { return special_f32(0x7fc00000u); }
  if (x == 0.0) { return x; }
  return wave(reduced(x), 0);
}
fn cos_f32(x: f32) -> f32 {
  if (!isFinite_f32(x)) { return special_f32(0x7fc00000u); }
  return wave(reduced(x), 1);
}
fn tan_f32(x: f32) -> f32 {
  if (!isFinite_f32(x)) { return special_f32(0x7fc00000u); }
  if (x == 0.0) { return x; }
  let r = reduced(x);
  return wave(r, 0) / wave(r, 1);
}
fn atan_f32(x: f32) -> f32 {
  if (isNan_f32(x)) { return x; }
  let a = abs(x);
  var y = 0.0;
  var t = a;
  if (a > 2.414213562373095) {
    y = 1.5707963267948966;
    t = select(-1.0 / a, 0.0, !isFinite_f32(a));
  } else if (a > 0.4142135623730951) {
    y = 0.7853981633974483;
    t = (a - 1.0) / (a + 1.0);
  }
  let z = t * t;
  return copysign_f32(y + ((((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1) * z * t + t), x);
}
fn atan2_f32(y: f32, x: f32) -> f32 {
  if (isNan_f32(x) || isNan_f32(y)) { return special_f32(0x7fc00000u); }
  let isLeft = (bitcast<u32>(x) >> 31u) == 1u;
  var a: f32;
  if (y == 0.0) { a = 0.0; }
  else if (x == 0.0) { a = 1.5707963267948966; }
  else if (!isFinite_f32(y)) { a = select(0.7853981633974483, 1.5707963267948966, isFinite_f32(x)); }
  else if (!isFinite_f32(x)) { a = 0.0; }
  else { a = atan_f32(abs(y) / abs(x)); }
  return copysign_f32(select(a, 3.141592653589793 - a, isLeft), y);
}
fn asin_f32(x: f32) -> f32 {
  let a = abs(x);
  if (!(a <= 1.0)) { return special_f32(0x7fc00000u); }
  var z = x * x;
  var t = a;
  if (a > 0.5) {
    z = 0.5 * (1.0 - a);
    t = sqrt(z);
  }
  let y = ((((4.2163199048e-2 * z + 2.4181311049e-2) * z + 4.5470025998e-2) * z + 7.4953002686e-2) * z + 1.6666752422e-1) * z * t + t;
  return copysign_f32(select(y, 1.5707963267948966 - (y + y), a > 0.5), x);
}
fn acos_f32(x: f32) -> f32 {
  if (x < -0.5) { return 3.141592653589793 - 2.0 * asin_f32(sqrt(0.5 * (1.0 + x))); }
  if (x > 0.5) { return 2.0 * asin_f32(sqrt(0.5 * (1.0 - x))); }
  return 1.5707963267948966 - asin_f32(x);
}
fn sinh_f32(x: f32) -> f32 {
  let a = abs(x);
  if (!(a >= 1.0)) {
    let z = x * x;
    return ((2.03721912945e-4 * z + 8.33028376239e-3) * z + 1.66667160211e-1) * z * x + x;
  }
  if (a > 80.0) {
    let half = exp_f32(0.5 * a);
    return copysign_f32(0.5 * half * half, x);
  }
  let e = exp_f32(a);
  return copysign_f32(0.5 * e - 0.5 / e, x);
}
fn cosh_f32(x: f32) -> f32 {
  let a = abs(x);
  if (a > 80.0) {
    let half = exp_f32(0.5 * a);
    return 0.5 * half * half;
  }
  let e = exp_f32(a);
  return 0.5 * e + 0.5 / e;
}
fn asinh_f32(x: f32) -> f32 {
  let a = abs(x);
  if (!isFinite_f32(x)) { return x; }
  if (a > 1e9) { return copysign_f32(log_f32(a) + 0.6931471805599453, x); }
  return copysign_f32(log1p_f32(a + a * a / (1.0 + sqrt(1.0 + a * a))), x);
}
fn acosh_f32(x: f32) -> f32 {
  if (x > 1e9) { return log_f32(x) + 0.6931471805599453; }
  if (!(x >= 1.0)) { return special_f32(0x7fc00000u); }
  let t = x - 1.0;
  return log1p_f32(t + sqrt(2.0 * t + t * t));
}
fn atanh_f32(x: f32) -> f32 {
  let a = abs(x);
  if (!(a <= 1.0)) { return special_f32(0x7fc00000u); }
  if (a == 1.0) { return copysign_f32(special_f32(0x7f800000u), x); }
  return copysign_f32(0.5 * log1p_f32(2.0 * a / (1.0 - a)), x);
}
`;
