import { dims } from "../../../ir/types/index.ts";
import { openGrid } from "../../loops/grid/nest.ts";
import type { ChainGrid, Kernel, LoopStmt, Stmt } from "../../loops/ir.ts";
import { forEachStmt } from "../../loops/statements.ts";
import type { EntryPoint } from "./kernel.ts";
import { Statements, stepsOf, unravel } from "./statement.ts";
import { valueType } from "./types.ts";
import type { VectorExpressions } from "./vector.ts";
import type { Workgroup } from "./workgroup.ts";

/**
 * Products that follow each other row by row: a workgroup for each block of rows, whose invocations take every so manieth
 * step of each loop, and wait for each other where the loop has left something in their memory.
 */
export function chainKernel(kernel: Kernel, grid: ChainGrid, x: VectorExpressions, shared: Workgroup): EntryPoint {
  const nest = openGrid(kernel.body, grid.over);
  if (!nest) throw new Error(`internal: kernel ${kernel.name} is no nest over ${grid.over.join(", ")}`);
  for (const [k, { dtype, size }] of (kernel.rows ?? []).entries()) shared.array(x.arg(-1 - k), valueType[dtype], x.dim(size));
  const statements = new Statements(x), groups = dims.product(nest.loops.map(stepsOf));

  const loop = (s: LoopStmt): string[] => {
    const v = x.variable(s.var), extent = x.dim(s.var.extent), isShared = s.var.name !== grid.steps;
    const head = isShared ? `var ${v} = i32(lane); ${v} < ${extent}; ${v} += ${grid.size}` : `var ${v} = 0; ${v} < ${extent}; ${v}++`;
    const inside = isShared ? statements.list(s.body) : s.body.flatMap(statement);
    return [`for (${head}) {`, ...inside.map((l) => `  ${l}`), "}", ...(isShared && isKept(s) ? ["workgroupBarrier();"] : [])];
  };
  // a fold that all rows have in common stands by itself: each invocation needs the whole of it
  const isSplit = (s: Stmt): s is LoopStmt => s.kind === "loop" && (s.parallel || s.var.name === grid.steps);
  const statement = (s: Stmt): string[] => (isSplit(s) ? loop(s) : statements.list([s]));
  return {
    lines: [
      "let point = i32(groupId.x + groupId.y * groups.x);",
      `if (point >= ${x.dim(groups)}) { return; }`,
      ...unravel("point", statements.positions(nest.loops)),
      ...nest.body.flatMap(statement),
    ],
    size: grid.size,
    groups,
  };
}

/** Whether a loop stores in memory of the workgroup. */
function isKept(loop: LoopStmt): boolean {
  let found = false;
  forEachStmt(loop.body, (s) => { found ||= s.kind === "store" && s.arg < 0; });
  return found;
}
