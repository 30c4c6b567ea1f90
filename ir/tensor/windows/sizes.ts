import { requireTensors } from "../arguments.ts";
import { check } from "../../graph/error.ts";
import { dilated, type WindowAxis } from "../../ops/index.ts";
import { dims, type Dim } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { describe } from "../lift.ts";

/** What convolution and pooling have in common: sizes along spatial axes, and whether windows fit. */

/** One number for all spatial axes (which may stand in a list), or one for each. */
export type Sizes = number | readonly number[];

/** One whole number for each of `n` spatial axes, none below `least`. `text` is the call, for messages. */
export function perAxis(text: () => string, what: string, sizes: Sizes, n: number, least: number): number[] {
  const single = typeof sizes === "number" ? sizes : sizes.length === 1 ? sizes[0] : undefined;
  const list = single === undefined ? [...(sizes as readonly number[])] : Array.from({ length: n }, () => single);
  check(list.length === n && list.every((k) => Number.isInteger(k) && k >= least), () =>
    `${text()}: ${what} is ${JSON.stringify(sizes)}`, `give a whole number from ${least}, or a list of ${n} of them`);
  return list;
}

/** Throws unless `x` is `[N, C, …]` or `[C, …]` with `n` spatial axes; `[C, …]` gets a batch axis of size 1. */
export function batched(name: string, x: Tensor, n: number): Tensor {
  requireTensors(name, { input: x });
  check(x.rank === n + 2 || x.rank === n + 1, () =>
    `${name} of ${describe(x)}`, `it takes [N, C, ${spatialNames(n)}], or [C, ${spatialNames(n)}] without a batch`);
  return x.rank === n + 2 ? x : x.unsqueeze(0);
}
/** A result without the batch axis that {@link batched} added. */
export const unbatched = (result: Tensor, x: Tensor, n: number): Tensor => (x.rank === n + 1 ? result.squeeze(0) : result);

const spatialNames = (n: number): string => (n === 1 ? "L" : n === 2 ? "H, W" : "D, H, W");

/** Throws unless at least one window fits along the axis, for every value of the symbols. */
export function requireFit(text: () => string, axis: number, { size, window, low, high, windowDilation }: Pick<WindowAxis, "size" | "window" | "low" | "high" | "windowDilation">): void {
  const padded = dims.add(dims.add(size, low), high), reach = dilated(window, windowDilation);
  const fits = dims.atLeast(padded, reach);
  check(fits !== false, () => `${text()}: along spatial axis ${axis} a window reaches over ${reach} elements, and there are ${padded} with padding`,
    "use a smaller kernel or dilation, or more padding");
  check(fits === true, () => `${text()}: along spatial axis ${axis} a window of ${reach} elements may not fit into ${padded} for some value of its symbols`,
    "a symbol is at least 1 unless the model says more: declare its range before, as in m.symbol(\"T\", { min: 8 })");
}

/** The number of windows with PyTorch's `ceilMode`, which adds one that reaches over the end if it starts within the padded input. */
export function ceilCount(text: () => string, { size, window, stride, low, high, windowDilation }: WindowAxis): Dim {
  const slack = dims.sub(dims.add(dims.add(size, low), high), dilated(window, windowDilation));
  const exact = dims.divExact(slack, stride);
  if (exact !== undefined) return dims.add(exact, 1);
  check(typeof slack === "number", () => `${text()}: ceilMode with stride ${stride} over ${size} elements`, "with ceilMode, a symbolic size needs stride 1: pad the input to a multiple of the stride instead");
  const count = Math.ceil(slack / stride) + 1;
  return (count - 1) * stride >= (size as number) + (low as number) ? count - 1 : count;
}
