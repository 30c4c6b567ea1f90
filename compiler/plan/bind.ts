import type { Kernel } from "../loops/ir.ts";
import { mergeArguments } from "./copies.ts";
import type { BufferId, PlannedProgram, Step } from "./program.ts";
import { rebuildSteps } from "./steps.ts";

/**
 * Where a kernel writes over what it reads, as the two share a slot, they become one argument: WebGPU lets a kernel
 * have a buffer it writes to under one binding only.
 */
export function bindSlotsOnce(program: PlannedProgram): PlannedProgram {
  const kernels: Kernel[] = [...program.kernels];
  const slotOf = (b: BufferId): string => {
    const { storage } = program.buffers[b];
    return storage.kind === "arena" ? `slot ${storage.slot}` : `buffer ${b}`;
  };
  const steps = rebuildSteps(program.steps, (s): Step[] => {
    if (s.kind !== "kernel") return [s];
    const slots = s.args.map(slotOf), unique = [...new Set(slots)];
    if (unique.length === slots.length) return [s];
    const kernel = mergeArguments(kernels[s.kernel], slots.map((slot) => unique.indexOf(slot)));
    // what it stored is there already
    if (kernel.body.length === 0) return [];
    kernels.push({ ...kernel, name: `${kernel.name}_inplace${kernels.length}` });
    return [{ ...s, kernel: kernels.length - 1, args: unique.map((slot) => s.args[slots.indexOf(slot)]) }];
  });
  return { ...program, kernels, steps };
}
