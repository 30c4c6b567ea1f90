import { tensor, type Tensor } from "chainrule";
import { at, each, within, type Table } from "./check.ts";

/** Methods of a tensor that work element by element. */

type Method = (x: Tensor, ...rest: unknown[]) => Tensor;
const named = (name: string): Method => (x, ...rest) => (x as unknown as Record<string, (...rest: unknown[]) => Tensor>)[name](...rest);
const on = (low: number, high: number, ...rest: unknown[]) => (name: string) => at([within(low, high, [2, 3])], (x) => named(name)(x, ...rest));
/** Of two tensors, the second of which is stretched. */
const pair = (x: readonly [number, number], y: readonly [number, number] = x) => (name: string) => at([within(...x, [2, 3]), within(...y, [3], 12)], (a, b) => named(name)(a, b));

export const elementwise: Table = {
  ...each("neg abs square exp exp2 expm1 sin cos tan sinh cosh tanh atan asinh erf erfc erfcx sigmoid sinc deg2rad rad2deg positive ndtr logNdtr nanToNum frac clone contiguous double", on(-1.5, 1.4)),
  ...each("relu relu6 leakyRelu elu selu celu gelu silu mish logSigmoid softplus softsign hardtanh hardsigmoid hardswish hardshrink softshrink tanhshrink", on(-4, 7)),
  ...each("asin acos atanh erfinv", on(-0.8, 0.8)),
  ...each("log log2 log10 log1p sqrt rsqrt reciprocal lgamma digamma entr acosh modifiedBesselK0 modifiedBesselK1 scaledModifiedBesselK0 scaledModifiedBesselK1", on(1.2, 6)),
  ...each("logit ndtri", on(0.1, 0.9)),
  ...each("i0 i0e i1 i1e", on(-10, 12)),
  ...each("chebyshevPolynomialT chebyshevPolynomialU chebyshevPolynomialV chebyshevPolynomialW hermitePolynomialH hermitePolynomialHe laguerrePolynomialL legendrePolynomialP shiftedChebyshevPolynomialT shiftedChebyshevPolynomialU shiftedChebyshevPolynomialV shiftedChebyshevPolynomialW", on(0.1, 0.9, 4)),
  ...each("sign floor ceil round trunc", (name) => ({ ...on(-3, 3)(name), flat: true })),
  gelu: [on(-4, 4)("gelu"), on(-4, 4, "tanh")("gelu")],
  softplus: on(-3, 3, 2, 3)("softplus"),
  threshold: on(-1, 1, 0.2, 9)("threshold"),
  polygamma: [on(0.5, 4, 1)("polygamma"), on(0.5, 4, 3)("polygamma")],
  mvlgamma: on(1.5, 5, 2)("mvlgamma"),
  ...each("add sub rsub mul maximum minimum fmax fmin logaddexp logaddexp2", pair([-2, 2])),
  ...each("atan2 hypot ldexp", pair([-2, 2], [0.3, 2])),
  ...each("div rdiv fmod remainder", pair([0.5, 3])),
  floorDivide: { ...pair([0.5, 3])("floorDivide"), flat: true },
  heaviside: "compares; its values are for zero alone",
  copysign: at([within(-2, 2, [2, 3])], (x) => x.copysign(tensor([-1, 1, 2], "f64") as Tensor)),
  ...each("pow xlogy xlog1py", pair([0.5, 3])),
  rpow: [on(-2, 2, 3)("rpow"), pair([0.5, 2])("rpow")],
  zeta: at([within(1.5, 4, [2, 3]), within(0.5, 3, [3])], (x, q) => x.zeta(q)),
  ...each("clamp clip", (name) => [on(-2, 2, -1, 0.7)(name), at([within(-2, 2, [2, 3]), within(-0.5, 1, [3], 12)], (x, high) => named(name)(x, null, high))]),
  clampMin: pair([-1, 1])("clampMin"),
  clampMax: pair([-1, 1])("clampMax"),
  lerp: [at([[2, 3], [2, 3], [3]], (a, b, w) => a.lerp(b, w)), at([[2, 3], [2, 3]], (a, b) => a.lerp(b, 0.3))],
  addcmul: at([[2, 3], [3], [2, 1]], (x, a, b) => x.addcmul(a, b, { value: 0.7 })),
  addcdiv: at([[2, 3], [3], within(0.5, 2, [2, 1])], (x, a, b) => x.addcdiv(a, b, { value: 0.7 })),
  where: at([[2, 3], [3]], (a, b) => a.gt(0).where(a, b)),
  maskedFill: at([[2, 3], []], (x, value) => x.maskedFill(x.gt(0.2), value)),
  prelu: at([[2, 3], [3]], (x, w) => x.prelu(w)),
};
