import { identityOf } from "../../../ir/ops/index.ts";
import { dims, type Dim } from "../../../ir/types/index.ts";
import { highest, visitIndex } from "../affine.ts";
import type { Computation } from "../builder.ts";
import type { Expr, Index, LoopStmt, LoopVar, Stmt, StoreSpec, Test } from "../ir.ts";
import { schedule } from "../schedule.ts";
import { checksIndices, loadsIn, loopOver, nested } from "../statements.ts";
import { pointsOf, typical } from "./folds.ts";
import { scratchStore } from "./split.ts";
import { sortScratch } from "./sort.ts";
import { lanes, vectorsOfGrid } from "./vectors.ts";

/** Updates from which on it is worth sorting them, and those of a sorted row that one invocation combines at most. */
const manyUpdates = 512, chunk = 64;
/** What is left of the 8 buffers of a kernel, after the result, the places, the order and the carries. */
const mostBuffers = 4;

/**
 * The updates of a scatter by sorted segments: the places that they go to are sorted, with the updates' own positions,
 * so that all for one element follow each other, in their order. Whoever stands at the first of a segment combines it and
 * stores once. Of a segment that is longer than a chunk, every further chunk has been combined before by an invocation
 * of its own. The order is the same every time, and no update is looked at by anyone whom it does not concern.
 * (Segmented reduction: Blelloch, "Prefix Sums and Their Applications", 1990, section 1.5.)
 *
 * Stages: the places, their sort, the chunks that go on with a segment, the segments. False where there are few updates,
 * or they take too many buffers, or nothing is known of how far their places go.
 */
export function segmentStages(store: StoreSpec, plain: readonly LoopVar[], ordered: readonly LoopVar[], c: Computation): boolean {
  const places = placesOf(store, plain, c);
  if (typical(pointsOf(ordered)) < manyUpdates || !places || buffersOf(store.value) > mostBuffers) return false;
  new Segments(store, plain, ordered, places, c).stage();
  return true;
}

/** Buffers that reading an update takes: with one where an index of its own that is out of range is noted. */
function buffersOf(update: Expr): number {
  const body: readonly Stmt[] = [{ kind: "let", name: "update", value: update }];
  return new Set(loadsIn(body).map((e) => e.arg)).size + Number(checksIndices(body));
}

/** Where updates go: the part of their index that is not the loops' own, in units of its stride. */
interface Places {
  readonly at: Index;
  readonly unit: Dim;
  readonly count: Dim;
  /** What is stepped through plainly, and where that begins. */
  readonly rest: Index;
}

function placesOf({ index }: StoreSpec, plain: readonly LoopVar[], { pool: { index: ix } }: Computation): Places | undefined {
  const isPlain = ({ atom }: Index["terms"][number]): boolean => atom.kind === "var" && plain.some((v) => v.name === atom.var.name);
  const terms = index.terms.filter((t) => !isPlain(t));
  const unit = terms.map((t) => t.stride).find((s) => terms.every((t) => dims.divExact(t.stride, s) !== undefined)) ?? 1;
  const sum = (list: Index["terms"], by: (stride: Dim) => Dim): Index => ix.add(ix.constant(0), ...list.map(({ atom, stride }) => ix.scale(ix.ofAtom(atom), by(stride))));
  const at = sum(terms, (s) => dims.divExact(s, unit)!), top = highest(at);
  return top === undefined ? undefined : { at, unit, count: dims.add(top, 1), rest: ix.shift(sum(index.terms.filter(isPlain), (s) => s), index.offset) };
}

class Segments {
  private readonly store: StoreSpec;
  private readonly ordered: readonly LoopVar[];
  private readonly places: Places;
  private readonly c: Computation;
  /** Loops of which each iteration has places of its own, and those that have all of them in common. */
  private readonly lines: readonly LoopVar[];
  private readonly windows: readonly LoopVar[];
  private readonly length: Dim;
  private readonly chunks: Dim;
  private readonly sorted: number;
  private readonly positions: number;

  constructor(store: StoreSpec, plain: readonly LoopVar[], ordered: readonly LoopVar[], places: Places, c: Computation) {
    const named = new Set<string>();
    visitIndex(places.at, (v) => named.add(v.name), (e) => { for (const name of c.pool.freeVars(e).keys()) named.add(name); });
    this.lines = plain.filter((v) => named.has(v.name));
    this.windows = plain.filter((v) => !named.has(v.name));
    this.store = store;
    this.ordered = ordered;
    this.places = places;
    this.c = c;
    this.length = pointsOf(ordered);
    this.chunks = dims.ceilDiv(this.length, chunk);
    const size = dims.mul(pointsOf(this.lines), this.length);
    this.sorted = c.scratch("places", "i32", size);
    this.positions = c.scratch("order", "i32", size);
  }

