import type { Float, Layer } from "../model/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { rrelu as randomizedRelu } from "./gates.ts";
import type { Pointwise } from "./types.ts";

/** Activations as layers, for `nn.sequential`; elsewhere `x.relu()` and the like do. They have no parameters. */
const activation = (f: (x: Tensor) => Tensor): Layer<Pointwise, Float> => () => f as Pointwise;

/** x itself. Keeps the shape. PyTorch: `nn.Identity`. */
export const identity = () => activation((x) => x);
/** `max(0, x)`. Keeps the shape. PyTorch: `nn.ReLU`. */
export const relu = () => activation((x) => x.relu());
/** `min(max(0, x), 6)`. Keeps the shape. PyTorch: `nn.ReLU6`. */
export const relu6 = () => activation((x) => x.relu6());
/** x, or `negativeSlope · x` below 0. Keeps the shape. PyTorch: `nn.LeakyReLU`. */
export const leakyRelu = (negativeSlope = 0.01) => activation((x) => x.leakyRelu(negativeSlope));
/** x, or `alpha (e^x - 1)` below 0. Keeps the shape. PyTorch: `nn.ELU`. */
export const elu = (alpha = 1) => activation((x) => x.elu(alpha));
/** `scale · elu(x)` with the constants that keep mean and variance. Keeps the shape. PyTorch: `nn.SELU`. */
export const selu = () => activation((x) => x.selu());
/** x, or `alpha (e^(x/alpha) - 1)` below 0. Keeps the shape. PyTorch: `nn.CELU`. */
export const celu = (alpha = 1) => activation((x) => x.celu(alpha));
/** `x Φ(x)`, or its approximation by tanh. Keeps the shape. PyTorch: `nn.GELU`. */
export const gelu = (approximate: "none" | "tanh" = "none") => activation((x) => x.gelu(approximate));
/** `x · sigmoid(x)`. Keeps the shape. PyTorch: `nn.SiLU`. */
export const silu = () => activation((x) => x.silu());
/** `x tanh(softplus(x))`. Keeps the shape. PyTorch: `nn.Mish`. */
export const mish = () => activation((x) => x.mish());
/** `tanh x`. Keeps the shape. PyTorch: `nn.Tanh`. */
export const tanh = () => activation((x) => x.tanh());
/** `1 / (1 + e^-x)`. Keeps the shape. PyTorch: `nn.Sigmoid`. */
export const sigmoid = () => activation((x) => x.sigmoid());
/** `log(sigmoid(x))`. Keeps the shape. PyTorch: `nn.LogSigmoid`. */
export const logSigmoid = () => activation((x) => x.logSigmoid());
/** `log(1 + e^(beta·x)) / beta`; x itself where `beta·x` is above `threshold`. Keeps the shape. PyTorch: `nn.Softplus`. */
export const softplus = (beta = 1, threshold = 20) => activation((x) => x.softplus(beta, threshold));
/** `x / (1 + |x|)`. Keeps the shape. PyTorch: `nn.Softsign`. */
export const softsign = () => activation((x) => x.softsign());
/** x within [min, max]. Keeps the shape. PyTorch: `nn.Hardtanh`. */
export const hardtanh = (min = -1, max = 1) => activation((x) => x.hardtanh(min, max));
/** `relu6(x + 3) / 6`. Keeps the shape. PyTorch: `nn.Hardsigmoid`. */
export const hardsigmoid = () => activation((x) => x.hardsigmoid());
/** `x · relu6(x + 3) / 6`. Keeps the shape. PyTorch: `nn.Hardswish`. */
export const hardswish = () => activation((x) => x.hardswish());
/** `e^x / sum(e^x)` along `dim`, the last axis unless given. Keeps the shape. PyTorch: `nn.Softmax`. */
export const softmax = (dim = -1) => activation((x) => x.softmax(dim));
/** `log(softmax(x))` along `dim`, the last axis unless given. Keeps the shape. PyTorch: `nn.LogSoftmax`. */
export const logSoftmax = (dim = -1) => activation((x) => x.logSoftmax(dim));
/** x, 0 within ±`lambd`. Keeps the shape. PyTorch: `nn.Hardshrink`. */
export const hardshrink = (lambd = 0.5) => activation((x) => x.hardshrink(lambd));
/** x moved towards 0 by `lambd`, 0 within ±`lambd`. Keeps the shape. PyTorch: `nn.Softshrink`. */
export const softshrink = (lambd = 0.5) => activation((x) => x.softshrink(lambd));
/** `x - tanh x`. Keeps the shape. PyTorch: `nn.Tanhshrink`. */
export const tanhshrink = () => activation((x) => x.tanhshrink());
/** x where it is above `threshold`, else `value`. Keeps the shape. PyTorch: `nn.Threshold`. */
export const threshold = (threshold: number, value: number) => activation((x) => x.threshold(threshold, value));
/** `softmax(-x)` along `dim`, the last axis unless given. Keeps the shape. PyTorch: `nn.Softmin`. */
export const softmin = (dim = -1) => activation((x) => x.softmin(dim));
/** x, or below 0 `a·x` with `a` drawn from [lower, upper) in training functions, their middle elsewhere. Keeps the shape. PyTorch: `nn.RReLU`. */
export const rrelu = (lower = 1 / 8, upper = 1 / 3) => activation((x) => randomizedRelu(x, lower, upper));
/** `a · sigmoid(b)` of the halves of `dim`, the last axis unless given: its size becomes half. PyTorch: `nn.GLU`. */
export const glu = (dim = -1): Layer<(x: Tensor) => Tensor, Float> => () => (x) => x.glu(dim);
