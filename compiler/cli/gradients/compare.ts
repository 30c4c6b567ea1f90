import { emitOne, reachable, type GraphFunction, type Value } from "../../../ir/graph/index.ts";
import { interpret, type NdArray } from "../../../ir/interpret/index.ts";
import { expandDerivatives } from "../../autodiff/index.ts";
import { substitute } from "../../autodiff/rewrite.ts";
import { nameOf, type Site } from "./sites.ts";

/** One entry of a derivative: what the model says, and what differences measure. */
export interface Entry {
  readonly index: readonly number[];
  readonly derived: number;
  readonly measured: number;
  readonly error: number;
  readonly relative: number;
  readonly isRight: boolean;
}

/** What came of the derivative by one value. */
export interface Comparison {
  readonly name: string;
  readonly checked: number;
  readonly size: number;
  readonly maxError: number;
  readonly maxRelative: number;
  readonly worst: Entry | undefined;
  readonly failures: number;
  /** Entries at a corner (of a relu, a max), where either one-sided derivative is right. */
  readonly corners: number;
}

export interface CompareOptions {
  readonly inputs: Readonly<Record<string, NdArray>>;
  readonly variables: Readonly<Record<string, NdArray>>;
  /** Relative error that passes. */
  readonly tolerance: number;
  /** Entries to look at of each value, chosen by `uniform`. */
  readonly samples: number;
  readonly uniform: () => number;
}

/** Named results of a run. */
type Outputs = Readonly<Record<string, NdArray>>;

/**
 * Checks the derivatives of one site against central differences, both through the reference interpreter, in
 * double precision.
 *
 * What is measured is the differentiated graph without its `stopGradient`s: they are held at their values, as the
 * derivative holds them. The value a derivative is taken by may be anything; the graph is cut there.
 */
export function compareSite(site: Site, options: CompareOptions): Comparison[] {
  const stops = reachable(site.ys).filter((node) => node.op === "stopGradient").flatMap((node) => node.outputs);
  const base = runner(expanded(site, { d: site.derivatives, w: site.wrt, s: site.seeds, stop: stops }), options)({});
  const held = stops.map((v, i) => emitOne("input", [], { name: `stop${i}`, type: v.type }));
  const heldAt = Object.fromEntries(stops.map((_, i) => [`stop${i}`, base[`stop${i}`]]));

  // the differentiated graph: derivatives inside it expanded, each stopGradient an input
  const frozen = substitute([...site.ys, ...site.wrt], new Map(stops.map((v, i) => [v, held[i]])));
  const plain = expanded({ ...site, inputs: [...site.inputs, ...held] }, { y: frozen.slice(0, site.ys.length), w: frozen.slice(site.ys.length) });
  const results = plain.outputs.slice(0, site.ys.length).map((o) => o.value), places = plain.outputs.slice(site.ys.length).map((o) => o.value);

  /** The differentiated results as a function of some of the values that the derivative is taken by. */
  const cutAt = (which: readonly number[]): ((moved: readonly NdArray[]) => NdArray[]) => {
    const stands = which.map((i) => emitOne("input", [], { name: `cut${i}`, type: places[i].type }));
    const ys = substitute(results, new Map(which.map((i, k) => [places[i], stands[k]])));
    const call = runner({ ...plain, inputs: [...plain.inputs, ...stands], outputs: named("y", ys) }, options);
    return (moved) => {
      const out = call({ ...heldAt, ...Object.fromEntries(which.map((i, k) => [`cut${i}`, moved[k]])) });
      return ys.map((_, i) => out[`y${i}`]);
    };
  };

  const bases = site.wrt.map((_, i) => base[`w${i}`]), seeds = site.seeds.map((_, i) => base[`s${i}`]);
  if (site.op === "jvp") {
    const f = cutAt(site.wrt.map((_, i) => i));
    return site.ys.map((y, i) => compareTangent(nameOf(y), base[`d${i}`], (moved) => f(moved)[i], bases, seeds, options));
  }
  const weigh = (ys: readonly NdArray[]): number => (site.op === "grad" ? ys[0].data[0] : ys.reduce((sum, y, i) => sum + inner(y, seeds[i]), 0));
  return site.wrt.map((w, i) => {
    const f = cutAt([i]);
    return compareGradient(nameOf(w), base[`d${i}`], bases[i], (moved) => weigh(f([moved])), options);
  });
}

/** A gradient or cotangent, entry by entry. */
function compareGradient(name: string, derived: NdArray, at: NdArray, f: (moved: NdArray) => number, options: CompareOptions): Comparison {
  const size = at.data.length;
  const center = f(at);
  const entries = pick(size, options).map((i) => {
    const along = (step: number): number => {
      const data = Float64Array.from(at.data);
      data[i] += step;
      return f({ ...at, data });
    };
    return judge(indexOf(i, at.shape), derived.data[i], at.data[i], center, along, options.tolerance);
  });
  return summarise(name, size, entries);
}

