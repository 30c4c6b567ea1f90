import type { Float, Layer } from "../model/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import * as functions from "./dropout.ts";
import type { Pointwise } from "./types.ts";

/** Dropout as layers: they drop in training functions, with probability `p`, 0.5 unless given. */

const layer = (f: (x: Tensor, options: functions.DropoutOptions) => Tensor) => (p = 0.5): Layer<Pointwise, Float> => () => ((x: Tensor) => f(x, { p })) as Pointwise;

/** Sets elements to zero, and scales the others. PyTorch: `nn.Dropout`. */
export const dropout = layer(functions.dropout);
/** Sets whole channels of `[N, C, L]` to zero. PyTorch: `nn.Dropout1d`. */
export const dropout1d = layer(functions.channelDropout);
/** Sets whole channels of `[N, C, H, W]` to zero. PyTorch: `nn.Dropout2d`. */
export const dropout2d = layer(functions.channelDropout);
/** Sets whole channels of `[N, C, D, H, W]` to zero. PyTorch: `nn.Dropout3d`. */
export const dropout3d = layer(functions.channelDropout);
/** The dropout that goes with SELU. PyTorch: `nn.AlphaDropout`. */
export const alphaDropout = layer(functions.alphaDropout);
/** The same for whole channels. PyTorch: `nn.FeatureAlphaDropout`. */
export const featureAlphaDropout = layer(functions.featureAlphaDropout);
