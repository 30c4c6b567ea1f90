/** What WGSL leaves open, or does otherwise than we: NaN, infinities, conversions, integer division and shifts. */
export const basics = `
// Infinity and NaN: no constant may be one.
fn special_f32(bits: u32) -> f32 {
  var b = bits;
  return bitcast<f32>(b);
}
fn isNan_f32(x: f32) -> bool {
  return (bitcast<i32>(x) & 0x7fffffff) > 0x7f800000;
}
fn isFinite_f32(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}
// WGSL's != may be false where either is NaN.
fn ne_f32(x: f32, y: f32) -> bool {
  return x != y || isNan_f32(x) || isNan_f32(y);
}
fn max_f32(x: f32, y: f32) -> f32 {
  return select(select(max(x, y), y, isNan_f32(y)), x, isNan_f32(x));
}
fn min_f32(x: f32, y: f32) -> f32 {
  return select(select(min(x, y), y, isNan_f32(y)), x, isNan_f32(x));
}
fn sign_f32(x: f32) -> f32 {
  return select(select(0.0, -1.0, x < 0.0), 1.0, x > 0.0);
}
fn copysign_f32(x: f32, y: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(y) & 0x80000000u));
}
// The nearest f16, of two the even one: the bits of an f32 count on from one to the next as numbers do.
fn roundF16_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let sign = bits & 0x80000000u;
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return x; }
  if (size >= 0x477ff000u) { return special_f32(sign | 0x7f800000u); }
  if (size >= 0x38800000u) { return bitcast<f32>(sign | ((size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u)); }
  // below 2^-14 in steps of 2^-24, which are those of an f32 between 0.5 and 1
  let steps = bitcast<u32>(bitcast<f32>(size) + 0.5) - 0x3f000000u;
  return bitcast<f32>(sign | bitcast<u32>(f32(steps) * 5.9604644775390625e-8));
}
fn roundBF16_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return x; }
  return bitcast<f32>((bits + 0x7fffu + ((bits >> 16u) & 1u)) & 0xffff0000u);
}
// Truncates toward zero and wraps in 32 bits; NaN and the infinities give 0.
fn wrap_u32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let shift = i32((bits >> 23u) & 255u) - 150;
  let digits = (bits & 0x7fffffu) | 0x800000u;
  var magnitude = 0u;
  if (shift >= 0 && shift < 32) { magnitude = digits << u32(shift); }
  if (shift < 0 && shift > -24) { magnitude = digits >> u32(-shift); }
  return select(magnitude, 0u - magnitude, (bits >> 31u) == 1u);
}
// The remainder with the sign of the dividend, exactly: long division in binary.
fn fmod_f32(x: f32, y: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let b = bitcast<u32>(y) & 0x7fffffffu;
  let sign = bitcast<u32>(x) & 0x80000000u;
  if (b == 0u || a >= 0x7f800000u || b > 0x7f800000u) { return special_f32(0x7fc00000u); }
  if (a < b) { return x; }
  var exponent = i32(max(a >> 23u, 1u));
  var last = i32(max(b >> 23u, 1u));
  var rest = (a & 0x7fffffu) | select(0u, 0x800000u, a >= 0x800000u);
  var divisor = (b & 0x7fffffu) | select(0u, 0x800000u, b >= 0x800000u);
  let up = countLeadingZeros(divisor) - 8u;
  divisor = divisor << up;
  last -= i32(up);
  let restUp = countLeadingZeros(rest) - 8u;
  rest = rest << restUp;
  exponent -= i32(restUp);
  for (; exponent > last; exponent--) {
    if (rest >= divisor) { rest -= divisor; }
    rest = rest << 1u;
  }
  if (rest >= divisor) { rest -= divisor; }
  if (rest == 0u) { return bitcast<f32>(sign); }
  let back = countLeadingZeros(rest) - 8u;
  rest = rest << back;
  exponent -= i32(back);
  if (exponent < 1) { return bitcast<f32>(sign | (rest >> u32(1 - exponent))); }
  return bitcast<f32>(sign | (rest & 0x7fffffu) | (u32(exponent) << 23u));
}
fn remainder_f32(x: f32, y: f32) -> f32 {
  let r = fmod_f32(x, y);
  return select(r, r + y, r != 0.0 && (r < 0.0) != (y < 0.0));
}
fn floorDivide_f32(x: f32, y: f32) -> f32 {
  if (y == 0.0) { return x / y; }
  let r = fmod_f32(x, y);
  var q = (x - r) / y;
  if (r != 0.0 && (r < 0.0) != (y < 0.0)) { q -= 1.0; }
  if (q == 0.0) { return select(0.0, -0.0, x / y < 0.0); }
  let f = floor(q);
  return select(f, f + 1.0, q - f > 0.5);
}
fn div_i32(x: i32, y: i32) -> i32 {
  if (y == 0) { return 0; }
  if (y == -1) { return 0 - x; }
  return x / y;
}
fn div_u32(x: u32, y: u32) -> u32 {
  return select(x / max(y, 1u), 0u, y == 0u);
}
fn fmod_i32(x: i32, y: i32) -> i32 {
  if (y == 0 || y == -1) { return 0; }
  return x % y;
}
fn fmod_u32(x: u32, y: u32) -> u32 {
  return select(x % max(y, 1u), 0u, y == 0u);
}
fn remainder_i32(x: i32, y: i32) -> i32 {
  let r = fmod_i32(x, y);
  return select(r, r + y, r != 0 && (r < 0) != (y < 0));
}
fn remainder_u32(x: u32, y: u32) -> u32 {
  return fmod_u32(x, y);
}
fn floorDivide_i32(x: i32, y: i32) -> i32 {
  let r = fmod_i32(x, y);
  return div_i32(x, y) - select(0, 1, r != 0 && (r < 0) != (y < 0));
}
fn floorDivide_u32(x: u32, y: u32) -> u32 {
  return div_u32(x, y);
}
fn pow_u32(x: u32, y: u32) -> u32 {
  var result = 1u;
  var base = x;
  for (var n = y; n > 0u; n = n >> 1u) {
    if ((n & 1u) == 1u) { result *= base; }
    base *= base;
  }
  return result;
}
fn pow_i32(x: i32, y: i32) -> i32 {
  if (y >= 0) { return i32(pow_u32(u32(x), u32(y))); }
  if (x == 1) { return 1; }
  if (x == -1) { return select(-1, 1, (y & 1) == 0); }
  return 0;
}
fn sign_i32(x: i32) -> i32 {
  return sign(x);
}
fn sign_u32(x: u32) -> u32 {
  return min(x, 1u);
}
fn shiftLeft_i32(x: i32, y: i32) -> i32 {
  return select(0, x << (u32(y) & 31u), u32(y) < 32u);
}
fn shiftLeft_u32(x: u32, y: u32) -> u32 {
  return select(0u, x << (y & 31u), y < 32u);
}
fn shiftRight_i32(x: i32, y: i32) -> i32 {
  return select(x >> 31u, x >> (u32(y) & 31u), u32(y) < 32u);
}
fn shiftRight_u32(x: u32, y: u32) -> u32 {
  return select(0u, x >> (y & 31u), y < 32u);
}
// An index that comes from data, if it lies in 0 ... size-1; else 0, and a note of the first that does not.
fn checkIndex(index: i32, size: i32, note: u32) -> i32 {
  if (index >= 0 && index < size) { return index; }
  if (atomicAdd(&fault[0], 1u) == 0u) {
    atomicStore(&fault[1], note);
    atomicStore(&fault[2], bitcast<u32>(index));
    atomicStore(&fault[3], u32(size));
  }
  return 0;
}
`;
