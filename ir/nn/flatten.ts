import type { Float, Layer } from "../model/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Dim } from "../types/index.ts";

/** Makes the axes from `start` to `end` one; all but the first unless given. PyTorch: `nn.Flatten`. */
export const flatten = (start = 1, end = -1): Layer<(x: Tensor) => Tensor, Float> => () => (x) => x.flatten(start, end);

/** One axis as several, of which one size may be -1. PyTorch: `nn.Unflatten`. */
export const unflatten = (dim: number, sizes: readonly Dim[]): Layer<(x: Tensor) => Tensor, Float> => () => (x) => x.unflatten(dim, sizes);
