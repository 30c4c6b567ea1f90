import { dims } from "../../ir/types/index.ts";
import { visitIndex } from "./affine.ts";
import type { Expr, Index, LoopVar, StoreSpec } from "./ir.ts";
import { forEachExpr, indicesOf, type ExprPool } from "./pool.ts";

/**
 * Merges neighbouring loops that always step through memory as one: an elementwise kernel over `[B, T, 64]` runs
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
  const bound = boundNames(stores);
  for (const s of stores)
    for (let k = 0; k + 1 < s.domain.length; k++) {
      const [outer, inner] = [s.domain[k], s.domain[k + 1]];
      if (bound.has(outer.name) || bound.has(inner.name)) continue;
      if (stores.every((x) => adjacent(x.domain, outer, inner)) && indices.every((i) => stepsAsOne(i, outer, inner))) return [outer, inner];
    }
  return undefined;
}

/** Both next to each other, or neither. */
function adjacent(domain: readonly LoopVar[], outer: LoopVar, inner: LoopVar): boolean {
  const at = domain.findIndex((v) => v.name === outer.name);
  return at >= 0 ? domain[at + 1]?.name === inner.name : !domain.some((v) => v.name === inner.name);
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

function allIndices(stores: readonly StoreSpec[]): Index[] {
  const found: Index[] = stores.map((s) => s.index);
  forEachExpr(rootsOf(stores), (e) => { found.push(...indicesOf(e)); });
  return found;
}

/** Loops that a fold runs over as well as a store: they keep their names. */
function boundNames(stores: readonly StoreSpec[]): Set<string> {
  const names = new Set<string>();
  forEachExpr(rootsOf(stores), (e) => {
    if (e.kind === "reduce") e.vars.forEach((v) => names.add(v.name));
    if (e.kind === "argReduce" || e.kind === "prefix") names.add(e.var.name);
  });
  return names;
}

function rootsOf(stores: readonly StoreSpec[]): Expr[] {
  const roots = stores.map((s) => s.value);
  for (const s of stores) visitIndex(s.index, () => {}, (e) => roots.push(e));
  return roots;
}

function merge(stores: readonly StoreSpec[], outer: LoopVar, inner: LoopVar, pool: ExprPool): StoreSpec[] {
  const both: LoopVar = { name: `${outer.name}${inner.name}`, extent: dims.mul(outer.extent, inner.extent) };
  // where both appear, the outer one's stride is implied: it goes, and the inner one becomes the merged loop
  const to = new Map([[outer.name, pool.index.constant(0)], [inner.name, pool.index.variable(both)]]);
  return stores.map((s) => ({
    ...s,
    domain: s.domain.flatMap((v) => (v.name === outer.name ? [] : v.name === inner.name ? [both] : [v])),
    index: pool.index.substitute(s.index, to, (e) => pool.substitute(e, to)),
    value: pool.substitute(s.value, to),
  }));
}
