import { check } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import { dilated, poolAttrs, windowCount, withCount, type WindowAxis } from "../../ops/index.ts";
import { dims, type Dim, type DType, type Shape } from "../../types/index.ts";
import { wrap, type Tensor } from "../core.ts";
import { ones, zeros } from "../creation.ts";
import { iota, sizeValue } from "../dims.ts";
import { describe, toFloat } from "../lift.ts";
import type { ValuesAndIndices } from "../methods/reductions.ts";
import type { ToFloat } from "../types/dtype.ts";
import { batched, ceilCount, perAxis, requireFit, unbatched, type Sizes } from "./sizes.ts";

/** Pooling over windows. PyTorch: `torch.nn.functional.max_pool1d` to `lp_pool3d`. */

export interface PoolOptions {
  /** How far windows move; the kernel's size unless given. */
  readonly stride?: Sizes;
  /** Whether a window that reaches over the end counts too. */
  readonly ceilMode?: boolean;
}

export interface MaxPoolOptions extends PoolOptions {
  /** Padding on both sides, which is never the maximum; 0 unless given, and at most half the kernel. */
  readonly padding?: Sizes;
  /** How far a window's elements are apart; 1 unless given. */
  readonly dilation?: Sizes;
  /** Whether to return where each maximum is, too. */
  readonly returnIndices?: boolean;
}

export interface AvgPoolOptions extends PoolOptions {
  /** Zeros on both sides; 0 unless given, and at most half the kernel. */
  readonly padding?: Sizes;
  /** Whether padding counts among the elements; true unless given. */
  readonly countIncludePad?: boolean;
  /** What sums are divided by, instead of the number of elements. */
  readonly divisorOverride?: number;
}

const whole: Omit<WindowAxis, "size"> = { window: 1, stride: 1, low: 0, high: 0, baseDilation: 1, windowDilation: 1 };

/** A pooling call made ready: the input with a batch axis, and the windows along its spatial axes. */
function poolingOf(name: string, n: number, x: Tensor, kernelSize: Sizes, options: MaxPoolOptions) {
  const input = batched(name, x, n);
  const text = (): string => `${name} of ${describe(x)} over ${JSON.stringify(kernelSize)}`;
  const kernel = perAxis(text, "kernelSize", kernelSize, n, 1), padding = perAxis(text, "padding", options.padding ?? 0, n, 0);
  const stride = perAxis(text, "stride", options.stride ?? kernel, n, 1), dilation = perAxis(text, "dilation", options.dilation ?? 1, n, 1);
  const spatial = kernel.map((window, i): WindowAxis => {
    const axis = { size: input.shape[2 + i], window, stride: stride[i], low: padding[i], high: padding[i], baseDilation: 1, windowDilation: dilation[i] };
    check(2 * padding[i] <= (dilated(window, dilation[i]) as number), () => `${text()}: padding ${padding[i]} along spatial axis ${i}`, "it is at most half the kernel's reach");
    requireFit(text, i, axis);
    return options.ceilMode ? withCount(axis, ceilCount(text, axis)) : axis;
  });
  return { input, padding, spatial, attrs: poolAttrs([...input.shape.slice(0, 2).map((size): WindowAxis => ({ size, ...whole })), ...spatial]) };
}

function maxOf(n: number, x: Tensor, kernelSize: Sizes, options: MaxPoolOptions): Tensor | ValuesAndIndices<Shape, DType> {
  const { input, attrs, spatial } = poolingOf(`maxPool${n}d`, n, x, kernelSize, options);
  check(x.dtype !== "bool", () => `maxPool${n}d of ${describe(x)}`, "convert it to a number first");
  const values = unbatched(wrap(emitOne("reduceWindow", [input.value], { reducer: "max", ...attrs })), x, n);
  if (!options.returnIndices) return values;
  const positions = wrap(emitOne("argReduceWindow", [input.value], { reducer: "max", ...attrs }));
  return { values, indices: unbatched(flatIndices(positions, spatial), x, n) as Tensor<Shape, "i32"> };
}

/** Positions in windows as row-major places in the spatial axes. */
function flatIndices(positions: Tensor, spatial: readonly WindowAxis[]): Tensor {
  let within = positions, stride: Dim = 1, total: Tensor | undefined;
  for (let i = spatial.length - 1; i >= 0; i--) {
    const { size, window, stride: step, low, windowDilation } = spatial[i];
    const k = within.remainder(window as number);
    within = within.floorDivide(window as number);
    const at = iota(positions.shape, 2 + i).mul(step).add(k.mul(windowDilation)).sub(low as number);
    const term = stride === 1 ? at : at.mul(typeof stride === "number" ? stride : sizeValue(stride));
    total = total ? total.add(term) : term;
    stride = dims.mul(stride, size);
  }
  return total!;
}

