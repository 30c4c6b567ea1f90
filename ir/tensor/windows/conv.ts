import { check, GraphError } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import { convAttrs, type WindowAxis } from "../../ops/index.ts";
import { dims, type DType, type Dim, type Shape } from "../../types/index.ts";
import { requireSameDType } from "../contract.ts";
import { wrap, type Tensor } from "../core.ts";
import { describe } from "../lift.ts";
import { forProduct } from "../precision.ts";
import { batched, perAxis, requireFit, unbatched, type Sizes } from "./sizes.ts";

/** Convolutions. PyTorch: `torch.nn.functional.conv1d` to `conv_transpose3d`. */

export interface ConvOptions {
  /** How far the kernel moves; 1 unless given. */
  readonly stride?: Sizes;
  /** Zeros on both sides; 0 unless given. `"same"` keeps the size (with stride 1), `"valid"` is none. */
  readonly padding?: Sizes | "same" | "valid";
  /** How far the kernel's elements are apart; 1 unless given. */
  readonly dilation?: Sizes;
  /** Groups of channels that have nothing to do with each other; 1 unless given. */
  readonly groups?: number;
}

export interface ConvTransposeOptions {
  readonly stride?: Sizes;
  /** What is cut off on both sides; 0 unless given. */
  readonly padding?: Sizes;
  /** Elements added at the end, fewer than the stride or the dilation; 0 unless given. */
  readonly outputPadding?: Sizes;
  readonly dilation?: Sizes;
  readonly groups?: number;
}

/** Zeros before and after, along each axis. */
export function paddingOf(text: () => string, padding: Sizes | "same" | "valid", kernel: readonly Dim[], stride: readonly number[], dilation: readonly number[]): (readonly [Dim, Dim])[] {
  if (padding === "valid") return kernel.map(() => [0, 0]);
  if (padding !== "same") {
    if (typeof padding === "string") throw new GraphError(`${text()}: the padding is ${JSON.stringify(padding)}`, 'give numbers, "same" or "valid"');
    return perAxis(text, "padding", padding, kernel.length, 0).map((p) => [p, p]);
  }
  check(stride.every((s) => s === 1), () => `${text()}: padding "same" with stride ${stride.join(", ")}`, "it keeps the size with stride 1 only: give the padding in numbers");
  return kernel.map((k, i) => {
    const total = dims.mul(dims.sub(k, 1), dilation[i]), low = dims.floorDiv(total, 2);
    return [low, dims.sub(total, low)];
  });
}

/** The parts of a call that both kinds of convolution check alike. */
function operands(name: string, n: number, x: Tensor, weight: Tensor, groups: number) {
  const text = (): string => `${name} of ${describe(x)} with a weight ${describe(weight)}`;
  const input = batched(name, x, n);
  check(weight.rank === n + 2, () => text(), `the weight has ${n + 2} dimensions: two of channels, then the kernel's`);
  requireSameDType(x, weight, name);
  check(Number.isInteger(groups) && groups >= 1, () => `${text()}: groups is ${groups}`, "give a whole number from 1");
  return { text, input, kernel: weight.shape.slice(2) };
}

/** `[N, G·C, …]` as `[G, N, C, …]`, which the op takes. */
function splitGroups(x: Tensor, groups: number, channels: Dim): Tensor {
  const [n, , ...positions] = x.shape;
  return groups === 1 ? x.unsqueeze(0) : x.reshape([n, groups, channels, ...positions]).movedim(1, 0);
}

/** `[G, N, O, …]` as `[N, G·O, …]`, plus a bias for each channel. */
function joinGroups(text: () => string, y: Tensor, bias: Tensor | null | undefined): Tensor {
  const [groups, n, outputs, ...positions] = y.shape;
  const channels = dims.mul(groups, outputs);
  const joined = groups === 1 ? y.squeeze(0) : y.movedim(0, 1).reshape([n, channels, ...positions]);
  if (!bias) return joined;
  check(bias.rank === 1 && bias.shape[0] === channels, () => `${text()}: the bias is ${describe(bias)}`, `it must have shape [${channels}], one number for each output channel`);
  return joined.add(bias.reshape([channels, ...positions.map(() => 1)]));
}

const emitConv = (lhs: Tensor, rhs: Tensor, axes: readonly WindowAxis[]): Tensor => wrap(emitOne("conv", [lhs.value, rhs.value], convAttrs(axes)));

