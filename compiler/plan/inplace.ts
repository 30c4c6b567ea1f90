import { dims, type Dim } from "../../ir/types/index.ts";
import type { Expr, Index, Kernel, LoopStmt, Stmt } from "../loops/ir.ts";
import { forEachExpr } from "../loops/pool.ts";

/**
 * Whether a kernel may write over what it reads: a proof about its loops that no element is overwritten before it
 * has been read for the last time.
 */

/** Whether arguments `read` and `write` of a kernel may be the same memory. Both have the same dtype and size. */
export function mayAlias(kernel: Kernel, read: number, write: number): boolean {
  if (kernel.sort || kernel.args[read].access !== "read" || kernel.args[write].access === "read") return false;
  const { loads, stores } = accesses(kernel.body, read, write);
  return stores.every((s) => loads.every((l) => isRespected(l, s)));
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

/** The expressions a statement evaluates, those that indices are read from among them. */
function rootsOf(s: Exclude<Stmt, LoopStmt>): Expr[] {
  switch (s.kind) {
    case "acc": return [];
    case "let": case "fold": return [s.value];
    case "foldArg": case "store": return [s.value, { kind: "index", dtype: "i32", index: s.index }];
  }
}

/**
 * Whether every element that the load reads is still the old one. In one run of the loops around both, the load comes
 * first, or is part of the store's own value; and different runs touch different elements.
 */
function isRespected(load: Access, store: Access): boolean {
  let depth = 0;
  while (depth < load.loops.length && depth < store.loops.length && load.loops[depth].loop === store.loops[depth].loop) depth++;
  const shared = load.loops.slice(0, depth).map((x) => x.loop);
  const l = load.loops[depth] ?? load, s = store.loops[depth] ?? store;
  if (l.at <= s.at) return areApart(shared, load.index, store.index);
  // the rest of an unrolled loop goes on where the loop before it stopped: runs of one loop, told in two pieces
  const main = store.loops[depth]?.loop, rest = load.loops[depth]?.loop;
  const isRest = main && rest && rest.resume && main.var.name === rest.var.name && s.list.slice(s.at + 1, l.at).every((x) => x.kind !== "loop");
  return isRest ? areApart([...shared, main], load.index, store.index) : false;
}

/**
 * Whether, for any two different runs of the loops, what one run loads is none of what the other stores.
 *
 * Both indices step equally along each loop. What remains of an index, within one run, lies in an interval. If each
 * loop's step is greater than all that the loops of smaller steps, and the intervals, can cover together, then no two
 * runs meet: a number in a mixed radix.
 */
function areApart(loops: readonly LoopStmt[], load: Index, store: Index): boolean {
  const steps: Step[] = [];
  const a = within(load, loops), b = within(store, loops);
  if (!a || !b) return false;
  for (const loop of loops) {
    const stride = strideAlong(load, loop), other = strideAlong(store, loop);
    if (stride !== other) return false;
    steps.push({ stride: magnitude(stride), loop });
  }
  const offset = dims.sub(load.offset, store.offset);
  // how far the end of one interval may reach past the beginning of the other, both ways
  const reaches = [dims.add(dims.add(offset, a.high), negate(b.low)), dims.add(dims.sub(b.high, offset), negate(a.low))];
  return reaches.every((reach) => isMixedRadix(steps, reach));
}

interface Step {
  readonly stride: Dim;
  readonly loop: LoopStmt;
}

const negate = (d: Dim): Dim => dims.mul(d, -1);
const isNegative = (d: Dim): boolean => dims.atLeast(d, 0) === false;
const magnitude = (d: Dim): Dim => (isNegative(d) ? negate(d) : d);

function strideAlong(index: Index, loop: LoopStmt): Dim {
  return index.terms.find(({ atom }) => atom.kind === "var" && atom.var.name === loop.var.name)?.stride ?? 0;
}

/** Bounds of what an index adds to its offset and its steps along `loops`; undefined where they are not known. */
function within(index: Index, loops: readonly LoopStmt[]): { low: Dim; high: Dim } | undefined {
  let low: Dim = 0, high: Dim = 0;
  for (const { atom, stride } of index.terms) {
    if (atom.kind !== "var") return undefined;
    const loop = loops.find((l) => l.var.name === atom.var.name);
    // a vector loads its lanes in one run
    const span = dims.mul(stride, loop ? loop.lanes - 1 : dims.sub(atom.var.extent, 1));
    if (isNegative(stride)) low = dims.add(low, span);
    else high = dims.add(high, span);
  }
  return { low, high };
}

function isMixedRadix(steps: readonly Step[], reach: Dim): boolean {
  const left = [...steps].filter(({ loop }) => loop.var.extent !== 1);
  let span = reach;
  while (left.length > 0) {
    // the smallest stride that is left, where symbolic strides can be compared
    const next = left.findIndex(({ stride }) => left.every((o) => dims.atLeast(o.stride, stride) === true));
    if (next < 0) return false;
    const [{ stride, loop }] = left.splice(next, 1);
    if (dims.atLeast(dims.mul(stride, loop.step), dims.add(span, 1)) !== true) return false;
    span = dims.add(span, dims.mul(stride, dims.sub(loop.var.extent, 1)));
  }
  return true;
}
