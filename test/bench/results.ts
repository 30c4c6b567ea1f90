import { geometricMean } from "./statistics.ts";

/** What was measured of one workload. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** Median milliseconds of a call, by contender; none where it cannot do the workload. */
  readonly medianMs: Readonly<Record<string, number>>;
}

/** Why a contender has no number, by contender and reason: the workloads that this is so for. */
export type Reasons = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** What ratios are to. */
export const baseOf = (names: readonly string[]): string => names.find((n) => n === "chainrule-wasm" || n === "chainrule-webgpu") ?? names[0];

/** W2 is three multiplications: it measures the cost of a call, and would outweigh everything else. */
const uncounted: readonly string[] = ["W2"];

/** Geometric mean of one contender's time over another's, over the workloads that both do, but W2. */
export const meanRatio = (rows: readonly Row[], of: string, to: string): number | undefined =>
  geometricMean(rows.flatMap(({ id, medianMs: { [of]: a, [to]: b } }) => (uncounted.includes(id) || a === undefined || b === undefined ? [] : [a / b])));

/** What `--json` writes. `geomean` is the mean ratio of {@link baseOf}'s time to each contender's: below 1 where it is faster. */
export function toJson(rows: readonly Row[], names: readonly string[]): string {
  const base = baseOf(names);
  const geomean = Object.fromEntries(names.filter((n) => n !== base).map((n) => [n, meanRatio(rows, base, n)]));
  return `${JSON.stringify({ workloads: rows.map(({ id, medianMs }) => ({ id, medianMs })), geomean }, null, 2)}\n`;
}
