import { check } from "../../graph/error.ts";
import { dims, type Dim, type DType, type Shape } from "../../types/index.ts";
import { gatherAt } from "../address.ts";
import type { Tensor } from "../core.ts";
import { axisOf, iota, newAxisOf } from "../dims.ts";
import { accumulator, describe, select } from "../lift.ts";
import type { ToAccumulator } from "../types/dtype.ts";

/** Triangles and diagonals of matrices, the last two axes unless said otherwise. */

/** Keeps the elements whose column and row satisfy a condition; zeros elsewhere (`false`, which promotes no dtype). */
function triangle(x: Tensor, name: string, keep: (columns: Tensor, rows: Tensor) => Tensor): Tensor {
  check(x.rank >= 2, () => `${name} of ${describe(x)}: it takes at least 2 dimensions`);
  const matrix = x.shape.slice(-2);
  return select(keep(iota(matrix, 1), iota(matrix, 0)), x, false);
}

/** The elements on and below a diagonal, zeros above: `diagonal` 0 is the main one, 1 the next above. PyTorch: `torch.tril`. */
export function tril<S extends Shape, D extends DType>(this: Tensor<S, D>, diagonal?: number): Tensor<S, D>;
export function tril(this: Tensor, diagonal = 0): Tensor { return triangle(this, "tril", (columns, rows) => columns.sub(rows).le(diagonal)); }

/** The elements on and above a diagonal, zeros below: `diagonal` 0 is the main one, 1 the next above. PyTorch: `torch.triu`. */
export function triu<S extends Shape, D extends DType>(this: Tensor<S, D>, diagonal?: number): Tensor<S, D>;
export function triu(this: Tensor, diagonal = 0): Tensor { return triangle(this, "triu", (columns, rows) => columns.sub(rows).ge(diagonal)); }

/**
 * A diagonal of the matrices in two axes, which go away; the diagonal is the last axis. `offset` counts diagonals
 * above (or, negative, below) the main one. PyTorch: `torch.diagonal`.
 */
export function diagonal<D extends DType>(this: Tensor<Shape, D>, offset?: number, dim1?: number, dim2?: number): Tensor<Shape, D>;
export function diagonal(this: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  check(this.rank >= 2, () => `diagonal of ${describe(this)}: it takes at least 2 dimensions`);
  const row = axisOf(dim1, this), column = axisOf(dim2, this);
  check(row !== column, () => `diagonal of ${describe(this)}: axis ${row} twice`);
  const length = diagonalLength(this, this.shape[row], this.shape[column], offset);
  const along = iota([length], 0);
  const matrices = this.movedim([row, column], [0, 1]);
  return gatherAt(matrices, [0, 1], [offset < 0 ? along.add(-offset) : along, offset > 0 ? along.add(offset) : along]).movedim(0, -1);
}

/** How many elements a diagonal has: the smaller of what is left of the rows and of the columns. */
function diagonalLength(x: Tensor, rows: Dim, columns: Dim, offset: number): Dim {
  const left = dims.sub(rows, Math.max(0, -offset)), right = dims.sub(columns, Math.max(0, offset));
  if (typeof left === "number" && typeof right === "number") return Math.max(0, Math.min(left, right));
  const smaller = dims.atLeast(right, left) ? left : dims.atLeast(left, right) ? right : undefined;
  check(smaller !== undefined && dims.atLeast(smaller, 0) === true, () => `diagonal ${offset} of ${describe(x)}: how long it is depends on its symbols`);
  return smaller;
}

/** A vector on a diagonal of a square matrix of zeros, or a diagonal of a matrix as a vector. PyTorch: `torch.diag`. */
export function diag<D extends DType>(this: Tensor<Shape, D>, diagonal?: number): Tensor<Shape, D>;
export function diag(this: Tensor, diagonal = 0): Tensor {
  check(this.rank === 1 || this.rank === 2, () => `diag of ${describe(this)}: it takes 1 or 2 dimensions`, "use diagonal or diagEmbed");
  return this.rank === 1 ? this.diagEmbed(diagonal) : this.diagonal(diagonal);
}

/**
 * The last axis on a diagonal of square matrices of zeros, whose axes are `dim1` and `dim2` of the result.
 * PyTorch: `torch.diag_embed`.
 */
export function diagEmbed<D extends DType>(this: Tensor<Shape, D>, offset?: number, dim1?: number, dim2?: number): Tensor<Shape, D>;
export function diagEmbed(this: Tensor, offset = 0, dim1 = -2, dim2 = -1): Tensor {
  check(this.rank >= 1 && Number.isInteger(offset), () =>
    `diagEmbed of ${describe(this)} on diagonal ${offset}: it takes at least 1 dimension and a whole number`);
  const row = newAxisOf(dim1, this), column = newAxisOf(dim2, this);
  check(row !== column, () => `diagEmbed of ${describe(this)}: axis ${row} twice`);
  // element (i, j) of the diagonal is element i of the vector if it is on or above the main one, else element j
  const padded = this.pad([0, Math.abs(offset)]), size = padded.shape[this.rank - 1];
  const isOn = iota([size, size], 1).sub(iota([size, size], 0)).eq(offset);
  const matrices = select(isOn, padded.unsqueeze(offset >= 0 ? -1 : -2), false);
  return matrices.movedim([-2, -1], [row, column]);
}

/** Sum of the main diagonal of a matrix. PyTorch: `torch.trace`. */
export function trace<D extends DType>(this: Tensor<Shape, D>): Tensor<[], ToAccumulator<D>>;
export function trace(this: Tensor): Tensor {
  check(this.rank === 2, () => `trace of ${describe(this)}: it takes a matrix`);
  return accumulator(this.diagonal()).sum();
}

/** The elements, flattened, on a diagonal of a square matrix of zeros. PyTorch: `torch.diagflat`. */
export function diagflat<D extends DType>(this: Tensor<Shape, D>, offset?: number): Tensor<Shape, D>;
export function diagflat(this: Tensor, offset = 0): Tensor { return this.flatten().diagEmbed(offset); }
