import { identityOf, type Reducer } from "../../ir/ops/index.ts";
import { dims, type Dim } from "../../ir/types/index.ts";
import type { Expr, Index, LoopVar, Stmt, StoreSpec } from "./ir.ts";
import { isFold, type Fold, type Reduce } from "./folds.ts";
import { holds } from "./guards.ts";
import { boundVars, forEachExpr, partsOf, type ExprPool } from "./pool.ts";
import { rootsOfStore } from "./roots.ts";

/**
 * From stores to loops.
 *
 * Every store and every fold says which loop variables must be open around it; a fold also says where its result
 * is complete. Opening variables one after another, and putting everything that needs the same one next into the
 * same loop, gives the loop nest: a softmax becomes a loop over rows with three loops in it, a loss with its
 * gradient one loop over the batch, an unrolled product sixteen accumulators in one loop over k.
 *
 * Returns the statements, or the reason why no such nest exists (then the caller fuses less).
 */
export function schedule(stores: readonly StoreSpec[], pool: ExprPool, shapes: ReadonlyMap<string, LoopShape> = new Map(), within: Within = {}): readonly Stmt[] | string {
  try {
    const s = new Scheduler(pool, shapes, stores.some((x) => x.mode !== "set"), within);
    return s.run(stores, within.open ?? []);
  } catch (e) {
    if (e instanceof NoNest) return e.message;
    throw e;
  }
}

/** Where a list of statements will stand. */
export interface Within {
  /** Loops that are open around it. */
  readonly open?: readonly LoopVar[];
  /** Its own loops, outermost first, where there is a choice. */
  readonly order?: readonly string[];
  /** Its loops are run whole by whoever runs them, who keeps what they store: scratch. */
  readonly whole?: boolean;
}

/** How a loop steps: `lanes` neighbours as one vector, `copies` such steps side by side. */
export interface LoopShape {
  readonly copies: number;
  readonly lanes: number;
  /** What is less than a vector at the end is computed as one that overlaps the vector before: twice the same, instead of singly. */
  readonly overlap?: boolean;
  /** What is less than a vector at the end is computed as a whole one: past the end is room. */
  readonly isPadded?: boolean;
  /** Shapes of the loops inside where this one steps singly: what it shares out no longer, they may. */
  readonly alone?: ReadonlyMap<string, LoopShape>;
}
const single: LoopShape = { copies: 1, lanes: 1 };

/** Chooses the shapes of loops, by name; those not named step singly. */
export type Tiling = (stores: readonly StoreSpec[], pool: ExprPool) => ReadonlyMap<string, LoopShape>;

class NoNest extends Error {}

const isSingle = (s: LoopShape): boolean => s.copies === 1 && s.lanes === 1;

/** One step of a fold: what it takes in, and, for one of several accumulators, which. */
interface FoldStep {
  readonly fold: Fold;
  readonly value: Expr;
  readonly into?: string;
}

/** Something to place in the nest. */
interface Item {
  readonly what: { readonly store: StoreSpec } | FoldStep;
  /** Loop variables open where it happens, outermost first as far as it cares. */
  readonly open: ReadonlyMap<string, LoopVar>;
  /** Loop variables open where its result is complete: those of a fold without the ones it folds over. */
  readonly frame: ReadonlyMap<string, LoopVar>;
  /** Folds whose results it uses. */
  readonly needs: readonly Fold[];
}

/** One open loop: what is declared in it, and the statements so far. */
interface Frame {
  readonly vars: ReadonlySet<string>;
  readonly out: Stmt[];
  readonly bound: Map<Expr, Expr>;
}

/** Makes the body of a loop of what is to be placed in it; with a variable of another loop `instead`. */
type Body = (items: readonly Item[], instead?: LoopVar) => Stmt[];

class Scheduler {
  private readonly pool: ExprPool;
  private shapes: ReadonlyMap<string, LoopShape>;
  private readonly sequential: boolean;
  private readonly order: readonly string[];
  private readonly whole: boolean;
  private readonly frames: Frame[] = [];
  private uses = new Map<Expr, number>();

  constructor(pool: ExprPool, shapes: ReadonlyMap<string, LoopShape>, sequential: boolean, { order = [], whole = false }: Within) {
    this.pool = pool;
    this.shapes = shapes;
    this.sequential = sequential;
    this.order = order;
    this.whole = whole;
  }

