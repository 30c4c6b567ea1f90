import { byteSize, dims, sizeOf } from "../../ir/types/index.ts";
import type { PlannedProgram, Step } from "../plan/program.ts";
import { kernelCost, type Binding, type KernelCost } from "./cost.ts";

/** What one call of a function costs, for one size of its symbolic dimensions. */
export interface FunctionStats extends KernelCost {
  /** Kernels in the function; one in a loop counts once. */
  readonly kernels: number;
  /** Memory for what lives between its kernels. */
  readonly arenaBytes: number;
}

/**
 * Statistics of a planned program. Loops of known length count as often as they run; the body of a `while` counts
 * once, as nobody knows how often it will run; of a `cond`, the dearer branch counts.
 */
export function programStats(program: PlannedProgram, binding: Binding): FunctionStats {
  return { kernels: program.kernels.length, ...stepsCost(program.steps, program, binding), arenaBytes: arenaBytes(program, binding) };
}

/** Bytes of the arena: each slot is as large as the largest buffer that it holds. */
export function arenaBytes(program: PlannedProgram, binding: Binding): number {
  return slotSizes(program, binding).reduce((a, b) => a + b, 0);
}

export const slotSizes = (program: PlannedProgram, binding: Binding): number[] =>
  program.slots.map(({ bytes }) => Math.max(0, ...bytes.map((d) => dims.evaluate(d, binding))));

function stepsCost(steps: readonly Step[], program: PlannedProgram, binding: Binding): KernelCost {
  return steps.map((s) => stepCost(s, program, binding)).reduce(plus, nothing);
}

const nothing: KernelCost = { flops: 0, bytesMoved: 0 };
const plus = (a: KernelCost, b: KernelCost): KernelCost => ({ flops: a.flops + b.flops, bytesMoved: a.bytesMoved + b.bytesMoved });

function stepCost(s: Step, program: PlannedProgram, binding: Binding): KernelCost {
  switch (s.kind) {
    case "kernel": return kernelCost(program.kernels[s.kernel], binding);
    case "copy": {
      const { type } = program.buffers.find((b) => b.id === s.to)!;
      return { flops: 0, bytesMoved: 2 * byteSize[type.dtype] * dims.evaluate(sizeOf(type), binding) };
    }
    case "cond": {
      const then = stepsCost(s.then, program, binding), otherwise = stepsCost(s.otherwise, program, binding);
      return { flops: Math.max(then.flops, otherwise.flops), bytesMoved: Math.max(then.bytesMoved, otherwise.bytesMoved) };
    }
    case "while": return plus(stepsCost(s.test, program, binding), stepsCost(s.body, program, binding));
    case "for": {
      // a counter shifts where a trip reads and writes, not how much
      const trip = stepsCost(s.body, program, { ...binding, [s.counter]: 0 });
      const trips = dims.evaluate(s.length, binding);
      return { flops: trips * trip.flops, bytesMoved: trips * trip.bytesMoved };
    }
  }
}
