import { emitOne } from "../../graph/build.ts";
import { isFloat, type DType, type Shape } from "../../types/index.ts";
import { wrap, type Tensor } from "../core.ts";
import { axisOf, iota } from "../dims.ts";
import { accumulator, requireFloat, select } from "../lift.ts";
import { reshapeTo } from "../reshape.ts";
import type { Axis } from "../types/check.ts";
import type { ToAccumulator } from "../types/dtype.ts";
import type { ValuesAndIndices } from "./reductions.ts";

/** Running folds along an axis: the result has the operand's shape. A scalar is a line of one element. */

function running(x: Tensor, reducer: "sum" | "prod" | "max" | "min", dim: number): Tensor {
  const axis = axisOf(dim, x);
  if (x.rank === 0) return x;
  return wrap(emitOne("cumulative", [x.value], { reducer, axis, reverse: false }));
}

/** Running sum. Bool and integers sum to i32 (u32 to u32). PyTorch: `torch.cumsum`. */
export function cumsum<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>): Tensor<S, ToAccumulator<D>>;
export function cumsum(this: Tensor, dim: number): Tensor { return running(accumulator(this), "sum", dim); }

/** Running product. Bool and integers multiply to i32 (u32 to u32). PyTorch: `torch.cumprod`. */
export function cumprod<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>): Tensor<S, ToAccumulator<D>>;
export function cumprod(this: Tensor, dim: number): Tensor { return running(accumulator(this), "prod", dim); }

/**
 * Running largest element and where it was last met; NaN stays once met. The derivative goes to the element
 * returned. PyTorch: `torch.cummax`.
 */
export function cummax<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>): ValuesAndIndices<S, D>;
export function cummax(this: Tensor, dim: number): ValuesAndIndices<Shape, DType> { return runningExtreme(this, "max", dim); }

/** As {@link cummax}, of the smallest. PyTorch: `torch.cummin`. */
export function cummin<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>): ValuesAndIndices<S, D>;
export function cummin(this: Tensor, dim: number): ValuesAndIndices<Shape, DType> { return runningExtreme(this, "min", dim); }

function runningExtreme(x: Tensor, reducer: "max" | "min", dim: number): ValuesAndIndices<Shape, DType> {
  if (x.rank === 0) return { values: x, indices: x.zerosLike("i32") };
  const axis = axisOf(dim, x);
  // a place holds the extreme so far where its element equals the running one; the last such place is the index
  const ordered = x.dtype === "bool" ? x.int() : x;
  const isExtreme = ordered.eq(running(ordered, reducer, axis).stopGradient());
  const isMet = isFloat(x.dtype) ? isExtreme.logicalOr(x.isNan()) : isExtreme;
  const indices = running(select(isMet, iota(x.shape, axis), 0), "max", axis);
  return { values: x.gather(axis, indices), indices: indices as Tensor<Shape, "i32"> };
}

/**
 * Running `log(sum(e^x))`, without overflow. Each result is a masked sum over the line, so the work grows with the
 * square of the axis' size. PyTorch: `torch.logcumsumexp`.
 */
export function logcumsumexp<S extends Shape, D extends DType, A extends number>(this: Tensor<S, D>, dim: Axis<S, A>): Tensor<S, D>;
export function logcumsumexp(this: Tensor, dim: number): Tensor {
  requireFloat(this, "logcumsumexp");
  const axis = axisOf(dim, this);
  if (this.rank === 0) return this;
  // [..., i, j, ...]: element j counts for place i where j <= i
  const size = this.shape[axis], pairs = [size, size];
  const counts = iota(pairs, 0).ge(iota(pairs, 1));
  const mask = reshapeTo(counts, [...pairs, ...this.shape.slice(axis + 1).map(() => 1)]);
  return select(mask, this.unsqueeze(axis), -Infinity).logsumexp(axis + 1);
}