  run(stores: readonly StoreSpec[], open: readonly LoopVar[]): readonly Stmt[] {
    const top: Frame = { vars: new Set(open.map((v) => v.name)), out: [], bound: new Map() };
    this.frames.push(top);
    this.scope(new Map(open.map((v) => [v.name, v])), this.collect(stores));
    return top.out;
  }

  /** The stores and every fold they use, as items. Counts uses of each expression on the way. */
  private collect(stores: readonly StoreSpec[]): Item[] {
    const items: Item[] = [];
    const needs = new Map<Expr, Fold[]>(); // folds an expression uses itself, not through another fold
    this.uses = new Map();
    forEachExpr(stores.flatMap(rootsOfStore).filter((e) => !this.lookup(e)), (e) => {
      const found = new Set<Fold>();
      for (const p of partsOf(e)) {
        this.uses.set(p, (this.uses.get(p) ?? 0) + 1);
        if (this.lookup(p)) continue;
        if (isFold(p)) found.add(p);
        else for (const f of needs.get(p)!) found.add(f);
      }
      needs.set(e, [...found]);
      if (isFold(e)) {
        const frame = this.pool.freeVars(e);
        items.push({ what: { fold: e, value: e.body }, frame, open: new Map([...frame, ...boundVars(e).map((v) => [v.name, v] as const)]), needs: [...found] });
      }
    }, (e) => this.lookup(e) !== undefined);
    for (const s of stores) {
      const open = new Map(s.domain.map((v) => [v.name, v]));
      const roots = rootsOfStore(s);
      for (const r of roots) {
        this.uses.set(r, (this.uses.get(r) ?? 0) + 1);
        for (const name of this.pool.freeVars(r).keys()) if (!open.has(name)) throw new NoNest(`a store uses loop ${name} outside its domain`);
      }
      items.push({ what: { store: s }, open, frame: open, needs: [...new Set(roots.flatMap((r) => (this.lookup(r) ? [] : isFold(r) ? [r] : needs.get(r)!)))] });
    }
    return items;
  }

  /** Emits items whose open variables include those open here. */
  private scope(open: ReadonlyMap<string, LoopVar>, items: readonly Item[]): void {
    const frame = this.frames[this.frames.length - 1];
    const itemOf = new Map<Fold, Item>();
    for (const i of items) if ("fold" in i.what) itemOf.set(i.what.fold, i);
    const isDone = (f: Fold): boolean => this.lookup(f) !== undefined;
    const within = (a: ReadonlyMap<string, LoopVar>): boolean => [...a.keys()].every((n) => open.has(n));
    const pending = new Set(items);
    while (pending.size > 0) {
      let progress = false;
      for (const item of [...pending]) {
        if (!within(item.open) || !item.needs.every(isDone)) continue;
        this.place(item);
        pending.delete(item);
        progress = true;
      }
      // what can start now: everything it needs that completes out here is complete
      const ready = new Set([...pending].filter((i) => !within(i.open) && i.needs.every((f) => isDone(f) || !within(itemOf.get(f)?.frame ?? new Map()))));
      const deeper = (i: Item): Item[] => i.needs.filter((f) => !isDone(f)).flatMap((f) => [itemOf.get(f)!, ...deeper(itemOf.get(f)!)]);
      const startable = [...ready].filter((i) => deeper(i).every((d) => ready.has(d)));
      if (startable.length > 0) {
        const choices = new Map(startable.map((i) => [i, this.nextVars(i, deeper(i), open)]));
        const { v, pass } = this.choosePass(startable, choices, deeper, pending, open);
        this.loop(v, open, pass, frame);
        for (const i of pass) pending.delete(i);
        progress = true;
      }
      if (!progress) throw new NoNest("a value is needed before the loop that completes it ends");
    }
  }

