import { emitOne } from "../graph/build.ts";
import { check } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import { broadcastTo, full } from "../tensor/broadcast.ts";
import { Tensor } from "../tensor/tensor.ts";
import { dims, typeText, type Dim, type Float, type Shape } from "../types/index.ts";

/**
 * A random stream: a u32[2] key, and a number that tells apart the streams drawn under one key.
 *
 * Counter-based (Threefry-2x32, Salmon et al. 2011): element i of a stream is the cipher of counter `(i, stream)`
 * under the key. Nothing is drawn in order, so the same key gives the same numbers on every target and with any
 * number of threads.
 */
export interface Stream {
  readonly words: readonly [Tensor, Tensor];
  readonly stream: number;
}

/** The stream of a key, a tensor u32[2]. */
export function streamOf(key: Tensor, stream = 0): Stream {
  check(key.dtype === "u32" && key.rank === 1 && key.shape[0] === 2, () => `a random key is ${typeText(key.value.type)}; it must be u32[2]`,
    "declare an input u32(2), or leave the key out in a training function to use the model's own");
  check(Number.isInteger(stream) && stream >= 0 && stream < streams, () => `random stream ${stream}: a whole number from 0 to 2^32-3 is needed`);
  return { words: wordsOf(key), stream };
}

/** Keys that were put together from two words: taking them apart again gives the words, not slices. */
const assembled = new WeakMap<Value, readonly [Tensor, Tensor]>();

export function keyOf(first: Tensor, second: Tensor): Tensor {
  const parts = [first, second].map((w) => emitOne("reshape", [w.value], { shape: [1] }));
  const key = new Tensor(emitOne("concat", parts, { axis: 0 }));
  assembled.set(key.value, [first, second]);
  return key;
}

/** The two words of a key, as u32 scalars. */
export function wordsOf(key: Tensor): readonly [Tensor, Tensor] {
  const word = (i: number): Tensor =>
    new Tensor(emitOne("reshape", [emitOne("slice", [key.value], { start: [i], limit: [i + 1], step: [1] })], { shape: [] }));
  return assembled.get(key.value) ?? [word(0), word(1)];
}

/** Word `word` of `words` random 32-bit words for each element of a shape: a u32 tensor. */
export function bitsOf({ words: keys, stream }: Stream, shape: Shape, word = 0, words = 1): Tensor {
  const canonical = shape.map(dims.dim), size: Dim = dims.product(canonical);
  const index = new Tensor(emitOne("iota", [], { dtype: "u32", shape: [size], axis: 0 }));
  const flat = cipher(keys, words === 1 ? index : index.mul(words).add(word), stream);
  return new Tensor(emitOne("reshape", [flat.value], { shape: canonical }));
}

/** Threefry of the counters `(counter[i], stream)` under a key. */
function cipher([key0, key1]: Stream["words"], counter: Tensor, stream: number): Tensor {
  const spread = (x: Tensor): Value => broadcastTo(x.value, counter.shape);
  return new Tensor(emitOne("threefry", [spread(key0), spread(key1), counter.value, full(stream, "u32", counter.shape)], {}));
}

/** The last two streams are kept for making keys of keys. */
export const streams = 2 ** 32 - 2;

/** The key that depends on a key and a u32 scalar. */
export function foldedKey(key: Tensor, data: Tensor): Tensor {
  const words = wordsOf(key);
  return keyOf(cipher(words, data, streams), cipher(words, data, streams + 1));
}

/** Random bits that a uniform number of 32 bits or fewer has: as many as its dtype has digits. */
const digits: Record<Exclude<Float, "f64">, number> = { f16: 11, bf16: 8, f32: 24 };

/** Uniform numbers in [0, 1), multiples of 2^-11 (f16), 2^-8 (bf16), 2^-24 (f32) or 2^-53 (f64): exact in any precision. */
export function unitOf(stream: Stream, shape: Shape, dtype: Float, word = 0, words = 1): Tensor {
  if (dtype === "f64") {
    const high = shiftRight(bitsOf(stream, shape, 2 * word, 2 * words), 5).convert("f64");
    const low = shiftRight(bitsOf(stream, shape, 2 * word + 1, 2 * words), 6).convert("f64");
    return high.mul(2 ** 26).add(low).mul(2 ** -53);
  }
  return shiftRight(bitsOf(stream, shape, word, words), 32 - digits[dtype]).convert(dtype).mul(2 ** -digits[dtype]);
}

const shiftRight = (x: Tensor, by: number): Tensor => new Tensor(emitOne("shiftRight", [x.value, full(by, "u32", x.shape)], {}));
