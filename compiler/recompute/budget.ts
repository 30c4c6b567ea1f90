import { GraphError, locationText, type GraphFunction, type Value } from "../../ir/graph/index.ts";
import type { Binding } from "../plan/index.ts";
import type { PlannedProgram } from "../plan/program.ts";
import { computedAgain } from "./again.ts";
import { candidates } from "./candidates.ts";
import { Timeline } from "./timeline.ts";

/** How much memory a call may take. */
export interface MemoryBudget {
  /** Bytes of the arena: what is computed on the way. Variables, inputs and outputs come on top. */
  readonly bytes: number;
  /** Sizes of symbolic dimensions for which it has to hold; by default the largest that the model declares, or 64. */
  readonly at?: Binding;
}

/** What it took to keep a function within a budget. */
export interface MemoryFit {
  /** Bytes of the arena without recomputation, and with it. */
  readonly before: number;
  readonly after: number;
  /** The sizes of symbols for which these were counted. */
  readonly at: Binding;
  /** What is computed again, for people: the op and its line, once for each time. */
  readonly recomputed: readonly string[];
}

/** The part of the largest number of bytes alive above which steps are to have less. */
const peak = 0.85;
/** Values to be tried before giving up on making a program smaller. */
const maxTrials = 24;

/**
 * A function that computes the same in less memory, for time: values that are used early and late are computed again
 * instead of being kept between, the one that saves the most for each operation added first, until the arena is within
 * the budget. Every step is planned anew, and taken back where it does not help. `plan` lowers and plans.
 *
 * Greedy rematerialisation by the ratio of memory saved to work added, as in Kirisame et al., "Dynamic Tensor
 * Rematerialization", 2021, and Beaumont et al., 2020, here at compile time. Throws a GraphError where it cannot be done.
 */
export function fitMemory(fn: GraphFunction, plan: (fn: GraphFunction) => PlannedProgram, budget: number, at: Binding): { fn: GraphFunction; fit: MemoryFit } {
  let timeline = new Timeline(fn, plan(fn), at);
  const before = timeline.arenaBytes, recomputed: string[] = [];
  while (timeline.arenaBytes > budget) {
    const smaller = reduce(fn, timeline, plan, at);
    if (!smaller) return cannot(fn, before, timeline.arenaBytes, budget, at);
    ({ fn, timeline } = smaller);
    recomputed.push(describe(smaller.value));
  }
  return { fn, fit: { before, after: timeline.arenaBytes, at, recomputed } };
}

/** The function with one more value computed again, if that makes it smaller. */
function reduce(fn: GraphFunction, timeline: Timeline, plan: (fn: GraphFunction) => PlannedProgram, at: Binding): { fn: GraphFunction; timeline: Timeline; value: Value } | undefined {
  // not the budget: whatever that is, the way down is the same, so that what an error says can be done can be done
  const level = Math.max(...timeline.live) * peak;
  for (const candidate of candidates(timeline, level).slice(0, maxTrials)) {
    const next = computedAgain(fn, candidate, (v) => timeline.writtenAt(v));
    const after = new Timeline(next, plan(next), at);
    const isSmaller = after.arenaBytes < timeline.arenaBytes || (after.arenaBytes === timeline.arenaBytes && after.excess(level) < timeline.excess(level));
    if (isSmaller) return { fn: next, timeline: after, value: candidate.value };
  }
  return undefined;
}

function cannot(fn: GraphFunction, before: number, after: number, budget: number, at: Binding): never {
  const sizes = Object.entries(at).map(([name, size]) => `${name}=${size}`).join(", ");
  throw new GraphError(`${fn.name} does not fit in ${budget} bytes of memory${sizes && ` at ${sizes}`}: it needs ${before}, and ${after} with everything computed again that helps`,
    `allow it ${after} bytes${sizes && ", or smaller sizes (--at)"}; or make less of it at a time`, [...fn.outputs, ...fn.updates][0]?.value.node.at);
}

const describe = ({ node }: Value): string => (node.at ? `${node.op} ${locationText(node.at)}` : node.op);