  /**
   * The next loop, and what runs in it. A fold that completes inside the loop is known only there, so everything
   * that uses it must come along: a loop for which something is not ready yet waits for another.
   */
  private choosePass(startable: readonly Item[], choices: ReadonlyMap<Item, readonly LoopVar[]>, deeper: (i: Item) => Item[], pending: ReadonlySet<Item>, open: ReadonlyMap<string, LoopVar>): { v: LoopVar; pass: readonly Item[] } {
    const tried = new Set<string>();
    for (const v of startable.flatMap((i) => choices.get(i)!)) {
      if (tried.has(v.name)) continue;
      tried.add(v.name);
      const fits = (i: Item): boolean => choices.get(i)?.some((c) => c.name === v.name) ?? false;
      const pass = startable.filter((i) => fits(i) && deeper(i).every(fits));
      const inPass = new Set(pass);
      const completesInside = new Set(pass.flatMap((i) => ("fold" in i.what && ![...i.frame.keys()].every((n) => open.has(n)) ? [i.what.fold] : [])));
      if (pass.length > 0 && [...pending].every((i) => inPass.has(i) || !i.needs.some((f) => completesInside.has(f)))) return { v, pass };
    }
    throw new NoNest("its folds need different loops outermost");
  }

  /** Loop variables that may be opened next for an item, preferred first. */
  private nextVars(item: Item, deeper: readonly Item[], open: ReadonlyMap<string, LoopVar>): LoopVar[] {
    const frame = [...item.frame.values()].filter((v) => !open.has(v.name));
    const own = frame.length > 0 ? frame : [...item.open.values()].filter((v) => !open.has(v.name));
    const choices = own.filter((v) => deeper.every((d) => d.frame.has(v.name)));
    return this.order.length === 0 ? choices : choices.sort((a, b) => this.order.indexOf(a.name) - this.order.indexOf(b.name));
  }

  private loop(v: LoopVar, open: ReadonlyMap<string, LoopVar>, pass: readonly Item[], outer: Frame): void {
    const finishing = pass.filter((i) => "fold" in i.what && [...i.frame.keys()].every((n) => open.has(n)) && !this.accNames.has(i.what.fold)) as (Item & { what: FoldStep })[];
    for (const { what: { fold } } of finishing) this.declare(fold, outer);
    const folded = pass.some((i) => "fold" in i.what && boundVars(i.what.fold).some((b) => b.name === v.name));
    const prefixes = this.prefixesOf(pass, v);
    const reverse = prefixes.some((p) => p.reverse);
    if (prefixes.some((p) => p.reverse !== reverse)) throw new NoNest("running folds in both directions");
    const inner = new Map([...open, [v.name, v]]);
    const parallel = !folded && prefixes.length === 0 && !this.sequential;
    const bodyOf = (vars: ReadonlyMap<string, LoopVar>, items: readonly Item[]): Stmt[] => {
      const f: Frame = { vars: new Set(vars.keys()), out: [], bound: new Map() };
      this.frames.push(f);
      this.scope(vars, items);
      this.frames.pop();
      return f.out;
    };
    const body: Body = (items, instead) => bodyOf(instead ? new Map([...open, [instead.name, instead]]) : inner, items);
    const shape = this.shapeOf(v);
    const isSimple = (i: Item): boolean => ("store" in i.what ? i.what.store.mode === "set" : i.what.fold.kind === "reduce" && finishing.includes(i as typeof finishing[number]));
    if (parallel && !isSingle(shape)) this.unrolled(v, shape, pass, outer, body);
    else if (folded && shape.lanes > 1 && prefixes.length === 0 && pass.every((i) => [...i.open.keys()].every((name) => inner.has(name)) && isSimple(i))) this.foldInLanes(v, shape, pass, outer, body);
    else outer.out.push({ kind: "loop", var: v, step: 1, lanes: 1, resume: false, reverse, parallel: parallel && !this.whole, body: body(pass) });
    for (const { what: { fold } } of finishing) {
      outer.bound.set(fold, this.pool.make({ kind: "ref", dtype: fold.dtype, name: this.accNames.get(fold)! }));
      this.accNames.delete(fold);
    }
  }

  private shapeOf(v: LoopVar): LoopShape {
    const wanted = this.shapes.get(v.name) ?? single;
    // a vector has one dimension: inside a loop that steps in vectors the others step singly
    const shape = this.inVectors ? { ...wanted, lanes: 1 } : wanted;
    if (typeof v.extent !== "number") return shape;
    if (shape.isPadded) return shape;
    const lanes = shape.lanes <= v.extent ? shape.lanes : 1;
    return { lanes, copies: Math.max(1, Math.min(shape.copies, Math.floor(v.extent / lanes))), overlap: wanted.overlap && lanes > 1, alone: wanted.alone };
  }

