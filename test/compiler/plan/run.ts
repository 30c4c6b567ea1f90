import type { NdArray } from "../../../ir/ops/index.ts";
import { dims } from "../../../ir/types/index.ts";
import type { PlannedProgram, Step } from "../../../compiler/plan/program.ts";
import { runKernel } from "../fuse/run.ts";

/**
 * Runs a planned program with buffers of one slot in the same memory, so that a wrong lifetime shows as a wrong
 * result. Memory starts as NaN.
 */
export function runPlanned(p: PlannedProgram, binding: Readonly<Record<string, number>>, inputs: Readonly<Record<string, NdArray>>, variables: Readonly<Record<string, NdArray>> = {}) {
  const sizeOf = (b: (typeof p.buffers)[number]): number => dims.evaluate(dims.product(b.type.shape), binding);
  const inSlot = (slot: number): number[] => p.buffers.flatMap((b) => (b.storage.kind === "arena" && b.storage.slot === slot ? [sizeOf(b)] : []));
  const slots = p.slots.map((_, i) => new Float64Array(Math.max(0, ...inSlot(i))).fill(NaN));
  const memory = p.buffers.map((b): Float64Array => {
    const { storage } = b;
    switch (storage.kind) {
      case "input": return Float64Array.from(inputs[storage.name].data);
      case "variable": return variables[storage.name] ? Float64Array.from(variables[storage.name].data) : new Float64Array(sizeOf(b)).fill(NaN);
      case "constant": return typeof storage.data === "number" ? new Float64Array(sizeOf(b)).fill(storage.data) : Float64Array.from(storage.data);
      case "arena": {
        if (storage.slot === null) throw new Error(`${b.name} has no slot`);
        return slots[storage.slot].subarray(0, sizeOf(b));
      }
    }
  });
  const steps = (list: readonly Step[], scope: Record<string, number>): void => {
    for (const s of list) {
      switch (s.kind) {
        case "kernel": runKernel(p.kernels[s.kernel], s.args.map((b) => memory[b]), scope); break;
        case "copy": memory[s.to].set(memory[s.from]); break;
        case "cond": steps(memory[s.pred][0] ? s.then : s.otherwise, scope); break;
        case "while": for (steps(s.test, scope); memory[s.pred][0]; steps(s.test, scope)) steps(s.body, scope); break;
        case "for": {
          const n = dims.evaluate(s.length, scope);
          for (let i = 0; i < n; i++) steps(s.body, { ...scope, [s.counter]: s.reverse ? n - 1 - i : i });
        }
      }
    }
  };
  steps(p.steps, { ...binding });
  return {
    outputs: Object.fromEntries(p.outputs.map((o) => [o.name, memory[o.buffer]])),
    variables: Object.fromEntries(p.buffers.flatMap((b, i) => (b.storage.kind === "variable" ? [[b.storage.name, memory[i]] as const] : []))),
  };
}
