import { rowsOf, takeRows, type Dataset, type RowsOf } from "./dataset.ts";

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
export function* batches<D extends Dataset>(data: D, size: number, random?: () => number): Generator<RowsOf<D>, void, void> {
  if (!Number.isInteger(size) || size < 1) throw new Error(`a batch of ${size} rows: the batch size is a whole number from 1`);
  const rows = rowsOf(data);
  const order = random ? permutation(rows, random) : Uint32Array.from({ length: rows }, (_, i) => i);
  for (let at = 0; at < rows; at += size) yield takeRows(data, order.subarray(at, at + size));
}

/**
 * Splits a data set in two, after shuffling: the first part has `fraction` of the rows (rounded). For a held-out set:
 * `const [train, test] = split(data, 0.8, { seed: 1 })`. Throws where a part would be empty.
 */
export function split<D extends Dataset>(data: D, fraction: number, { seed = 0 }: { readonly seed?: number } = {}): [RowsOf<D>, RowsOf<D>] {
  if (!(fraction > 0 && fraction < 1)) throw new Error(`cannot split off ${fraction} of the rows: give a fraction between 0 and 1`);
  const order = permutation(rowsOf(data), randomStream(seed));
  const cut = Math.round(order.length * fraction);
  if (cut === 0 || cut === order.length) throw new Error(`${fraction} of ${order.length} rows is ${cut}: a part would be empty`);
  return [takeRows(data, order.subarray(0, cut)), takeRows(data, order.subarray(cut))];
}