function convolve(n: number, x: Tensor, weight: Tensor, bias: Tensor | null | undefined, { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions): Tensor {
  const { text, input, kernel } = operands(`conv${n}d`, n, x, weight, groups);
  const [outputs, channels] = weight.shape, given = input.shape[1];
  check(given === dims.mul(channels, groups), () => `${text()}${groups > 1 ? ` in ${groups} groups` : ""}: ${given} channels against ${dims.mul(channels, groups)}`,
    `the weight is [out, in${groups > 1 ? " / groups" : ""}, …kernel], where in is the second dimension of the input (the first of one without a batch)`);
  const outputsOfGroup = dims.divExact(outputs, groups);
  check(outputsOfGroup !== undefined, () => `${text()}: ${outputs} output channels do not divide into ${groups} groups`);
  const strides = perAxis(text, "stride", stride, n, 1), dilations = perAxis(text, "dilation", dilation, n, 1);
  const amounts = paddingOf(text, padding, kernel, strides, dilations);
  const axes = kernel.map((window, i): WindowAxis => {
    const axis = { size: input.shape[2 + i], window, stride: strides[i], low: amounts[i][0], high: amounts[i][1], baseDilation: 1, windowDilation: dilations[i] };
    requireFit(text, i, axis);
    return axis;
  });
  const y = emitConv(splitGroups(input, groups, channels), weight.reshape([groups, outputsOfGroup, channels, ...kernel]), axes);
  return unbatched(joinGroups(text, y, bias), x, n);
}

/**
 * The derivative of a convolution to its input, as a function: the input's elements stand a stride apart, under the
 * kernel turned around.
 */
function convolveTransposed(n: number, x: Tensor, weight: Tensor, bias: Tensor | null | undefined, options: ConvTransposeOptions): Tensor {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  const { text, input, kernel } = operands(`convTranspose${n}d`, n, x, weight, groups);
  const [inputs, outputs] = weight.shape, given = input.shape[1];
  check(given === inputs, () => `${text()}: ${given} channels against ${inputs}`, "the weight is [in, out / groups, …kernel], where in is the second dimension of the input (the first of one without a batch)");
  const channels = dims.divExact(inputs, groups);
  check(channels !== undefined, () => `${text()}: ${inputs} channels do not divide into ${groups} groups`);
  const strides = perAxis(text, "stride", stride, n, 1), dilations = perAxis(text, "dilation", dilation, n, 1);
  const cut = perAxis(text, "padding", padding, n, 0), extra = perAxis(text, "outputPadding", outputPadding, n, 0);
  for (const [i, e] of extra.entries())
    check(e < Math.max(strides[i], dilations[i]), () => `${text()}: outputPadding ${e} along spatial axis ${i}`, `it must be smaller than the stride (${strides[i]}) or the dilation (${dilations[i]})`);
  const axes = kernel.map((window, i): WindowAxis => {
    const reach = dims.mul(dims.sub(window, 1), dilations[i]), low = dims.sub(reach, cut[i]);
    return { size: input.shape[2 + i], window, stride: 1, low, high: dims.add(low, extra[i]), baseDilation: strides[i], windowDilation: dilations[i] };
  });
  for (const [i, a] of axes.entries()) {
    const size = dims.add(dims.mul(dims.sub(a.size, 1), strides[i]), dims.add(dims.add(1, dims.mul(dims.sub(a.window, 1), dilations[i])), extra[i] - 2 * cut[i]));
    check(dims.atLeast(size, 1) === true, () => `${text()}: along spatial axis ${i} the result would have ${size} elements`, "use less padding");
  }
  const turned = weight.reshape([groups, channels, outputs, ...kernel]).transpose(1, 2).flip(kernel.map((_, i) => 3 + i));
  const y = emitConv(splitGroups(input, groups, channels), turned, axes);
  return unbatched(joinGroups(text, y, bias), x, n);
}

/** What the convolutions are: functions of an input, a weight, and a bias for each output channel (or none). */
export interface Convolution<O> {
  <D extends DType>(x: Tensor<Shape, D>, weight: Tensor<Shape, D>, bias?: Tensor<Shape, D> | null, options?: O): Tensor<Shape, D>;
}

const convolution = (n: number): Convolution<ConvOptions> =>
  ((x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvOptions = {}) => convolve(n, ...forProduct(x, weight, bias), options)) as Convolution<ConvOptions>;
const transposed = (n: number): Convolution<ConvTransposeOptions> =>
  ((x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvTransposeOptions = {}) => convolveTransposed(n, ...forProduct(x, weight, bias), options)) as Convolution<ConvTransposeOptions>;

/**
 * Cross-correlation along one axis: `x [N, C, L]` (or `[C, L]`), `weight [O, C / groups, K]`, `bias [O]` or none, to
 * `[N, O, (L + 2·padding − dilation·(K − 1) − 1) / stride + 1]`, rounded down. PyTorch: `F.conv1d`.
 */
export const conv1d = convolution(1);
/** Cross-correlation of `x [N, C, H, W]` with `weight [O, C / groups, KH, KW]`; sizes as in {@link conv1d}. PyTorch: `F.conv2d`. */
export const conv2d = convolution(2);
/** Cross-correlation of `x [N, C, D, H, W]` with `weight [O, C / groups, KD, KH, KW]`; sizes as in {@link conv1d}. PyTorch: `F.conv3d`. */
export const conv3d = convolution(3);

/**
 * Transposed convolution along one axis: `x [N, C, L]` (or `[C, L]`), `weight [C, O / groups, K]`, `bias [O]` or none, to
 * `[N, O, (L − 1)·stride − 2·padding + dilation·(K − 1) + outputPadding + 1]`. PyTorch: `F.conv_transpose1d`.
 */
export const convTranspose1d = transposed(1);
/** Transposed convolution of `x [N, C, H, W]` with `weight [C, O / groups, KH, KW]`; sizes as in {@link convTranspose1d}. PyTorch: `F.conv_transpose2d`. */
export const convTranspose2d = transposed(2);
/** Transposed convolution of `x [N, C, D, H, W]` with `weight [C, O / groups, KD, KH, KW]`; sizes as in {@link convTranspose1d}. PyTorch: `F.conv_transpose3d`. */
export const convTranspose3d = transposed(3);
