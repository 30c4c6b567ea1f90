/** The middle one; of an even number the mean of the two. Throws for none. */
export function median(xs: readonly number[]): number {
  if (xs.length === 0) throw new Error("there is no median of nothing");
  const sorted = [...xs].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** exp(mean(log x)); undefined for none. */
export const geometricMean = (xs: readonly number[]): number | undefined =>
  xs.length === 0 ? undefined : Math.exp(xs.reduce((sum, x) => sum + Math.log(x), 0) / xs.length);

/** How far an element may be from the one expected: of its size and of that of all elements (their root mean square). */
export const tolerance = 1e-4;

/** Where two results differ by more than the tolerance, in words; undefined where they agree. NaN agrees with nothing. */
export function difference(got: ArrayLike<number>, want: ArrayLike<number>): string | undefined {
  if (got.length !== want.length) return `it has ${got.length} elements, not ${want.length}`;
  let squares = 0;
  for (let i = 0; i < want.length; i++) if (Number.isFinite(want[i])) squares += want[i] ** 2;
  const size = Math.sqrt(squares / want.length);
  for (let i = 0; i < want.length; i++)
    if (!(Math.abs(got[i] - want[i]) <= tolerance * (Math.abs(want[i]) + size)))
      return `element ${i} is ${got[i]}, not ${want[i]}`;
  return undefined;
}
