import { check } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import { dims, type Dim } from "../types/index.ts";
import { wrap, type Tensor } from "./core.ts";
import { describe } from "./lift.ts";
import { reshapeTo } from "./reshape.ts";

/** Elements `start, start + step, …` below `limit` of one axis, which must lie within it for every value of the symbols. */
export function sliceAxis(x: Tensor, axis: number, start: Dim, limit: Dim, step = 1): Tensor {
  const size = x.shape[axis], from = dims.dim(start), to = dims.dim(limit);
  const isInside = dims.atLeast(from, 0) && dims.atLeast(to, from) && dims.atLeast(size, to);
  check(isInside !== false, () => `slice ${from}:${to} is outside axis ${axis} of ${describe(x)}`);
  check(isInside === true, () => `slice ${from}:${to} may be outside axis ${axis} of ${describe(x)} for some value of its symbols`,
    "a symbol is at least 1 unless the model says more: declare its range before, as in m.symbol(\"B\", { min: 8 })");
  if (from === 0 && to === size && step === 1) return x;
  return wrap(emitOne("slice", [x.value], {
    start: x.shape.map((_, i) => (i === axis ? from : 0)),
    limit: x.shape.map((d, i) => (i === axis ? to : d)),
    step: x.shape.map((_, i) => (i === axis ? step : 1)),
  }));
}

/** One index of an axis, which goes away; negative counts from the end. */
export function takeOne(x: Tensor, axis: number, index: Dim): Tensor {
  check(typeof index === "string" || Number.isInteger(index), () => `index ${index} of ${describe(x)} is not a whole number`);
  const from = typeof index === "number" && index < 0 ? dims.add(x.shape[axis], index) : dims.dim(index);
  const isInside = dims.atLeast(from, 0) && dims.atLeast(x.shape[axis], dims.add(from, 1));
  check(isInside !== false, () => `index ${index} is outside axis ${axis} of ${describe(x)}`);
  return reshapeTo(sliceAxis(x, axis, from, dims.add(from, 1)), x.shape.filter((_, i) => i !== axis));
}
