import { check } from "../../graph/error.ts";
import { dims, type Dim, type DType, type Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { contract, matrixProduct, requireSameDType } from "../contract.ts";
import { axisOf } from "../dims.ts";
import { describe } from "../lift.ts";
import type { DimAt, MatmulCheck, MatmulShape, SameDType, StrictCheck } from "../types/check.ts";
import type { Broadcast } from "../types/shape.ts";

/**
 * Products of matrices and vectors. Both operands have one dtype, of numbers: as in PyTorch, products promote
 * nothing. `mm`, `mv`, `dot` and `bmm` are strict about ranks; `matmul` broadcasts.
 */

/**
 * Matrix product with PyTorch's rules: vector with vector is their inner product; a vector on the left counts as a
 * row and on the right as a column, which the result is without; more dimensions are batches of matrices,
 * `[…, M, K]` with `[…, K, N]`, and broadcast. PyTorch: `torch.matmul`.
 */
export function matmul<S extends Shape, D extends DType, T extends Shape, E extends DType>(
  this: Tensor<S, D>, y: Tensor<T, E> & MatmulCheck<S, D, T, E>,
): Tensor<MatmulShape<S, T>, D>;
export function matmul(this: Tensor, y: Tensor): Tensor {
  check(this.rank > 0 && y.rank > 0, () =>
    `cannot matmul ${describe(this)} with ${describe(y)}: both need at least 1 dimension`, "use mul to scale by a number");
  const [k, k2] = [this.shape[this.rank - 1], y.shape[Math.max(0, y.rank - 2)]];
  check(k === k2, () =>
    `cannot matmul ${describe(this)} with ${describe(y)}: ${k} against ${k2}`,
    "the last dimension of the first and the one before last of the second (the only one of a vector) must be equal");
  const rows = this.rank === 1 ? this.unsqueeze(0) : this, columns = y.rank === 1 ? y.unsqueeze(1) : y;
  const product = matrixProduct(rows, columns, "matmul");
  const kept = product.shape.filter((_, i) => !(this.rank === 1 && i === product.rank - 2) && !(y.rank === 1 && i === product.rank - 1));
  return product.reshape(kept);
}

function requireRanks(name: string, a: Tensor, rankA: number, b: Tensor, rankB: number): void {
  check(a.rank === rankA && b.rank === rankB, () =>
    `${name} takes ${rankA}-d and ${rankB}-d tensors, not ${describe(a)} and ${describe(b)}`, "matmul takes other ranks, and broadcasts");
}

/** Product of two matrices, `[M, K]` with `[K, N]`; strict. PyTorch: `torch.mm`. */
export function mm<S extends Shape, D extends DType, T extends Shape, E extends DType>(
  this: Tensor<S, D>, y: Tensor<T, E> & StrictCheck<"mm", S, 2, DimAt<S, 1>, T, 2, DimAt<T, 0>> & SameDType<"mm", D, E>,
): Tensor<[DimAt<S, 0>, DimAt<T, 1>], D>;
export function mm(this: Tensor, y: Tensor): Tensor { requireRanks("mm", this, 2, y, 2); return matrixProduct(this, y, "mm"); }

/** Product of a matrix and a vector, `[M, K]` with `[K]`; strict. PyTorch: `torch.mv`. */
export function mv<S extends Shape, D extends DType, T extends Shape, E extends DType>(
  this: Tensor<S, D>, y: Tensor<T, E> & StrictCheck<"mv", S, 2, DimAt<S, 1>, T, 1, DimAt<T, 0>> & SameDType<"mv", D, E>,
): Tensor<[DimAt<S, 0>], D>;
export function mv(this: Tensor, y: Tensor): Tensor { requireRanks("mv", this, 2, y, 1); return this.matmul(y); }

/** Inner product of two vectors of one size; strict. PyTorch: `torch.dot`. */
export function dot<S extends Shape, D extends DType, T extends Shape, E extends DType>(
  this: Tensor<S, D>, y: Tensor<T, E> & StrictCheck<"dot", S, 1, DimAt<S, 0>, T, 1, DimAt<T, 0>> & SameDType<"dot", D, E>,
): Tensor<[], D>;
export function dot(this: Tensor, y: Tensor): Tensor { requireRanks("dot", this, 1, y, 1); return this.matmul(y); }
/** {@link dot}: there are no complex numbers here. PyTorch: `torch.vdot`. */
export const vdot: typeof dot = dot;

/** Products of two batches of matrices, `[B, M, K]` with `[B, K, N]`; strict, nothing broadcasts. PyTorch: `torch.bmm`. */
export function bmm<S extends Shape, D extends DType, T extends Shape, E extends DType>(
  this: Tensor<S, D>,
  y: Tensor<T, E> & StrictCheck<"bmm", S, 3, DimAt<S, 0>, T, 3, DimAt<T, 0>> & StrictCheck<"bmm", S, 3, DimAt<S, 2>, T, 3, DimAt<T, 1>> & SameDType<"bmm", D, E>,
): Tensor<[DimAt<S, 0>, DimAt<S, 1>, DimAt<T, 2>], D>;
export function bmm(this: Tensor, y: Tensor): Tensor {
  requireRanks("bmm", this, 3, y, 3);
  check(this.shape[0] === y.shape[0], () =>
    `cannot bmm ${describe(this)} with ${describe(y)}: ${this.shape[0]} against ${y.shape[0]} in the batch`, "matmul broadcasts batches");
  return matrixProduct(this, y, "bmm");
}

/** Factors of `beta * input + alpha * product`. */
interface AddProduct { readonly beta?: number; readonly alpha?: number }

/** `beta * input + alpha * product`, in the product's shape and dtype; with beta 0 the input does not count, NaN or not. */
function addTo(input: Tensor, product: Tensor, { beta = 1, alpha = 1 }: AddProduct, name: string): Tensor {
  requireSameDType(input, product, name);
  const spread = input.expandAs(product), scaled = alpha === 1 ? product : product.mul(alpha);
  return beta === 0 ? scaled : (beta === 1 ? spread : spread.mul(beta)).add(scaled);
}

/** `beta * this + alpha * a.mm(b)`; this broadcasts to the product. PyTorch: `torch.addmm`. */
export function addmm<D extends DType, A extends Shape, B extends Shape>(
  this: Tensor<Shape, D>, a: Tensor<A, D>, b: Tensor<B, D> & StrictCheck<"mm", A, 2, DimAt<A, 1>, B, 2, DimAt<B, 0>>, options?: AddProduct,
): Tensor<[DimAt<A, 0>, DimAt<B, 1>], D>;
export function addmm(this: Tensor, a: Tensor, b: Tensor, options: AddProduct = {}): Tensor { return addTo(this, a.mm(b), options, "addmm"); }

/** `beta * this + alpha * a.mv(x)`; this broadcasts to the product. PyTorch: `torch.addmv`. */
export function addmv<D extends DType, A extends Shape, B extends Shape>(
  this: Tensor<Shape, D>, a: Tensor<A, D>, x: Tensor<B, D> & StrictCheck<"mv", A, 2, DimAt<A, 1>, B, 1, DimAt<B, 0>>, options?: AddProduct,
): Tensor<[DimAt<A, 0>], D>;
export function addmv(this: Tensor, a: Tensor, x: Tensor, options: AddProduct = {}): Tensor { return addTo(this, a.mv(x), options, "addmv"); }

/** `beta * this + alpha * a.outer(b)`; this broadcasts to the product. PyTorch: `torch.addr`. */
export function addr<D extends DType, A extends Shape, B extends Shape>(
  this: Tensor<Shape, D>, a: Tensor<A, D>, b: Tensor<B, D>, options?: AddProduct,
): Tensor<[DimAt<A, 0>, DimAt<B, 0>], D>;
export function addr(this: Tensor, a: Tensor, b: Tensor, options: AddProduct = {}): Tensor { return addTo(this, a.outer(b), options, "addr"); }

/** `beta * this + alpha * a.bmm(b)`; this broadcasts to the product. PyTorch: `torch.baddbmm`. */
export function baddbmm<D extends DType, A extends Shape, B extends Shape>(
  this: Tensor<Shape, D>, a: Tensor<A, D>, b: Tensor<B, D>, options?: AddProduct,
): Tensor<[DimAt<A, 0>, DimAt<A, 1>, DimAt<B, 2>], D>;
export function baddbmm(this: Tensor, a: Tensor, b: Tensor, options: AddProduct = {}): Tensor { return addTo(this, a.bmm(b), options, "baddbmm"); }

/** `beta * this + alpha * (sum of the products a.bmm(b))`; this broadcasts to that. PyTorch: `torch.addbmm`. */
export function addbmm<D extends DType, A extends Shape, B extends Shape>(
  this: Tensor<Shape, D>, a: Tensor<A, D>, b: Tensor<B, D>, options?: AddProduct,
): Tensor<[DimAt<A, 1>, DimAt<B, 2>], D>;
export function addbmm(this: Tensor, a: Tensor, b: Tensor, options: AddProduct = {}): Tensor {
  requireRanks("addbmm", a, 3, b, 3);
  const product = contract({ tensor: a, labels: ["b", "m", "k"] }, { tensor: b, labels: ["b", "k", "n"] }, ["m", "n"], "addbmm");
  return addTo(this, product, options, "addbmm");
}

/** Every element of one vector times every one of another: `[M]` with `[N]` is `[M, N]`. PyTorch: `torch.outer`. */
export function outer<S extends Shape, D extends DType, T extends Shape, E extends DType>(
  this: Tensor<S, D>, y: Tensor<T, E> & StrictCheck<"outer", S, 1, Dim, T, 1, Dim>,
): Tensor<[DimAt<S, 0>, DimAt<T, 0>], D>;
export function outer(this: Tensor, y: Tensor): Tensor {
  requireRanks("outer", this, 1, y, 1);
  requireSameDType(this, y, "outer");
  return this.unsqueeze(1).mul(y);
}

/** Sum of products over the last axes: `[…, K]` with `[…, K]` has the other axes of both. PyTorch: `torch.inner`. */
export function inner<D extends DType, E extends DType>(this: Tensor<Shape, D>, y: Tensor<Shape, E> & SameDType<"inner", D, E>): Tensor<Shape, D>;
export function inner(this: Tensor, y: Tensor): Tensor {
  if (this.rank === 0 || y.rank === 0) return this.mul(y);
  const a = this.shape.slice(0, -1).map((_, i) => `a${i}`), b = y.shape.slice(0, -1).map((_, i) => `b${i}`);
  const [k, k2] = [this.shape[this.rank - 1], y.shape[y.rank - 1]];
  check(k === k2, () => `cannot take inner products of ${describe(this)} with ${describe(y)}: ${k} against ${k2}`, "the last dimensions must be equal");
  return contract({ tensor: this, labels: [...a, "k"] }, { tensor: y, labels: [...b, "k"] }, [...a, ...b], "inner");
}

/** Cross product of 3-vectors along an axis; the other axes broadcast. PyTorch: `torch.linalg.cross`. */
export function cross<S extends Shape, D extends DType, T extends Shape, E extends DType>(
  this: Tensor<S, D>, y: Tensor<T, E> & SameDType<"cross", D, E>, dim?: number,
): Tensor<Broadcast<S, T>, D>;
export function cross(this: Tensor, y: Tensor, dim = -1): Tensor {
  const a = this.rank < y.rank ? this.expand([...y.shape.slice(0, y.rank - this.rank).map(() => 1), ...this.shape]) : this;
  const b = y.rank < this.rank ? y.expand([...this.shape.slice(0, this.rank - y.rank).map(() => 1), ...y.shape]) : y;
  const axis = axisOf(dim, a);
  check(a.shape[axis] === 3 && b.shape[axis] === 3, () => `cross of ${describe(this)} with ${describe(y)} along axis ${axis}: both must be 3 there`);
  const turned = (x: Tensor, by: number): Tensor => x.roll(-by, axis); // (1, 2, 0) and (2, 0, 1)
  return turned(a, 1).mul(turned(b, 2)).sub(turned(a, 2).mul(turned(b, 1)));
}

/** Kronecker product: `[m, n]` with `[p, q]` is `[m p, n q]`, every element times the whole of `y`. PyTorch: `torch.kron`. */
export function kron<D extends DType>(this: Tensor<Shape, D>, y: Tensor): Tensor;
export function kron(this: Tensor, y: Tensor): Tensor {
  const rank = Math.max(this.rank, y.rank);
  const sizes = (x: Tensor): readonly Dim[] => [...Array.from({ length: rank - x.rank }, () => 1), ...x.shape];
  const a = sizes(this), b = sizes(y);
  return this.reshape(a.flatMap((d) => [d, 1])).mul(y.reshape(b.flatMap((d) => [1, d]))).reshape(a.map((d, i) => dims.mul(d, b[i])));
}
