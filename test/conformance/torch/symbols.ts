import type { Dim } from "chainrule";

/**
 * The shape with a symbol for every size above 1: the same symbol for the same size, so that what had to agree
 * still does. Sizes 0 and 1 stay numbers; a 1 stretches and a symbol does not.
 */
export const symbolicShape = (shape: readonly number[]): Dim[] => shape.map((d) => (d > 1 ? `N${d}` : d));
