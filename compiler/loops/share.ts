import { dims, type Dim } from "../../ir/types/index.ts";
import type { Kernel, LoopStmt, Stmt } from "./ir.ts";
import { forEachStmt, loadsIn } from "./statements.ts";
import { workOf } from "./work.ts";

/**
 * How the threads of a target share a kernel: each takes a range of a parallel loop, in whole steps of that loop. So
 * every element is computed by the same instructions in the same order, however many threads there are, and has the
 * same bits.
 *
 * What a kernel keeps for itself (scratch) each thread has a copy of, and fills; but what parallel loops fill for later
 * ones is one for all.
 */
export interface Sharing {
  readonly segments: readonly Segment[];
  /** Scratch arguments of which each thread needs a copy. */
  readonly own: ReadonlySet<number>;
  /** Work of the loops that are shared. */
  readonly work: Dim;
}

/** Part of a kernel's body, in order. */
export interface Segment {
  readonly body: readonly Stmt[];
  /** The loops that may be shared, outermost first: one of them is. None: every thread runs all of it. */
  readonly levels: readonly Level[];
  /** It needs, or overwrites, what other threads do in the segments before it. */
  readonly waits: boolean;
}

/** A loop, in the pieces it is in: its unrolled steps and their rest, wherever it is repeated. */
export interface Level {
  readonly loops: readonly LoopStmt[];
  readonly extent: Dim;
  /** Ranges begin at multiples of this. */
  readonly unit: number;
  /** Units that are worth a thread. */
  readonly grain: number;
}

/** What each symbol counts for in an estimate. Affects what is shared, never what is computed. */
const typicalSize = 64;
const estimate = (d: Dim): number => dims.evaluate(d, Object.fromEntries(dims.symbolsOf(d).map((s) => [s, typicalSize])));

/** A kernel whose threads would all repeat more than this part of its work is not shared. */
const mostRepeated = 0.25;

/** How to share a kernel among threads of which each should have at least `grain` of work; undefined where it is best left to one. */
export function shareKernel(kernel: Kernel, grain: number): Sharing | undefined {
  if (kernel.sort) return undefined;
  const parts = partsOf(kernel.body);
  // what every thread runs writes nothing but its own scratch
  if (parts.some((p) => !p.shared && [...storesIn(p.body)].some((arg) => !kernel.args[arg].scratch))) return undefined;
  const work = workOf(parts.flatMap((p) => (p.shared ? p.body : [])));
  const repeated = workOf(parts.flatMap((p) => (p.shared ? [] : p.body)));
  if ((typeof work === "number" && work < 2 * grain) || estimate(repeated) > mostRepeated * estimate(work)) return undefined;

  const touched = parts.map((p) => touchedIn(p.body));
  const own = new Set<number>();
  for (const [arg, { scratch }] of kernel.args.entries()) {
    if (!scratch) continue;
    const fills = parts.filter((p, k) => p.shared && touched[k].stores.has(arg)), handedOn = touched.some((t) => t.loads.has(arg) && !t.stores.has(arg));
    if (fills.length === 0 || !handedOn) own.add(arg);
    else if (touched.some((t) => t.loads.has(arg) && t.stores.has(arg))) return undefined;
  }
  let since: Touched[] = [];
  const segments = parts.map((p, k): Segment => {
    const waits = since.some((before) => conflict(before, touched[k], own, kernel));
    since = waits ? [touched[k]] : [...since, touched[k]];
    return { body: p.body, levels: p.shared ? levelsOf(p.body as readonly LoopStmt[], workOf(p.body), grain) : [], waits };
  });
  return { segments, own, work };
}

interface Part {
  readonly body: Stmt[];
  readonly shared: boolean;
}

const isParallel = (s: Stmt): s is LoopStmt => s.kind === "loop" && s.parallel && !s.reverse;

/** A list of statements cut into parallel loops, each with its rest, and what is between them. */
function partsOf(body: readonly Stmt[]): Part[] {
  const parts: Part[] = [];
  for (const s of body) {
    const last = parts.at(-1);
    if (s.kind === "loop" && s.resume && last?.shared && s.parallel && s.var.name === (last.body[0] as LoopStmt).var.name) last.body.push(s);
    else if (isParallel(s) && !s.resume) parts.push({ body: [s], shared: true });
    else if (last && !last.shared) last.body.push(s);
    else parts.push({ body: [s], shared: false });
  }
  return parts;
}

/** A level of so many units is enough for any number of threads that gain: those inside need not be looked at. */
const enough = 32;

/** The loops of a nest as levels. Loops inside count where they are all there is: then every thread can run the outer ones whole. */
function levelsOf(loops: readonly LoopStmt[], work: Dim, grain: number): Level[] {
  const outer = levelOf(loops, work, grain), inside = loops.map((l) => partsOf(l.body)), first = inside[0][0]?.body[0];
  const isNest = first?.kind === "loop" && inside.every((parts) => parts.length === 1 && parts[0].shared && sameSteps(parts[0].body[0] as LoopStmt, first));
  if (!isNest || isAtLeast(outer, enough)) return [outer];
  const inner = levelsOf(inside.flatMap((parts) => parts[0].body as LoopStmt[]), work, grain);
  return typeof outer.extent === "number" && outer.extent <= outer.unit ? inner : [outer, ...inner];
}

const isAtLeast = ({ extent, unit }: Level, units: number): boolean => typeof extent === "number" && extent >= units * unit;

/** The level with the most units, by estimate: what is shared where none has plenty. */
export function longest(levels: readonly Level[]): number {
  const units = levels.map((l) => estimate(l.extent) / l.unit);
  return units.indexOf(Math.max(...units));
}

const sameSteps = (a: LoopStmt, b: LoopStmt): boolean => a.var.name === b.var.name && a.var.extent === b.var.extent && a.step === b.step;

function levelOf(loops: readonly LoopStmt[], work: Dim, grain: number): Level {
  const { var: { extent }, step: unit } = loops[0];
  // what is left over of another loop may be estimated to be nothing
  const each = Math.max(1, estimate(work) / Math.max(1, Math.ceil(estimate(extent) / unit)));
  return { loops, extent, unit, grain: Math.min(2 ** 31 - 1, Math.max(1, Math.ceil(grain / each))) };
}

interface Touched {
  readonly loads: ReadonlySet<number>;
  readonly stores: ReadonlySet<number>;
}

function touchedIn(body: readonly Stmt[]): Touched {
  const loads = new Set(loadsIn(body).map((e) => e.arg)), stores = storesIn(body);
  return { loads, stores };
}

function storesIn(body: readonly Stmt[]): Set<number> {
  const stores = new Set<number>();
  forEachStmt(body, (s) => { if (s.kind === "store") stores.add(s.arg); });
  return stores;
}

/**
 * Whether one part may write memory that the other touches. Arguments of equal type and size may be one buffer, updated
 * in place; what each thread has for itself is no other's.
 */
function conflict(a: Touched, b: Touched, own: ReadonlySet<number>, { args }: Kernel): boolean {
  const isSame = (x: number, y: number): boolean => x === y ? !own.has(x) : !args[x].scratch && !args[y].scratch && args[x].dtype === args[y].dtype && args[x].size === args[y].size;
  const meet = (xs: ReadonlySet<number>, ys: ReadonlySet<number>): boolean => [...xs].some((x) => [...ys].some((y) => isSame(x, y)));
  return meet(a.stores, b.loads) || meet(a.stores, b.stores) || meet(a.loads, b.stores);
}
