import { sizeOf } from "../tensor.ts";
import type { DType, TensorLike, TypedArray } from "../types.ts";

/** Tensors by input name, all with the same number of rows: what a training loop cuts into batches. */
export type Dataset = Readonly<Record<string, TensorLike>>;

/** A data set with the same tensors and any number of rows. */
export type RowsOf<D extends Dataset> = {
  readonly [K in keyof D]: D[K] extends TensorLike<infer T, infer S> ? TensorLike<T, S extends readonly [number, ...infer Row extends readonly number[]] ? readonly [number, ...Row] : S> : never;
};

/** The dtype whose elements an array holds; bytes are u8. */
export type DTypeOf<A extends TypedArray> =
  A extends Float32Array ? "f32" : A extends Float64Array ? "f64" : A extends Int32Array ? "i32" : A extends Uint32Array ? "u32" : "u8";
/** A shape as `tensor` takes it, with −1 worked out. */
export type FullShape<S extends readonly number[]> = { readonly [K in keyof S]: S[K] extends -1 ? number : S[K] };

const dtypes: Readonly<Record<string, DType>> = { Float32Array: "f32", Float64Array: "f64", Int32Array: "i32", Uint32Array: "u32", Uint8Array: "u8" };

/**
 * A typed array with its shape, as a tensor: its dtype is that of the array, or bool for bytes said to be. One size may
 * be −1: it is worked out. Throws where the elements do not fit the shape, and for an array of no dtype.
 */
export function tensor<A extends TypedArray, const S extends readonly number[]>(data: A, shape: S): TensorLike<DTypeOf<A>, FullShape<S>>;
export function tensor<const S extends readonly number[]>(data: Uint8Array, shape: S, dtype: "bool"): TensorLike<"bool", FullShape<S>>;
export function tensor(data: TypedArray, shape: readonly number[], dtype?: "bool"): TensorLike {
  const { name } = data.constructor;
  if (!Object.hasOwn(dtypes, name)) throw new Error(`no dtype has its elements in ${name}; there are ${Object.keys(dtypes).join(", ")}`);
  if (dtype !== undefined && name !== "Uint8Array") throw new Error(`a bool tensor has its elements in Uint8Array, not ${name}`);
  const known = sizeOf(shape.filter((d) => d !== -1));
  const full = shape.map((d) => (d === -1 ? data.length / known : d));
  if (full.some((d) => !Number.isInteger(d) || d < 0) || sizeOf(full) !== data.length)
    throw new Error(`${data.length} elements do not fit the shape [${shape.join(", ")}]`);
  return { dtype: dtype ?? dtypes[name], shape: full, data };
}

/** Rows of a data set. Throws where its tensors have different numbers of rows, none at all, or elements for another shape. */
export function rowsOf(data: Dataset): number {
  const names = Object.keys(data);
  if (names.length === 0) throw new Error("the data set is empty: give it a tensor for every input of the function");
  const [first] = names, rows = data[first].shape[0];
  for (const name of names) {
    const { shape, data: elements } = data[name];
    if (shape.length === 0) throw new Error(`"${name}" is a scalar: a data set needs rows, one for each sample`);
    if (sizeOf(shape) !== elements.length) throw new Error(`"${name}" has ${elements.length} elements, and its shape is [${shape.join(", ")}]`);
    if (shape[0] !== rows) throw new Error(`"${first}" has ${rows} rows and "${name}" ${shape[0]}: a data set needs one row of each for every sample`);
  }
  if (rows === 0) throw new Error("the data set has no rows");
  return rows;
}

/** The rows of a data set at the given places, counted from 0, in that order. Throws for a place that has none. */
export function takeRows<D extends Dataset>(data: D, rows: ArrayLike<number>): RowsOf<D> {
  const count = rowsOf(data);
  for (let i = 0; i < rows.length; i++)
    if (!(Number.isInteger(rows[i]) && rows[i] >= 0 && rows[i] < count)) throw new Error(`there is no row ${rows[i]}: the data set has ${count} rows, counted from 0`);
  const taken = Object.entries(data).map(([name, t]): [string, TensorLike] => {
    const width = sizeOf(t.shape.slice(1));
    const out = new (t.data.constructor as new (n: number) => TypedArray)(rows.length * width);
    for (let i = 0; i < rows.length; i++) out.set(t.data.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
    return [name, { dtype: t.dtype, shape: [rows.length, ...t.shape.slice(1)], data: out }];
  });
  return Object.fromEntries(taken) as Dataset as RowsOf<D>; // fromEntries forgets which name has which type
}