/** How many elements each window along an axis has; one number where all have as many. */
function elementsOf(axis: WindowAxis, padding: number, includePad: boolean): number | Tensor {
  const isWhole = includePad ? dims.atLeast(padding, axis.high) === true : dims.atLeast(0, axis.low) === true && dims.atLeast(0, axis.high) === true;
  if (isWhole) return axis.window as number;
  const counted: WindowAxis = includePad ? { ...axis, size: dims.add(axis.size, 2 * padding), low: 0, high: dims.sub(axis.high, padding) } : axis;
  return wrap(emitOne("reduceWindow", [ones([counted.size]).value], { reducer: "sum", ...poolAttrs([counted]) }));
}

function averageOf(n: number, x: Tensor, kernelSize: Sizes, options: AvgPoolOptions): Tensor {
  const { input, attrs, spatial, padding } = poolingOf(`avgPool${n}d`, n, toFloat(x), kernelSize, options);
  const { divisorOverride, countIncludePad = true } = options;
  check(divisorOverride !== 0, () => `avgPool${n}d of ${describe(x)}: divisorOverride is 0`);
  const sums = wrap(emitOne("reduceWindow", [input.value], { reducer: "sum", ...attrs }));
  if (divisorOverride !== undefined) return unbatched(sums.div(divisorOverride), x, n);
  let constant = 1, varying: Tensor | undefined;
  for (const [i, axis] of spatial.entries()) {
    const count = elementsOf(axis, padding[i], countIncludePad);
    if (typeof count === "number") constant *= count;
    else {
      const along = count.reshape([windowCount(axis), ...spatial.slice(i + 1).map(() => 1)]);
      varying = varying ? varying.mul(along) : along;
    }
  }
  return unbatched(sums.div(varying ? varying.mul(constant).convert(sums.dtype) : constant), x, n);
}

/** PyTorch takes the power of the mean times the window's size, and gives a window of zeros the derivative 0. */
function powerMeanOf(n: number, x: Tensor, normType: number, kernelSize: Sizes, options: PoolOptions): Tensor {
  check(normType !== 0 && !Number.isNaN(normType), () => `lpPool${n}d of ${describe(x)}: normType is ${normType}`);
  const size = perAxis(() => `lpPool${n}d of ${describe(x)}`, "kernelSize", kernelSize, n, 1).reduce((a, b) => a * b, 1);
  const mean = averageOf(n, toFloat(x).pow(normType), kernelSize, options);
  return mean.sign().mul(mean.abs().relu()).mul(size).pow(1 / normType);
}

/** What maximum pooling is: values; with `returnIndices`, values and indices. */
export interface MaxPooling {
  <D extends DType>(x: Tensor<Shape, D>, kernelSize: Sizes, options: MaxPoolOptions & { readonly returnIndices: true }): ValuesAndIndices<Shape, D>;
  <D extends DType>(x: Tensor<Shape, D>, kernelSize: Sizes, options?: MaxPoolOptions & { readonly returnIndices?: false }): Tensor<Shape, D>;
}
export interface AvgPooling { <D extends DType>(x: Tensor<Shape, D>, kernelSize: Sizes, options?: AvgPoolOptions): Tensor<Shape, ToFloat<D>> }
export interface LpPooling { <D extends DType>(x: Tensor<Shape, D>, normType: number, kernelSize: Sizes, options?: PoolOptions): Tensor<Shape, ToFloat<D>> }

const maxPooling = (n: number): MaxPooling => ((x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}) => maxOf(n, x, kernelSize, options)) as MaxPooling;
const avgPooling = (n: number): AvgPooling => ((x: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}) => averageOf(n, x, kernelSize, options)) as AvgPooling;
const lpPooling = (n: number): LpPooling => ((x: Tensor, normType: number, kernelSize: Sizes, options: PoolOptions = {}) => powerMeanOf(n, x, normType, kernelSize, options)) as LpPooling;

