import { dims, type Dim } from "../../../ir/types/index.ts";
import { plainVar } from "../affine.ts";
import type { Computation } from "../builder.ts";
import type { LoopVar, Stmt, StoreSpec, Test } from "../ir.ts";
import type { ExprPool } from "../pool.ts";
import { schedule, type LoopShape } from "../schedule.ts";
import { strideOf } from "../tile.ts";
import { rewritten } from "./panels.ts";
import type { Images, Product } from "./product.ts";
import { lanes } from "./tile.ts";
import { positionOf, toPositions, windowsOf, type Window } from "./windows.ts";

/**
 * An operand that windows slide over and that has to be computed: padding, what a producer does to each element. It is
 * computed position by position into scratch, where the product then finds plain numbers, instead of anew for every window
 * that sees it. One image at a time, where there are several: it stays in the first cache.
 */
export interface Staged {
  /** The product's stores, with the operand in scratch. */
  readonly stores: readonly StoreSpec[];
  /** Where there are several: what is in scratch is one of them. */
  readonly images: Images | undefined;
  /** Writes the padding, once: nothing else is ever there. */
  readonly fill: StoreSpec | undefined;
  /** Computes what is no padding, inside the loop over images. */
  readonly copy: StoreSpec;
}

/** Stages an operand of a product; undefined where windows slide over none that is computed. */
export function stageWindows({ stores, pool, scratch }: Computation, { fold, sides, batch }: Product): Staged | undefined {
  const { index: ix } = pool, [{ domain }] = stores;
  for (const { value, own } of sides) {
    const windows = value.kind === "load" ? [] : windowsOf(value, domain, fold.vars, pool);
    if (windows.length === 0) continue;
    const free = pool.freeVars(value), windowAt = (v: LoopVar): Window | undefined => windows.find((w) => w.outer === v);
    const plain = domain.filter((v) => free.has(v.name) && !windowAt(v)), around = own.find((v) => plain.includes(v)) ?? plain.find((v) => batch.includes(v));
    // positions stand where memory has them: images, channels, then rows and columns
    const folded = fold.vars.filter((v) => free.has(v.name) && !windows.some((w) => w.inner === v));
    const loops = [...plain.filter((v) => v !== around), ...folded, ...domain.filter(windowAt)];
    const box = loops.map((v) => windowAt(v)?.position ?? v), extents = box.map((v) => v.extent), size = dims.product(extents);
    const arg = scratch("staged", value.dtype, size);
    const at = loops.map((v) => { const w = windowAt(v); return w ? positionOf(w, pool) : ix.variable(v); });
    const load = pool.make({ kind: "load", dtype: value.dtype, arg, index: ix.linear(at, extents) });
    const copy: StoreSpec = { arg, domain: box, index: ix.linear(box.map((v) => ix.variable(v)), extents), value: pool.substitute(value, toPositions(windows, pool)), mode: "set" };
    return { stores: rewritten(stores, pool, new Map(), new Map([[value, load]])), images: around && { loop: around, arg }, ...withoutPadding(copy, pool) };
  }
  return undefined;
}

/** A copy of what is not padding, and what writes the padding; as it is where the tests are not of single loops. */
function withoutPadding(copy: StoreSpec, pool: ExprPool): Pick<Staged, "fill" | "copy"> {
  const { value, domain } = copy, { index: ix } = pool;
  if (value.kind !== "guard" || value.outside.kind !== "const") return { fill: undefined, copy };
  const to = new Map(domain.map((v) => [v.name, ix.variable(v)])), inside: LoopVar[] = [...domain];
  for (const t of value.tests) {
    const at = domain.findIndex((v) => plainVar(ix.shift(t.index, dims.sub(0, t.index.offset)))?.name === v.name);
    const range = at < 0 || inside[at] !== domain[at] ? undefined : rangeOf(t, domain[at]);
    if (!range) return { fill: undefined, copy };
    inside[at] = { name: `${domain[at].name}_in`, extent: range.count };
    to.set(domain[at].name, ix.shift(ix.scale(ix.variable(inside[at]), t.step), range.start));
  }
  const all: LoopVar = { name: domain.map((v) => v.name).join(""), extent: dims.product(domain.map((v) => v.extent)) };
  return {
    fill: { ...copy, domain: [all], index: ix.variable(all), value: value.outside },
    copy: { ...copy, domain: inside, index: ix.substitute(copy.index, to, (e) => e), value: pool.substitute(value.inside, to) },
  };
}

/** Where a test of `loop + offset` holds: from `start`, so many times. Undefined where that is not known, or is nowhere. */
function rangeOf({ index, low, high, step }: Test, loop: LoopVar): { readonly start: Dim; readonly count: Dim } | undefined {
  const begin = dims.sub(low, index.offset), end = least(dims.sub(high, index.offset), loop.extent);
  const first = step === 1 && dims.atLeast(0, begin) === true ? 0 : begin;
  if (end === undefined || dims.atLeast(first, 0) !== true || dims.atLeast(end, dims.add(first, 1)) !== true) return undefined;
  return { start: first, count: dims.ceilDiv(dims.sub(end, first), step) };
}

const least = (a: Dim, b: Dim): Dim | undefined => (dims.atLeast(a, b) === true ? b : dims.atLeast(b, a) === true ? a : undefined);

/** Statements that write the padding. */
export const fillLoops = ({ fill }: Staged, pool: ExprPool): readonly Stmt[] => (fill ? wholly(fill, [], pool) : []);

/** Statements that compute the operand, inside the loop over images. */
export const stagingLoops = ({ copy, images }: Staged, outside: readonly LoopVar[], pool: ExprPool): readonly Stmt[] => wholly(copy, images ? [...outside, images.loop] : outside, pool);

function wholly(store: StoreSpec, open: readonly LoopVar[], pool: ExprPool): readonly Stmt[] {
  const along = store.domain.at(-1)!;
  const shapes = new Map<string, LoopShape>(strideOf(store.index, along) === 1 ? [[along.name, { lanes, copies: mostVectors, overlap: true }]] : []);
  const loops = schedule([{ ...store, domain: [...open, ...store.domain] }], pool, shapes, { open, whole: true, order: store.domain.map((v) => v.name) });
  if (typeof loops === "string") throw new Error(`internal: a copy has no loops: ${loops}`);
  return loops;
}

/** Vectors that a step of a copy moves. */
const mostVectors = 4;
