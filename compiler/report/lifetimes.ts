import type { BufferId, PlannedProgram, Step } from "../plan/program.ts";

/** A buffer's stay in the arena. */
export interface Lifetime {
  readonly buffer: BufferId;
  readonly name: string;
  readonly slot: number;
  /** The first and the last moment that uses it, among {@link moments}. */
  readonly from: number;
  readonly to: number;
}

/** The steps of a program that touch buffers, in the order they are written; those of loops and branches once. */
export function moments(steps: readonly Step[], program: PlannedProgram): { readonly what: string; readonly buffers: readonly BufferId[] }[] {
  return steps.flatMap((s) => {
    switch (s.kind) {
      case "kernel": return [{ what: program.kernels[s.kernel].name, buffers: s.args }];
      case "copy": return [{ what: "copy", buffers: [s.from, s.to] }];
      case "cond": return [{ what: "if", buffers: [s.pred] }, ...moments(s.then, program), ...moments(s.otherwise, program)];
      case "while": return [...moments(s.test, program), { what: "while", buffers: [s.pred] }, ...moments(s.body, program)];
      case "for": return moments(s.body, program);
    }
  });
}

/** When each buffer of the arena is in use. Outputs are, to the end. */
export function lifetimes(program: PlannedProgram): Lifetime[] {
  const order = moments(program.steps, program);
  const spans = new Map<BufferId, { from: number; to: number }>();
  for (const [t, { buffers }] of order.entries())
    for (const id of buffers) spans.set(id, { from: spans.get(id)?.from ?? t, to: t });
  for (const { buffer } of program.outputs) {
    const span = spans.get(buffer);
    if (span) span.to = Math.max(order.length - 1, 0);
  }
  return program.buffers.flatMap(({ id, name, storage }) => {
    const span = spans.get(id);
    return span && storage.kind === "arena" && storage.slot !== null ? [{ buffer: id, name, slot: storage.slot, ...span }] : [];
  });
}