/**
 * Largest element of each window of `x [N, C, L]` (or `[C, L]`): `[N, C, (L + 2·padding − dilation·(kernelSize − 1) − 1) /
 * stride + 1]`. Its derivative goes to the first maximum of a window. Indices (i32) are places along L. PyTorch: `F.max_pool1d`.
 */
export const maxPool1d = maxPooling(1);
/** Largest element of each window of `x [N, C, H, W]`; indices are row-major places in H × W. See {@link maxPool1d}. PyTorch: `F.max_pool2d`. */
export const maxPool2d = maxPooling(2);
/** Largest element of each window of `x [N, C, D, H, W]`; indices are row-major places in D × H × W. See {@link maxPool1d}. PyTorch: `F.max_pool3d`. */
export const maxPool3d = maxPooling(3);

/** Mean of each window of `x [N, C, L]` (or `[C, L]`): `[N, C, (L + 2·padding − kernelSize) / stride + 1]`. PyTorch: `F.avg_pool1d`. */
export const avgPool1d = avgPooling(1);
/** Mean of each window of `x [N, C, H, W]`. PyTorch: `F.avg_pool2d`. */
export const avgPool2d = avgPooling(2);
/** Mean of each window of `x [N, C, D, H, W]`. PyTorch: `F.avg_pool3d`. */
export const avgPool3d = avgPooling(3);

/** `(Σ x^normType)^(1 / normType)` over each window of `x [N, C, L]` (or `[C, L]`). PyTorch: `F.lp_pool1d`. */
export const lpPool1d = lpPooling(1);
/** `(Σ x^normType)^(1 / normType)` over each window of `x [N, C, H, W]`. PyTorch: `F.lp_pool2d`. */
export const lpPool2d = lpPooling(2);
/** `(Σ x^normType)^(1 / normType)` over each window of `x [N, C, D, H, W]`. PyTorch: `F.lp_pool3d`. */
export const lpPool3d = lpPooling(3);

export interface MaxUnpoolOptions {
  readonly stride?: Sizes;
  readonly padding?: Sizes;
  /** Spatial sizes of the result; `(size − 1)·stride − 2·padding + kernelSize` unless given. */
  readonly outputSize?: readonly Dim[];
}

function unpoolMax(n: number, x: Tensor, indices: Tensor, kernelSize: Sizes, options: MaxUnpoolOptions): Tensor {
  const text = (): string => `maxUnpool${n}d of ${describe(x)} at ${describe(indices)}`;
  const input = batched(`maxUnpool${n}d`, x, n), places = batched(`maxUnpool${n}d`, indices, n);
  check(input.shape.every((d, i) => d === places.shape[i]), () => text(), "values and indices must have one shape");
  const kernel = perAxis(text, "kernelSize", kernelSize, n, 1), stride = perAxis(text, "stride", options.stride ?? kernel, n, 1);
  const padding = perAxis(text, "padding", options.padding ?? 0, n, 0);
  const [batch, channels, ...positions] = input.shape;
  const sizes = options.outputSize ?? positions.map((d, i) => dims.add(dims.mul(dims.sub(d, 1), stride[i]), kernel[i] - 2 * padding[i]));
  check(sizes.length === n, () => `${text()}: outputSize is ${JSON.stringify(sizes)}`, `give the ${n} spatial sizes`);
  const empty = zeros([batch, channels, dims.product(sizes)], x.dtype);
  return unbatched(empty.scatter(2, places.flatten(2), input.flatten(2)).reshape([batch, channels, ...sizes]), x, n);
}

export interface MaxUnpooling { <D extends DType>(x: Tensor<Shape, D>, indices: Tensor, kernelSize: Sizes, options?: MaxUnpoolOptions): Tensor<Shape, D> }
const maxUnpooling = (n: number): MaxUnpooling => ((x: Tensor, indices: Tensor, kernelSize: Sizes, options: MaxUnpoolOptions = {}) => unpoolMax(n, x, indices, kernelSize, options)) as MaxUnpooling;

/** Puts values where {@link maxPool1d} found them, zeros elsewhere: the indices are row-major places in the result. PyTorch: `F.max_unpool1d`. */
export const maxUnpool1d = maxUnpooling(1);
/** As {@link maxUnpool1d}, for `[N, C, H, W]`. PyTorch: `F.max_unpool2d`. */
export const maxUnpool2d = maxUnpooling(2);
/** As {@link maxUnpool1d}, for `[N, C, D, H, W]`. PyTorch: `F.max_unpool3d`. */
export const maxUnpool3d = maxUnpooling(3);
