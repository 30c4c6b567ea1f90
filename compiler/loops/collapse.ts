import { dims } from "../../ir/types/index.ts";
import { visitIndex } from "./affine.ts";
import type { Expr, Index, LoopVar, StoreSpec } from "./ir.ts";
import { forEachExpr, indicesOf, type ExprPool } from "./pool.ts";
import { rootsOf } from "./roots.ts";

/**
 * Merges neighbouring loops, of stores and of folds, that always step through memory as one: an elementwise kernel over `[B, T, 64]` runs
 * one loop over `64·B·T` elements, the rows of a batch of matrices are the rows of one tall matrix.
 *
 * Two loops merge where every index that mentions one mentions the other, with a stride that is the inner one's
 * times its extent.
 */
export function collapseLoops(stores: readonly StoreSpec[], pool: ExprPool): readonly StoreSpec[] {
  let current = stores;
  for (;;) {
    const pair = findPair(current);
    if (!pair) return current;
    current = merge(current, pair[0], pair[1], pool);
  }
}

function findPair(stores: readonly StoreSpec[]): readonly [LoopVar, LoopVar] | undefined {
  const indices = allIndices(stores);
  const { nests, alone } = nestsOf(stores);
  for (const nest of nests)
    for (let k = 0; k + 1 < nest.length; k++) {
      const [outer, inner] = [nest[k], nest[k + 1]];
      if (alone.has(outer.name) || alone.has(inner.name)) continue;
      if (nests.every((x) => adjacent(x, outer, inner)) && indices.every((i) => stepsAsOne(i, outer, inner))) return [outer, inner];
    }
  return undefined;
}

/** Both next to each other, or neither. */
function adjacent(nest: readonly LoopVar[], outer: LoopVar, inner: LoopVar): boolean {
  const at = nest.findIndex((v) => v.name === outer.name);
  return at >= 0 ? nest[at + 1]?.name === inner.name : !nest.some((v) => v.name === inner.name);
}

function stepsAsOne(x: Index, outer: LoopVar, inner: LoopVar): boolean {
  const strideOf = (v: LoopVar) => x.terms.find((t) => t.atom.kind === "var" && t.atom.var.name === v.name)?.stride;
  const [a, b] = [strideOf(outer), strideOf(inner)];
  // inside a quotient, a remainder or data the two would have to be looked for again: leave those alone
  for (const t of x.terms)
    if (t.atom.kind === "div" || t.atom.kind === "mod") {
      let mentioned = false;
      visitIndex(t.atom.of, (v) => { mentioned ||= v.name === outer.name || v.name === inner.name; }, () => {});
      if (mentioned) return false;
    }
  if (a === undefined && b === undefined) return true;
  return a !== undefined && b !== undefined && a === dims.mul(b, inner.extent);
}

export function allIndices(stores: readonly StoreSpec[]): Index[] {
  const found: Index[] = stores.map((s) => s.index);
  forEachExpr(rootsOf(stores), (e) => { found.push(...indicesOf(e)); });
  return found;
}

/** Loops that run together: the domain of each store, the axes of each fold; and those whose position counts, which stay. */
export function nestsOf(stores: readonly StoreSpec[]): { readonly nests: readonly (readonly LoopVar[])[]; readonly alone: ReadonlySet<string> } {
  const nests: (readonly LoopVar[])[] = stores.map((s) => s.domain), alone = new Set<string>();
  forEachExpr(rootsOf(stores), (e) => {
    if (e.kind === "reduce") nests.push(e.vars);
    if (e.kind === "argReduce" || e.kind === "prefix") alone.add(e.var.name);
  });
  return { nests, alone };
}

function merge(stores: readonly StoreSpec[], outer: LoopVar, inner: LoopVar, pool: ExprPool): StoreSpec[] {
  const both: LoopVar = { name: `${outer.name}${inner.name}`, extent: dims.mul(outer.extent, inner.extent) };
  // where both appear, the outer one's stride is implied: it goes, and the inner one becomes the merged loop
  return withLoops(stores, pool, new Map([[outer.name, { loops: [], at: pool.index.constant(0) }], [inner.name, { loops: [both], at: pool.index.variable(both) }]]));
}

/** What stands for a loop: the loops in its place, and its variable in terms of theirs. */
export interface Replacement {
  readonly loops: readonly LoopVar[];
  readonly at: Index;
}

/** Stores with loops replaced by others, by name: in their domains, in folds, in indices. */
export function withLoops(stores: readonly StoreSpec[], pool: ExprPool, by: ReadonlyMap<string, Replacement>): StoreSpec[] {
  const to = new Map([...by].map(([name, { at }]) => [name, at]));
  const inNest = (vars: readonly LoopVar[]): LoopVar[] => vars.flatMap((v) => by.get(v.name)?.loops ?? [v]);
  const done = new Map<Expr, Expr>();
  const on = (e: Expr): Expr => pool.rewrite(e, to, (x) => (x.kind === "reduce" && x.vars.some((v) => by.has(v.name)) ? pool.make({ ...x, vars: inNest(x.vars), body: on(x.body) }) : undefined), done);
  return stores.map((s) => ({ ...s, domain: inNest(s.domain), index: pool.index.substitute(s.index, to, on), value: on(s.value) }));
}
