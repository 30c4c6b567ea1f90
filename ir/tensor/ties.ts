import { isFloat } from "../types/index.ts";
import type { Tensor } from "./core.ts";

/** An element of `x`, or NaN, with a derivative that all elements equal to it share. */
export function sharedAmongEquals(value: Tensor, x: Tensor): Tensor {
  if (!isFloat(x.dtype)) return value;
  const fixed = value.stopGradient(), isEqual = x.eq(fixed).logicalOr(x.isNan().logicalAnd(fixed.isNan()));
  const finite = isEqual.logicalAnd(x.isInf().logicalNot()).where(x, 0), share = isEqual.sum().clampMin(1);
  // a sum less itself: 0, with the derivative of the sum
  return fixed.add(finite.sub(finite.stopGradient()).sum().div(share));
}
