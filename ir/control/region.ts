import { emitOne, nextNodeId, rebuild } from "../graph/build.ts";
import type { AnyNode, Region, Value } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import { isScalarName, ops, scalarRow, type OpName } from "../ops/index.ts";
import { currentFrame, within, type Frame, type StateOwner } from "../model/trace.ts";
import type { TensorType } from "../types/index.ts";

/**
 * From closures to regions. A user writes the body of a loop as a closure over whatever tensors are around; a region
 * is closed. So the closure is traced on fresh parameters first, and what it took from outside is found afterwards
 * and made into further parameters, the captures.
 */

/** A body after tracing: what it was given, what it returned, the state it touched. Not closed yet. */
export interface Traced {
  readonly params: readonly Value[];
  readonly results: readonly Value[];
  readonly frame: BodyFrame;
  /** Nodes with this id or a greater one were made inside the body. */
  readonly start: number;
}

/** Runs a closure on fresh parameters of the given types. */
export function trace(types: readonly TensorType[], run: (params: readonly Value[]) => readonly Value[]): Traced {
  const start = nextNodeId();
  const params = types.map(parameter);
  const frame = new BodyFrame(currentFrame());
  return { start, params, results: within(frame, () => run(params)), frame };
}

const parameter = (type: TensorType, index: number): Value => emitOne("parameter", [], { index, type });

/**
 * State inside a body. A state that the body reads arrives as a parameter of the region, as its latest value may
 * be that of the iteration before; one that it assigns leaves as a result, and the loop carries it.
 */
export class BodyFrame implements Frame {
  readonly parent: Frame | undefined;
  readonly training: boolean;
  readonly owner: StateOwner | undefined;
  /** States that were touched, with the parameter that stands for their value on entry. */
  readonly entry = new Map<Value, Value>();
  /** States that were assigned, with their value at the end. */
  readonly assigned = new Map<Value, Value>();

  constructor(parent: Frame | undefined) {
    this.parent = parent;
    this.training = parent?.training ?? false;
    this.owner = parent?.owner;
  }

  read(variable: Value): Value {
    const known = this.assigned.get(variable) ?? this.entry.get(variable);
    if (known) return known;
    const param = parameter(variable.type, 0);
    this.entry.set(variable, param);
    return param;
  }

  write(variable: Value, value: Value): void {
    this.read(variable); // what enters the first iteration is needed too
    this.assigned.set(variable, value);
  }

  /** Value of a state before the control op. */
  outer(variable: Value): Value { return this.parent ? this.parent.read(variable) : variable; }
}

/**
 * Which outer values become captures. `hoist` (loops): everything that depends on no parameter is computed once,
 * before the loop. `lazy` (branches): only what existed before the body was traced, so that a branch that is not
 * taken costs nothing.
 */
export type CapturePolicy = "hoist" | "lazy";

/**
 * Outer values that the bodies use, in order of creation. What is computed from nothing at next to no cost is not
 * among them: it may stand inside a region as well, where passes can see it.
 */
export function capturesOf(bodies: readonly Traced[], policy: CapturePolicy): Value[] {
  const captures = new Set<Value>();
  for (const body of bodies) {
    const inner = innerNodes(body, policy), free = new Map<AnyNode, boolean>();
    const own = new Set([...body.params, ...body.frame.entry.values()]);
    const use = (v: Value): void => { if (!own.has(v) && !inner.has(v.node as AnyNode) && !isFree(v.node as AnyNode, free)) captures.add(v); };
    for (const node of inner) node.inputs.forEach(use);
    body.results.forEach(use);
    for (const v of body.frame.assigned.values()) use(v);
  }
  return [...captures].sort((a, b) => a.node.id - b.node.id || a.index - b.index);
}

/** Whether a node is a constant, an iota or a dimension, or simple arithmetic on such. */
function isFree(node: AnyNode, known: Map<AnyNode, boolean>): boolean {
  let free = known.get(node);
  if (free === undefined) {
    free = node.op === "constant" ? typeof node.attrs.data === "number"
      : node.inputs.length === 0 ? node.op === "iota" || node.op === "dimension"
      : isSimple(node.op) && node.inputs.every((v) => isFree(v.node as AnyNode, known));
    known.set(node, free);
  }
  return free;
}

const isSimple = (op: OpName): boolean =>
  ops[op].kind === "movement" || op === "convert" || op === "select" || (isScalarName(op) && (scalarRow(op).cost ?? 1) <= 1);

/**
 * Nodes that must be inside the region: those that depend on a parameter.
 *
 * What a derivative inside is taken by is a leaf of the region as well, even where it is an outer value: whatever lies
 * between it and the differentiated value has to stay inside, or the derivative would not see it.
 */
function innerNodes({ params, results, frame, start }: Traced, policy: CapturePolicy): Set<AnyNode> {
  const nodes = reachable([...results, ...frame.assigned.values()]);
  const leaves = new Set<Value>([...params, ...frame.entry.values()]);
  for (;;) {
    const inner = new Set<AnyNode>();
    for (const node of nodes)
      if ((policy === "lazy" && node.id >= start && !comesFromOutside(node)) || node.inputs.some((v) => leaves.has(v) || inner.has(v.node as AnyNode)))
        inner.add(node);
    const before = leaves.size;
    for (const node of inner)
      for (const w of differentiatedBy(node)) if (!inner.has(w.node as AnyNode)) leaves.add(w);
    if (leaves.size === before) return inner;
  }
}

const comesFromOutside = ({ op }: AnyNode): boolean => op === "parameter" || op === "variable" || op === "input";

/** The values that a derivative node takes derivatives by. */
export function differentiatedBy(node: AnyNode): readonly Value[] {
  switch (node.op) {
    case "grad": return node.inputs.slice(1);
    case "vjp": return node.inputs.slice(2 * node.attrs.outputs);
    case "jvp": return node.inputs.slice(node.attrs.outputs, node.attrs.outputs + (node.inputs.length - node.attrs.outputs) / 2);
    default: return [];
  }
}

/** A parameter that a region is to have: its type, and the value that stands for it in the traced body, if that uses it. */
export interface Slot {
  readonly type: TensorType;
  readonly stands: Value | undefined;
}

export const slotOf = (v: Value): Slot => ({ type: v.type, stands: v });

/** The region of a traced body, with one parameter for each slot in order. */
export function close(slots: readonly Slot[], results: readonly Value[]): Region {
  const params = slots.map(({ type }, i) => parameter(type, i));
  const map = new Map<Value, Value>();
  for (const [i, { stands }] of slots.entries()) if (stands) map.set(stands, params[i]);
  const image = (v: Value): Value => map.get(v) ?? v;
  for (const node of reachableUntil(results, map)) {
    const outputs = rebuild(node, node.inputs.map(image));
    for (const [i, v] of node.outputs.entries()) if (outputs[i] !== v) map.set(v, outputs[i]);
  }
  return { params, results: results.map(image) };
}

/** Nodes that the values reach without passing through `stops`, inputs before users. */
function reachableUntil(values: readonly Value[], stops: ReadonlyMap<Value, Value>): AnyNode[] {
  const seen = new Set<AnyNode>();
  const stack = values.filter((v) => !stops.has(v)).map((v) => v.node as AnyNode);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const v of node.inputs) if (!stops.has(v)) stack.push(v.node as AnyNode);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
