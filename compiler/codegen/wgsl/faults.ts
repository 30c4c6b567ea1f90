import { canFail, variableIn, variablesAtRisk } from "../../plan/risk.ts";
import type { Program, Step } from "../../plan/program.ts";
import { allSteps } from "../../plan/steps.ts";

/**
 * What keeps variables as they were in a call that finds an index out of range. A kernel of a GPU cannot stop those that
 * come after it: they run, on whatever is there, and what they write into variables must not stay.
 */
export interface Faults {
  /** Variables that are put aside before a call, and put back by the host: those that may have been written before the fault, or by a plain copy. */
  readonly restore: readonly string[];
  /** Whether a kernel writes other variables: it is to do nothing once there is a fault. */
  heeds(step: Extract<Step, { kind: "kernel" }>): boolean;
}

export function faultsOf(program: Program): Faults {
  if (!program.kernels.some(canFail)) return { restore: [], heeds: () => false };
  const copied = allSteps(program.steps).flatMap((s) => (s.kind === "copy" ? [variableIn(program, s.to)] : [])).filter((v) => v !== undefined);
  const restore = new Set([...variablesAtRisk(program), ...copied]);
  const isKept = (v: string | undefined): boolean => v !== undefined && !restore.has(v);
  return {
    restore: [...restore].sort(),
    heeds: ({ kernel, args }) => program.kernels[kernel].args.some(({ access }, i) => access !== "read" && isKept(variableIn(program, args[i]))),
  };
}
