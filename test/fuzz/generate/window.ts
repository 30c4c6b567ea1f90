import type { Value } from "../../../ir/graph/index.ts";
import { windowCount, type PoolAttrs, type WindowAxis } from "../../../ir/ops/index.ts";
import { dims, isFloat, type Dim } from "../../../ir/types/index.ts";
import { wrapped, type Builder } from "./builder.ts";
import { fact, product, sumOf, union, type Fact } from "./fact.ts";

/** What sums of up to `n` values and zeros are. */
const sumWithZeros = (f: Fact, n: number): Fact => sumOf(union(f, fact(0, 0, 0)), n);

/** A convolution over the last one or two axes; those before are groups, batch and channels, from the last. */
export function conv(b: Builder, s: Value): Value | undefined {
  const { dtype, shape } = s.type;
  if (dtype === "bool" || shape.length < 2) return undefined;
  const spatial = Math.min(b.random.between(1, 2), shape.length - 1);
  if (shape.length - spatial > 3) return undefined;
  const lead: Dim[] = [1, 1, 1, ...shape.slice(0, shape.length - spatial)].slice(-3);
  const axes = shape.slice(shape.length - spatial).map((size): WindowAxis => ({
    size, window: b.random.between(1, 3), stride: b.random.between(1, 2), low: b.random.between(-1, 2), high: b.random.between(-1, 2),
    baseDilation: b.random.between(1, 2), windowDilation: b.random.between(1, 2),
  }));
  const outputs = b.random.between(1, 3), counts = axes.map(windowCount), result = [lead[0], lead[1], outputs, ...counts];
  const count = b.most(dims.product([lead[2], ...axes.map((a) => a.window)]));
  const squeezed = result.filter((d) => d !== 1);
  if (!b.fits(squeezed) || count * b.most(dims.product(result)) > 4000) return undefined;
  // as few axes of its own as may be, so that an earlier result can be the kernel
  const kernelShape = [lead[0], outputs, lead[2], ...axes.map((a) => a.window)], given = kernelShape.filter((d) => d !== 1);
  if (!b.fits(given)) return undefined;
  const other = b.operand(dtype, given);
  const x = b.emit("reshape", [s], { shape: [...lead, ...axes.map((a) => a.size)] }, b.factOf(s));
  const kernel = b.emit("reshape", [other], { shape: kernelShape }, b.factOf(other));
  const known = isFloat(dtype) ? sumWithZeros(product(b.factOf(s), b.factOf(other)), count) : wrapped(dtype, -Infinity, Infinity);
  const y = b.emit("conv", [x, kernel], {
    stride: axes.map((a) => a.stride), low: axes.map((a) => a.low), high: axes.map((a) => a.high),
    lhsDilation: axes.map((a) => a.baseDilation), rhsDilation: axes.map((a) => a.windowDilation),
  }, known);
  return b.tame(b.emit("reshape", [y], { shape: squeezed }, known));
}

/** A sum over windows of some axes; of values that may jump, also an extreme, where it is, and what leads back from there. */
export function pool(b: Builder, s: Value): Value | undefined {
  const { dtype, shape } = s.type;
  if (dtype === "bool" || shape.length === 0) return undefined;
  const kind = b.smooth ? "sum" : b.random.pick(["sum", "extreme", b.exact(s) ? "position" : "extreme"] as const);
  const axes = shape.map((size): WindowAxis => {
    if (b.random.chance(0.5)) return { size, window: 1, stride: 1, low: 0, high: 0, baseDilation: 1, windowDilation: 1 };
    const window = b.random.between(1, 3), stride = b.random.between(1, 3);
    if (kind === "sum") return { size, window, stride, low: b.random.between(-1, 2), high: b.random.between(-1, 2), baseDilation: b.random.between(1, 3), windowDilation: b.random.between(1, 2) };
    // every window has an element: no more padding than that, and none between
    return { size, window, stride, low: b.random.below(window), high: b.random.below(window), baseDilation: 1, windowDilation: 1 };
  });
  const counts = axes.map(windowCount), size = b.most(dims.product(axes.map((a) => a.window)));
  if (!b.fits(counts) || size * b.most(dims.product(counts)) > 4000) return undefined;
  const attrs: PoolAttrs = {
    window: axes.map((a) => a.window as number), stride: axes.map((a) => a.stride), low: axes.map((a) => a.low), high: axes.map((a) => a.high),
    baseDilation: axes.map((a) => a.baseDilation), windowDilation: axes.map((a) => a.windowDilation),
  };
  if (kind === "sum") {
    const known = isFloat(dtype) ? sumWithZeros(b.factOf(s), size) : wrapped(dtype, -Infinity, Infinity);
    return b.tame(b.emit("reduceWindow", [s], { reducer: "sum", ...attrs }, known));
  }
  const reducer = b.random.pick(["max", "min"] as const);
  if (kind === "extreme") return b.emit("reduceWindow", [s], { reducer, ...attrs }, b.factOf(s));
  const positions = b.emit("argReduceWindow", [s], { reducer, ...attrs }, fact(0, size, 0));
  if (b.random.chance(0.4)) return positions;
  const updates = b.operand(dtype, counts);
  const known = isFloat(dtype) ? sumWithZeros(b.factOf(updates), size) : wrapped(dtype, -Infinity, Infinity);
  return b.tame(b.emit("unpool", [updates, positions], { ...attrs, shape }, known));
}
