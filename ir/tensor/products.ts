import { check } from "../graph/error.ts";
import type { Dim, DType, Shape } from "../types/index.ts";
import { requireTensors } from "./arguments.ts";
import { contract } from "./contract.ts";
import type { Tensor } from "./core.ts";
import { axesOf } from "./dims.ts";
import { listTensors, type TensorArguments } from "./join.ts";
import { describe } from "./lift.ts";
import { forProduct } from "./precision.ts";
import type { DimAt, SameDType } from "./types/check.ts";
import type { AreEqual, IsUnknownRank, ShapeText, WithDim, Without } from "./types/shape.ts";

/** Products that are functions, as PyTorch has them. */

/** How many axes are summed over, or which of the first and which of the second. */
type SharedAxes = number | readonly [readonly number[], readonly number[]];

/**
 * Sum of products over several axes: of the last `dims` axes of `a` with the first `dims` of `b` (2 by default), or
 * over the axes listed for each; of two that meet, one may be of size 1, and counts for all. The result has the other axes of `a`, then those of `b`. PyTorch: `torch.tensordot`.
 */
export function tensordot<D extends DType, E extends DType>(a: Tensor<Shape, D>, b: Tensor<Shape, E> & SameDType<"tensordot", D, E>, dims?: SharedAxes): Tensor<Shape, D>;
export function tensordot(a: Tensor, b: Tensor, over: SharedAxes = 2): Tensor {
  requireTensors("tensordot", { a, b });
  if (typeof over === "number") check(Number.isInteger(over) && over >= 0 && over <= Math.min(a.rank, b.rank), () =>
    `tensordot of ${describe(a)} with ${describe(b)} over ${over} axes`);
  const [ofA, ofB] = typeof over === "number"
    ? [Array.from({ length: over }, (_, i) => a.rank - over + i), Array.from({ length: over }, (_, i) => i)]
    : [axesOf(over[0], a), axesOf(over[1], b)];
  check(ofA.length === ofB.length, () =>
    `tensordot of ${describe(a)} with ${describe(b)}: ${ofA.length} axes of the first cannot meet ${ofB.length} of the second`);
  for (const [k, i] of ofA.entries())
    check(a.shape[i] === b.shape[ofB[k]] || a.shape[i] === 1 || b.shape[ofB[k]] === 1, () =>
      `cannot tensordot ${describe(a)} with ${describe(b)}: ${a.shape[i]} (axis ${i}) against ${b.shape[ofB[k]]} (axis ${ofB[k]})`);
  const labels = (x: Tensor, name: string, axes: readonly number[]): string[] => x.shape.map((_, i) => (axes.includes(i) ? `k${axes.indexOf(i)}` : `${name}${i}`));
  const la = labels(a, "a", ofA), lb = labels(b, "b", ofB);
  return contract({ tensor: a, labels: la }, { tensor: b, labels: lb }, [...la, ...lb].filter((l) => !l.startsWith("k")), "tensordot");
}

/** `unknown` where a layer of `weight` takes `x`, else what is wrong. */
type LinearCheck<S extends Shape, W extends Shape> =
  IsUnknownRank<S> extends true ? unknown : IsUnknownRank<W> extends true ? unknown
  : AreEqual<DimAt<S, -1>, DimAt<W, -1>> extends true ? unknown
  : `linear of [${ShapeText<S>}] with a weight [${ShapeText<W>}]: ${DimAt<S, -1>} against ${DimAt<W, -1>}`;
type LinearShape<S extends Shape, W extends Shape> = W extends readonly [Dim] ? Without<S, -1> : WithDim<S, -1, DimAt<W, 0>>;

/**
 * `x · weightᵀ + bias`: x `[…, in]`, weight `[out, in]`, bias `[out]` or none; the result is `[…, out]`. A weight
 * `[in]` gives `[…]`, with a bias without dimensions. PyTorch: `torch.nn.functional.linear`.
 */