  stage(): void {
    this.sort();
    if (this.store.mode === "set") this.last();
    else this.segments(this.carries());
  }

  private sort(): void {
    const { c, places: { at } } = this, domain = [...this.lines, ...this.ordered];
    const { spec } = scratchStore(c.pool.make({ kind: "index", dtype: "i32", index: at }), domain, c);
    const body = schedule([spec], c.pool);
    if (typeof body === "string") throw new Error(`internal: ${body}`);
    this.threads(domain, body);
    const sort = { outer: pointsOf(this.lines), length: this.length, inner: 1, descending: false };
    const others = sortScratch(sort, "i32").map((s) => c.scratch(s.name, "i32", s.size));
    c.stage({ sort, args: [spec.arg, this.sorted, this.positions, ...others] });
  }

  /** An invocation for each point: for four of the innermost window, where what is combined and stored there are vectors. */
  private combining(domain: readonly LoopVar[], stores: readonly StoreSpec[], body: readonly Stmt[]): void {
    const isVector = this.windows.length > 0 && stores.every((s) => s.value.dtype !== "bool") && vectorsOfGrid(stores, this.c.pool).size > 0;
    this.threads(domain, isVector ? nested(domain.slice(0, -1), [{ ...loopOver(domain.at(-1)!, body), step: lanes, lanes }]) : nested(domain, body));
  }

  private threads(over: readonly LoopVar[], body: readonly Stmt[]): void {
    this.c.stage({ body, grid: { kind: "threads", over: over.map((v) => v.name), size: 64 } });
  }

  // ---- what there is at a rank: a position in the sorted order

  private load(arg: number, rank: Index): Expr {
    const { index: ix } = this.c.pool, at = ix.linear([...this.lines.map((v) => ix.variable(v)), rank], [...this.lines.map((v) => v.extent), this.length]);
    return this.c.pool.make({ kind: "load", dtype: "i32", arg, index: at });
  }

  private place(rank: Index): Index { return this.known(this.load(this.sorted, rank)); }

  private known(place: Expr): Index { return this.c.pool.index.data(place, this.places.count); }

  /** The update whose place this is. */
  private update(rank: Index): Expr {
    const { pool } = this.c, position = pool.index.data(this.load(this.positions, rank), this.length);
    const at = pool.index.delinear(position, this.ordered.map((v) => v.extent));
    return pool.substitute(this.store.value, new Map(this.ordered.map((v, k) => [v.name, at[k]])));
  }

  /** Where updates of a place are stored. */
  private target(place: Index): Index { return this.c.pool.index.add(this.places.rest, this.c.pool.index.scale(place, this.places.unit)); }

  private isSame(a: Index, b: Index): Test { return { index: this.minus(a, b), low: 0, high: 1, step: 1 }; }
  private isLess(a: Index, b: Index): Test { return { index: this.minus(b, a), low: 1, high: dims.add(this.places.count, 1), step: 1 }; }
  private isRank(rank: Index): Test { return { index: rank, low: 0, high: this.length, step: 1 }; }
  private minus(a: Index, b: Index): Index { return this.c.pool.index.add(a, this.c.pool.index.scale(b, -1)); }

  // ---- combining

  private get reducer(): Exclude<StoreSpec["mode"], "set"> { return this.store.mode as Exclude<StoreSpec["mode"], "set">; }

  private acc(name: string): Stmt {
    const { dtype } = this.store.value, { reducer } = this;
    // adding −0 changes nothing, not even −0
    return { kind: "acc", name, dtype, init: reducer === "sum" && dtype === "f32" ? -0 : identityOf(reducer, dtype) };
  }

  private fold(name: string, value: Expr): Stmt { return { kind: "fold", name, dtype: value.dtype, reducer: this.reducer, value }; }

  private whileLoop(prefix: string, extent: Dim, body: (i: Index) => { while: readonly Test[]; body: readonly Stmt[] }): LoopStmt {
    const v: LoopVar = { name: this.c.pool.freshName(prefix), extent };
    return { ...loopOver(v, []), parallel: false, ...body(this.c.pool.index.variable(v)) };
  }

