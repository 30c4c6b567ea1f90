/** Halves in words of 32 bits, the first in the lower bits: their numbers, and the bits of the half that is nearest to a number. */
export const halves = `
fn numberOfF16(word: u32, at: i32) -> f32 {
  return unpack2x16float(word)[at & 1];
}
fn numbersOfF16(words: vec2<u32>) -> vec4<f32> {
  return vec4(unpack2x16float(words.x), unpack2x16float(words.y));
}
// Of two that are as near the even one: the bits of an f32 count on from one to the next as numbers do.
fn bitsOfF16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return sign | 0x7e00u; }
  if (size >= 0x477ff000u) { return sign | 0x7c00u; }
  if (size >= 0x38800000u) { return sign | ((size - 0x38000000u + 0xfffu + ((size >> 13u) & 1u)) >> 13u); }
  // below 2^-14 in steps of 2^-24, which are those of an f32 between 0.5 and 1
  return sign | (bitcast<u32>(bitcast<f32>(size) + 0.5) - 0x3f000000u);
}
fn pairsOfF16(x: vec4<f32>) -> vec2<u32> {
  let bits = vec4(bitsOfF16(x.x), bitsOfF16(x.y), bitsOfF16(x.z), bitsOfF16(x.w));
  return bits.xz | (bits.yw << vec2(16u));
}
fn numberOfBF16(word: u32, at: i32) -> f32 {
  return bitcast<f32>(select(word << 16u, word & 0xffff0000u, (at & 1) == 1));
}
fn numbersOfBF16(words: vec2<u32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4(words.x << 16u, words.x & 0xffff0000u, words.y << 16u, words.y & 0xffff0000u));
}
fn bitsOfBF16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return (bits >> 16u) | 0x40u; }
  return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}
fn pairsOfBF16(x: vec4<f32>) -> vec2<u32> {
  let bits = vec4(bitsOfBF16(x.x), bitsOfBF16(x.y), bitsOfBF16(x.z), bitsOfBF16(x.w));
  return bits.xz | (bits.yw << vec2(16u));
}
`;
