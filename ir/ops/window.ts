import { check } from "../graph/error.ts";
import { dims, typeText, type Dim, type TensorType } from "../types/index.ts";

/**
 * Windows that slide along axes: the geometry that `conv` and the pooling ops share.
 *
 * Along one axis, window p covers the places `p·stride + k·windowDilation − low` of the operand with its elements
 * `baseDilation` apart, for k below `window`. Places before the first element, after the last and between two are
 * padding. There are as many windows as fit within `low` places before and `high` after; either may be negative, which
 * crops.
 */
export interface WindowAxis {
  /** Elements of the operand. */
  readonly size: Dim;
  /** Elements of a window. */
  readonly window: Dim;
  readonly stride: number;
  readonly low: Dim;
  readonly high: Dim;
  readonly baseDilation: number;
  readonly windowDilation: number;
}

/** Places that `size` elements cover when they stand `by` apart. */
export const dilated = (size: Dim, by: number): Dim => (by === 1 || size === 0 ? size : dims.add(dims.mul(dims.sub(size, 1), by), 1));

/** How many windows there are: `(places − places of a window) / stride + 1`, rounded down; 0 where none fits. */
export function windowCount({ size, window, stride, low, high, baseDilation, windowDilation }: WindowAxis): Dim {
  const places = dims.add(dims.add(dilated(size, baseDilation), low), high);
  const slack = dims.sub(places, dilated(window, windowDilation));
  return dims.atLeast(slack, 0) === false ? 0 : dims.add(dims.floorDiv(slack, stride), 1);
}

/** The same axis with `high` such that there are exactly `count` windows. */
export function withCount(axis: Omit<WindowAxis, "high">, count: Dim): WindowAxis {
  const last = dims.mul(dims.sub(count, 1), axis.stride);
  const places = dims.add(dilated(axis.size, axis.baseDilation), axis.low);
  return { ...axis, high: dims.sub(dims.add(last, dilated(axis.window, axis.windowDilation)), places) };
}

/**
 * The windows that lead back, with their elements in reverse order: the windows that element i lies in, at k, are those
 * that window i of this axis covers, at `window − 1 − k`. Stride and dilation of the operand change places.
 */
export function reversedWindows(axis: WindowAxis): WindowAxis {
  const { size, window, stride, low, baseDilation, windowDilation } = axis;
  return withCount({
    size: windowCount(axis), window, stride: baseDilation, baseDilation: stride, windowDilation,
    low: dims.sub(dims.mul(dims.sub(window, 1), windowDilation), low),
  }, size);
}

/** Element of the operand at place k of window p, under numbers; undefined for padding. */
export function elementAt({ size, stride, low, baseDilation, windowDilation }: WindowAxis, p: number, k: number): number | undefined {
  const place = p * stride + k * windowDilation - (low as number);
  return place >= 0 && place % baseDilation === 0 && place / baseDilation < (size as number) ? place / baseDilation : undefined;
}

/** The windows of an op's attributes, one entry an axis. */
export interface WindowLists {
  readonly stride: readonly number[];
  readonly low: readonly Dim[];
  readonly high: readonly Dim[];
  readonly baseDilation: readonly number[];
  readonly windowDilation: readonly number[];
}

/** One axis after another. Throws where the lists differ in length, or a stride or dilation is no whole number from 1. */
export function windowAxes(name: string, x: TensorType, sizes: readonly Dim[], windows: readonly Dim[], lists: WindowLists): WindowAxis[] {
  for (const [what, list] of Object.entries({ window: windows, ...lists }))
    check(list.length === sizes.length, () => `internal: ${name} of ${typeText(x)} has ${list.length} entries of ${what}, not ${sizes.length}`);
  return sizes.map((size, i): WindowAxis => {
    const axis = {
      size, window: windows[i], stride: lists.stride[i], low: lists.low[i], high: lists.high[i],
      baseDilation: lists.baseDilation[i], windowDilation: lists.windowDilation[i],
    };
    for (const key of ["stride", "baseDilation", "windowDilation"] as const)
      check(Number.isInteger(axis[key]) && axis[key] >= 1, () => `${name} of ${typeText(x)}: ${key} ${axis[key]} along window axis ${i}`, "strides and dilations are whole numbers from 1");
    return axis;
  });
}
