import type { Dim } from "chainrule";

/**
 * Which sizes become symbols, so that the artifact serves every size: none, that of the first input's first axis
 * (the batch, mostly) wherever it occurs, or all.
 */
export const symbolicModes = ["none", "batch", "all"] as const;
export type SymbolicMode = (typeof symbolicModes)[number];

/**
 * Puts symbols into the shapes of a case's inputs: the same for the same size, so that what had to agree still does.
 * Sizes 0 and 1 stay numbers: a 1 stretches and a symbol does not.
 */
export function symbolizer(mode: SymbolicMode, inputs: readonly (readonly number[])[]): (shape: readonly number[]) => readonly Dim[] {
  const batch = inputs[0]?.[0];
  return (shape) => shape.map((d) => (d > 1 && (mode === "all" || (mode === "batch" && d === batch)) ? `N${d}` : d));
}
