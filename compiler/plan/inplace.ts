import { dims, type Dim } from "../../ir/types/index.ts";
import type { Expr, Index, Kernel, LoopStmt, Stmt } from "../loops/ir.ts";
import { forEachExpr } from "../loops/pool.ts";
import { rootsOf } from "../loops/statements.ts";

/**
 * Whether a kernel may write over what it reads: a proof about its loops that no element is overwritten before it
 * has been read for the last time.
 */

/** Whether arguments `read` and `write` of a kernel may be the same memory. Both have the same dtype and size. */
export function mayAlias(kernel: Kernel, read: number, write: number): boolean {
  let known = answers.get(kernel);
  if (!known) answers.set(kernel, (known = new Map()));
  const key = `${read} ${write}`;
  let answer = known.get(key);
  if (answer === undefined) known.set(key, (answer = prove(kernel, read, write)));
  return answer;
}

const answers = new WeakMap<Kernel, Map<string, boolean>>();

function prove(kernel: Kernel, read: number, write: number): boolean {
  if (kernel.sort || kernel.args[read].access !== "read" || kernel.args[write].access === "read" || kernel.args[write].scratch) return false;
  const { loads, stores } = accesses(kernel.body, read, write);
  // many invocations of a GPU run at once: each may only write over what it alone has read, the very same element
  if (kernel.grid && (kernel.grid.kind === "groups" || kernel.grid.kind === "chain" || !stores.every((s) => loads.every((l) => l.index.key === s.index.key)))) return false;
  const known = new Map<string, Separation>();
  return stores.every((s) => loads.every((l) => isRespected(l, s, known)));
}

/** A load or a store, with where it is: the loops around it, and its statement's place in the innermost list. */
interface Access {
  readonly index: Index;
  readonly loops: readonly { readonly loop: LoopStmt; readonly at: number; readonly list: readonly Stmt[] }[];
  readonly at: number;
  readonly list: readonly Stmt[];
}

function accesses(body: readonly Stmt[], read: number, write: number): { loads: Access[]; stores: Access[] } {
  const loads: Access[] = [], stores: Access[] = [];
  const walk = (list: readonly Stmt[], loops: Access["loops"]): void => {
    for (const [at, s] of list.entries()) {
      if (s.kind === "loop") { walk(s.body, [...loops, { loop: s, at, list }]); continue; }
      forEachExpr(rootsOf(s), (e) => { if (e.kind === "load" && e.arg === read) loads.push({ index: e.index, loops, at, list }); });
      if (s.kind === "store" && s.arg === write) stores.push({ index: s.index, loops, at, list });
    }
  };
  walk(body, []);
  return { loads, stores };
}

/**
 * Whether every element that the load reads is still the old one: in one run of the loops around both, the load comes
 * first (or is part of the store's own value), or the two are different elements; and they are in different runs.
 */
function isRespected(load: Access, store: Access, known: Map<string, Separation>): boolean {
  let depth = 0;
  while (depth < load.loops.length && depth < store.loops.length && load.loops[depth].loop === store.loops[depth].loop) depth++;
  const shared = load.loops.slice(0, depth).map((x) => x.loop);
  const l = load.loops[depth] ?? load, s = store.loops[depth] ?? store;
  // two statements of the kernel itself, or in loops that are: the first is done before the second begins
  if (depth === 0 && l.at < s.at) return true;
  // the rest of an unrolled loop goes on where the loop before it stopped: runs of one loop, told in two pieces
  const main = store.loops[depth]?.loop, rest = load.loops[depth]?.loop;
  const isRest = main && rest && rest.resume && main.var.name === rest.var.name && s.at < l.at && s.list.slice(s.at + 1, l.at).every((x) => x.kind !== "loop" || (x.resume && x.var.name === main.var.name));
  // copies of an unrolled loop ask the same question again and again
  const question = [loopNames(load), loopNames(store), depth, isRest, termsKey(load.index), termsKey(store.index), dims.sub(load.index.offset, store.index.offset)].join("|");
  let apart = known.get(question);
  if (!apart) known.set(question, (apart = separation(isRest ? [...shared, main] : shared, load, store, isRest ? main : undefined)));
  if (apart.runs && (l.at <= s.at || isRest || apart.inOneRun)) return true;
  return neverMeet(load, store);
}

