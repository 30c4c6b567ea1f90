import type { Kernel } from "../loops/ir.ts";
import { checksIndices } from "../loops/statements.ts";
import type { BufferId, Program, Step } from "./program.ts";

/** Whether running a kernel can fail: it reads indices from data, and they may be out of range. */
export function canFail(kernel: Kernel): boolean {
  let known = answers.get(kernel);
  if (known === undefined) answers.set(kernel, (known = checksIndices(kernel.body)));
  return known;
}

const answers = new WeakMap<Kernel, boolean>();

/**
 * Variables that may have been written when a later (or the same) kernel fails. The runtime keeps a copy of these
 * during a call, so that a call which fails changes nothing; a program whose checks all come before its updates needs
 * none. Most do: those of training steps come with the loss, and `checkFirst` moves others there.
 */
export function variablesAtRisk(program: Program): string[] {
  const written = new Set<string>(), atRisk = new Set<string>();
  const write = (id: BufferId): void => {
    const name = variableIn(program, id);
    if (name !== undefined) written.add(name);
  };
  const run = (steps: readonly Step[]): void => {
    for (const s of steps) {
      switch (s.kind) {
        case "kernel":
          program.kernels[s.kernel].args.forEach((a, i) => { if (a.access !== "read") write(s.args[i]); });
          if (canFail(program.kernels[s.kernel])) for (const name of written) atRisk.add(name);
          break;
        case "copy": write(s.to); break;
        case "cond": run(s.then); run(s.otherwise); break;
        // twice, as what one round writes is at risk in the next
        case "while": for (let i = 0; i < 2; i++) { run(s.test); run(s.body); } break;
        case "for": for (let i = 0; i < 2; i++) run(s.body); break;
      }
    }
  };
  run(program.steps);
  return [...atRisk].sort();
}

/** The variable that a buffer is. */
export function variableIn(program: Program, id: BufferId): string | undefined {
  const { storage } = program.buffers[id];
  return storage.kind === "variable" ? storage.name : undefined;
}
