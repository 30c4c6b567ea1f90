import { check } from "../../graph/error.ts";
import type { Float, Layer } from "../../model/scope.ts";
import { requireTensors } from "../../tensor/arguments.ts";
import { iota } from "../../tensor/dims.ts";
import { cat, stack } from "../../tensor/join.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { dims, isFloat, typeText, type Dim, type DType, type Shape } from "../../types/index.ts";
import { dropout as drop } from "../dropout.ts";
import type { Pointwise } from "../types.ts";

/** How attention learns of order: positions as waves that are added, and as rotations. Nothing of it is a parameter. */

export interface PositionOptions {
  /** Ratio of the longest wave to the shortest; 10000 unless given. */
  readonly base?: number;
  /** Positions of the rows, `[T]`; 0, 1, 2, … unless given. With a key/value cache, those of the new rows. */
  readonly positions?: Tensor;
}

/** `position · base^(-2i/width)`: `[T, width / 2]`. Waves of f32 are computed in f32. */
function angles(what: string, length: Dim, width: Dim, dtype: DType, { base = 10000, positions }: PositionOptions): Tensor {
  check(typeof width === "number" && width % 2 === 0, () => `${what}: the width is ${width}`, "it must be an even number");
  check(base > 0, () => `${what}: the base is ${base}`, "give a number above 0");
  check(!positions || (positions.rank === 1 && positions.shape[0] === length), () => `${what}: the positions are ${typeText(positions!.value.type)}`, `they must have shape [${length}]`);
  const at = (positions ?? iota([length], 0)).convert(dtype).unsqueeze(1);
  const rates = iota([width / 2], 0).convert(dtype).mul(-2 * Math.log(base) / width).exp();
  return at.mul(rates);
}

/**
 * Waves of different lengths at each position: `sin(p·base^(-2i/width))` in the even columns, `cos` of the same in the
 * odd ones (Vaswani et al. 2017, section 3.5): `[length, width]`. The length may be symbolic.
 */
export function sinusoidalPositions<const L extends Dim, const W extends number>(length: L, width: W, options: PositionOptions & { readonly dtype?: "f32" | "f64" } = {}): Tensor<[L, W], "f32" | "f64"> {
  const waves = angles("sinusoidalPositions", dims.dim(length), width, options.dtype ?? "f32", options);
  return stack([waves.sin(), waves.cos()], -1).flatten(1, 2) as unknown as Tensor<[L, W], "f32" | "f64">;
}

/**
 * Adds {@link sinusoidalPositions} to `[B, T, E]` (or `[T, E]`); to `[T, B, E]` with `batchFirst: false`. In training functions
 * it drops with probability `dropout` (0.1 unless given). The module that PyTorch's transformer tutorial writes out.
 */
export const positionalEncoding = ({ dropout = 0.1, batchFirst = true, base }: { readonly dropout?: number; readonly batchFirst?: boolean; readonly base?: number } = {}): Layer<Pointwise, Float> => () => ((x: Tensor) => {
  check(isFloat(x.dtype) && (x.rank === 2 || x.rank === 3), () => `positionalEncoding of ${typeText(x.value.type)}`, "it takes floats, [B, T, E] or [T, E]");
  const time = x.rank === 2 || !batchFirst ? 0 : 1, width = x.shape[x.rank - 1];
  const waves = sinusoidalPositions(x.shape[time], width as number, { dtype: x.dtype as "f32" | "f64", ...(base !== undefined && { base }) }) as Tensor;
  return drop(x.add(x.rank === 3 && time === 0 ? waves.unsqueeze(1) : waves), { p: dropout });
}) as Pointwise;

export interface RotaryOptions extends PositionOptions {
  /** Whether a pair is two columns side by side (Su et al. 2021), or one of each half (GPT-NeoX, LLaMA): false unless given. */
  readonly interleaved?: boolean;
}

/**
 * Rotary position embedding (Su et al. 2021): turns each pair of columns of `[…, T, E]` by an angle that grows with the
 * position, so that the product of a query and a key depends on how far apart they are.
 */
export function rotaryEmbedding<S extends Shape, D extends DType>(x: Tensor<S, D>, options?: RotaryOptions): Tensor<S, D>;
export function rotaryEmbedding(x: Tensor, { interleaved = false, ...options }: RotaryOptions = {}): Tensor {
  requireTensors("rotaryEmbedding", { x });
  check(isFloat(x.dtype) && x.rank >= 2, () => `rotaryEmbedding of ${typeText(x.value.type)}`, "it takes floats, […, T, E]");
  const [length, width] = x.shape.slice(-2);
  const turn = angles("rotaryEmbedding", length, width, x.dtype, options), cos = turn.cos(), sin = turn.sin();
  const pairs = interleaved ? x.reshape([...x.shape.slice(0, -1), (width as number) / 2, 2]) : undefined;
  const [a, b] = pairs ? [pairs.select(-1, 0), pairs.select(-1, 1)] : x.chunk(2, -1);
  const turned = [a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))];
  return pairs ? stack(turned, -1).flatten(-2, -1) : cat(turned, -1);
}
