import { check } from "../graph/error.ts";
import { currentFrame } from "../model/trace.ts";
import { full } from "../tensor/broadcast.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isHalf, typeText, type DType, type Float, type Shape } from "../types/index.ts";
import { bitsOf, foldedKey, keyOf, streamOf, unitOf, wordsOf, type Stream } from "./bits.ts";

export type { Float };

/** What every draw takes. */
export interface DrawOptions<S extends Shape = Shape, D extends DType = DType> {
  readonly shape: S;
  /** f32 unless given. */
  readonly dtype?: D;
  /**
   * A u32[2] tensor. The same key, stream and shape give the same numbers. Without it, the model's own key is used,
   * which moves on with every draw: for functions of a model only.
   */
  readonly key?: Tensor;
  /** Which of the streams of the key; 0 unless given. */
  readonly stream?: number;
}

/** Random 32-bit words, u32. JAX: `jax.random.bits`. */
export function bits<const S extends Shape>(options: DrawOptions<S, "u32">): Tensor<S, "u32"> {
  return bitsOf(source(options), options.shape) as Tensor<S, "u32">;
}

/** Uniform numbers in [low, high), f32 with 24 random bits, f64 with 53, f16 with 11 or bf16 with 8. PyTorch: `torch.rand`. */
export function uniform<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D> & { readonly low?: number; readonly high?: number }): Tensor<S, D> {
  const { shape, low = 0, high = 1, dtype = "f32" } = options;
  const unit = unitOf(source(options), shape, dtype);
  if (low === 0) return (high === 1 ? unit : unit.mul(high)) as Tensor<S, D>;
  // from the middle out: for a symmetric interval that is one rounding, so every target gets the same bits
  const middle = (low + high) / 2;
  const centred = unit.mul(2).sub(1).mul((high - low) / 2);
  return (middle === 0 ? centred : centred.add(middle)) as Tensor<S, D>;
}

/** Normal numbers, by the Box-Muller transform of two uniform ones (1958). PyTorch: `torch.randn`. */
export function normal<const S extends Shape, D extends Float = "f32">(options: DrawOptions<S, D> & { readonly mean?: number; readonly std?: number }): Tensor<S, D> {
  const { shape, mean = 0, std = 1, dtype = "f32" } = options;
  if (isHalf(dtype)) return normal({ ...options, dtype: "f32" }).convert(dtype) as Tensor<S, D>;
  const stream = source(options);
  const radius = unitOf(stream, shape, dtype, 0, 2).neg().add(1).log().mul(-2).sqrt(); // of 1 - u, which is never 0
  const angle = unitOf(stream, shape, dtype, 1, 2).mul(2 * Math.PI);
  const z = radius.mul(angle.cos());
  const scaled = std === 1 ? z : z.mul(std);
  return (mean === 0 ? scaled : scaled.add(mean)) as Tensor<S, D>;
}

/**
 * True with probability `p`: a number from 0 to 1, or a tensor of probabilities that broadcasts to `shape`. Bool. PyTorch: `torch.bernoulli`.
 */
export function bernoulli<const S extends Shape>(options: DrawOptions<S, "bool"> & { readonly p: number | Tensor }): Tensor<S, "bool"> {
  const { shape, p } = options;
  if (typeof p !== "number") return unitOf(source(options), shape, p.dtype === "f64" ? "f64" : "f32").lt(p) as Tensor<S, "bool">;
  check(p >= 0 && p <= 1, () => `random.bernoulli: p = ${p} is no probability`, "give a number from 0 to 1");
  const drawn = bitsOf(source(options), shape), threshold = Math.round(p * 2 ** 32);
  return (threshold < 2 ** 32 ? drawn.lt(threshold) : drawn.eq(drawn)) as Tensor<S, "bool">;
}

/** Whole numbers from `low` up to `high` - 1, i32. The remainder of 32 random bits. PyTorch: `torch.randint`. */
export function randint<const S extends Shape>(options: DrawOptions<S, "i32"> & { readonly low?: number; readonly high: number }): Tensor<S, "i32"> {
  const { shape, low = 0, high } = options;
  check(Number.isInteger(low) && Number.isInteger(high) && low < high && high - low < 2 ** 32, () => `random.randint from ${low} up to ${high}`, "give whole numbers, low < high");
  const drawn = bitsOf(source(options), shape).remainder(high - low);
  return drawn.convert("i32").add(low) as Tensor<S, "i32">;
}

/** A key that depends on `key` and `data` (a whole number, or an integer scalar): how a loop makes a key for each step. JAX: `jax.random.fold_in`. */
export function foldIn(key: Tensor, data: number | Tensor): Tensor<[2], "u32"> {
  streamOf(key); // the check
  const word = typeof data === "number" ? new Tensor(full(data >>> 0, "u32")) : data.convert("u32");
  check(word.rank === 0, () => `random.foldIn: the data to fold in is ${typeText(word.value.type)}; it must be a scalar`);
  return foldedKey(key, word) as Tensor<[2], "u32">;
}

/** The stream to draw from: that of the key given, or the next one of the model. */
function source({ key, stream }: DrawOptions): Stream {
  if (key) return streamOf(key, stream);
  check(stream === undefined, "a random stream without its key", "give both, or neither to use the model's own");
  return streamOf(nextKey());
}

/**
 * The next key of the model: its state `rng` is u32[2] = [seed, counter], and every call moves the counter on by one.
 * Throws outside a function of a model. JAX: `jax.random.split`.
 */
export function nextKey(): Tensor<[2], "u32"> {
  const frame = currentFrame();
  check(frame?.owner, "no function of a model is being traced, so there is no random key", "give the key: random.uniform({ key, shape })");
  const variable = frame.owner.rng();
  const key = new Tensor(frame.read(variable));
  const [seed, counter] = wordsOf(key);
  frame.write(variable, keyOf(seed, counter.add(1)).value);
  return key as Tensor<[2], "u32">;
}
