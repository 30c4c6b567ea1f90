import type { DType, TensorLike, TypedArray } from "../types.ts";

/** Tensors by input name, all with the same number of rows: what a training loop cuts into batches. */
export type Dataset = Readonly<Record<string, TensorLike>>;

const dtypeOf = (data: TypedArray): DType =>
  data instanceof Float32Array ? "f32" : data instanceof Float64Array ? "f64" : data instanceof Int32Array ? "i32" : data instanceof Uint32Array ? "u32" : "u8";

/**
 * A typed array with its shape, as a tensor: its dtype is that of the array. One size may be −1: it is worked out.
 * Throws where the elements do not fit the shape.
 */
export function tensor(data: TypedArray, shape: readonly number[]): TensorLike {
  const known = shape.filter((d) => d !== -1).reduce((a, b) => a * b, 1);
  const full = shape.map((d) => (d === -1 ? data.length / known : d));
  if (full.some((d) => !Number.isInteger(d)) || full.reduce((a, b) => a * b, 1) !== data.length)
    throw new Error(`${data.length} elements do not fit the shape [${shape.join(", ")}]`);
  return { dtype: dtypeOf(data), shape: full, data };
}

/** Rows of a data set. Throws where its tensors have different numbers of rows, or none at all. */
export function rowsOf(data: Dataset): number {
  const names = Object.keys(data);
  if (names.length === 0) throw new Error("the data set is empty: give it a tensor for every input of the function");
  const [first] = names, rows = data[first].shape[0];
  for (const name of names) {
    if (data[name].shape.length === 0) throw new Error(`"${name}" is a scalar: a data set needs rows, one for each sample`);
    if (data[name].shape[0] !== rows) throw new Error(`"${first}" has ${rows} rows and "${name}" ${data[name].shape[0]}: a data set needs one row of each for every sample`);
  }
  if (rows === 0) throw new Error(`the data set has no rows`);
  return rows;
}

/** The rows of a data set at the given places, in that order. */
export function takeRows(data: Dataset, rows: ArrayLike<number>): Dataset {
  return Object.fromEntries(Object.entries(data).map(([name, t]) => {
    const width = t.shape.slice(1).reduce((a, b) => a * b, 1);
    const out = new (t.data.constructor as new (n: number) => TypedArray)(rows.length * width);
    for (let i = 0; i < rows.length; i++) out.set(t.data.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
    return [name, { dtype: t.dtype, shape: [rows.length, ...t.shape.slice(1)], data: out } as TensorLike];
  }));
}

/** A stream of numbers in [0, 1) that a seed determines (Mulberry32). For shuffling, not for a model's own randomness. */
export function randomStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/** 0 … n−1 in an order drawn from `random` (Fisher and Yates). */
export function permutation(n: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Cuts a data set into batches of `size` rows, the last of what is left; shuffled where a source of randomness is given. */
export function* batches(data: Dataset, size: number, random?: () => number): Generator<Dataset> {
  if (!Number.isInteger(size) || size < 1) throw new Error(`a batch of ${size} rows: the batch size is a whole number from 1`);
  const rows = rowsOf(data);
  const order = random ? permutation(rows, random) : Uint32Array.from({ length: rows }, (_, i) => i);
  for (let at = 0; at < rows; at += size) yield takeRows(data, order.subarray(at, at + size));
}

/**
 * Splits a data set in two, after shuffling: the first part has `fraction` of the rows (rounded). For a held-out set:
 * `const [train, test] = split(data, 0.8, { seed: 1 })`.
 */
export function split(data: Dataset, fraction: number, { seed = 0 }: { readonly seed?: number } = {}): [Dataset, Dataset] {
  if (!(fraction > 0 && fraction < 1)) throw new Error(`cannot split off ${fraction} of the rows: give a fraction between 0 and 1`);
  const order = permutation(rowsOf(data), randomStream(seed));
  const cut = Math.round(order.length * fraction);
  return [takeRows(data, order.subarray(0, cut)), takeRows(data, order.subarray(cut))];
}
