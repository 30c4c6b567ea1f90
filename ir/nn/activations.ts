import type { Float, Layer } from "../model/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { rrelu as randomizedRelu } from "./gates.ts";
import type { Pointwise } from "./types.ts";

/** Activations as layers, for `nn.sequential`; elsewhere `x.relu()` and the like do. They have no parameters. */
const activation = (f: (x: Tensor) => Tensor): Layer<Pointwise, Float> => () => f as Pointwise;

export const identity = () => activation((x) => x);
export const relu = () => activation((x) => x.relu());
export const relu6 = () => activation((x) => x.relu6());
export const leakyRelu = (negativeSlope = 0.01) => activation((x) => x.leakyRelu(negativeSlope));
export const elu = (alpha = 1) => activation((x) => x.elu(alpha));
export const selu = () => activation((x) => x.selu());
export const celu = (alpha = 1) => activation((x) => x.celu(alpha));
export const gelu = (approximate: "none" | "tanh" = "none") => activation((x) => x.gelu(approximate));
export const silu = () => activation((x) => x.silu());
export const mish = () => activation((x) => x.mish());
export const tanh = () => activation((x) => x.tanh());
export const sigmoid = () => activation((x) => x.sigmoid());
export const logSigmoid = () => activation((x) => x.logSigmoid());
export const softplus = (beta = 1, threshold = 20) => activation((x) => x.softplus(beta, threshold));
export const softsign = () => activation((x) => x.softsign());
export const hardtanh = (min = -1, max = 1) => activation((x) => x.hardtanh(min, max));
export const hardsigmoid = () => activation((x) => x.hardsigmoid());
export const hardswish = () => activation((x) => x.hardswish());
/** Along `dim`, the last axis unless given. */
export const softmax = (dim = -1) => activation((x) => x.softmax(dim));
/** Along `dim`, the last axis unless given. */
export const logSoftmax = (dim = -1) => activation((x) => x.logSoftmax(dim));
export const hardshrink = (lambd = 0.5) => activation((x) => x.hardshrink(lambd));
export const softshrink = (lambd = 0.5) => activation((x) => x.softshrink(lambd));
export const tanhshrink = () => activation((x) => x.tanhshrink());
export const threshold = (threshold: number, value: number) => activation((x) => x.threshold(threshold, value));
/** Along `dim`, the last axis unless given. */
export const softmin = (dim = -1) => activation((x) => x.softmin(dim));
export const rrelu = (lower = 1 / 8, upper = 1 / 3) => activation((x) => randomizedRelu(x, lower, upper));
/** Halves `dim`, the last axis unless given. */
export const glu = (dim = -1): Layer<(x: Tensor) => Tensor, Float> => () => (x) => x.glu(dim);
