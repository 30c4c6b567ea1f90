import { check, GraphError } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import { dims, isFloat, type Dim, type DType, type Shape } from "../../types/index.ts";
import { asIndex, fromStart, stretch } from "../address.ts";
import { broadcastShape, full } from "../broadcast.ts";
import { wrap, type Tensor } from "../core.ts";
import { axisOf, iota } from "../dims.ts";
import { convert, describe, select } from "../lift.ts";
import type { Axis } from "../types/check.ts";

/** Elements put at places that data say, by several indices, by a mask, or folded. */

/**
 * A copy with `values` written at the index tensors of the first axes, which broadcast to one shape; `values` broadcast to
 * that shape and the remaining axes. Negative indices count from the end. With `accumulate` they are added; without, the
 * last of several at one place stays. PyTorch: `torch.Tensor.index_put`.
 */
export function indexPut<S extends Shape, D extends DType>(this: Tensor<S, D>, indices: readonly Tensor[], values: Tensor<Shape, D>, options?: { readonly accumulate?: boolean }): Tensor<S, D>;
export function indexPut(this: Tensor, indices: readonly Tensor[], values: Tensor, { accumulate = false }: { readonly accumulate?: boolean } = {}): Tensor {
  check(indices.length >= 1 && indices.length <= this.rank, () => `indexPut of ${describe(this)} with ${indices.length} index tensors`, "give one for each of the first axes, in a list");
  check(values.dtype === this.dtype, () => `indexPut into ${describe(this)}: the values are ${describe(values)}`, "convert them to its dtype");
  const shape = indices.reduce<Shape>((s, i) => broadcastShape(s, i.shape, "indexPut"), []);
  const at = indices.map((index, axis) => stretch(fromStart(asIndex(index, "indexPut"), this, axis), shape));
  const updates = values.broadcastTo([...shape, ...this.shape.slice(indices.length)]);
  return wrap(emitOne("scatter", [this.value, updates.value, ...at.map((i) => i.value)], { axes: at.map((_, axis) => axis), batch: [], reducer: accumulate ? "sum" : "set" }));
}

/** How `indexReduce` folds. */
type Reduction = "prod" | "mean" | "amax" | "amin";

/**
 * Folds the slices of `source` along an axis into those at the indices of a vector. With `includeSelf` (the default) the
 * slice there counts too; without, it only stays where nothing is folded in. PyTorch: `torch.index_reduce`.
 */
export function indexReduce<S extends Shape, D extends DType, A extends number>(
  this: Tensor<S, D>, dim: Axis<S, A>, index: Tensor, source: Tensor<Shape, D>, reduce: Reduction, options?: { readonly includeSelf?: boolean },
): Tensor<S, D>;
export function indexReduce(this: Tensor, dim: number, index: Tensor, source: Tensor, reduce: Reduction, options: { readonly includeSelf?: boolean } = {}): Tensor {
  const axis = axisOf(dim, this), names: readonly string[] = ["prod", "mean", "amax", "amin"];
  if (!names.includes(reduce)) throw new GraphError(`indexReduce: reduce is ${JSON.stringify(reduce)}`, `it can be ${names.join(", ")}; indexAdd adds`);
  check(index.rank <= 1 && source.rank === this.rank, () => `indexReduce of ${describe(this)} at ${describe(index)}: the source is ${describe(source)}`, "the indices are a vector, and the source has the rank of the tensor");
  const places = index.atleast1d().reshape(this.shape.map((_, i) => (i === axis ? -1 : 1)));
  return this.scatterReduce(axis, places.expand(source.shape), source, reduce, options);
}

/**
 * A copy in which the elements under `mask` (bool, broadcast) are replaced by the elements of `source`, in order. There must
 * be as many: past its end, the last one is repeated. PyTorch: `torch.Tensor.masked_scatter`.
 */
export function maskedScatter<S extends Shape, D extends DType>(this: Tensor<S, D>, mask: Tensor, source: Tensor<Shape, D>): Tensor<S, D>;
export function maskedScatter(this: Tensor, mask: Tensor, source: Tensor): Tensor {
  check(mask.dtype === "bool", () => `maskedScatter of ${describe(this)}: the mask is ${describe(mask)}; it must be bool`, "compare first, or convert it with .bool()");
  check(source.dtype === this.dtype, () => `maskedScatter into ${describe(this)}: the source is ${describe(source)}`, "convert it to its dtype");
  const chosen = mask.expand(this.shape), flat = source.flatten(), last = dims.sub(flat.shape[0], 1);
  check(typeof last === "number" && last >= 0, () => `maskedScatter into ${describe(this)}: the source is ${describe(source)}`, "it needs a known number of elements, at least 1");
  const place = chosen.flatten().int().cumsum(0).sub(1).clamp(0, last);
  return select(chosen, flat.gather(0, place).reshape(this.shape), this);
}

/**
 * Where elements are not zero: `[size, rank]` in row-major order, filled up with `fillValue` (-1 unless given) and cut where
 * there are more. PyTorch: `torch.nonzero_static`.
 */
export function nonzeroStatic<const N extends Dim>(this: Tensor, options: { readonly size: N; readonly fillValue?: number }): Tensor<[N, number], "i32">;
export function nonzeroStatic(this: Tensor, { size, fillValue = -1 }: { readonly size: Dim; readonly fillValue?: number }): Tensor {
  check(typeof size === "string" || (Number.isInteger(size) && size >= 0), () => `nonzeroStatic of ${describe(this)}: the size is ${size}`, "give how many rows the result has");
  const isChosen = this.ne(0).flatten();
  const place = isChosen.int().cumsum(0).sub(1), room = dims.dim(size);
  // what is not chosen, and what is too much, goes to a row behind the last
  const fits = isChosen.logicalAnd(place.lt(typeof room === "number" ? room : wrap(emitOne("dimension", [], { size: room }))));
  const target = select(fits, place, typeof room === "number" ? room : wrap(emitOne("dimension", [], { size: room })));
  const rows = wrap(full(fillValue, "i32", [dims.add(room, 1), this.rank]));
  const coordinates = this.shape.map((_, axis) => iota(this.shape, axis).flatten().unsqueeze(1));
  if (coordinates.length === 0) return rows.narrow(0, 0, size);
  const written = coordinates.length === 1 ? coordinates[0] : wrap(emitOne("concat", coordinates.map((c) => c.value), { axis: 1 }));
  return rows.indexCopy(0, target, written).narrow(0, 0, size);
}

/**
 * Summed back to a shape that broadcasts to this one: the derivative of `expand`. PyTorch: `torch.Tensor.sum_to_size`.
 */
export function sumToSize<const T extends Shape, D extends DType>(this: Tensor<Shape, D>, shape: T): Tensor<T, D>;
export function sumToSize(this: Tensor, shape: Shape): Tensor {
  const extra = this.rank - shape.length, target = shape.map(dims.dim);
  check(extra >= 0 && target.every((d, i) => d === 1 || d === this.shape[i + extra]), () => `sumToSize of ${describe(this)} to [${shape.join(",")}]`, "it must be a shape that broadcasts to that of the tensor");
  const axes = this.shape.map((_, i) => i).filter((i) => i < extra || (target[i - extra] === 1 && this.shape[i] !== 1));
  return axes.length === 0 ? this : convert(this.sum(axes, true), isFloat(this.dtype) ? this.dtype : "i32").reshape(target);
}
