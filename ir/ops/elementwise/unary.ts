import { erf, erfc, erfinv, roundEven, sigmoid, softplus } from "./special.ts";
import { roundBF16, roundF16 } from "../../types/index.ts";
import { scalarOps } from "./record.ts";

/** `2 / sqrt(π)`, the slope of erf at 0. */
const erfSlope = 2 / Math.sqrt(Math.PI);

/** Functions of one operand. */
export const unary = scalarOps({
  neg: { arity: 1, domain: "number", eval: (x) => -x, partials: [(_, out) => out.onesLike().neg()], js: "-$0", wgsl: "-$0", wgslInt: "$T(0) - $0", stablehlo: "negate" },
  /** Derivative 0 at 0. */
  abs: { arity: 1, domain: "number", eval: Math.abs, partials: [([x]) => x.sign()], js: "Math.abs($0)", wgsl: "abs($0)", stablehlo: "abs" },
  /** 0 of NaN, as PyTorch; StableHLO's keeps it. */
  sign: { arity: 1, domain: "number", eval: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0), partials: [null], js: "($0 > 0 ? 1 : $0 < 0 ? -1 : 0)", wgsl: "sign_f32($0)", wgslInt: "sign_$T($0)", stablehlo: null },
  floor: { arity: 1, domain: "float", eval: Math.floor, partials: [null], js: "Math.floor($0)", wgsl: "floor($0)", stablehlo: "floor" },
  ceil: { arity: 1, domain: "float", eval: Math.ceil, partials: [null], js: "Math.ceil($0)", wgsl: "ceil($0)", stablehlo: "ceil" },
  /** Half to even. */
  round: { arity: 1, domain: "float", eval: roundEven, partials: [null], js: "roundEven($0)", wgsl: "round($0)", stablehlo: "round_nearest_even" },
  trunc: { arity: 1, domain: "float", eval: Math.trunc, partials: [null], js: "Math.trunc($0)", wgsl: "trunc($0)", stablehlo: null },

  /** The nearest value that f16 holds: what kernels do where a graph converts to f16, whose derivative is the conversion's. */
  roundF16: { arity: 1, domain: "float", eval: roundF16, partials: null, js: "roundF16($0)", wgsl: "roundF16_f32($0)", stablehlo: null, cost: 6 },
  /** The nearest value that bf16 holds, as {@link roundF16}. */
  roundBF16: { arity: 1, domain: "float", eval: roundBF16, partials: null, js: "roundBF16($0)", wgsl: "roundBF16_f32($0)", stablehlo: null, cost: 4 },

  exp: { arity: 1, domain: "float", eval: Math.exp, partials: [(_, out) => out], js: "Math.exp($0)", wgsl: "exp_f32($0)", stablehlo: "exponential", cost: 10 },
  exp2: { arity: 1, domain: "float", eval: (x) => 2 ** x, partials: [(_, out) => out.mul(Math.LN2)], js: "2 ** $0", wgsl: "exp2_f32($0)", stablehlo: null, cost: 15 },
  expm1: { arity: 1, domain: "float", eval: Math.expm1, partials: [(_, out) => out.add(1)], js: "Math.expm1($0)", wgsl: "expm1_f32($0)", stablehlo: "exponential_minus_one", cost: 15 },
  log: { arity: 1, domain: "float", eval: Math.log, partials: [([x]) => x.reciprocal()], js: "Math.log($0)", wgsl: "log_f32($0)", stablehlo: "log", cost: 10 },
  log2: { arity: 1, domain: "float", eval: Math.log2, partials: [([x]) => x.mul(Math.LN2).reciprocal()], js: "Math.log2($0)", wgsl: "log2_f32($0)", stablehlo: null, cost: 12 },
  log10: { arity: 1, domain: "float", eval: Math.log10, partials: [([x]) => x.mul(Math.LN10).reciprocal()], js: "Math.log10($0)", wgsl: "log10_f32($0)", stablehlo: null, cost: 12 },
  log1p: { arity: 1, domain: "float", eval: Math.log1p, partials: [([x]) => x.add(1).reciprocal()], js: "Math.log1p($0)", wgsl: "log1p_f32($0)", stablehlo: "log_plus_one", cost: 12 },
  sqrt: { arity: 1, domain: "float", eval: Math.sqrt, partials: [(_, out) => out.mul(2).reciprocal()], js: "Math.sqrt($0)", wgsl: "sqrt($0)", stablehlo: "sqrt", cost: 4 },
  rsqrt: { arity: 1, domain: "float", eval: (x) => 1 / Math.sqrt(x), partials: [([x], out) => out.div(x).mul(-0.5)], js: "1 / Math.sqrt($0)", wgsl: "1.0 / sqrt($0)", stablehlo: "rsqrt", cost: 8 },
  reciprocal: { arity: 1, domain: "float", eval: (x) => 1 / x, partials: [(_, out) => out.square().neg()], js: "1 / $0", wgsl: "1.0 / $0", stablehlo: null, cost: 4 },

  sin: { arity: 1, domain: "float", eval: Math.sin, partials: [([x]) => x.cos()], js: "Math.sin($0)", wgsl: "sin_f32($0)", stablehlo: "sine", cost: 12 },
  cos: { arity: 1, domain: "float", eval: Math.cos, partials: [([x]) => x.sin().neg()], js: "Math.cos($0)", wgsl: "cos_f32($0)", stablehlo: "cosine", cost: 12 },
  tan: { arity: 1, domain: "float", eval: Math.tan, partials: [(_, out) => out.square().add(1)], js: "Math.tan($0)", wgsl: "tan_f32($0)", stablehlo: "tan", cost: 20 },
  asin: { arity: 1, domain: "float", eval: Math.asin, partials: [([x]) => x.square().neg().add(1).rsqrt()], js: "Math.asin($0)", wgsl: "asin_f32($0)", stablehlo: "chlo.asin", cost: 20 },
  acos: { arity: 1, domain: "float", eval: Math.acos, partials: [([x]) => x.square().neg().add(1).rsqrt().neg()], js: "Math.acos($0)", wgsl: "acos_f32($0)", stablehlo: "chlo.acos", cost: 20 },
  atan: { arity: 1, domain: "float", eval: Math.atan, partials: [([x]) => x.square().add(1).reciprocal()], js: "Math.atan($0)", wgsl: "atan_f32($0)", stablehlo: "chlo.atan", cost: 20 },
  sinh: { arity: 1, domain: "float", eval: Math.sinh, partials: [([x]) => x.cosh()], js: "Math.sinh($0)", wgsl: "sinh_f32($0)", stablehlo: "chlo.sinh", cost: 20 },
  cosh: { arity: 1, domain: "float", eval: Math.cosh, partials: [([x]) => x.sinh()], js: "Math.cosh($0)", wgsl: "cosh_f32($0)", stablehlo: "chlo.cosh", cost: 20 },
  tanh: { arity: 1, domain: "float", eval: Math.tanh, partials: [(_, out) => out.square().neg().add(1)], js: "Math.tanh($0)", wgsl: "tanh_f32($0)", stablehlo: "tanh", cost: 12 },
  asinh: { arity: 1, domain: "float", eval: Math.asinh, partials: [([x]) => x.square().add(1).rsqrt()], js: "Math.asinh($0)", wgsl: "asinh_f32($0)", stablehlo: "chlo.asinh", cost: 25 },
  acosh: { arity: 1, domain: "float", eval: Math.acosh, partials: [([x]) => x.square().sub(1).rsqrt()], js: "Math.acosh($0)", wgsl: "acosh_f32($0)", stablehlo: "chlo.acosh", cost: 25 },
  atanh: { arity: 1, domain: "float", eval: Math.atanh, partials: [([x]) => x.square().neg().add(1).reciprocal()], js: "Math.atanh($0)", wgsl: "atanh_f32($0)", stablehlo: "chlo.atanh", cost: 25 },

  erf: { arity: 1, domain: "float", eval: erf, partials: [([x]) => x.square().neg().exp().mul(erfSlope)], js: "erf($0)", wgsl: "erf_f32($0)", stablehlo: "chlo.erf", cost: 30 },
  erfc: { arity: 1, domain: "float", eval: erfc, partials: [([x]) => x.square().neg().exp().mul(-erfSlope)], js: "erfc($0)", wgsl: "erfc_f32($0)", stablehlo: "chlo.erfc", cost: 30 },
  erfinv: { arity: 1, domain: "float", eval: erfinv, partials: [(_, out) => out.square().exp().div(erfSlope)], js: "erfinv($0)", wgsl: "erfinv_f32($0)", stablehlo: "chlo.erf_inv", cost: 60 },
  /** `1 / (1 + exp(-x))`, without overflow at either end. */
  sigmoid: { arity: 1, domain: "float", eval: sigmoid, partials: [(_, out) => out.mul(out.neg().add(1))], js: "sigmoid($0)", wgsl: "sigmoid_f32($0)", stablehlo: "logistic", cost: 14 },
  /** `log(1 + exp(x))`, without overflow. */
  softplus: { arity: 1, domain: "float", eval: softplus, partials: [([x]) => x.sigmoid()], js: "softplus($0)", wgsl: "softplus_f32($0)", stablehlo: null, cost: 45 },

  logicalNot: { arity: 1, domain: "bool", eval: (x) => (x ? 0 : 1), partials: null, js: "!$0", wgsl: "!$0", stablehlo: "not" },
  isNan: { arity: 1, domain: "float", result: "bool", eval: (x) => Number(Number.isNaN(x)), partials: null, js: "$0 !== $0", wgsl: "isNan_f32($0)", stablehlo: null },
  isFinite: { arity: 1, domain: "float", result: "bool", eval: (x) => Number(Number.isFinite(x)), partials: null, js: "Number.isFinite($0)", wgsl: "isFinite_f32($0)", stablehlo: "is_finite" },
});