  private inVectors = false;

  /** What `body` makes, for a loop that steps in as many lanes. */
  private stepping(lanes: number, body: () => Stmt[]): Stmt[] {
    const before = this.inVectors;
    this.inVectors ||= lanes > 1;
    const out = body();
    this.inVectors = before;
    return out;
  }

  /** The loops that cover a parallel loop: as many copies as asked for, then what is left in smaller steps. */
  private unrolled(v: LoopVar, shape: LoopShape, pass: readonly Item[], outer: Frame, body: Body): void {
    const stores = pass.flatMap((i) => ("store" in i.what ? [i.what.store] : []));
    const before = this.uses;
    if (shape.isPadded) {
      outer.out.push({ kind: "loop", var: v, step: shape.lanes, lanes: shape.lanes, resume: false, reverse: false, parallel: !this.whole, isPadded: true, body: this.stepping(shape.lanes, () => body(pass)) });
      return;
    }
    let left: number | undefined = typeof v.extent === "number" ? v.extent : undefined;
    let resume = false;
    const emit = (copies: number, lanes: number): void => {
      const step = copies * lanes;
      if (left !== undefined && left < step) return;
      const items = copies > 1 ? this.collect(stores.flatMap((s) => this.copies(s, v, copies, lanes))) : pass;
      const shapes = this.shapes;
      if (step === 1 && shape.alone) this.shapes = new Map([...shapes, ...shape.alone]);
      outer.out.push({ kind: "loop", var: v, step, lanes, resume, reverse: false, parallel: !this.whole, body: this.stepping(lanes, () => body(items)) });
      this.shapes = shapes;
      this.uses = before;
      left = left !== undefined ? left % step : isMultiple(v.extent, step) ? 0 : undefined;
      resume = true;
    };
    emit(shape.copies, shape.lanes);
    // a known remainder is one more step of that many copies; an unknown one goes vector by vector, then singly
    if (shape.copies > 1 && shape.lanes > 1) emit(left === undefined ? 1 : Math.max(1, Math.floor(left / shape.lanes)), shape.lanes);
    if (left !== undefined && left > 0 && shape.overlap) {
      const last: LoopVar = { name: `${v.name}_last`, extent: shape.lanes };
      const items = this.collect(stores.map((s) => this.moved(s, v, this.pool.index.shift(this.pool.index.variable(last), dims.sub(v.extent, shape.lanes)), last)));
      outer.out.push({ kind: "loop", var: last, step: shape.lanes, lanes: shape.lanes, resume: false, reverse: false, parallel: !this.whole, body: this.stepping(shape.lanes, () => body(items, last)) });
      this.uses = before;
    } else if (left === undefined || left > 0) emit(left ?? 1, 1);
  }

  private copies(s: StoreSpec, v: LoopVar, count: number, lanes: number): StoreSpec[] {
    return Array.from({ length: count }, (_, q) => (q === 0 ? s : this.ahead(s, v, q * lanes)));
  }

  /** A store, some steps of a loop ahead. */
  private ahead(s: StoreSpec, v: LoopVar, steps: number): StoreSpec {
    return this.moved(s, v, this.pool.index.shift(this.pool.index.variable(v), steps), v);
  }

  /** A store where a loop variable is something else, which varies with another loop. */
  private moved(s: StoreSpec, v: LoopVar, to: Index, along: LoopVar): StoreSpec {
    const at = new Map([[v.name, to]]);
    return { ...s, domain: s.domain.map((d) => (d.name === v.name ? along : d)), index: this.pool.index.substitute(s.index, at, (e) => this.pool.substitute(e, at)), value: this.pool.substitute(s.value, at) };
  }

