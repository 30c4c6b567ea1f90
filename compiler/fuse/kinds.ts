import type { AnyNode, Value } from "../../ir/graph/index.ts";
import { isScalarName, scalarRow } from "../../ir/ops/index.ts";
import { windowExtents, type PoolNode } from "./window.ts";

/** Ops that sum products. */
export type ProductNode = Extract<AnyNode, { op: "dot" | "conv" }>;
export const isProduct = (n: AnyNode): n is ProductNode => n.op === "dot" || n.op === "conv";

/** Ops over sliding windows. */
export const isPooling = (n: AnyNode): n is PoolNode => n.op === "reduceWindow" || n.op === "argReduceWindow" || n.op === "unpool";

/** Ops that fold: each element costs a loop, so it must be computed exactly once. */
export const isAnchor = (n: AnyNode): boolean =>
  n.op === "reduce" || n.op === "argReduce" || isProduct(n) || (isPooling(n) && windowExtents(n).length > 0);

/** Control flow that becomes steps of the program, with the regions' kernels inside. */
export const isControl = (n: AnyNode): boolean => n.op === "cond" || n.op === "while" || n.op === "scan";

/** Ops that are kernels or steps of their own and whose results are always stored. */
export const isOpaque = (n: AnyNode): boolean => n.op === "scatter" || n.op === "sort" || isControl(n);

/** A running fold: a kernel of its own, in which nothing else happens but what it folds. */
export const isRunning = (n: AnyNode): boolean => n.op === "cumulative";

/** Movement that is a pure index map: no test, no choice, so a load through it costs what a load costs. */
const isFreeMovement = (n: AnyNode): boolean =>
  n.op === "reshape" || n.op === "transpose" || n.op === "broadcast" || n.op === "slice" || n.op === "reverse";

/** The value that a chain of pure index maps reads. */
export function throughMovement(v: Value): Value {
  let x = v;
  while (isFreeMovement(x.node as AnyNode)) x = x.node.inputs[0];
  return x;
}

/** Cost of one evaluation of a node against an addition. */
export function costOf(n: AnyNode): number {
  if (isScalarName(n.op)) return scalarRow(n.op).cost ?? 1;
  switch (n.op) {
    case "gather": return 4;
    case "pad": case "concat": return 3;
    case "reduceWindow": case "argReduceWindow": case "unpool": return 4;
    case "select": case "convert": return 1;
    default: return 0;
  }
}
