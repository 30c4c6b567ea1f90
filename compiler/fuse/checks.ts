import { emitOne, locationText, reachable, rebuild, withLocation, type AnyNode, type GraphFunction, type Value } from "../../ir/graph/index.ts";
import { isScalarName } from "../../ir/ops/index.ts";
import { dims, type Dim } from "../../ir/types/index.ts";
import { throughMovement } from "./kinds.ts";
import { replaceNodes } from "./replace.ts";

/** A function whose indices are checked before anything else is done, as far as they can be. */
export interface Checked {
  readonly fn: GraphFunction;
  /** The checked indices, which are to be computed first: what else the function does takes them from memory. */
  readonly first: readonly Value[];
}

type Indexing = Extract<AnyNode, { op: "gather" | "scatter" }>;

/**
 * Has the indices of gathers and scatters checked before the function begins, where they follow from inputs and
 * variables by a little arithmetic. So a call that is given a bad one fails while its variables are as they were, and
 * nothing has to be put aside for putting it back: a cache of keys and values costs what is written into it.
 *
 * A check is a lookup in a table of 0, 1, 2, …, whose result is the index itself. Several lookups by the same indices, in
 * however many layers, take one. Indices inside of control flow, and those that folds or products lead to, are checked
 * where they are used.
 */
export function checkFirst(fn: GraphFunction): Checked {
  const checks = new Map<Value, Map<Dim, Value>>();
  const early = earlyValues([...fn.outputs, ...fn.updates].map((o) => o.value));
  const checked = replaceNodes(fn, (node, inputs) => {
    if (node.op !== "gather" && node.op !== "scatter") return undefined;
    if (isCheck(node)) {
      // a label that is to be a class: it is checked at once, and as often as others by the same one
      const size = node.inputs[0].type.shape[0], index = early.has(node.inputs[1]) ? checkedIndex(inputs[1], size, node, checks) : inputs[1];
      return isChecked(index, size) ? [index] : undefined;
    }
    const from = inputs.length - node.attrs.axes.length, { shape } = inputs[0].type;
    const indices = inputs.slice(from).map((v, k) => (early.has(node.inputs[from + k]) ? checkedIndex(v, shape[node.attrs.axes[k]], node, checks) : v));
    return indices.every((v, k) => v === inputs[from + k]) ? undefined : rebuild(node, [...inputs.slice(0, from), ...indices]);
  });
  return { fn: checked, first: [...checks.values()].flatMap((bySize) => [...bySize.values()]) };
}

/** Whether the elements of an index tensor are known to lie in 0 … size−1, as they have been looked up in a table that is no longer. */
export function isChecked(index: Value, size: Dim): boolean {
  const { node } = throughMovement(index);
  return isCheck(node as AnyNode) && dims.atLeast(size, node.inputs[0].type.shape[0]) === true;
}

/** Whether a node looks indices up in a table of 0, 1, 2, …. */
export const isCheck = (n: AnyNode): boolean => n.op === "gather" && n.inputs[0].node.op === "iota" && n.inputs[0].type.shape.length === 1;

/** What an index that is out of range was for: what it is called, where it is an input or a variable, the op, the user's line. */
export function noteOf(user: AnyNode, index: Value): string {
  const name = nameOf(index);
  const what = isCheck(user) ? (name ?? "index") : name === undefined ? user.op : `${user.op} at ${name}`;
  return user.at ? `${what} (${locationText(user.at)})` : what;
}

/** The input or variable whose elements these are, in another shape or dtype, or with some of them replaced. */
function nameOf(v: Value): string | undefined {
  const node = throughMovement(v).node as AnyNode;
  switch (node.op) {
    case "input": case "variable": return node.attrs.name;
    case "convert": return nameOf(node.inputs[0]);
    case "select": return nameOf(node.inputs[1]) ?? nameOf(node.inputs[2]);
    default: return isCheck(node) ? nameOf(node.inputs[1]) : undefined;
  }
}

/** Ops that are a matter of an index or a few scalars: worth doing for a check. */
const isCheap = (n: AnyNode): boolean => isScalarName(n.op) || cheapOps.has(n.op);
const cheapOps: ReadonlySet<string> = new Set<AnyNode["op"]>([
  "input", "variable", "constant", "iota", "dimension", "select", "convert", "reshape", "transpose", "broadcast", "slice", "pad", "concat", "reverse", "gather",
]);

/** Values that nothing but cheap ops lead to, outside of control flow. */
function earlyValues(roots: readonly Value[]): ReadonlySet<Value> {
  const early = new Set<Value>();
  for (const node of reachable(roots))
    if (isCheap(node) && node.inputs.every((v) => early.has(v))) for (const v of node.outputs) early.add(v);
  return early;
}

/** An index tensor with its elements checked. What moves them about does so afterwards: another may want the same ones in another shape. */
function checkedIndex(index: Value, size: Dim, user: Indexing, checks: Map<Value, Map<Dim, Value>>): Value {
  const node = index.node as AnyNode;
  if (["reshape", "transpose", "broadcast"].includes(node.op)) return rebuild(node, [checkedIndex(node.inputs[0], size, user, checks)])[0];
  // what is known already needs no check: numbers, and counts
  if (node.op === "constant" || node.op === "iota" || isChecked(index, size)) return index;
  let bySize = checks.get(index);
  if (!bySize) checks.set(index, (bySize = new Map()));
  let check = bySize.get(size);
  if (!check) {
    check = withLocation(user.at, () => emitOne("gather", [emitOne("iota", [], { dtype: "i32", shape: [size], axis: 0 }), index], { axes: [0], batch: [] }));
    bySize.set(size, check);
  }
  return check;
}
