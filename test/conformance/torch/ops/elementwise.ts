import { full, Tensor } from "chainrule";
import { Unsupported } from "../../outcome.ts";
import type { Arguments, Operand } from "../arguments.ts";
import { row, type Row, type Table } from "../row.ts";

/** A function of one tensor. */
const unary = (f: (x: Tensor) => Tensor): Row => row("input", (a) => f(a.tensor("input")));

/** An activation of PyTorch's that may work in place; chainrule's never does. */
const activation = (f: (x: Tensor) => Tensor): Row => row("input inplace", (a) => f(a.tensor("input")));

/** A function of two operands, of which the first is a tensor. */
const binary = (f: (x: Tensor, y: Operand) => Tensor): Row => row("input other", (a) => f(a.tensor("input"), a.operand("other")));

/** The same where the first may be a number: `reversed` has the operands exchanged. */
const either = (f: (x: Tensor, y: Operand) => Tensor, reversed: (y: Tensor, x: Operand) => Tensor, signature = "input other"): Row => row(signature, (a) => {
  const x = a.operand("input");
  return x instanceof Tensor ? f(x, a.operand("other")) : reversed(a.tensor("other"), x);
});

export const elementwise: Table = {
  neg: unary((x) => x.neg()),
  negative: unary((x) => x.neg()),
  abs: unary((x) => x.abs()),
  absolute: unary((x) => x.abs()),
  sign: unary((x) => x.sign()),
  sqrt: unary((x) => x.sqrt()),
  rsqrt: unary((x) => x.rsqrt()),
  exp: unary((x) => x.exp()),
  exp2: unary((x) => x.exp2()),
  expm1: unary((x) => x.expm1()),
  log: unary((x) => x.log()),
  log2: unary((x) => x.log2()),
  log10: unary((x) => x.log10()),
  log1p: unary((x) => x.log1p()),
  sin: unary((x) => x.sin()),
  cos: unary((x) => x.cos()),
  tan: unary((x) => x.tan()),
  asin: unary((x) => x.asin()),
  acos: unary((x) => x.acos()),
  atan: unary((x) => x.atan()),
  sinh: unary((x) => x.sinh()),
  cosh: unary((x) => x.cosh()),
  tanh: unary((x) => x.tanh()),
  asinh: unary((x) => x.asinh()),
  acosh: unary((x) => x.acosh()),
  atanh: unary((x) => x.atanh()),
  erf: unary((x) => x.erf()),
  erfc: unary((x) => x.erfc()),
  erfinv: unary((x) => x.erfinv()),
  expit: unary((x) => x.sigmoid()),
  sinc: unary((x) => x.sinc()),
  logit: row("input eps", (a) => a.tensor("input").logit(a.number("eps", undefined))),
  deg2rad: unary((x) => x.deg2rad()),
  rad2deg: unary((x) => x.rad2deg()),
  nan_to_num: row("input nan posinf neginf", (a) => a.tensor("input").nanToNum(a.number("nan", 0), a.number("posinf", undefined), a.number("neginf", undefined))),
  floor: unary((x) => x.floor()),
  ceil: unary((x) => x.ceil()),
  round: row("input decimals", (a) => a.tensor("input").round({ decimals: a.number("decimals", 0) })),
  trunc: unary((x) => x.trunc()),
  frac: unary((x) => x.frac()),
  reciprocal: unary((x) => x.reciprocal()),
  square: unary((x) => x.square()),
  clamp: row("input min max", (a) => a.tensor("input").clamp(a.operandOr("min"), a.operandOr("max"))),
  clip: row("input min max", (a) => a.tensor("input").clip(a.operandOr("min"), a.operandOr("max"))),
  clamp_min: row("input min", (a) => a.tensor("input").clampMin(a.operand("min"))),
  clamp_max: row("input max", (a) => a.tensor("input").clampMax(a.operand("max"))),

  sigmoid: unary((x) => x.sigmoid()),
  log_sigmoid: unary((x) => x.logSigmoid()),
  logsigmoid: unary((x) => x.logSigmoid()),
  softplus: row("input beta threshold", (a) => a.tensor("input").softplus(a.number("beta", 1), a.number("threshold", 20))),
  relu: activation((x) => x.relu()),
  relu6: activation((x) => x.relu6()),
  leaky_relu: row("input negative_slope inplace", (a) => a.tensor("input").leakyRelu(a.number("negative_slope", 0.01))),
  elu: row("input alpha inplace", (a) => a.tensor("input").elu(a.number("alpha", 1))),
  selu: activation((x) => x.selu()),
  celu: row("input alpha inplace", (a) => a.tensor("input").celu(a.number("alpha", 1))),
  gelu: row("input approximate", (a) => a.tensor("input").gelu(approximation(a))),
  silu: activation((x) => x.silu()),
  mish: activation((x) => x.mish()),
  hardtanh: row("input min_val max_val inplace", (a) => a.tensor("input").hardtanh(a.number("min_val", -1), a.number("max_val", 1))),
  hardswish: activation((x) => x.hardswish()),
  hardsigmoid: activation((x) => x.hardsigmoid()),
  softsign: unary((x) => x.softsign()),
  tanhshrink: unary((x) => x.tanhshrink()),
  softshrink: row("input lambd", (a) => a.tensor("input").softshrink(a.number("lambd", 0.5))),
  prelu: row("input weight", (a) => a.tensor("input").prelu(a.tensor("weight"))),
  threshold: row("input threshold value inplace", (a) => a.tensor("input").threshold(a.number("threshold"), a.number("value"))),
  glu: row("input dim", (a) => a.tensor("input").glu(a.number("dim", -1))),
  hardshrink: row("input lambd", (a) => a.tensor("input").hardshrink(a.number("lambd", 0.5))),

  add: row("input other alpha", (a) => a.tensor("input").add(a.operand("other"), alpha(a))),
  sub: row("input other alpha", (a) => a.tensor("input").sub(a.operand("other"), alpha(a))),
  rsub: row("input other alpha", (a) => a.tensor("input").mul(a.number("alpha", 1)).rsub(a.operand("other"))),
  mul: either((x, y) => x.mul(y), (y, x) => y.mul(x)),
  div: row("input other rounding_mode", divide),
  rdiv: binary((x, y) => x.rdiv(y)),
  floor_divide: binary((x, y) => x.floorDivide(y)),
  remainder: binary((x, y) => x.remainder(y)),
  fmod: binary((x, y) => x.fmod(y)),
  pow: either((x, y) => x.pow(y), (y, x) => y.rpow(x), "input other|exponent"),
  rpow: binary((x, y) => x.rpow(y)),
  float_power: row("input other|exponent", floatPower),
  rmod: row("input other", (a) => full([], a.scalar("other")).remainder(a.tensor("input"))),
  maximum: binary((x, y) => x.maximum(y)),
  minimum: binary((x, y) => x.minimum(y)),
  fmax: binary((x, y) => x.fmax(y)),
  fmin: binary((x, y) => x.fmin(y)),
  atan2: binary((x, y) => x.atan2(y)),
  hypot: binary((x, y) => x.hypot(y)),
  logaddexp: binary((x, y) => x.logaddexp(y)),
  logaddexp2: binary((x, y) => x.logaddexp2(y)),
  xlogy: binary((x, y) => x.xlogy(y)),
  copysign: binary((x, y) => x.copysign(y)),
  heaviside: row("input values", (a) => a.tensor("input").heaviside(a.operand("values"))),
  addcmul: row("input tensor1 tensor2", (a) => a.tensor("input").addcmul(a.tensor("tensor1"), a.tensor("tensor2"), { value: a.number("value", 1) })),
  addcdiv: row("input tensor1 tensor2", (a) => a.tensor("input").addcdiv(a.tensor("tensor1"), a.tensor("tensor2"), { value: a.number("value", 1) })),
  lerp: row("input end weight", (a) => a.tensor("input").lerp(a.tensor("end"), a.operand("weight"))),

  eq: binary((x, y) => x.eq(y)),
  ne: binary((x, y) => x.ne(y)),
  lt: binary((x, y) => x.lt(y)),
  le: binary((x, y) => x.le(y)),
  gt: binary((x, y) => x.gt(y)),
  ge: binary((x, y) => x.ge(y)),
  isclose: row("input other rtol atol equal_nan", (a) => a.tensor("input").isClose(a.operand("other"), { rtol: a.number("rtol", 1e-5), atol: a.number("atol", 1e-8), equalNan: a.bool("equal_nan", false) })),
  logical_and: binary((x, y) => x.logicalAnd(y)),
  logical_or: binary((x, y) => x.logicalOr(y)),
  logical_xor: binary((x, y) => x.logicalXor(y)),
  logical_not: unary((x) => x.logicalNot()),
  bitwise_and: binary((x, y) => x.bitwiseAnd(y)),
  bitwise_or: binary((x, y) => x.bitwiseOr(y)),
  bitwise_xor: binary((x, y) => x.bitwiseXor(y)),
  bitwise_not: unary((x) => x.bitwiseNot()),
  bitwise_left_shift: binary((x, y) => x.bitwiseLeftShift(y)),
  bitwise_right_shift: binary((x, y) => x.bitwiseRightShift(y)),
  isnan: unary((x) => x.isNan()),
  isinf: unary((x) => x.isInf()),
  isfinite: unary((x) => x.isFinite()),
  signbit: unary((x) => x.signbit()),
  where: row("condition input other", (a) => a.tensor("condition").where(a.operand("input"), a.operand("other"))),
  masked_fill: row("input mask value", (a) => a.tensor("input").maskedFill(a.tensor("mask"), a.operand("value"))),
};

const alpha = (a: Arguments): { alpha?: number } => ({ alpha: a.number("alpha", 1) });

function approximation(a: Arguments): "none" | "tanh" {
  const name = a.text("approximate", "none");
  if (name !== "none" && name !== "tanh") throw new Unsupported(`gelu with approximate = ${name}`);
  return name;
}

/** A power in double precision. */
function floatPower(a: Arguments): Tensor {
  const x = a.operand("input"), y = a.operand("other"), wide = (z: Operand): Operand => (z instanceof Tensor ? z.double() : z);
  return x instanceof Tensor ? x.double().pow(wide(y)) : (wide(y) as Tensor).rpow(x);
}

function divide(a: Arguments): Tensor {
  const x = a.operand("input"), mode = a.text("rounding_mode", null);
  if (!(x instanceof Tensor)) {
    if (mode !== null) throw new Unsupported(`div of a number with rounding_mode = ${mode}`);
    return a.tensor("other").rdiv(x);
  }
  if (mode !== null && mode !== "floor" && mode !== "trunc") throw new Unsupported(`div with rounding_mode = ${mode}`);
  return x.div(a.operand("other"), { roundingMode: mode });
}
