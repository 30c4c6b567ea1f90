import { dedupeConstants, withoutUnused } from "./constants.ts";
import { updateInPlace } from "./copies.ts";
import type { PlannedProgram, Program } from "./program.ts";
import { assignSlots } from "./slots.ts";

/**
 * Places every buffer: constants of equal content become one, copies into variables and loop carries go where the
 * new value can be computed in place, and what lives in the arena gets a slot that it shares with others that live
 * at other times. Sizes stay expressions in the symbols; the plan holds for every binding of them.
 */
export function planMemory(program: Program): PlannedProgram {
  // Copies first: a buffer that is gone needs no slot.
  return assignSlots(withoutUnused(updateInPlace(dedupeConstants(program))));
}

export { bindSlotsOnce } from "./bind.ts";
export { lifetimes } from "./lifetimes.ts";
export { kernelCost, planStats, type Binding, type PlanStats } from "./stats.ts";
export { printPlan } from "./print.ts";
export { bytesOf } from "./slots.ts";
