import { check } from "../../graph/error.ts";
import type { DType, Shape } from "../../types/index.ts";
import { resultType } from "../broadcast.ts";
import type { Tensor } from "../core.ts";
import { convert, describe, fillValue, raw, requireFloat, select } from "../lift.ts";
import { isScalar, scalarValue } from "../scalar.ts";
import type { BroadcastCheck, BroadcastWith, Combined, DTypeOf, FloatCombined, Operand, PromoteWith } from "../types/check.ts";
import type { ScalarResultType } from "../types/dtype.ts";

/** Choices and combinations of three operands. */

/** Result of choosing between two operands by a condition of shape `S`. */
export type Chosen<S extends Shape, A, B> = Tensor<
  BroadcastWith<BroadcastWith<S, A>, B>,
  A extends Tensor ? PromoteWith<A["shape"], A["dtype"], B> : B extends Tensor ? PromoteWith<B["shape"], B["dtype"], A> : ScalarResultType<DTypeOf<A>, DTypeOf<B>>
>;

/**
 * `a` where this bool tensor holds, else `b`; shapes broadcast, dtypes are promoted. Nothing leaks from the branch
 * not taken, neither into the value nor into the derivative of the one taken. The condition is the receiver:
 * `x.gt(0).where(x, 0)`. PyTorch: `torch.where(condition, a, b)`, which is also the function `where` here.
 */
export function where<S extends Shape, const A extends Operand, const B extends Operand>(
  this: Tensor<S>, a: A & BroadcastCheck<S, A>, b: B & BroadcastCheck<BroadcastWith<S, A>, B>,
): Chosen<S, A, B>;
export function where(this: Tensor, a: Operand, b: Operand): Tensor { return select(this, a, b); }

/**
 * `value` (a number, or a tensor without dimensions) where `mask` holds, else this tensor, whose dtype stays.
 * A float does not go into integers. PyTorch: `torch.masked_fill`.
 */
export function maskedFill<S extends Shape, D extends DType, M extends Shape>(
  this: Tensor<S, D>, mask: Tensor<M> & BroadcastCheck<S, Tensor<M>>, value: Operand,
): Tensor<BroadcastWith<S, Tensor<M>>, D>;
export function maskedFill(this: Tensor, mask: Tensor, value: Operand): Tensor {
  return select(mask, fillValue(this, value, "maskedFill"), this);
}

/**
 * x kept within [min, max]; either bound may be left out, and each is a number or a tensor. NaN stays NaN; where
 * min is above max the result is max. The derivative is 1 on the bounds and 0 outside; a tensor bound has it where
 * it is the result. PyTorch: `torch.clamp`.
 */
export function clamp<S extends Shape, D extends DType, const A extends Bound = undefined, const B extends Bound = undefined>(
  this: Tensor<S, D>, min?: A & BroadcastCheck<S, A>, max?: B & BroadcastCheck<S, B>,
): Clamped<S, D, A, B>;
export function clamp(this: Tensor, min?: Operand | null, max?: Operand | null): Tensor {
  check((min ?? null) !== null || (max ?? null) !== null, () => `clamp of ${describe(this)} without bounds`, "give min, max or both");
  const above = (min ?? null) === null ? this : select(this.lt(min!), min!, this);
  return (max ?? null) === null ? above : select(above.gt(max!), max!, above);
}
/** A bound, or none. */
type Bound = Operand | null | undefined;
type Clamped<S extends Shape, D extends DType, A, B> = Bounded<S, D, A> extends infer X extends Tensor ? Bounded<X["shape"], X["dtype"], B> : never;
type Bounded<S extends Shape, D extends DType, A> = A extends Operand ? Combined<S, D, A> : Tensor<S, D>;

/** {@link clamp} under its other name. PyTorch: `torch.clip`. */
export const clip: typeof clamp = clamp;

/** x, at least `min`. PyTorch: `torch.clamp_min`. */
export function clampMin<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, min: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function clampMin(this: Tensor, min: Operand): Tensor { return select(this.lt(min), min, this); }

/** x, at most `max`. PyTorch: `torch.clamp_max`. */
export function clampMax<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, max: O & BroadcastCheck<S, O>): Combined<S, D, O>;
export function clampMax(this: Tensor, max: Operand): Tensor { return select(this.gt(max), max, this); }

/**
 * `x + weight * (end - x)`, computed from the end that is nearer, so that weight 0 and 1 give the ends exactly.
 * `weight` is a number or a tensor. PyTorch: `torch.lerp`.
 */
export function lerp<S extends Shape, D extends DType, const E extends Tensor, const W extends Operand>(
  this: Tensor<S, D>, end: E & BroadcastCheck<S, E>, weight: W & BroadcastCheck<BroadcastWith<S, E>, W>,
): FloatCombined<BroadcastWith<S, E>, PromoteWith<S, D, E>, W>;
export function lerp(this: Tensor, end: Tensor, weight: Operand): Tensor {
  requireFloat(this, "lerp");
  const span = end.sub(this);
  const fromStart = (): Tensor => this.add(span.mul(weight));
  const fromEnd = (rest: Operand): Tensor => end.sub(span.mul(rest));
  if (isScalar(weight)) return scalarValue(weight) < 0.5 ? fromStart() : fromEnd(1 - scalarValue(weight));
  return select(weight.lt(0.5), fromStart(), fromEnd(weight.rsub(1)));
}

/** `x + value * a * b`, in the dtype of all three. PyTorch: `torch.addcmul`. */
export function addcmul<S extends Shape, D extends DType, const A extends Tensor, const B extends Operand>(
  this: Tensor<S, D>, a: A & BroadcastCheck<S, A>, b: B & BroadcastCheck<BroadcastWith<S, A>, B>, options?: { readonly value?: number },
): Combined<BroadcastWith<S, A>, PromoteWith<S, D, A>, B>;
export function addcmul(this: Tensor, a: Tensor, b: Operand, { value = 1 }: { readonly value?: number } = {}): Tensor {
  return this.add(scaledBy(convert(a, resultType([this.value, a.value, raw(b)])).mul(b), value));
}

/** `x + value * a / b`, in the dtype of all three. PyTorch: `torch.addcdiv`. */
export function addcdiv<S extends Shape, D extends DType, const A extends Tensor, const B extends Operand>(
  this: Tensor<S, D>, a: A & BroadcastCheck<S, A>, b: B & BroadcastCheck<BroadcastWith<S, A>, B>, options?: { readonly value?: number },
): FloatCombined<BroadcastWith<S, A>, PromoteWith<S, D, A>, B>;
export function addcdiv(this: Tensor, a: Tensor, b: Operand, { value = 1 }: { readonly value?: number } = {}): Tensor {
  return this.add(scaledBy(convert(a, resultType([this.value, a.value, raw(b)])).div(b), value));
}

const scaledBy = (x: Tensor, value: number): Tensor => (value === 1 ? x : x.mul(value));

