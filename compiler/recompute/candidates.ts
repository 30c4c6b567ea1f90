import type { AnyNode, Value } from "../../ir/graph/index.ts";
import { isControl } from "../fuse/kinds.ts";
import type { Tenancy, Timeline } from "./timeline.ts";

/** Something to compute again. */
export interface Candidate {
  readonly value: Value;
  /** The step from which on the uses of the value are those of the new one. */
  readonly from: number;
  /** The values that it is computed of: what is computed between them and the value is computed again. */
  readonly leaves: ReadonlySet<Value>;
  /** What has been computed just before: the new value waits for it. */
  readonly after: Value;
  /** Bytes above the level that this saves, summed over the steps, for each operation that it adds. */
  readonly score: number;
}

/** What could be computed again to have less alive where there is more than `level`; the most worthwhile first. */
export function candidates(timeline: Timeline, level: number): Candidate[] {
  const found: Candidate[] = [];
  for (const tenancy of timeline.tenancies) {
    const { buffer: { value }, writes, uses } = tenancy;
    if (!value || writes.length !== 1 || isControl(value.node as AnyNode) || uses.at(-1)! >= timeline.live.length) continue;
    for (let i = 1; i < uses.length; i++) {
      const [before, from] = [uses[i - 1], uses[i]];
      const latest = timeline.latestBefore(from);
      // what the new value waits for has to come after the old one's last use, or nothing is gained
      if (from - before < 2 || !latest || latest.at <= before) continue;
      for (const nearest of [true, false]) {
        const source = sourcesOf(value, from, nearest, timeline);
        if (!source) continue;
        const saved = gain(tenancy, before, from, source.leaves, timeline, level);
        if (saved > 0) found.push({ value, from, leaves: source.leaves, after: latest.value, score: saved / (1 + source.cost) });
      }
    }
  }
  return found.sort((a, b) => b.score - a.score);
}

interface Sources {
  readonly leaves: ReadonlySet<Value>;
  readonly cost: number;
}

/**
 * What a value is computed of: the nearest values in memory, which then have to live as long; or those that are alive
 * at the step `from` anyway, whatever it takes. Undefined where that leads through a loop.
 */
function sourcesOf(value: Value, from: number, nearest: boolean, timeline: Timeline): Sources | undefined {
  const leaves = new Set<Value>(), seen = new Set<Value>(), steps = new Set<number>();
  const stack = [value];
  for (let v = stack.pop(); v; v = stack.pop()) {
    if (seen.has(v)) continue;
    seen.add(v);
    const node = v.node as AnyNode, at = timeline.writtenAt(v);
    if (node.op === "input" || node.op === "variable" || node.op === "parameter") { leaves.add(v); continue; }
    if (v !== value && at !== undefined && (nearest || isAlive(v, from, timeline))) { leaves.add(v); continue; }
    if (isControl(node)) return undefined;
    if (at !== undefined) steps.add(at);
    stack.push(...(node.op === "barrier" ? node.inputs.slice(0, 1) : node.inputs));
  }
  return { leaves, cost: [...steps].reduce((sum, at) => sum + timeline.costOf(at), 0) };
}

const isAlive = (v: Value, step: number, timeline: Timeline): boolean => {
  const uses = timeline.tenancyOf(v)?.uses;
  return uses !== undefined && uses[0] < step && uses.at(-1)! >= step;
};

/** Bytes above the level that are saved between two uses, less those of leaves that have to live longer for it. */
function gain({ bytes }: Tenancy, before: number, from: number, leaves: ReadonlySet<Value>, timeline: Timeline, level: number): number {
  const change = new Map<number, number>();
  const add = (first: number, last: number, by: number): void => { for (let t = first; t <= last; t++) change.set(t, (change.get(t) ?? 0) + by); };
  add(before + 1, from - 1, -bytes);
  for (const leaf of leaves) {
    const tenancy = timeline.tenancyOf(leaf);
    if (tenancy) add(tenancy.uses.at(-1)! + 1, from, tenancy.bytes);
  }
  let saved = 0;
  const { live } = timeline;
  for (const [t, by] of change) saved += Math.max(0, live[t] - level) - Math.max(0, live[t] + by - level);
  return saved;
}
