import { locationText, type AnyNode, type Value } from "../../ir/graph/index.ts";
import { dims } from "../../ir/types/index.ts";
import { checksIndices, forEachStmt, loadsIn } from "../loops/statements.ts";
import type { Draft } from "./kernel.ts";
import { isAnchor, isProduct, isRunning } from "./kinds.ts";

/**
 * A part of the graph that becomes one kernel (or one step): the values it computes that other parts need, or
 * that were worth a name of their own.
 */
export interface Group {
  readonly id: number;
  /** Values this group computes; only those in `stores` reach memory. */
  values: Value[];
  /** The op that is a step by itself, for a group that is no ordinary kernel. */
  readonly opaque: AnyNode | undefined;
  draft: Draft | undefined;
}

/** Number of the last node of a group. */
export const lastId = (g: Group): number => Math.max(...g.values.map((v) => v.node.id));
export const hasProduct = (g: Pick<Group, "values">): boolean => g.values.some((v) => isProduct(v.node as AnyNode));
/** Whether values of a kernel are products that follow each other. */
export const isChain = (values: readonly Value[]): boolean => values.filter((v) => isProduct(v.node as AnyNode)).length > 1;
export const hasFold = (g: Group): boolean => g.values.some((v) => isAnchor(v.node as AnyNode));
/** Whether a product would share its kernel with another fold. */
export const productBeside = (a: Group, b: Group): boolean => (hasProduct(a) && hasFold(b)) || (hasFold(a) && hasProduct(b));
export const hasRunning = (g: Group): boolean => g.values.some((v) => isRunning(v.node as AnyNode));
export const isScalarGroup = (g: Group): boolean => g.values.every((v) => dims.product(v.type.shape) === 1);
/** `reduce digits.model.ts:18`: the last op of a group. */
export function describe(g: Group): string {
  const { op, at } = g.values.reduce((a, b) => (b.node.id > a.node.id ? b : a)).node;
  return at ? `${op} (${locationText(at)})` : op;
}

/** Buffers that a kernel touches; of several, the one that touches the most. */
export function buffersTouched({ loads, roots, scratch, stages }: Draft): number {
  if (stages.length === 0) return loads.length + roots.length + scratch.length;
  return Math.max(...stages.map((stage) => {
    if ("sort" in stage) return stage.args.length;
    const { body } = stage;
    const touched = new Set(loadsIn(body).map((e) => e.arg));
    forEachStmt(body, (s) => { if (s.kind === "store") touched.add(s.arg); });
    for (const arg of touched) if (arg < 0) touched.delete(arg); // rows that it keeps are no buffers
    // a GPU's kernel that checks indices has one more, for those out of range
    return touched.size + Number(checksIndices(body));
  }));
}

/**
 * Whether kernels that do not wait for each other may be one: no sooner than their stores run over the same loops, and both
 * together touch few enough buffers. Asked of every two that read the same, before anything is drafted.
 */
export function mayShare(a: Draft, b: Draft, mostBuffers: number): boolean {
  const areWhole = a.stages.length === 0 && b.stages.length === 0;
  if (areWhole && a.roots.length + b.roots.length + new Set([...a.loads, ...b.loads]).size > mostBuffers) return false;
  const [x, y] = [largestOf(a), largestOf(b)], [outer, inner] = x.type.shape.length <= y.type.shape.length ? [x, y] : [y, x];
  // a concatenation's parts are stored each by itself
  return [x, y].some((v) => v.node.op === "concat") || outer.type.shape.every((d, k) => d === inner.type.shape[k]);
}

/** What a kernel stores over the most loops. */
const largestOf = ({ roots }: Draft): Value => roots.reduce((a, b) => (b.type.shape.length > a.type.shape.length || (b.type.shape.length === a.type.shape.length && b.node.id > a.node.id) ? b : a));