/** A tangent: every entry of a result, along the one direction given. */
function compareTangent(name: string, derived: NdArray, f: (moved: readonly NdArray[]) => NdArray, bases: readonly NdArray[], tangents: readonly NdArray[], options: CompareOptions): Comparison {
  const known = new Map<number, NdArray>();
  const along = (step: number): NdArray => {
    let y = known.get(step);
    if (!y) known.set(step, (y = f(bases.map((x, i) => ({ ...x, data: x.data.map((v, k) => v + step * tangents[i].data[k]) })))));
    return y;
  };
  const { data, shape } = along(0);
  return summarise(name, data.length, pick(data.length, options).map((i) =>
    judge(indexOf(i, shape), derived.data[i], 0, data[i], (step) => along(step).data[i], options.tolerance)));
}

type Judged = Entry & { readonly isCorner: boolean };

/**
 * A central difference against the derivative. The step is the cube root of the machine epsilon, which balances
 * truncation (step² f‴/6) against cancellation (ε f/step). Where they disagree, smaller steps are tried: a corner may
 * lie near, or the function be steep. (Not so small that rounding would excuse what is wrong.) Where they still do,
 * the point may be on a corner: one-sided slopes that differ, with the derivative between them.
 */
function judge(index: readonly number[], derived: number, x: number, center: number, along: (step: number) => number, tolerance: number): Judged {
  let first: Entry | undefined, isCorner = false;
  for (const shrink of [1, 1e-2, 1e-4]) {
    const step = shrink * Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(x));
    if (first && noise(center, step) > tolerance * Math.max(Math.abs(derived), Math.abs(first.measured))) break;
    const up = along(step), down = along(-step);
    const entry = scored(index, derived, (up - down) / (2 * step), center, step, tolerance);
    if (entry.isRight) return { ...entry, isCorner: false };
    first ??= entry;
    const right = (up - center) / step, left = (center - down) / step;
    const slack = (Math.abs(right) + Math.abs(left)) * tolerance + noise(center, step);
    isCorner = Math.abs(right - left) > 1e3 * step * (1 + Math.abs(right) + Math.abs(left)) &&
      derived >= Math.min(left, right) - slack && derived <= Math.max(left, right) + slack;
  }
  return isCorner ? { ...first!, error: 0, relative: 0, isRight: true, isCorner } : { ...first!, isCorner };
}

/** What rounding alone may do to a difference. */
const noise = (center: number, step: number): number => (8 * Number.EPSILON * Math.max(1, Math.abs(center))) / step;

/** The relative error is against the derivative and what rounding alone may do, so that it means something at a derivative of 0 too. */
function scored(index: readonly number[], derived: number, measured: number, center: number, step: number, tolerance: number): Entry {
  const error = Math.abs(derived - measured);
  const relative = error === 0 ? 0 : error / (Math.max(Math.abs(derived), Math.abs(measured)) + noise(center, step) / tolerance);
  return { index, derived, measured, error, relative, isRight: relative <= tolerance };
}

function summarise(name: string, size: number, entries: readonly Judged[]): Comparison {
  let worst: Judged | undefined;
  // NaN is worse than any number, and one compares with nothing
  const badness = (e: Entry): number => (Number.isNaN(e.error) ? Infinity : e.isRight ? e.error : 1e300 * e.error);
  for (const e of entries) if (!worst || badness(e) > badness(worst)) worst = e;
  const largest = (of: (e: Entry) => number): number => entries.reduce((m, e) => (Number.isNaN(m) || Number.isNaN(of(e)) ? NaN : Math.max(m, of(e))), 0);
  return {
    name, size, checked: entries.length, worst,
    maxError: largest((e) => e.error), maxRelative: largest((e) => e.relative),
    failures: entries.filter((e) => !e.isRight).length, corners: entries.filter((e) => e.isCorner).length,
  };
}

/** Linear positions to look at: all of a small array, else a random choice with the ends. */
function pick(size: number, { samples, uniform }: CompareOptions): number[] {
  if (size <= samples) return Array.from({ length: size }, (_, i) => i);
  const chosen = new Set([0, size - 1]);
  while (chosen.size < samples) chosen.add(Math.floor(uniform() * size));
  return [...chosen].sort((a, b) => a - b);
}

function indexOf(linear: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const size of [...shape].reverse()) {
    index.unshift(linear % size);
    linear = Math.floor(linear / size);
  }
  return index;
}

const inner = (a: NdArray, b: NdArray): number => a.data.reduce((sum, x, i) => sum + x * b.data[i], 0);
const named = (prefix: string, values: readonly Value[]): { name: string; value: Value }[] => values.map((value, i) => ({ name: `${prefix}${i}`, value }));

/** A function of the site that returns groups of values, `d0, d1, …, w0, …`, free of derivatives. */
const expanded = (site: Pick<Site, "op" | "inputs">, groups: Readonly<Record<string, readonly Value[]>>): GraphFunction =>
  expandDerivatives({ name: site.op, inputs: site.inputs, updates: [], outputs: Object.entries(groups).flatMap(([prefix, values]) => named(prefix, values)) });

/** Runs a function on the inputs and variables of the check, and further inputs. */
const runner = (fn: GraphFunction, { inputs, variables }: CompareOptions) => (more: Readonly<Record<string, NdArray>>): Readonly<Record<string, NdArray>> =>
  interpret(fn, { inputs: { ...inputs, ...more }, variables }).outputs;
