import type { CaseResult, Outcome } from "./outcome.ts";

/** What `--json` writes, for every suite. */
export interface Report {
  readonly total: Readonly<Record<Outcome, number>>;
  readonly cases: readonly CaseResult[];
}

export function reportOf(cases: readonly CaseResult[]): Report {
  return { total: count(cases), cases };
}

export function count(cases: readonly CaseResult[]): Record<Outcome, number> {
  const total = { passed: 0, failed: 0, unsupported: 0 };
  for (const c of cases) total[c.outcome]++;
  return total;
}

export const familyOf = (id: string): string => id.slice(0, id.indexOf("/"));

const countsText = ({ passed, failed, unsupported }: Record<Outcome, number>): string =>
  `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${String(unsupported).padStart(4)} unsupported`;

/** A line for each op of each family, a line for each family, and the total; then every failure, and what is unsupported. */
export function opsText({ cases, total }: Report): string {
  const lines: string[] = [];
  const families = groupBy(cases, (c) => familyOf(c.id));
  const width = Math.max(5, ...cases.map((c) => `${familyOf(c.id)} ${c.op}`.length));
  for (const [family, members] of families) {
    for (const [op, list] of groupBy(members, (c) => c.op)) lines.push(`${`${family} ${op}`.padEnd(width)} ${countsText(count(list))}`);
  }
  lines.push("");
  for (const [family, members] of families) lines.push(`${family.padEnd(width)} ${countsText(count(members))}`);
  lines.push("", ...reasonsText(cases), `${"total".padEnd(width)} ${countsText(total)}`);
  return lines.join("\n");
}

/** A line for each item, then the total. */
export function itemsText({ cases, total }: Report): string {
  const width = Math.max(...cases.map((c) => c.id.length));
  const items = cases.map((c) => `${c.outcome.padEnd(11)} ${c.id.padEnd(width)}${c.reason ? `  ${c.reason}` : ""}`);
  return [...items, "", `total ${countsText(total)}`].join("\n");
}

function reasonsText(cases: readonly CaseResult[]): string[] {
  const lines: string[] = [];
  const unsupported = groupBy(cases.filter((c) => c.outcome === "unsupported"), (c) => c.reason ?? "");
  if (unsupported.size > 0) lines.push("unsupported:", ...[...unsupported].map(([reason, list]) => `${String(list.length).padStart(5)} ${reason}`), "");
  const failed = cases.filter((c) => c.outcome === "failed");
  if (failed.length > 0) lines.push("failed:", ...failed.map((c) => `  ${c.id} ${c.op}: ${c.reason}`), "");
  return lines;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const list = groups.get(key(item));
    if (list) list.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
