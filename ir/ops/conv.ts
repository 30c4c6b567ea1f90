import { check } from "../graph/error.ts";
import { isFloat, roundTo, typeText, type Dim, type Shape, type TensorType } from "../types/index.ts";
import { forEachIndex, linearIndex, op, stridesOf, tabulate } from "./record.ts";
import { elementAt, windowAxes, windowCount, type WindowAxis } from "./window.ts";

/** How a convolution's kernel steps over its operand; a list entry for each spatial axis. */
export interface ConvAttrs {
  readonly stride: readonly number[];
  readonly low: readonly Dim[];
  readonly high: readonly Dim[];
  readonly lhsDilation: readonly number[];
  readonly rhsDilation: readonly number[];
}

/** Axes before the spatial ones: group, batch or output, channel. */
export const convLeading = 3;

/** The windows of a convolution of operands of these shapes. */
export function convAxes(lhs: TensorType, rhs: { readonly shape: Shape }, { lhsDilation, rhsDilation, ...lists }: ConvAttrs): WindowAxis[] {
  const lead = convLeading;
  return windowAxes("conv", lhs, lhs.shape.slice(lead), rhs.shape.slice(lead), { ...lists, baseDilation: lhsDilation, windowDilation: rhsDilation });
}

/** The attributes that give these windows. */
export function convAttrs(axes: readonly WindowAxis[]): ConvAttrs {
  return {
    stride: axes.map((a) => a.stride), low: axes.map((a) => a.low), high: axes.map((a) => a.high),
    lhsDilation: axes.map((a) => a.baseDilation), rhsDilation: axes.map((a) => a.windowDilation),
  };
}

/**
 * The general convolution (cross-correlation, as in PyTorch): `lhs [G, B, C, …S]` with `rhs [G, O, C, …K]` is
 * `[G, B, O, …S']`, for each group by itself:
 *
 *   out[g, b, o, p…] = Σ_{c, k…} lhs[g, b, c, (p·stride + k·rhsDilation − low) / lhsDilation …] · rhs[g, o, c, k…]
 *
 * where what lies outside the operand, or between its elements, counts as 0. Negative padding crops. Its derivatives are
 * convolutions too: strides turn into dilations, and the other way round.
 */
export const conv = op<ConvAttrs>({
  kind: "contract",
  infer([a, b], attrs) {
    const text = (): string => `conv of ${typeText(a)} with ${typeText(b)}`;
    check(a.dtype === b.dtype && a.dtype !== "bool", () => `${text()}: the dtypes must be equal numbers`);
    check(a.shape.length >= convLeading && a.shape.length === b.shape.length, () => `${text()}: the operands are [G, B, C, …S] and [G, O, C, …K]`);
    check(a.shape[0] === b.shape[0], () => `${text()}: ${a.shape[0]} groups against ${b.shape[0]}`);
    check(a.shape[2] === b.shape[2], () => `${text()}: ${a.shape[2]} channels against ${b.shape[2]}`);
    return [{ dtype: a.dtype, shape: [a.shape[0], a.shape[1], b.shape[1], ...convAxes(a, b, attrs).map(windowCount)] }];
  },
  evaluate([a, b], attrs, [out]) {
    const axes = convAxes(a, b, attrs), sa = stridesOf(a.shape), sb = stridesOf(b.shape);
    const inner = b.shape.slice(2);
    const isExact = !isFloat(a.dtype);
    return [tabulate(out, ([g, n, o, ...p]) => {
      const fromA = g * sa[0] + n * sa[1], fromB = g * sb[0] + o * sb[1];
      let sum = 0;
      forEachIndex(inner, (ck) => {
        let at = fromA + ck[0] * sa[2];
        for (const [i, axis] of axes.entries()) {
          const element = elementAt(axis, p[i], ck[1 + i]);
          if (element === undefined) return;
          at += element * sa[convLeading + i];
        }
        const x = a.data[at], y = b.data[fromB + linearIndex(ck, sb.slice(2))];
        sum = isExact ? roundTo(a.dtype, sum + Math.imul(x, y)) : sum + x * y;
      });
      return sum;
    })];
  },
});