  /**
   * A fold over neighbours in vectors: several vector accumulators (adding has a latency to hide), then vector by
   * vector, then single steps, then everything into one. Summing in parts is also more exact than one long sum.
   */
  private foldInLanes(v: LoopVar, { lanes, copies }: LoopShape, pass: readonly Item[], outer: Frame, body: (items: readonly Item[]) => Stmt[]): void {
    const folds = pass.flatMap(({ what }) => ("fold" in what ? [what.fold as Reduce] : []));
    const partName = (fold: Fold, q: number): string => `${this.accNames.get(fold)!}_${q}`;
    for (const fold of folds)
      for (let q = 0; q < copies; q++) outer.out.push({ kind: "acc", name: partName(fold, q), dtype: fold.dtype, init: identityOf(fold.reducer, fold.dtype), lanes });
    const copyOf = (item: Item, q: number): Item => {
      const { what } = item;
      if ("store" in what) return { ...item, what: { store: this.ahead(what.store, v, q * lanes) } };
      const at = new Map([[v.name, this.pool.index.shift(this.pool.index.variable(v), q * lanes)]]);
      return { ...item, what: { fold: what.fold, value: this.pool.substitute(what.value, at), into: partName(what.fold, q) } };
    };
    const before = this.uses;
    let left = typeof v.extent === "number" ? v.extent : undefined, resume = false;
    const emit = (count: number, width: number): void => {
      const step = count * width;
      if (left !== undefined && left < step) return;
      const items = width === 1 ? pass : Array.from({ length: count }, (_, q) => pass.map((item) => copyOf(item, q))).flat();
      this.countUses(items.flatMap(({ what }) => ("store" in what ? rootsOfStore(what.store) : [what.value])));
      outer.out.push({ kind: "loop", var: v, step, lanes: width, resume, reverse: false, parallel: false, body: this.stepping(width, () => body(items)) });
      this.uses = before;
      left = left !== undefined ? left % step : isMultiple(v.extent, step) ? 0 : undefined;
      resume = true;
    };
    emit(copies, lanes);
    if (copies > 1) emit(left === undefined ? 1 : Math.max(1, Math.floor(left / lanes)), lanes);
    emit(1, 1);
    for (const fold of folds)
      for (let q = 0; q < copies; q++)
        outer.out.push({
          kind: "fold", name: this.accNames.get(fold)!, dtype: fold.dtype, reducer: fold.reducer,
          value: this.pool.make({ kind: "across", dtype: fold.dtype, reducer: fold.reducer, name: partName(fold, q) }),
        });
  }

  /** Counts how often each expression is used: by another one, or as one of `roots`. */
  private countUses(roots: readonly Expr[]): void {
    this.uses = new Map();
    const use = (e: Expr): void => { this.uses.set(e, (this.uses.get(e) ?? 0) + 1); };
    roots.forEach(use);
    forEachExpr(roots, (e) => { partsOf(e).forEach(use); }, (e) => this.lookup(e) !== undefined);
  }

  // ---- accumulators

  /** Accumulators of folds whose loops are open. */
  private readonly accNames = new Map<Fold, string>();

  private declare(fold: Fold, frame: Frame): void {
    const name = this.pool.freshName(fold.reducer);
    this.accNames.set(fold, name);
    const dtype = fold.body.dtype;
    if (fold.kind === "argReduce") {
      frame.out.push({ kind: "acc", name: `best_${name}`, dtype, init: 0 }, { kind: "acc", name, dtype: "i32", init: -1 });
    } else frame.out.push({ kind: "acc", name, dtype, init: identityOf(fold.reducer, dtype) });
  }

  private prefixesOf(pass: readonly Item[], v: LoopVar): Extract<Expr, { kind: "prefix" }>[] {
    const found: Extract<Expr, { kind: "prefix" }>[] = [];
    forEachExpr(pass.flatMap((i) => ("store" in i.what ? [i.what.store.value] : [])), (e) => { if (e.kind === "prefix" && e.var.name === v.name) found.push(e); });
    return found;
  }

  // ---- statements

  private place(item: Item): void {
    const frame = this.frames[this.frames.length - 1];
    if ("store" in item.what) {
      const { arg, mode, index, value } = item.what.store;
      const at = this.emitIndex(index, false);
      frame.out.push({ kind: "store", arg, mode, index: at, value: this.emit(value, false) });
      return;
    }
    const { fold } = item.what;
    const name = item.what.into ?? this.accNames.get(fold);
    if (!name) throw new NoNest("a fold is not inside its loop");
    const value = this.emit(item.what.value, false);
    if (fold.kind === "reduce") frame.out.push({ kind: "fold", name, dtype: fold.dtype, reducer: fold.reducer, value });
    else frame.out.push({ kind: "foldArg", best: `best_${name}`, at: name, reducer: fold.reducer, value, index: this.pool.index.variable(fold.var) });
  }

