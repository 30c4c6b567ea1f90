import { check } from "../graph/error.ts";
import { dims, shapeText, type DType, type Shape } from "../types/index.ts";
import { requireTensors } from "./arguments.ts";
import type { Tensor } from "./core.ts";
import { constant } from "./creation.ts";
import { sizeValue } from "./dims.ts";
import { describe, requireInteger } from "./lift.ts";

/** Lists of places and of what can be picked. */

/**
 * All ways to pick `r` elements of a vector in its order, a row each: `[ways, r]`; `withReplacement` picks one more than once.
 * The vector's length is a number. PyTorch: `torch.combinations`.
 */
export function combinations<D extends DType>(x: Tensor<Shape, D>, r?: number, options?: { readonly withReplacement?: boolean }): Tensor<[number, number], D>;
export function combinations(x: Tensor, r = 2, { withReplacement = false }: { readonly withReplacement?: boolean } = {}): Tensor {
  requireTensors("combinations", { x });
  const n = x.shape[0];
  check(x.rank === 1 && typeof n === "number", () => `combinations of ${describe(x)}`, "it takes a vector of known length");
  check(Number.isInteger(r) && r >= 0, () => `combinations of ${describe(x)}: ${r} at a time`, "give a whole number from 0 on");
  let ways: number[][] = [[]];
  for (let i = 0; i < r; i++)
    ways = ways.flatMap((way) => {
      const first = way.length === 0 ? 0 : way[way.length - 1] + (withReplacement ? 0 : 1);
      return Array.from({ length: Math.max(0, n - first) }, (_, k) => [...way, first + k]);
    });
  return x.indexSelect(0, constant(ways.flat(), "i32", [ways.length * r])).reshape(ways.length, r);
}

/**
 * Indices into a flattened tensor as indices into a tensor of a shape: one i32 tensor for each axis. PyTorch:
 * `torch.unravel_index`.
 */
export function unravelIndex<S extends Shape>(index: Tensor<S>, shape: Shape): Tensor<S, "i32">[];
export function unravelIndex(index: Tensor, shape: Shape): Tensor[] {
  requireTensors("unravelIndex", { index });
  requireInteger(index, "unravelIndex");
  check(Array.isArray(shape), () => `unravelIndex of ${describe(index)}: the shape is ${String(shape)}`, "give the sizes in a list");
  const places: Tensor[] = [];
  let rest: Tensor = index.int();
  for (const d of shape.map(dims.dim).reverse()) {
    check(typeof d === "string" || (Number.isInteger(d) && d > 0), () => `unravelIndex of ${describe(index)}: ${d} in ${shapeText(shape)} is not a size`);
    const size = typeof d === "number" ? d : sizeValue(d);
    places.unshift(rest.remainder(size));
    rest = rest.floorDivide(size);
  }
  return places;
}
