import { dims } from "../../../ir/types/index.ts";
import { draftCopy } from "../../fuse/special.ts";
import { gridLoops } from "../../loops/grid/builder.ts";
import type { Kernel, KernelArg } from "../../loops/ir.ts";
import { canFail, variableIn, variablesAtRisk } from "../../plan/risk.ts";
import type { Buffer, BufferId, Program, Step } from "../../plan/program.ts";

/**
 * What keeps variables as they were in a call that finds an index out of range. A kernel of a GPU cannot stop those that
 * come after it: they run, on whatever is there, and what they write into variables must not stay. Nor can the host: more
 * calls may have been queued behind. So the call itself puts variables back.
 */
export interface Faults {
  /** Variables that are put aside first, and put back at the end if there is a fault: those that may have been written before it. */
  readonly restore: readonly string[];
  /** Whether a step writes other variables: it is to do nothing once there is a fault. */
  heeds(step: Extract<Step, { kind: "kernel" | "copy" }>): boolean;
}

export function faultsOf(program: Program): Faults {
  if (!program.kernels.some(canFail)) return { restore: [], heeds: () => false };
  const restore = variablesAtRisk(program);
  const isKept = (id: BufferId): boolean => {
    const name = variableIn(program, id);
    return name !== undefined && !restore.includes(name);
  };
  return {
    restore,
    heeds: (s) => (s.kind === "copy" ? isKept(s.to) : program.kernels[s.kernel].args.some(({ access }, i) => access !== "read" && isKept(s.args[i]))),
  };
}

/** A copy as a kernel, which can heed a fault. */
export function copyKernel(from: Buffer, to: Buffer): Kernel {
  const { stages } = draftCopy(to.type, 0, 0, gridLoops), [stage] = stages;
  if (stages.length !== 1 || "sort" in stage) throw new Error(`internal: a copy to ${to.name} is no kernel`);
  const arg = ({ name, type }: Buffer, access: "read" | "write"): KernelArg => ({ name, dtype: type.dtype, size: dims.product(type.shape), access });
  return { name: "copy", kind: "map", args: [arg(from, "read"), arg(to, "write")], scalars: [], origins: [{ op: "copy", at: undefined }], ...stage };
}