/**
 * Whether two accesses in different loops never touch the same element: within one step of a stride that both go in
 * steps of (a row, say), one stays below the other.
 */
function neverMeet(load: Access, store: Access): boolean {
  const isWhole = (d: Dim, stride: Dim): boolean => d === 0 || dims.divExact(d, stride) !== undefined;
  return load.index.terms.some(({ stride }) => {
    if (dims.atLeast(stride, 2) !== true) return false;
    const [a, b] = [load, store].map((access) => {
      const terms = access.index.terms.filter((t) => !isWhole(t.stride, stride));
      const range = within({ ...access, index: { ...access.index, terms } }, []);
      const offset = isWhole(access.index.offset, stride) ? 0 : access.index.offset;
      return range && access.index.terms.every(({ atom }) => atom.kind === "var") ? { low: dims.add(range.low, offset), high: dims.add(range.high, offset) } : undefined;
    });
    const fits = (x: { low: Dim; high: Dim }): boolean => dims.atLeast(x.low, 0) === true && dims.atLeast(dims.sub(stride, 1), x.high) === true;
    const isBelow = (x: { high: Dim }, y: { low: Dim }): boolean => dims.atLeast(dims.sub(y.low, 1), x.high) === true;
    return a !== undefined && b !== undefined && fits(a) && fits(b) && (isBelow(a, b) || isBelow(b, a));
  });
}

const loopNames = ({ loops }: Access): string => loops.map(({ loop, at }) => `${loop.var.name}@${at}`).join(",");
const termsKey = ({ terms, key }: Index): string => (terms.every(({ atom }) => atom.kind === "var") ? terms.map(({ atom, stride }) => `${stride}*${atom.kind === "var" ? atom.var.name : ""}`).join("+") : key);

interface Separation {
  readonly runs: boolean;
  readonly inOneRun: boolean;
}

/**
 * Whether what the load and the store touch differs: for any two different runs of the loops, and in one run.
 *
 * Both indices step equally along each loop, so the distance of two elements is `Σ strideₖ·uₖ + rest`: uₖ is how far
 * apart the runs are along loop k, plus a lane, the whole strides that the offsets differ by (unrolled copies). What
 * remains of the indices within a run adds less than `reach`. As runs are whole steps apart and lanes are less than a
 * step, uₖ is 0 only for the same run and lane. So the elements differ, as numbers in a mixed radix do, if each stride
 * is greater than all that smaller ones and the reach can cover together.
 */
function separation(loops: readonly LoopStmt[], load: Access, store: Access, rest?: LoopStmt): Separation {
  const a = within(load, loops), b = within(store, loops);
  if (!a || !b) return { runs: false, inOneRun: false };
  const digits: Digit[] = [];
  for (const loop of loops) {
    const stride = strideAlong(load.index, loop);
    if (stride !== strideAlong(store.index, loop)) return { runs: false, inOneRun: false };
    // runs of one loop begin at multiples of its step; what another loop left over begins anywhere behind them
    const isAhead = loop === rest, furthest = dims.sub(loop.var.extent, isAhead ? 1 : loop.step);
    if (loop.var.extent !== 1) digits.push({ stride: magnitude(stride), furthest, step: loop.step, ahead: isAhead ? (isNegative(stride) ? -1 : 1) : 0 });
  }
  const offset = dims.sub(load.index.offset, store.index.offset);
  // how far the end of what one touches reaches past the beginning of what the other does, both ways
  const reaches = (rest: Dim): Dim[] => [dims.sub(dims.add(rest, a.high), b.low), dims.sub(dims.sub(b.high, rest), a.low)];
  const isBefore = reaches(offset).some((reach) => dims.atLeast(0, dims.add(reach, 1)) === true);

  const sorted = ascending(digits), lanes = sorted && lanesOf(offset, sorted);
  if (!lanes) return { runs: false, inOneRun: isBefore };
  const runs = reaches(lanes.rest).every((reach) => isMixedRadix(sorted, lanes.of, reach));
  return { runs, inOneRun: isBefore || (runs && lanes.of.some((lane) => lane !== 0)) };
}

