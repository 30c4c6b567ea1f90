import { type AnyNode } from "../../ir/graph/index.ts";
import { convAxes, convLeading, dilated, poolAxes, reversedWindows, type WindowAxis } from "../../ir/ops/index.ts";
import { dims, type Dim, type Shape } from "../../ir/types/index.ts";
import type { Expr, Index, LoopVar, Test } from "../loops/ir.ts";
import type { ExprPool } from "../loops/pool.ts";

/** Windows as index maps: where the elements of a window are, and which tests tell them from padding. */

export type PoolNode = Extract<AnyNode, { op: "reduceWindow" | "argReduceWindow" | "unpool" }>;

/** The windows that the result of a pooling op folds: those over its operand, or those that lead back to one. */
export function pooledAxes(n: PoolNode): WindowAxis[] {
  return n.op === "unpool" ? poolAxes(n.op, n.outputs[0].type, n.attrs).map(reversedWindows) : poolAxes(n.op, n.inputs[0].type, n.attrs);
}

/**
 * Whether a loop over a window goes from element to element instead of from place to place. Where the elements stand
 * apart and the window has no gaps of its own, that skips the places between: a window as wide as its elements are apart
 * has one, and no loop at all.
 */
const stepsByElement = (a: WindowAxis): boolean => a.baseDilation > 1 && a.windowDilation === 1 && typeof a.window === "number" && typeof a.low === "number";

/** How often the loop over a window runs along an axis. */
export const windowTrips = (a: WindowAxis): Dim => (stepsByElement(a) ? Math.ceil((a.window as number) / a.baseDilation) : a.window);

/** Whether every place of every window is an element. */
const hasNoPadding = (a: WindowAxis): boolean => a.baseDilation === 1 && dims.atLeast(0, a.low) === true && dims.atLeast(0, a.high) === true;

/** One element of a window along one axis. */
export interface WindowElement {
  /** Which element of the operand it is, where the tests hold. */
  readonly at: Index;
  readonly tests: readonly Test[];
  /** Its place in the window. */
  readonly place: Index;
}

/** The element of window `position` that trip `trip` of the loop over the window comes to. */
export function windowElement(pool: ExprPool, a: WindowAxis, position: Index, trip: Index): WindowElement {
  return stepsByElement(a) ? elementByElement(pool, a, position, trip) : placeByPlace(pool, a, position, trip);
}

/** The element at a place of window `position`. */
export function placeByPlace({ index: ix }: ExprPool, a: WindowAxis, position: Index, place: Index): WindowElement {
  const padded = ix.add(ix.scale(position, a.stride), ix.scale(place, a.windowDilation));
  const at = ix.div(ix.shift(padded, dims.sub(0, a.low)), a.baseDilation);
  const tests = hasNoPadding(a) ? [] : [{ index: padded, low: a.low, high: dims.add(a.low, dilated(a.size, a.baseDilation)), step: a.baseDilation }];
  return { at, tests, place };
}

/** The first element that is not before the window is the window's start divided by the distance, rounded up. */
function elementByElement({ index: ix }: ExprPool, a: WindowAxis, position: Index, trip: Index): WindowElement {
  const low = a.low as number, window = a.window as number, apart = a.baseDilation;
  const start = ix.shift(ix.scale(position, a.stride), -low);
  const before = Math.max(0, Math.ceil(low / apart)); // whole elements that keep the quotient from being negative
  const first = ix.shift(ix.div(ix.shift(start, before * apart + apart - 1), apart), -before);
  const at = ix.add(first, trip);
  const place = ix.add(ix.scale(at, apart), ix.scale(start, -1));
  const tests: Test[] = [{ index: at, low: 0, high: a.size, step: 1 }];
  if (window % apart !== 0) tests.push({ index: place, low: 0, high: window, step: 1 });
  return { at, tests, place };
}

/** `inside` where the tests hold, else `outside`. */
export const guarded = (pool: ExprPool, tests: readonly Test[], inside: Expr, outside: Expr): Expr =>
  (tests.length === 0 ? inside : pool.make({ kind: "guard", dtype: inside.dtype, tests, inside, outside }));

/** The windows of a convolution, and the index of a kernel element: `[c, k…]`. */
export const spatialAxes = (n: Extract<AnyNode, { op: "conv" }>): WindowAxis[] => convAxes(n.inputs[0].type, n.inputs[1].type, n.attrs);

/** Sizes that an op with windows folds over: channels and kernel, or the axes with more than one trip. */
export function windowExtents(n: PoolNode | Extract<AnyNode, { op: "conv" }>): Shape {
  if (n.op === "conv") return n.inputs[1].type.shape.slice(convLeading - 1);
  const trips = pooledAxes(n).map(windowTrips).filter((d) => d !== 1);
  // where the extreme is, is counted by one loop
  return n.op === "argReduceWindow" && trips.length > 0 ? [dims.product(trips)] : trips;
}

/** The index of each axis's loop over the window: a variable where it runs more than once. */
export function tripsOf(pool: ExprPool, n: PoolNode, axes: readonly WindowAxis[], vars: readonly LoopVar[]): Index[] {
  const { index: ix } = pool;
  const looped = axes.filter((a) => windowTrips(a) !== 1);
  const over = n.op === "argReduceWindow" && vars.length > 0 ? ix.delinear(ix.variable(vars[0]), looped.map(windowTrips)) : vars.map((v) => ix.variable(v));
  return axes.map((a) => (windowTrips(a) === 1 ? ix.constant(0) : over[looped.indexOf(a)]));
}

/**
 * The position, row-major in its window, of the first element after the padding: what a search that met nothing larger
 * than padding stands for. Undefined where no window starts with padding.
 */
export function firstPosition(pool: ExprPool, axes: readonly WindowAxis[], index: readonly Index[]): Expr | undefined {
  const i32 = (value: number): Expr => pool.make({ kind: "const", dtype: "i32", value });
  const scalar = (op: "add" | "mul" | "maximum" | "floorDivide", ...args: Expr[]): Expr => pool.make({ kind: "scalar", dtype: "i32", op, args });
  let stride = 1, sum: Expr | undefined;
  for (let k = axes.length - 1; k >= 0; k--) {
    const a = axes[k];
    if (dims.atLeast(0, a.low) !== true) {
      const missing = pool.index.shift(pool.index.scale(index[k], -a.stride), a.low);
      const padding = scalar("maximum", pool.make({ kind: "index", dtype: "i32", index: missing }), i32(0));
      const skipped = a.windowDilation === 1 ? padding : scalar("floorDivide", scalar("add", padding, i32(a.windowDilation - 1)), i32(a.windowDilation));
      const term = stride === 1 ? skipped : scalar("mul", skipped, i32(stride));
      sum = sum ? scalar("add", sum, term) : term;
    }
    stride *= a.window as number;
  }
  return sum;
}
