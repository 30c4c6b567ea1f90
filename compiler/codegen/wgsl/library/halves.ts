/** Halves in words of 32 bits, the first in the lower bits: their numbers, and the bits of the half that is nearest to a number. */
export const halves = `
fn numberOfF16(word: u32, at: i32) -> f32 {
  return unpack2x16float(word)[at & 1];
}
fn numbersOfF16(words: vec2<u32>) -> vec4<f32> {
  return vec4(unpack2x16float(words.x), unpack2x16float(words.y));
}
// Of two that are as near the even one: the bits of an f32 count on from one to the next as numbers do. Below 2^-14 in
// steps of 2^-24, which are those of an f32 between 0.5 and 1; what is too large is infinite, and a NaN stays one.
fn bitsOfF16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  let near = min(size, 0x47800000u);
  let normal = (near - 0x38000000u + 0xfffu + ((near >> 13u) & 1u)) >> 13u;
  let small = bitcast<u32>(bitcast<f32>(size) + 0.5) - 0x3f000000u;
  return ((bits >> 16u) & 0x8000u) | select(0u, 0x200u, size > 0x7f800000u) | select(normal, small, size < 0x38800000u);
}
fn pairsOfF16(x: vec4<f32>) -> vec2<u32> {
  let bits = bitcast<vec4<u32>>(x);
  let size = bits & vec4(0x7fffffffu);
  let near = min(size, vec4(0x47800000u));
  let normal = (near - vec4(0x38000000u) + vec4(0xfffu) + ((near >> vec4(13u)) & vec4(1u))) >> vec4(13u);
  let small = bitcast<vec4<u32>>(bitcast<vec4<f32>>(size) + vec4(0.5)) - vec4(0x3f000000u);
  let halves = ((bits >> vec4(16u)) & vec4(0x8000u)) | select(vec4(0u), vec4(0x200u), size > vec4(0x7f800000u)) | select(normal, small, size < vec4(0x38800000u));
  return halves.xz | (halves.yw << vec2(16u));
}
fn numberOfBF16(word: u32, at: i32) -> f32 {
  return bitcast<f32>(select(word << 16u, word & 0xffff0000u, (at & 1) == 1));
}
fn numbersOfBF16(words: vec2<u32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4(words.x << 16u, words.x & 0xffff0000u, words.y << 16u, words.y & 0xffff0000u));
}
fn bitsOfBF16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let near = (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
  return select(near, (bits >> 16u) | 0x40u, (bits & 0x7fffffffu) > 0x7f800000u);
}
fn pairsOfBF16(x: vec4<f32>) -> vec2<u32> {
  let bits = bitcast<vec4<u32>>(x);
  let near = (bits + vec4(0x7fffu) + ((bits >> vec4(16u)) & vec4(1u))) >> vec4(16u);
  let halves = select(near, (bits >> vec4(16u)) | vec4(0x40u), (bits & vec4(0x7fffffffu)) > vec4(0x7f800000u));
  return halves.xz | (halves.yw << vec2(16u));
}
`;
