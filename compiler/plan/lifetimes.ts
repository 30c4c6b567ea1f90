import type { BufferId, Program, Step } from "./program.ts";
import { firstUse, forEachUse } from "./steps.ts";

/**
 * When a buffer holds something that is still needed: from its first use to its last, in ticks. Ticks number what
 * happens in the order of the text: each kernel or copy, each test of a condition, each beginning and end of a loop.
 * What runs once more in a loop keeps its tick.
 */
export interface Lifetime {
  readonly first: number;
  readonly last: number;
}

export interface Lifetimes {
  /** Of every arena buffer that is used. */
  readonly of: ReadonlyMap<BufferId, Lifetime>;
  readonly ticks: readonly Tick[];
}

/** What happens at a tick. Loops begin and end at ticks of their own, at which nothing else is read or written. */
export type Tick = Extract<Step, { kind: "kernel" | "copy" }> | "test" | "loop" | "end of loop";

/** A loop, from the tick where it begins to the one where it ends. */
interface Loop {
  readonly first: number;
  last: number;
  /** One trip: the steps of a `while`'s test and of the body. */
  readonly trip: readonly Step[];
}

interface UseAt {
  readonly tick: number;
  /** Loops around it, outermost first. */
  readonly loops: readonly Loop[];
}

/**
 * Lifetimes of the arena buffers. A buffer that lives both in a loop and outside it lives through the whole loop,
 * and so does one that is read in a trip before it is written, as it carries something over from the trip before.
 * An output lives to the end.
 */
export function lifetimes(program: Program): Lifetimes {
  const { uses, ticks } = usesByBuffer(program);
  for (const { buffer } of program.outputs) uses.get(buffer)?.push({ tick: ticks.length, loops: [] });
  const of = new Map<BufferId, Lifetime>();
  for (const [buffer, list] of uses) if (list.length > 0) of.set(buffer, lifetimeOf(buffer, list, program));
  return { of, ticks };
}

function usesByBuffer(program: Program): { uses: Map<BufferId, UseAt[]>; ticks: Tick[] } {
  const uses = new Map<BufferId, UseAt[]>(program.buffers.flatMap((b) => (b.storage.kind === "arena" ? [[b.id, []] as const] : [])));
  const ticks: Tick[] = [];
  const use = (buffer: BufferId, loops: readonly Loop[]): void => void uses.get(buffer)?.push({ tick: ticks.length, loops });

  const walk = (list: readonly Step[], loops: readonly Loop[]): void => {
    for (const s of list) {
      switch (s.kind) {
        case "kernel": case "copy":
          forEachUse([s], program.kernels, (b) => use(b, loops));
          ticks.push(s);
          break;
        case "cond":
          use(s.pred, loops);
          ticks.push("test");
          walk(s.then, loops);
          walk(s.otherwise, loops);
          break;
        case "while":
          inLoop([{ ...s, body: [] }, ...s.body], loops, (inside) => {
            walk(s.test, inside);
            use(s.pred, inside);
            ticks.push("test");
            walk(s.body, inside);
          });
          break;
        case "for": inLoop(s.body, loops, (inside) => walk(s.body, inside)); break;
      }
    }
  };
  const inLoop = (trip: readonly Step[], loops: readonly Loop[], run: (inside: readonly Loop[]) => void): void => {
    const loop: Loop = { first: ticks.push("loop") - 1, last: 0, trip };
    run([...loops, loop]);
    loop.last = ticks.push("end of loop") - 1;
  };
  walk(program.steps, []);
  return { uses, ticks };
}

function lifetimeOf(buffer: BufferId, uses: readonly UseAt[], program: Program): Lifetime {
  const shared = uses[0].loops.filter((loop, depth) => uses.every((u) => u.loops[depth] === loop));
  const innermost = shared.at(-1);
  if (innermost && firstUse(innermost.trip, buffer, program.kernels) !== "writes") return { first: shared[0].first, last: shared[0].last };
  // from here on, each use stands for the whole of the outermost loop around it that the others are not in
  const spans = uses.map((u): Lifetime => u.loops[shared.length] ?? { first: u.tick, last: u.tick });
  return { first: Math.min(...spans.map((s) => s.first)), last: Math.max(...spans.map((s) => s.last)) };
}