  private lookup(e: Expr): Expr | undefined {
    for (let i = this.frames.length - 1; i >= 0; i--) {
      const ref = this.frames[i].bound.get(e);
      if (ref) return ref;
    }
    return undefined;
  }

  /** The outermost frame in which all variables of an expression are open. */
  private homeOf(e: Expr): Frame {
    const free = this.pool.freeVars(e);
    return this.frames.find((f) => [...free.keys()].every((n) => f.vars.has(n))) ?? this.frames[this.frames.length - 1];
  }

  /**
   * An expression as it stands in a statement here. What is used more than once, or does not change in the
   * innermost loops, becomes a `let` where it is first known; `at` is where the statement or `let` around it goes. Under a guard nothing is bound: it may only be
   * evaluated where the test holds.
   */
  private emit(e: Expr, guarded: boolean, at: Frame = this.frames[this.frames.length - 1]): Expr {
    const known = this.lookup(e);
    if (known) return known;
    if (isFold(e)) throw new NoNest("a fold is used before it is complete");
    if (e.kind === "const" || e.kind === "size" || e.kind === "ref") return e;
    if (e.kind === "prefix") return this.emitPrefix(e);
    // a sum of counters is made where it is needed; what is read from data has been checked once
    if (guarded || (e.kind === "index" && partsOf(e).length === 0)) return this.rebuild(e, guarded, at);
    const home = this.homeOf(e);
    const out = this.rebuild(e, guarded, home);
    if (home === at && (this.uses.get(e) ?? 0) < 2) return out;
    const name = this.pool.freshName("t");
    home.out.push({ kind: "let", name, value: out });
    const ref = this.pool.make({ kind: "ref", dtype: e.dtype, name });
    home.bound.set(e, ref);
    return ref;
  }

  private rebuild(e: Expr, guarded: boolean, at: Frame): Expr {
    switch (e.kind) {
      case "load": return this.pool.make({ ...e, index: this.emitIndex(e.index, guarded, at) });
      case "index": return this.pool.make({ ...e, index: this.emitIndex(e.index, guarded, at) });
      case "scalar": return this.pool.make({ ...e, args: e.args.map((x) => this.emit(x, guarded, at)) });
      case "select": return this.pool.make({ ...e, pred: this.emit(e.pred, guarded, at), a: this.emit(e.a, guarded, at), b: this.emit(e.b, guarded, at) });
      case "convert": return this.pool.make({ ...e, arg: this.emit(e.arg, guarded, at) });
      case "guard": {
        // a test that always holds for the loops around it needs no guard
        const tests = e.tests.filter((t) => !holds(t));
        if (tests.length === 0) return this.emit(e.inside, guarded, at);
        return this.pool.make({ ...e, tests: tests.map((t) => ({ ...t, index: this.emitIndex(t.index, guarded, at) })), inside: this.emit(e.inside, true), outside: this.emit(e.outside, true) });
      }
      default: return e;
    }
  }

  private emitIndex(x: Index, guarded: boolean, at: Frame = this.frames[this.frames.length - 1]): Index {
    return this.pool.index.substitute(x, new Map(), (e) => this.emit(e, guarded, at));
  }

  private emitPrefix(e: Extract<Expr, { kind: "prefix" }>): Expr {
    const here = this.frames[this.frames.length - 1], around = this.frames[this.frames.length - 2];
    if (!around || around.vars.has(e.var.name) || !here.vars.has(e.var.name)) throw new NoNest("a running fold must be in the innermost loop");
    const name = this.pool.freshName(e.reducer);
    around.out.push({ kind: "acc", name, dtype: e.dtype, init: identityOf(e.reducer, e.dtype) });
    here.out.push({ kind: "fold", name, dtype: e.dtype, reducer: e.reducer, value: this.emit(e.body, false) });
    const ref = this.pool.make({ kind: "ref", dtype: e.dtype, name });
    here.bound.set(e, ref);
    return ref;
  }
}

/** Whether an extent is whole steps, whatever its symbols are. */
const isMultiple = (extent: Dim, step: number): boolean => dims.terms(extent).every((t) => t.coefficient % step === 0);
