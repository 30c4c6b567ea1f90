import { locationText } from "../../ir/graph/index.ts";
import type { Origin } from "../loops/ir.ts";

/** The ops of a kernel by the user's line they come from (`""` where there is none), each op once a line. */
export function opsByLine(origins: readonly Origin[]): { readonly line: string; readonly ops: readonly string[] }[] {
  const lines = new Map<string, Set<string>>();
  for (const { op, at } of origins) {
    const line = locationText(at);
    lines.set(line, (lines.get(line) ?? new Set()).add(op));
  }
  return [...lines].map(([line, ops]) => ({ line, ops: [...ops] }));
}
