import { dims, type Dim } from "../../../ir/types/index.ts";
import { plainVar, visitIndex } from "../affine.ts";
import { varsOf } from "../folds.ts";
import type { Expr, Index, LoopVar, StoreSpec } from "../ir.ts";
import { boundVars, forEachExpr, indicesOf, type ExprPool } from "../pool.ts";
import { rootsOf } from "../roots.ts";
import type { LoopShape } from "../schedule.ts";
import { strideOf } from "../tile.ts";
import { allFolds, typical } from "./folds.ts";

/** Elements that one access to memory takes. */
export const lanes = 4;
const inVectors: LoopShape = { copies: 1, lanes };

/** With fewer elements than these, a vector would be most of a loop. */
const fewElements = 16;

/**
 * Which loops that invocations share step in vectors: all of those of one length, or none, so that each has the
 * same elements in all of them.
 */
export function vectorsInside(stores: readonly StoreSpec[], over: readonly LoopVar[], pool: ExprPool): Map<string, LoopShape> {
  const outer = new Set(over.map((v) => v.name));
  const inner = [...stores.map((s) => s.domain.filter((v) => !outer.has(v.name))), ...allFolds(stores).map(varsOf)].filter((vars) => vars.length > 0);
  const byLength = new Map<Dim, LoopVar[]>();
  for (const [v] of inner) byLength.set(v.extent, [...(byLength.get(v.extent) ?? []), v]);
  const shapes = new Map<string, LoopShape>();
  for (const [extent, vars] of byLength)
    if (isWhole(extent) && inner.every((loops) => loops.length === 1 || loops[0].extent !== extent) && vars.every((v) => stepsInVectors(stores, v, pool)))
      for (const v of vars) shapes.set(v.name, inVectors);
  return shapes;
}

/** The innermost loop of a grid, where it steps in vectors: an invocation then has four neighbours. */
export function vectorsOfGrid(stores: readonly StoreSpec[], pool: ExprPool): Map<string, LoopShape> {
  const v = stores[0].domain.at(-1);
  if (!v || stores.some((s) => s.domain.at(-1)?.name !== v.name) || typical(v.extent) < fewElements) return new Map();
  const isPadded = !isWhole(v.extent);
  if (isPadded && !stores.every((s) => s.domain.length === 1 && plainVar(s.index)?.name === v.name)) return new Map();
  return stepsInVectors(stores, v, pool) ? new Map([[v.name, isPadded ? { ...inVectors, isPadded } : inVectors]]) : new Map();
}

const isWhole = (d: Dim): boolean => dims.divExact(d, lanes) !== undefined;

/** Whether what four neighbours along a loop read and write is one vector of memory each, or the same for all of them. */
function stepsInVectors(stores: readonly StoreSpec[], v: LoopVar, pool: ExprPool): boolean {
  let ok = true, moves = false;
  const onAccess = (x: Index): void => {
    if (!mentions(x, v, pool)) return;
    moves = true;
    ok &&= strideOf(x, v) === 1 && isWhole(x.offset) && x.terms.every(({ atom, stride }) => isPlain(atom, v) || (isWhole(stride) && !mentionsInside(atom, v, pool)));
  };
  for (const s of stores) {
    if (!s.domain.some((d) => d.name === v.name)) continue;
    ok &&= s.mode === "set";
    onAccess(s.index);
  }
  forEachExpr(rootsOf(stores), (e) => {
    if (!ok) return;
    if (e.kind === "load") onAccess(e.index);
    const isBound = e.kind === "prefix" ? e.var.name === v.name : boundVars(e).some((b) => b.name === v.name);
    if (isBound && !(e.kind === "reduce" && vectorReducers.has(e.reducer) && e.dtype !== "bool")) ok = false;
    if (!isBound && !pool.freeVars(e).has(v.name)) return;
    // what chooses between neighbours, or finds the place of one, has them one by one
    if (e.kind === "argReduce" || e.kind === "prefix" || e.dtype === "u8" || e.dtype === "f64") ok = false;
    if (e.kind === "guard" && indicesOf(e).some((x) => mentions(x, v, pool))) ok = false;
    if (e.kind === "index" && e.index.terms.some(({ atom }) => !isPlain(atom, v) && mentionsInside(atom, v, pool))) ok = false;
  });
  return ok && moves;
}

const vectorReducers: ReadonlySet<string> = new Set(["sum", "prod", "max", "min"]);

type IndexAtom = Index["terms"][number]["atom"];
const isPlain = (atom: IndexAtom, v: LoopVar): boolean => atom.kind === "var" && atom.var.name === v.name;

function mentionsInside(atom: IndexAtom, v: LoopVar, pool: ExprPool): boolean {
  if (atom.kind === "var") return atom.var.name === v.name;
  return atom.kind === "data" ? dependsOn(atom.value, v, pool) : mentions(atom.of, v, pool);
}

const dependsOn = (e: Expr, v: LoopVar, pool: ExprPool): boolean => pool.freeVars(e).has(v.name);

function mentions(x: Index, v: LoopVar, pool: ExprPool): boolean {
  let found = false;
  visitIndex(x, (u) => { found ||= u.name === v.name; }, (e) => { found ||= dependsOn(e, v, pool); });
  return found;
}
