import { reachable, type AnyNode, type Region, type Value } from "../../../ir/graph/index.ts";
import { isScalarName, ops, scalarRow } from "../../../ir/ops/index.ts";
import { between, dependents } from "../activity.ts";
import { placeholder, rewire, type Images } from "../rewrite.ts";
import type { Maybe, Pass } from "../rule.ts";

/** What `scan` and `while` share: a body that turns carries into carries, run again and again. */
export interface LoopBody {
  readonly region: Region;
  /** Parameters that are carries, in order; the first results are their next values. */
  readonly carries: readonly Value[];
}

/** The parameters that vary: those given, and every carry that a step makes depend on them. */
export function varyingParameters({ region, carries }: LoopBody, given: Iterable<Value>): Set<Value> {
  const varying = new Set(given);
  for (let before = -1; before < varying.size;) {
    before = varying.size;
    const active = dependents(region.results, varying);
    for (const [i, carry] of carries.entries()) if (active.has(region.results[i])) varying.add(carry);
  }
  return varying;
}

/** A loop body run backward: one step of it, in terms of the forward body's values and cotangents of its results. */
export interface BackwardBody {
  /** Results of the forward body. Loops inside it keep what their own backward runs need. */
  readonly results: readonly Value[];
  /** Placeholder of the cotangent of each result that has one. */
  readonly seeds: readonly Maybe[];
  /** Cotangent of each parameter of the body. */
  readonly cotangents: readonly Maybe[];
  /** Values of the forward body that the backward one reads and a step of the forward loop has to keep. */
  readonly residuals: readonly Value[];
  /** Parameters in `free` that it reads. */
  readonly reads: ReadonlySet<Value>;
}

/**
 * Differentiates a loop body. `hasCotangent[i]` tells whether a cotangent of the loop's result i is given;
 * `wanted` are the parameters that vary; `free` those that the backward loop has again without anything kept.
 */
export function backwardBody(body: LoopBody, hasCotangent: readonly boolean[], wanted: ReadonlySet<Value>, free: ReadonlySet<Value>, pass: Pass): BackwardBody {
  const { params, results } = body.region;
  const receives = resultsWithCotangent(body, hasCotangent, wanted);
  const seeds = results.map((v, i) => (receives[i] ? placeholder(v.type) : undefined));
  const asked = params.filter((p) => wanted.has(p));
  const { values, superseded } = pass.reverse(results, seeds, asked);
  const [kept, cotangents] = rewireBoth(results, values, superseded);
  return {
    results: kept, seeds, cotangents: params.map((p) => cotangents[asked.indexOf(p)]),
    ...cut(cotangents.filter((v) => v !== undefined), reachable(kept), free),
  };
}

/** Which varying results of the body get a cotangent: those given, and every carry that a step makes one of them depend on. */
function resultsWithCotangent({ region: { results }, carries }: LoopBody, given: readonly boolean[], wanted: ReadonlySet<Value>): boolean[] {
  const varying = dependents(results, wanted);
  const receives = results.map((v, i) => given[i] && varying.has(v));
  for (let changed = true; changed;) {
    const met = between(results.filter((_, i) => receives[i]), wanted);
    const more = carries.map((_, i) => i).filter((i) => !receives[i] && met.has(carries[i]));
    for (const i of more) receives[i] = true;
    changed = more.length > 0;
  }
  return receives;
}

/**
 * Separates a backward graph from the forward graph it reads. A forward value is recomputed in the backward
 * graph where that is next to free: it is `free` itself, a constant, a rearrangement of what is read anyway (a
 * broadcast kept in full would be many times its operand), or cheap arithmetic on such. All else is a residual.
 */
function cut(roots: readonly Value[], forward: readonly AnyNode[], free: ReadonlySet<Value>): { residuals: Value[]; reads: Set<Value> } {
  const isForward = new Set(forward), again = new Set(free); // `again`: next to free to compute again
  for (const node of forward)
    if (isCheap(node) && node.inputs.every((v) => again.has(v))) for (const v of node.outputs) again.add(v);

  const residuals = new Set<Value>(), reads = new Set<Value>(), visited = new Set<Value>();
  const stack = [...roots];
  while (stack.length > 0) {
    const v = stack.pop()!, node = v.node as AnyNode;
    if (visited.has(v)) continue;
    visited.add(v);
    if (free.has(v)) reads.add(v);
    else if (!isForward.has(node) || rearranges(node) || again.has(v)) stack.push(...node.inputs);
    else residuals.add(v);
  }
  return { residuals: [...residuals].sort((a, b) => a.node.id - b.node.id || a.index - b.index), reads };
}

const rearranges = ({ op }: AnyNode): boolean => op === "broadcast" || op === "reshape" || op === "transpose" || op === "reverse";

/** Arithmetic that costs less than writing its result to memory and reading it back. */
const cheapest = 4;
function isCheap(node: AnyNode): boolean {
  if (isScalarName(node.op)) return (scalarRow(node.op).cost ?? 1) <= cheapest;
  if (node.op === "parameter" || node.op === "input" || node.op === "variable") return false;
  const { kind } = ops[node.op];
  return kind === "source" || kind === "movement" || kind === "elementwise";
}

/** A loop body with tangents: placeholders of those of its parameters, and those of its results. */
export interface TangentBody {
  readonly results: readonly Value[];
  /** Placeholder of the tangent of each parameter that has one. */
  readonly seeds: readonly Maybe[];
  readonly tangents: readonly Maybe[];
}

export function tangentBody({ region: { params, results } }: LoopBody, varying: ReadonlySet<Value>, pass: Pass): TangentBody {
  const seeds = params.map((p) => (varying.has(p) ? placeholder(p.type) : undefined));
  const { values, superseded } = pass.forward(results, params, seeds);
  const [kept, tangents] = rewireBoth(results, values, superseded);
  return { results: kept, seeds, tangents };
}

/** Results and their derivatives, both reading the nodes that superseded others. */
function rewireBoth(results: readonly Value[], derivatives: readonly Maybe[], superseded: Images): [Value[], Maybe[]] {
  const rewired = rewire([...results, ...derivatives.filter((v) => v !== undefined)], superseded);
  let next = results.length;
  return [rewired.slice(0, results.length), derivatives.map((v) => v && rewired[next++])];
}
