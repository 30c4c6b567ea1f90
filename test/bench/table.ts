import { baseOf, meanRatio, type Reasons, type Row } from "./results.ts";

/** Three significant digits, without an exponent. */
export function digits(x: number): string {
  const exponent = Math.floor(Math.log10(Number(x.toPrecision(3)))); // of 99.96 it is that of 100
  return x.toFixed(Math.max(0, 2 - exponent));
}

/** `0.37 (1.5×)`: milliseconds, and how many times as long as chainrule takes. */
function cell(row: Row, name: string, base: string): string {
  const ms = row.medianMs[name], own = row.medianMs[base];
  if (ms === undefined) return "–";
  return name === base || own === undefined ? digits(ms) : `${digits(ms)} (${digits(ms / own)}×)`;
}

/** The line below the workloads: by how much each takes longer, on average. */
const means = (rows: readonly Row[], names: readonly string[]): string[] => names.map((name) => {
  const base = baseOf(names), ratio = name === base ? undefined : meanRatio(rows, name, base);
  return ratio === undefined ? "" : `${digits(ratio)}×`;
});

const meansTitle = "geometric mean but W2";

/** Lines of cells for a terminal, in columns of equal width. */
function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) => line.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join("  ").trimEnd()).join("\n");
}

export const textTable = (rows: readonly Row[], names: readonly string[]): string =>
  aligned([["", ...names], ...rows.map((r) => [r.id, ...names.map((n) => cell(r, n, baseOf(names)))]), [meansTitle, ...means(rows, names)]]);

/** By how much each way of running chainrule takes longer than each peer, on average; below 1 where it is faster. */
export function meansTable(rows: readonly Row[], names: readonly string[]): string {
  const own = names.filter((n) => n.startsWith("chainrule")), peers = names.filter((n) => !own.includes(n));
  const text = (ratio: number | undefined): string => (ratio === undefined ? "–" : `${digits(ratio)}×`);
  return aligned([["", ...peers], ...own.map((n) => [n, ...peers.map((peer) => text(meanRatio(rows, n, peer)))])]);
}

export function markdownTable(rows: readonly Row[], names: readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line([`milliseconds (ratio to ${baseOf(names)})`, ...names]),
    `|---|${names.map(() => "---:|").join("")}`,
    ...rows.map((r) => line([`${r.id} ${r.title}`, ...names.map((n) => (n === baseOf(names) ? `**${cell(r, n, baseOf(names))}**` : cell(r, n, baseOf(names))))])),
    line([meansTitle, ...means(rows, names)]),
  ].join("\n");
}

/** Each dash of the tables, explained: `tfjs-wasm: W4, W5t: it fails: …`. */
export const explain = (reasons: Reasons): string[] =>
  [...reasons].flatMap(([name, why]) => [...why].map(([reason, ids]) => `${name}: ${ids.join(", ")}: ${reason}`));
