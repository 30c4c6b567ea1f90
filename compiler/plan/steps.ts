import type { Kernel } from "../loops/ir.ts";
import type { BufferId, Program, Step } from "./program.ts";

/** Walks over step lists. */

/** What a step does with a buffer, anywhere inside it. */
export interface Touch {
  readonly reads: boolean;
  readonly writes: boolean;
}

export function touch(step: Step, buffer: BufferId, kernels: readonly Kernel[]): Touch {
  let reads = false, writes = false;
  forEachUse([step], kernels, (b, use) => {
    if (b !== buffer) return;
    reads ||= use !== "write";
    writes ||= use !== "read";
  });
  return { reads, writes };
}

export type Use = "read" | "write" | "readwrite";

/** Every use of a buffer, in the order of the text. */
export function forEachUse(steps: readonly Step[], kernels: readonly Kernel[], visit: (buffer: BufferId, use: Use) => void): void {
  for (const s of steps) {
    switch (s.kind) {
      case "kernel": s.args.forEach((b, i) => visit(b, kernels[s.kernel].args[i].access)); break;
      case "copy": visit(s.from, "read"); visit(s.to, "write"); break;
      case "cond":
        visit(s.pred, "read");
        forEachUse(s.then, kernels, visit);
        forEachUse(s.otherwise, kernels, visit);
        break;
      case "while":
        forEachUse(s.test, kernels, visit);
        visit(s.pred, "read");
        forEachUse(s.body, kernels, visit);
        break;
      case "for": forEachUse(s.body, kernels, visit); break;
    }
  }
}

/** The step lists directly inside a step. */
export function listsIn(s: Step): readonly (readonly Step[])[] {
  switch (s.kind) {
    case "kernel": case "copy": return [];
    case "cond": return [s.then, s.otherwise];
    case "while": return [s.test, s.body];
    case "for": return [s.body];
  }
}

/** Every step of a list and of the lists inside it. */
export const allSteps = (steps: readonly Step[]): Step[] => steps.flatMap((s) => [s, ...listsIn(s).flatMap(allSteps)]);

/** Rebuilds a list: `change` says what stands for each step, whose inner lists have been rebuilt already. */
export function rebuildSteps(steps: readonly Step[], change: (s: Step) => readonly Step[]): Step[] {
  const inner = (list: readonly Step[]): Step[] => rebuildSteps(list, change);
  return steps.flatMap((s): readonly Step[] => {
    switch (s.kind) {
      case "kernel": case "copy": return change(s);
      case "cond": return change({ ...s, then: inner(s.then), otherwise: inner(s.otherwise) });
      case "while": return change({ ...s, test: inner(s.test), body: inner(s.body) });
      case "for": return change({ ...s, body: inner(s.body) });
    }
  });
}

/** The program with other names for its buffers. Kernels stay as they are. */
export function renameBuffers(program: Program, to: (b: BufferId) => BufferId): Program {
  const steps = rebuildSteps(program.steps, (s): Step[] => {
    switch (s.kind) {
      case "kernel": return [{ ...s, args: s.args.map(to) }];
      case "copy": return [{ ...s, from: to(s.from), to: to(s.to) }];
      case "cond": case "while": return [{ ...s, pred: to(s.pred) }];
      case "for": return [s];
    }
  });
  const named = <T extends { readonly buffer: BufferId }>(list: readonly T[]): T[] => list.map((x) => ({ ...x, buffer: to(x.buffer) }));
  return { ...program, steps, inputs: named(program.inputs), outputs: named(program.outputs) };
}

/**
 * How a run of a list begins with a buffer: by writing all that it will read, by reading what was there, or not at
 * all. A buffer that one branch writes and the other does not counts as read.
 */
export function firstUse(steps: readonly Step[], buffer: BufferId, kernels: readonly Kernel[]): "reads" | "writes" | "none" {
  for (const s of steps) {
    const use = firstUseOf(s, buffer, kernels);
    if (use !== "none") return use;
  }
  return "none";
}

function firstUseOf(s: Step, buffer: BufferId, kernels: readonly Kernel[]): "reads" | "writes" | "none" {
  switch (s.kind) {
    case "kernel": {
      const uses = s.args.flatMap((b, i) => (b === buffer ? [kernels[s.kernel].args[i].access] : []));
      return uses.length === 0 ? "none" : uses.every((u) => u === "write") ? "writes" : "reads";
    }
    case "copy": return s.from === buffer ? "reads" : s.to === buffer ? "writes" : "none";
    case "cond": {
      if (s.pred === buffer) return "reads";
      const then = firstUse(s.then, buffer, kernels), otherwise = firstUse(s.otherwise, buffer, kernels);
      return then === otherwise ? then : "reads";
    }
    case "while": {
      const test = firstUse(s.test, buffer, kernels);
      if (test !== "none") return test;
      return s.pred === buffer || firstUse(s.body, buffer, kernels) !== "none" ? "reads" : "none";
    }
    case "for": return firstUse(s.body, buffer, kernels);
  }
}
