/** Powers of f32, from a logarithm in two parts: one part alone would lose up to seven bits in the result. */
export const power = `
// a and b in halves of 12 bits: products of halves are exact
fn upper(a: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
}
fn exactProduct(a: f32, b: f32) -> vec2<f32> {
  let ah = upper(a);
  let al = a - ah;
  let bh = upper(b);
  let bl = b - bh;
  let p = ah * bh;
  return vec2<f32>(p, (ah * bl + al * bh) + al * bl);
}
// The logarithm to base 2 of a positive number, as a sum of two.
fn log2InParts(x: f32) -> vec2<f32> {
  let parts = mantissaAndExponent(x);
  let m = parts.x;
  let e = parts.y;
  // s = (m-1)/(m+1) in two parts; log m = 2(s + s^3/3 + ...). Without its last two bits, 1 can be added to m exactly.
  let top = m - 1.0;
  let short = bitcast<f32>(bitcast<u32>(m) & 0xfffffffcu);
  let bottom = short + 1.0;
  let bottomRest = m - short;
  let s = top / bottom;
  let back = exactProduct(s, bottom);
  let sRest = (((top - back.x) - back.y) - s * bottomRest) / bottom;
  let z = s * s;
  let series = z * s * (0.6666666666666666 + z * (0.4 + z * (0.2857142857142857 + z * (0.2222222222222222 + z * 0.1818181818181818))));
  // times 2/ln 2 = 2.885390081777927 for s, and 1/ln 2 for the series of twice
  let high = exactProduct(s, 2.885390043258667);
  let rest = high.y + s * 3.851925960e-8 + sRest * 2.885390081777927 + series * 1.4426950408889634;
  let first = e + high.x;
  let lost = (e - first) + high.x;
  return vec2<f32>(first, lost + rest);
}
// C's pow: 1 to any power, and any number to the power of 0, are 1; a negative base takes whole exponents only.
fn pow_f32(x: f32, y: f32) -> f32 {
  if (y == 0.0 || x == 1.0) { return 1.0; }
  if (isNan_f32(x) || isNan_f32(y)) { return special_f32(0x7fc00000u); }
  let a = abs(x);
  let inf = special_f32(0x7f800000u);
  let isWhole = !isFinite_f32(y) || y == floor(y);
  let isOdd = isFinite_f32(y) && isWhole && abs(y) < 16777216.0 && (i32(y) & 1) == 1;
  let isMinus = (bitcast<u32>(x) >> 31u) == 1u;
  let sign = select(1.0, -1.0, isMinus && isOdd);
  if (a == 1.0) { return select(sign, special_f32(0x7fc00000u), isMinus && !isWhole); }
  if (!isFinite_f32(y)) { return select(0.0, inf, (a > 1.0) == (y > 0.0)); }
  if (bitcast<u32>(a) == 0u) { return sign * select(0.0, inf, y < 0.0); }
  if (!isFinite_f32(x)) { return sign * select(0.0, inf, y > 0.0); }
  if (isMinus && !isWhole) { return special_f32(0x7fc00000u); }
  let l = log2InParts(a);
  if (abs(y) > 1e9 || abs(y * l.x) > 400.0) { return sign * select(0.0, inf, (l.x + l.y > 0.0) == (y > 0.0)); }
  let p = exactProduct(y, l.x);
  let rest = p.y + y * l.y;
  let k = floor(p.x + rest + 0.5);
  let r = ((p.x - k) + rest) * 0.6931471805599453;
  let c = i32(min(max(k, -200.0), 200.0));
  return sign * scaled(r * r * expTail(r) + r + 1.0, min(max(c, -252), 252));
}
`;
