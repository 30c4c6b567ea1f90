import { check } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import { dilated, windowCount, type WindowAxis } from "../../ops/index.ts";
import { dims, type Dim, type DType, type Shape } from "../../types/index.ts";
import { wrap, type Tensor } from "../core.ts";
import { zeros } from "../creation.ts";
import { stack } from "../join.ts";
import { describe } from "../lift.ts";
import { sliceAxis } from "../slice.ts";
import { perAxis, requireFit, type Sizes } from "./sizes.ts";

/** Images as columns of patches, and back. PyTorch: `torch.nn.functional.unfold` and `fold`. */

export interface PatchOptions {
  readonly stride?: Sizes;
  readonly padding?: Sizes;
  readonly dilation?: Sizes;
}

function windowsOf(text: () => string, sizes: readonly Dim[], kernelSize: Sizes, { stride = 1, padding = 0, dilation = 1 }: PatchOptions): WindowAxis[] {
  const n = sizes.length;
  const kernel = perAxis(text, "kernelSize", kernelSize, n, 1), strides = perAxis(text, "stride", stride, n, 1);
  const amounts = perAxis(text, "padding", padding, n, 0), dilations = perAxis(text, "dilation", dilation, n, 1);
  return sizes.map((size, i) => {
    const axis = { size, window: kernel[i], stride: strides[i], low: amounts[i], high: amounts[i], baseDilation: 1, windowDilation: dilations[i] };
    requireFit(text, i, axis);
    return axis;
  });
}

/**
 * Every patch as a column: `x [N, C, H, W]` (or `[C, H, W]`) to `[N, C·KH·KW, L]`, L patches in row-major order of their
 * places. PyTorch: `F.unfold`.
 */
export function unfold<D extends DType>(x: Tensor<Shape, D>, kernelSize: Sizes, options?: PatchOptions): Tensor<Shape, D>;
export function unfold(x: Tensor, kernelSize: Sizes, options: PatchOptions = {}): Tensor {
  const text = (): string => `unfold of ${describe(x)}`;
  check(x.rank === 3 || x.rank === 4, () => text(), "it takes [N, C, H, W], or [C, H, W] without a batch");
  const input = x.rank === 3 ? x.unsqueeze(0) : x;
  const [vertical, horizontal] = windowsOf(text, input.shape.slice(2), kernelSize, options);
  const [pv, ph] = [vertical.low, horizontal.low];
  const padded = input.pad([ph, ph, pv, pv]);
  const rows = placesAlong(padded, 2, vertical); // [N, C, KH, LH, W]
  const patches = placesAlong(rows, 4, horizontal).transpose(3, 4); // [N, C, KH, KW, LH, LW]
  const [n, c, kh, kw, lh, lw] = patches.shape;
  const columns = patches.reshape([n, dims.product([c, kh, kw]), dims.mul(lh, lw)]);
  return x.rank === 3 ? columns.squeeze(0) : columns;
}

/** An axis in two: the place in the window, and the window. */
function placesAlong(x: Tensor, axis: number, a: WindowAxis): Tensor {
  const last = dims.mul(dims.sub(windowCount(a), 1), a.stride);
  return stack(Array.from({ length: a.window as number }, (_, k) => {
    const start = k * a.windowDilation;
    return sliceAxis(x, axis, start, dims.add(last, start + 1), a.stride);
  }), axis);
}

/**
 * Patches added up where they lie: `x [N, C·KH·KW, L]` (or `[C·KH·KW, L]`) to `[N, C, …outputSize]`; what {@link unfold}
 * made of an image, times the number of patches that each element is in. PyTorch: `F.fold`.
 */
export function fold<D extends DType>(x: Tensor<Shape, D>, outputSize: Sizes, kernelSize: Sizes, options?: PatchOptions): Tensor<Shape, D>;
export function fold(x: Tensor, outputSize: Sizes, kernelSize: Sizes, options: PatchOptions = {}): Tensor {
  const text = (): string => `fold of ${describe(x)} to ${JSON.stringify(outputSize)}`;
  check(x.rank === 2 || x.rank === 3, () => text(), "it takes [N, C·KH·KW, L], or [C·KH·KW, L] without a batch");
  const input = x.rank === 2 ? x.unsqueeze(0) : x;
  const axes = windowsOf(text, perAxis(text, "outputSize", outputSize, 2, 1), kernelSize, options);
  const [vertical, horizontal] = axes, [lh, lw] = axes.map(windowCount), [kh, kw] = axes.map((a) => a.window);
  const channels = dims.divExact(input.shape[1], dims.mul(kh, kw));
  check(channels !== undefined, () => `${text()}: ${input.shape[1]} rows are not a number of channels times ${kh}·${kw}`);
  check(input.shape[2] === dims.mul(lh, lw), () => `${text()}: ${input.shape[2]} patches where ${dims.mul(lh, lw)} fit`, "the number of patches follows from the sizes, stride, padding and dilation");
  const patches = input.reshape([input.shape[0], channels, kh, kw, lh, lw]).transpose(3, 4);
  const image = addAlong(addAlong(patches, 4, horizontal), 2, vertical);
  return x.rank === 2 ? image.squeeze(0) : image;
}

/** The other way round: two axes, place and window, become the axis that the windows lie on. */
function addAlong(x: Tensor, axis: number, a: WindowAxis): Tensor {
  const zero = zeros([], x.dtype).value, none = (y: Tensor): number[] => y.shape.map(() => 0);
  const padded = dims.add(dims.add(a.size, a.low), a.high), covered = dilated(windowCount(a), a.stride);
  const placed = Array.from({ length: a.window as number }, (_, k) => {
    const y = x.select(axis, k), low: Dim[] = none(y), high: Dim[] = none(y), interior = none(y);
    low[axis] = k * a.windowDilation;
    high[axis] = dims.sub(padded, dims.add(covered, low[axis]));
    interior[axis] = a.stride - 1;
    return wrap(emitOne("pad", [y.value, zero], { low, high, interior }));
  });
  return sliceAxis(placed.reduce((sum, y) => sum.add(y)), axis, a.low, dims.add(a.low, a.size));
}