/** A loop, as a digit of an index. */
interface Digit {
  readonly stride: Dim;
  /** The most that two runs can be apart along it. */
  readonly furthest: Dim;
  readonly step: number;
  /** 1 where the load's run is at least a step ahead of the store's, −1 where its index is behind for that; else 0. */
  readonly ahead: number;
}

const negate = (d: Dim): Dim => dims.mul(d, -1);
const isNegative = (d: Dim): boolean => dims.atLeast(d, 0) === false;
const magnitude = (d: Dim): Dim => (isNegative(d) ? negate(d) : d);

function strideAlong(index: Index, loop: LoopStmt): Dim {
  return index.terms.find(({ atom }) => atom.kind === "var" && atom.var.name === loop.var.name)?.stride ?? 0;
}

/** Bounds of what an index adds, in one run of `loops`, to its offset and its steps along them; undefined where unknown. */
function within({ index, loops: around }: Access, loops: readonly LoopStmt[]): { low: Dim; high: Dim } | undefined {
  let low: Dim = 0, high: Dim = 0;
  for (const { atom, stride } of index.terms) {
    if (atom.kind !== "var") return undefined;
    const { name } = atom.var;
    const outer = loops.find((l) => l.var.name === name), inner = around.find(({ loop }) => loop.var.name === name)?.loop;
    if (!inner) return undefined;
    // a vector touches its lanes in one run; a loop inside stops a step short of its extent
    const width = outer ? outer.lanes - 1 : dims.add(dims.sub(inner.var.extent, inner.step), inner.lanes - 1);
    if (isNegative(stride)) low = dims.add(low, dims.mul(stride, width));
    else high = dims.add(high, dims.mul(stride, width));
  }
  return { low, high };
}

/** Digits by stride, the smallest first; undefined where symbolic strides cannot be compared. */
function ascending(digits: readonly Digit[]): Digit[] | undefined {
  const left = [...digits], sorted: Digit[] = [];
  while (left.length > 0) {
    const next = left.findIndex((d) => left.every((o) => dims.atLeast(o.stride, d.stride) === true));
    if (next < 0) return undefined;
    sorted.push(...left.splice(next, 1));
  }
  return sorted;
}

/** An offset as whole strides (fewer than a step of each loop) and a rest, the largest stride first. */
function lanesOf(offset: Dim, digits: readonly Digit[]): { of: number[]; rest: Dim } {
  const of = new Array<number>(digits.length).fill(0);
  let rest = offset;
  for (let k = digits.length - 1; k >= 0 && rest !== 0; k--) {
    const { stride, step } = digits[k];
    const lane = nearestLane(rest, stride, step);
    of[k] = lane;
    rest = dims.sub(rest, dims.mul(stride, lane));
  }
  return { of, rest };
}

/** How many strides bring the rest closest to 0. A symbolic stride is taken out where that leaves a number. */
function nearestLane(rest: Dim, stride: Dim, step: number): number {
  if (typeof rest === "number" && typeof stride === "number") {
    const lane = stride === 0 ? 0 : Math.round(rest / stride);
    return Math.abs(lane) < step ? lane : 0;
  }
  for (let lane = 1 - step; lane < step; lane++) if (typeof dims.sub(rest, dims.mul(stride, lane)) === "number") return lane;
  return 0;
}

function isMixedRadix(digits: readonly Digit[], lanes: readonly number[], reach: Dim): boolean {
  let span = reach;
  for (const [k, { stride, furthest, step, ahead }] of digits.entries()) {
    const lane = Math.abs(lanes[k]);
    if (lane === 0 && furthest === 0) continue;
    // the least distance but 0 along this loop
    const least = ahead !== 0 ? step + ahead * lanes[k] : lane === 0 ? step : Math.min(lane, step - lane);
    if (dims.atLeast(dims.mul(stride, least), dims.add(span, 1)) !== true) return false;
    span = dims.add(span, dims.mul(stride, ahead !== 0 ? furthest : dims.add(furthest, lane)));
  }
  return true;
}