export function linear<S extends Shape, D extends DType, W extends Shape>(
  x: Tensor<S, D>, weight: Tensor<W, D> & LinearCheck<S, W>, bias?: Tensor<Shape, D> | null,
): Tensor<LinearShape<S, W>, D>;
export function linear(...operands: [x: Tensor, weight: Tensor, bias?: Tensor | null]): Tensor {
  requireTensors("linear", { x: operands[0], weight: operands[1] });
  const [x, weight, bias] = forProduct(...operands);
  const text = (): string => `linear of ${describe(x)} with a weight ${describe(weight)}`;
  check(x.rank >= 1 && (weight.rank === 1 || weight.rank === 2), () => `${text()}: it takes […, in] and [out, in] (or [in])`);
  const [k, k2] = [x.shape[x.rank - 1], weight.shape[weight.rank - 1]];
  check(x.dtype === weight.dtype, () => `${text()}: the dtypes differ`, `convert the input first: .convert("${weight.dtype}")`);
  check(k === k2, () => `${text()}: ${k} against ${k2}`, `the last dimension of the input is the ${weight.rank === 2 ? "second" : "only one"} of the weight`);
  const product = tensordot(x, weight, [[-1], [-1]]);
  if (!bias) return product;
  const wide = bias.rank === 0 || (bias.rank === 1 && weight.rank === 2 && (bias.shape[0] === weight.shape[0] || bias.shape[0] === 1));
  check(wide, () => `${text()}: the bias is ${describe(bias)}; it must be [${weight.shape.slice(0, -1).join(",")}]`);
  return product.add(bias);
}

/**
 * Product of several matrices, in the order of least work where their sizes are numbers, else from left to right;
 * the first may be a row and the last a column given as vectors. PyTorch: `torch.linalg.multi_dot`.
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  check(tensors.length >= 2, () => `multiDot of ${tensors.length} tensors: it takes at least 2`);
  const last = tensors.length - 1;
  for (const [i, x] of tensors.entries()) check(x.rank === 2 || (x.rank === 1 && (i === 0 || i === last)), () =>
    `multiDot: operand ${i} is ${describe(x)}; it must be a matrix`);
  const matrices = tensors.map((x, i) => (x.rank === 2 ? x : x.unsqueeze(i === 0 ? 0 : 1)));
  const product = multiply(matrices, splitsOf(matrices), 0, last);
  return product.reshape(product.shape.filter((_, i) => tensors[i === 0 ? 0 : last].rank === 2));
}
/** {@link multiDot} of listed matrices. PyTorch: `torch.chain_matmul`. */
export function chainMatmul(...args: TensorArguments): Tensor {
  const matrices = listTensors("chainMatmul", args);
  return matrices.length === 1 ? matrices[0] : multiDot(matrices);
}

const multiply = (matrices: readonly Tensor[], splits: readonly (readonly number[])[], from: number, to: number): Tensor =>
  from === to ? matrices[from] : multiply(matrices, splits, from, splits[from][to]).mm(multiply(matrices, splits, splits[from][to] + 1, to));

/** For each run of matrices, behind which one to split it: the matrix-chain recurrence (Cormen et al., 15.2). */
function splitsOf(matrices: readonly Tensor[]): number[][] {
  const n = matrices.length, sizes = [...matrices.map((x) => x.shape[0]), matrices[n - 1].shape[1]];
  const splits = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, k) => Math.max(i, k - 1))); // left to right
  if (!sizes.every((d) => typeof d === "number")) return splits;
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let length = 2; length <= n; length++)
    for (let i = 0; i + length <= n; i++) {
      const k = i + length - 1;
      cost[i][k] = Infinity;
      for (let s = i; s < k; s++) {
        const work = cost[i][s] + cost[s + 1][k] + sizes[i] * sizes[s + 1] * sizes[k + 1];
        if (work < cost[i][k]) [cost[i][k], splits[i][k]] = [work, s];
      }
    }
  return splits;
}
