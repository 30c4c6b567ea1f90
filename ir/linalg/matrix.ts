import { check } from "../graph/error.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { broadcastShape } from "../tensor/broadcast.ts";
import { iota } from "../tensor/dims.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isFloat, typeText, type Dim, type DType, type Shape } from "../types/index.ts";

/** What functions of matrices share. A matrix is the last two axes; all before them are batches. */

export const text = (x: Tensor): string => typeText(x.value.type);

/** Throws unless `a` is float and has rows and columns; gives their numbers. */
export function matrixOf(name: string, a: Tensor): readonly [rows: Dim, columns: Dim] {
  requireTensors(name, { matrix: a });
  check(isFloat(a.dtype) && a.rank >= 2, () => `${name} of ${text(a)}`, "it takes float matrices, […, m, n]; convert integers with .float()");
  return [a.shape[a.rank - 2], a.shape[a.rank - 1]];
}

/** Throws unless `a` is square; gives its size. */
export function squareOf(name: string, a: Tensor): Dim {
  const [rows, columns] = matrixOf(name, a);
  check(rows === columns, () => `${name} of ${text(a)}: ${rows} rows against ${columns} columns`, "it takes square matrices, […, n, n]");
  return rows;
}

/** Throws unless the sizes of `a` are numbers; gives them. */
export function sizesOf(name: string, a: Tensor): readonly [rows: number, columns: number] {
  const [rows, columns] = matrixOf(name, a);
  check(typeof rows === "number" && typeof columns === "number", () => `${name} of ${text(a)}`, "the sizes of the matrix must be numbers; those before them may be symbols");
  return [rows, columns];
}

/** Ones on the diagonal, `[n, n]`. */
export const identity = (n: Dim, dtype: DType): Tensor => iota([n, n], 0).eq(iota([n, n], 1)).convert(dtype);

/** Whether there are no elements: what loops over the columns has nothing to do. */
export const isEmpty = (a: Tensor): boolean => a.shape.includes(0);

/** Batches of matrices with the same batch dimensions, to which both stretch. */
export function sameBatch(name: string, a: Tensor, b: Tensor): readonly [Tensor, Tensor] {
  requireTensors(name, { a, b });
  check(a.dtype === b.dtype, () => `${name} of ${text(a)} and ${text(b)}: the dtypes differ`, "convert one to the dtype of the other");
  const batch: Shape = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2), name);
  return [a.expand([...batch, ...a.shape.slice(-2)]), b.expand([...batch, ...b.shape.slice(-2)])];
}

/** Row numbers `[n, 1]` and column numbers `[1, n]`: to compare with the step of a loop. */
export const rowNumbers = (n: Dim): Tensor => iota([n, 1], 0);
export const columnNumbers = (n: Dim): Tensor => iota([1, n], 1);

/** Row or column `k` of matrices, kept as one: `[…, 1, n]` or `[…, m, 1]`. */
export const rowAt = (a: Tensor, k: Tensor): Tensor => a.indexSelect(-2, k.reshape([1]));
export const columnAt = (a: Tensor, k: Tensor): Tensor => a.indexSelect(-1, k.reshape([1]));
