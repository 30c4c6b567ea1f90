import type { Float, Layer } from "../model/scope.ts";
import type { PadOptions } from "../tensor/padding.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { SpatialMap } from "./types.ts";

/**
 * Padding as layers. The amount is one number for both sides of every spatial axis, or two for each axis, the last axis
 * first: `[left, right, top, bottom]`. Negative constant padding crops.
 */
const padding = (n: number, mode: PadOptions["mode"]) => (amount: number | readonly number[], value = 0): Layer<SpatialMap, Float> => () => {
  const amounts = typeof amount === "number" ? Array.from({ length: 2 * n }, () => amount) : amount;
  return ((x: Tensor) => x.pad(amounts, { mode, value })) as SpatialMap;
};
const zeros = (n: number) => (amount: number | readonly number[]): Layer<SpatialMap, Float> => padding(n, "constant")(amount);
const edges = (n: number, mode: PadOptions["mode"]) => (amount: number | readonly number[]): Layer<SpatialMap, Float> => padding(n, mode)(amount);

/** PyTorch: `nn.ConstantPad1d`, with the value last. */
export const constantPad1d = padding(1, "constant");
/** PyTorch: `nn.ConstantPad2d`, with the value last. */
export const constantPad2d = padding(2, "constant");
/** PyTorch: `nn.ConstantPad3d`, with the value last. */
export const constantPad3d = padding(3, "constant");
/** PyTorch: `nn.ZeroPad1d`. */
export const zeroPad1d = zeros(1);
/** PyTorch: `nn.ZeroPad2d`. */
export const zeroPad2d = zeros(2);
/** PyTorch: `nn.ZeroPad3d`. */
export const zeroPad3d = zeros(3);
/** PyTorch: `nn.ReflectionPad1d`. */
export const reflectionPad1d = edges(1, "reflect");
/** PyTorch: `nn.ReflectionPad2d`. */
export const reflectionPad2d = edges(2, "reflect");
/** PyTorch: `nn.ReflectionPad3d`. */
export const reflectionPad3d = edges(3, "reflect");
/** PyTorch: `nn.ReplicationPad1d`. */
export const replicationPad1d = edges(1, "replicate");
/** PyTorch: `nn.ReplicationPad2d`. */
export const replicationPad2d = edges(2, "replicate");
/** PyTorch: `nn.ReplicationPad3d`. */
export const replicationPad3d = edges(3, "replicate");
/** PyTorch: `nn.CircularPad1d`. */
export const circularPad1d = edges(1, "circular");
/** PyTorch: `nn.CircularPad2d`. */
export const circularPad2d = edges(2, "circular");
/** PyTorch: `nn.CircularPad3d`. */
export const circularPad3d = edges(3, "circular");
