import type { LoopStmt, Stmt } from "../ir.ts";

/** The loops of a kernel taken apart: those of the grid, and what runs at each of its points. */
export interface OpenedNest {
  /** Loops of the grid, outermost first. */
  readonly loops: readonly LoopStmt[];
  /** What runs at a point: bindings made between the loops of the grid, then the statements inside them. */
  readonly body: readonly Stmt[];
}

/**
 * Opens the loops named `over`: each must be the only thing but bindings in the one around it. Undefined where the
 * nest is of another form: something happens before all points of the grid, or between two passes over it.
 */
export function openGrid(body: readonly Stmt[], over: readonly string[]): OpenedNest | undefined {
  const left = new Set(over), opened: LoopStmt[] = [], lets: Stmt[] = [];
  let list = body;
  while (left.size > 0) {
    const loops = list.filter((s) => s.kind === "loop");
    const [loop] = loops;
    if (loops.length !== 1 || !left.delete(loop.var.name) || !list.every((s) => s === loop || s.kind === "let") || list.at(-1) !== loop) return undefined;
    lets.push(...list.slice(0, -1));
    opened.push(loop);
    list = loop.body;
  }
  return { loops: opened, body: [...lets, ...list] };
}
