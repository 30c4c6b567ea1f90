import { dims, type Dim } from "../../../ir/types/index.ts";
import type { Expr, Index, LoopVar } from "../ir.ts";
import { forEachExpr, indicesOf, type ExprPool } from "../pool.ts";
import { strideOf } from "../tile.ts";

/**
 * A position in an operand that two loops lead to: an output's position and an offset in its window, `along·outer + across·inner`.
 * The same position serves several outputs, so what is computed there is computed once, in a loop over positions.
 */
export interface Window {
  readonly outer: LoopVar;
  readonly inner: LoopVar;
  readonly along: number;
  readonly across: number;
  /** The loop over positions. */
  readonly position: LoopVar;
}

/**
 * The windows that slide over an expression: pairs of a loop of the stores and one of the fold of which it depends on the sum
 * alone, where that is the same for several pairs, or is tested.
 */
export function windowsOf(value: Expr, outer: readonly LoopVar[], inner: readonly LoopVar[], pool: ExprPool): Window[] {
  const forms = formsIn(value), free = pool.freeVars(value);
  if (!forms) return [];
  const windows: Window[] = [], taken = new Set<LoopVar>();
  for (const u of outer) for (const r of inner) {
    if (!free.has(u.name) || !free.has(r.name) || taken.has(u) || taken.has(r)) continue;
    const ratio = ratioIn(forms, u, r);
    if (!ratio || !(isTested(value, u, r) || overlaps(ratio, u, r)) || ![u, r].every((v) => dims.atLeast(v.extent, 1) === true)) continue;
    const [along, across] = ratio, last = dims.add(dims.mul(along, dims.sub(u.extent, 1)), dims.mul(across, dims.sub(r.extent, 1)));
    windows.push({ outer: u, inner: r, along, across, position: { name: `${u.name}_${r.name}`, extent: dims.add(last, 1) } });
    taken.add(u).add(r);
  }
  return windows;
}

/** What the two loops of each window become so that their sum is the position: `along·x + across·y = 1` times it (Bézout). */
export const toPositions = (windows: readonly Window[], { index: ix }: ExprPool): ReadonlyMap<string, Index> =>
  new Map(windows.flatMap(({ outer, inner, along, across, position }) => {
    const [x, y] = bezout(along, across), at = ix.variable(position);
    return [[outer.name, ix.scale(at, x)], [inner.name, ix.scale(at, y)]] as const;
  }));

/** The position, in the two loops. */
export const positionOf = ({ outer, inner, along, across }: Window, { index: ix }: ExprPool): Index => ix.add(ix.scale(ix.variable(outer), along), ix.scale(ix.variable(inner), across));

const overlaps = ([along, across]: readonly [number, number], outer: LoopVar, inner: LoopVar): boolean => dims.atLeast(along, inner.extent) !== true && dims.atLeast(across, outer.extent) !== true;

/** Whether a guard asks where two loops lead together. */
function isTested(value: Expr, ...loops: readonly LoopVar[]): boolean {
  let found = false;
  forEachExpr([value], (e) => { if (e.kind === "guard") found ||= e.tests.some((t) => loops.every((v) => strideOf(t.index, v) !== undefined)); });
  return found;
}

/** Every sum that an expression's indices consist of; undefined where one is read from data. */
function formsIn(value: Expr): Index[] | undefined {
  const forms: Index[] = [];
  let isKnown = true;
  const add = (x: Index): void => {
    forms.push(x);
    for (const { atom } of x.terms) if (atom.kind === "data") isKnown = false; else if (atom.kind !== "var") add(atom.of);
  };
  forEachExpr([value], (e) => { indicesOf(e).forEach(add); });
  return isKnown ? forms : undefined;
}

/** How many steps of the whole one step of either loop is, if that is the same in all sums. */
function ratioIn(forms: readonly Index[], outer: LoopVar, inner: LoopVar): readonly [number, number] | undefined {
  const strides = forms.map((x) => [outer, inner].map((v) => strideOf(x, v) ?? 0));
  const both = strides.find(([a, b]) => a !== 0 && b !== 0), ratio = both && lowestTerms(both[0], both[1]);
  return ratio && strides.every(([a, b]) => dims.mul(a, ratio[1]) === dims.mul(b, ratio[0])) ? ratio : undefined;
}

function lowestTerms(a: Dim, b: Dim): readonly [number, number] | undefined {
  if (typeof a === "number" && typeof b === "number") {
    const d = divisor(Math.abs(a), Math.abs(b));
    return Math.sign(a) === Math.sign(b) ? [Math.abs(a) / d, Math.abs(b) / d] : undefined;
  }
  const [times, part] = [dims.divExact(a, b), dims.divExact(b, a)];
  const ratio = typeof times === "number" ? [times, 1] as const : typeof part === "number" ? [1, part] as const : undefined;
  return ratio && ratio[0] > 0 && ratio[1] > 0 ? ratio : undefined;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** x and y with `a·x + b·y = 1`, for a and b without a common divisor. */
function bezout(a: number, b: number): readonly [number, number] {
  if (a === 1) return [1, 0];
  if (b === 0) throw new Error("internal: numbers with a common divisor");
  const [x, y] = bezout(b, a % b);
  return [y, x - Math.floor(a / b) * y];
}