  /** A binding of an i32, and the place that it is. */
  private bind(prefix: string, value: Expr): { let: Stmt; place: Index } {
    const name = this.c.pool.freshName(prefix);
    return { let: { kind: "let", name, value }, place: this.known(this.c.pool.make({ kind: "ref", dtype: "i32", name })) };
  }

  /** Of each chunk that goes on with a segment, what it adds to that; the carry of a chunk at given windows. */
  private carries(): (of: Index) => Expr {
    const { c, windows, lines } = this, { pool } = c, { index: ix } = pool, { dtype } = this.store.value;
    const v: LoopVar = { name: pool.freshName("chunk"), extent: this.chunks }, start = ix.scale(ix.variable(v), chunk);
    const sum = pool.freshName("sum"), { spec, load } = scratchStore(pool.make({ kind: "ref", dtype, name: sum }), [...lines, v, ...windows], c);
    const before = this.bind("before", this.load(this.sorted, ix.shift(start, -1)));
    const step = this.whileLoop("step", chunk, (i) => {
      const rank = ix.add(start, i);
      return { while: [{ index: ix.variable(v), low: 1, high: this.chunks, step: 1 }, this.isRank(rank), this.isSame(this.place(rank), before.place)], body: [this.fold(sum, this.update(rank))] };
    });
    const store: Stmt = { kind: "store", arg: spec.arg, index: spec.index, value: spec.value, mode: "set" };
    this.combining(spec.domain, [{ ...spec, value: this.update(start) }], [before.let, this.acc(sum), step, store]);
    return (of) => pool.substitute(load, new Map([[v.name, of]]));
  }

  private segments(carry: (of: Index) => Expr): void {
    const { c, lines, windows, store } = this, { pool } = c, { index: ix } = pool, { dtype } = store.value;
    const v: LoopVar = { name: pool.freshName("rank"), extent: this.length }, rank = ix.variable(v), sum = pool.freshName("sum");
    const mine = this.bind("mine", this.load(this.sorted, rank)), previous = ix.shift(rank, -1);
    // one more than the place before, so that there is one before the first
    const before = this.bind("before", pool.make({
      kind: "guard", dtype: "i32", tests: [this.isRank(previous)],
      inside: pool.make({ kind: "index", dtype: "i32", index: ix.shift(this.place(previous), 1) }), outside: pool.make({ kind: "const", dtype: "i32", value: 0 }),
    }));
    const isFirst = this.isLess(ix.shift(before.place, -1), mine.place);
    const step = this.whileLoop("step", chunk, (i) => {
      const at = ix.add(rank, i), inChunk: Test = { index: ix.add(ix.mod(rank, chunk), i), low: 0, high: chunk, step: 1 };
      return { while: [isFirst, inChunk, this.isRank(at), this.isSame(this.place(at), mine.place)], body: [this.fold(sum, this.update(at))] };
    });
    const further = this.whileLoop("further", this.chunks, (i) => {
      const of = ix.add(ix.div(rank, chunk), i, ix.constant(1)), first = ix.scale(of, chunk);
      return { while: [isFirst, this.isRank(first), this.isSame(this.place(first), mine.place)], body: [this.fold(sum, carry(of))] };
    });
    const domain = [...lines, v, ...windows], index = this.target(mine.place);
    this.combining(domain, [{ ...store, domain, index, value: this.update(rank), mode: "set" }, { ...store, domain, index, value: carry(rank), mode: "set" }], [
      mine.let, before.let, this.acc(sum), step, further,
      { kind: "store", arg: store.arg, index, value: pool.make({ kind: "ref", dtype, name: sum }), mode: store.mode, only: [isFirst] },
    ]);
  }

  /** Of the updates of an element, the last one holds. */
  private last(): void {
    const { c, lines, windows, store } = this, { pool } = c, { index: ix } = pool;
    const v: LoopVar = { name: pool.freshName("rank"), extent: this.length }, rank = ix.variable(v), next = ix.shift(rank, 1);
    const mine = this.bind("mine", this.load(this.sorted, rank));
    // past the last place, so that there is one after the last
    const after = this.bind("after", pool.make({
      kind: "guard", dtype: "i32", tests: [this.isRank(next)],
      inside: this.load(this.sorted, next), outside: pool.make({ kind: "size", dtype: "i32", dim: this.places.count }),
    }));
    const domain = [...lines, v, ...windows], to = { arg: store.arg, index: this.target(mine.place), value: this.update(rank), mode: "set" } as const;
    this.combining(domain, [{ ...to, domain }], [mine.let, after.let, { kind: "store", ...to, only: [this.isLess(mine.place, after.place)] }]);
  }
}
