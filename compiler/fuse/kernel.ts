import type { AnyNode, Value } from "../../ir/graph/index.ts";
import { dims, sameShape, type Dim, type Shape } from "../../ir/types/index.ts";
import { isInside, plainVar } from "../loops/affine.ts";
import { findChain } from "../loops/chain/chain.ts";
import { buildLoops, type BuiltLoops, type LoopBuilder } from "../loops/builder.ts";
import { collapseLoops } from "../loops/collapse.ts";
import { costOfCopies, withFewCopies } from "../loops/copies.ts";
import type { Expr, Index, LoopVar, StoreSpec } from "../loops/ir.ts";
import { ExprPool } from "../loops/pool.ts";
import { Expander, reducedExtents } from "./expand.ts";
import { unrounded } from "./halves.ts";
import { isAnchor, isProduct } from "./kinds.ts";

/** What a kernel finds around it: which values are buffers, and where in them. */
export interface Scope {
  /** Whether a value is in a buffer before the kernel runs. */
  isLoaded(v: Value): boolean;
  /** First element of a value in its buffer, for one that is loaded or stored. */
  offsetOf(v: Value): Dim;
  /** Makes loops, as they are best on the target. */
  readonly loops: LoopBuilder;
  /** A value that is a scan counter. */
  counterOf(v: Value): Dim | undefined;
}

/** Its last arguments are what it keeps for itself. */
export interface Draft extends BuiltLoops {
  /** Cost of what is computed more than once because it is used at several places. */
  readonly repeated: number;
  /** Values behind the kernel's arguments, in order: first those it loads, then those it stores. */
  readonly loads: readonly Value[];
  readonly roots: readonly Value[];
}

const letters = "ijklmnpq";

/**
 * Tries to compute several values in one kernel, loading what `isLoaded` says and computing everything else.
 * Returns the kernel, or the reason why it cannot be one.
 */
export function draftKernel(roots: readonly Value[], scope: Scope): Draft | string {
  const apart = roots.map((w, k) => piecesOf(w, k));
  const draft = new Attempt(scope).run(apart.flat(), roots);
  return typeof draft === "string" && apart.some((pieces) => pieces.length > 1) ? new Attempt(scope).run(roots.map(whole), roots) : draft;
}

/** What a store writes: a root, or a part of one. */
interface Piece {
  /** Number of the root. */
  readonly root: number;
  readonly value: Value;
  /** Where the part begins in the root. */
  readonly start?: { readonly axis: number; readonly at: Dim };
}
const whole = (value: Value, root: number): Piece => ({ root, value });

/** The parts of a concatenation of alike ones are stores over the same loops, where one store would have to tell them apart for each element. */
function piecesOf(w: Value, root: number): readonly Piece[] {
  const node = w.node as AnyNode;
  if (node.op !== "concat" || !node.inputs.every((part) => sameShape(part.type.shape, node.inputs[0].type.shape))) return [whole(w, root)];
  const { axis } = node.attrs, size = node.inputs[0].type.shape[axis];
  return node.inputs.map((value, i) => ({ root, value, start: { axis, at: dims.mul(i, size) } }));
}

class Attempt {
  private readonly pool = new ExprPool();
  private readonly loads: Value[] = [];
  private readonly argOf = new Map<Value, number>();
  private readonly vars = new Map<AnyNode, readonly LoopVar[]>();
  private readonly levels = new Map<Value, number>();
  private readonly names = new Map<string, string>();
  private readonly outside: Scope;
  private readonly expander: Expander;

  constructor(scope: Scope) {
    this.outside = scope;
    this.expander = new Expander({
      pool: this.pool,
      argOf: (v) => this.loadArg(v),
      offsetOf: (v) => scope.offsetOf(v),
      counterOf: (v) => scope.counterOf(v),
      varsOf: (n) => this.varsOf(n),
    });
  }

  run(pieces: readonly Piece[], roots: readonly Value[]): Draft | string {
    const order = [...pieces].sort((a, b) => b.value.type.shape.length - a.value.type.shape.length || b.value.node.id - a.value.node.id);
    const main = order[0].value, mainVars = this.domainVars(main.type.shape);
    const placed = new Map<Value, { domain: LoopVar[]; index: Index[]; expr: Expr }>();
    for (const { value } of order) {
      if (placed.has(value)) continue;
      const at = value === main ? { domain: this.domainOf(main, mainVars), index: this.indexOf(mainVars) } : this.placeOther(value, main, mainVars);
      if (typeof at === "string") return at;
      placed.set(value, { ...at, expr: this.expander.expand(value, at.index) });
    }
    for (const { root, start } of pieces) if (start && this.expander.tuplesOf(roots[root]).length > 0) return "what is stored in parts is used as a whole";
    const isChain = this.isChain();
    for (const [anchor, tuples] of this.expander.met) {
      const problem = isChain ? this.checkInChain(anchor, tuples) : this.checkOnce(anchor, tuples) ?? (isProduct(anchor.node as AnyNode) ? this.checkProduct(anchor, placed.get(main)!.domain) : undefined);
      if (problem) return problem;
    }
    const stores = collapseLoops(pieces.map((piece) => this.storeOf(piece, roots[piece.root], placed.get(piece.value)!)), this.pool);
    if (isChain && !findChain(stores, this.pool)) return "its products do not follow each other row by row";
    const copies = costOfCopies(stores);
    const loops = buildLoops(this.outside.loops, withFewCopies(stores, this.pool, copies), this.pool, this.loads.length + roots.length);
    if (typeof loops === "string") return loops;
    return { ...loops, repeated: this.expander.repeatedCost() + copies, loads: this.loads, roots };
  }

  // ---- what the expander asks

  private loadArg(v: Value): number | undefined {
    if (!this.outside.isLoaded(v)) return undefined;
    let arg = this.argOf.get(v);
    if (arg === undefined) {
      arg = this.loads.length;
      this.loads.push(v);
      this.argOf.set(v, arg);
    }
    return arg;
  }

  /** Folds nest by level: a fold inside another has a lower level, so their variables differ; equal folds share theirs. */
  private varsOf(n: AnyNode): readonly LoopVar[] {
    let vars = this.vars.get(n);
    if (!vars) {
      const level = this.levelOf(n.outputs[0]);
      vars = reducedExtents(n).map((extent, k) => this.foldVar(level, k, extent));
      this.vars.set(n, vars);
    }
    return vars;
  }

  private foldVar(level: number, position: number, extent: Dim): LoopVar {
    const key = `${level}/${position}/${extent}`;
    let name = this.names.get(key);
    if (!name) this.names.set(key, (name = `r${this.names.size === 0 ? "" : this.names.size}`));
    return { name, extent };
  }

  private levelOf(v: Value): number {
    if (this.outside.isLoaded(v)) return 0;
    let level = this.levels.get(v);
    if (level === undefined) {
      this.levels.set(v, 0); // the graph has no cycles; this only guards deep recursion from revisiting
      level = Math.max(0, ...v.node.inputs.map((x) => this.levelOf(x))) + (isAnchor(v.node as AnyNode) ? 1 : 0);
      this.levels.set(v, level);
    }
    return level;
  }

  // ---- domains

  /** One loop variable for each axis that is not 1. */
  private domainVars(shape: Shape): (LoopVar | undefined)[] {
    return shape.map((extent, k) => (extent === 1 ? undefined : { name: letters[k] ?? `i${k}`, extent }));
  }
  /** The loops of a store in order; a running fold goes along its axis innermost. */
  private domainOf(v: Value, vars: readonly (LoopVar | undefined)[]): LoopVar[] {
    const n = v.node as AnyNode;
    const last = n.op === "cumulative" && !this.outside.isLoaded(v) ? vars[n.attrs.axis] : undefined;
    return [...vars.filter((x) => x !== last), last].filter((x) => x !== undefined);
  }
  private indexOf(vars: readonly (LoopVar | undefined)[]): Index[] {
    return vars.map((v) => (v ? this.pool.index.variable(v) : this.pool.index.constant(0)));
  }

  /**
   * Loops for a further store: those in which the kernel computes the value anyway; or the main store's, where
   * the shapes (or, for a fold, what it folds) agree.
   */
  private placeOther(w: Value, main: Value, mainVars: readonly (LoopVar | undefined)[]): { domain: LoopVar[]; index: Index[] } | string {
    const tuples = this.expander.tuplesOf(w);
    if (tuples.length > 1) return "a stored value is used at different places";
    if (tuples.length === 1) {
      const domain = tuples[0].map((i) => plainVar(i));
      const whole = tuples[0].every((i, k) => domain[k] ? domain[k]!.extent === w.type.shape[k] : i.key === "0" && w.type.shape[k] === 1);
      const distinct = new Set(domain.filter((d) => d).map((d) => d!.name)).size === domain.filter((d) => d).length;
      if (!whole || !distinct) return "a stored value is used only in part, or at computed places";
      return { domain: domain.filter((d) => d !== undefined), index: [...tuples[0]] };
    }
    const shape = main.type.shape;
    const isPrefix = (s: Shape): boolean => s.every((d, k) => d === shape[k]);
    if (isPrefix(w.type.shape)) {
      const folds = this.outermostFolds(w);
      // a fold over axes of the main domain runs in the main loops
      for (const n of folds) if (!this.alignFold(n, w, shape, mainVars)) return "a fold runs over another domain";
      const vars = mainVars.slice(0, w.type.shape.length);
      return { domain: vars.filter((v) => v !== undefined), index: this.indexOf(vars) };
    }
    // the rows of a chain may be multiplied to results of several widths
    const rank = shape.length, width = w.type.shape[rank - 1];
    if (!this.isChain() || w.type.shape.length !== rank || !isPrefix(w.type.shape.slice(0, -1)) || width === 1) return "the shapes differ";
    const vars = [...mainVars.slice(0, -1), { name: `${letters[rank - 1]}_${width}`.replace(/\W/g, "_"), extent: width }];
    return { domain: vars.filter((v) => v !== undefined), index: this.indexOf(vars) };
  }

  /** Whether products have been met that follow each other. */
  private isChain(): boolean { return [...this.expander.met.keys()].filter((v) => isProduct(v.node as AnyNode)).length > 1; }

  /** Folds that a value uses at its own index: not those inside other folds. */
  private outermostFolds(w: Value): AnyNode[] {
    const folds: AnyNode[] = [], seen = new Set<Value>();
    const walk = (v: Value): void => {
      if (seen.has(v) || this.outside.isLoaded(v)) return;
      seen.add(v);
      if (isAnchor(v.node as AnyNode)) folds.push(v.node as AnyNode);
      else v.node.inputs.forEach(walk);
    };
    walk(w);
    return folds;
  }

  private alignFold(n: AnyNode, w: Value, shape: Shape, mainVars: readonly (LoopVar | undefined)[]): boolean {
    if (this.vars.has(n)) return true; // it is in the kernel already
    if (n.op !== "reduce") return n.outputs[0].type.shape.length === w.type.shape.length;
    const over = n.inputs[0].type.shape;
    const kept = over.length - n.attrs.axes.length;
    const trailing = n.attrs.axes.every((a) => a >= kept);
    const isMainPrefix = over.every((d, k) => d === shape[k]);
    if (!trailing || !isMainPrefix || n.attrs.axes.length === 0) return n.outputs[0].type.shape.length > 0;
    const vars = [...n.attrs.axes].sort((a, b) => a - b).map((a) => mainVars[a]);
    if (vars.some((v) => v === undefined)) return false;
    this.vars.set(n, n.attrs.axes.map((a) => mainVars[a]!));
    return true;
  }

  // ---- checks

  /** A fold must be computed once for each of its elements: at one index tuple, which reaches each element once. */
  private checkOnce(anchor: Value, tuples: ReadonlyMap<string, readonly Index[]>): string | undefined {
    if (tuples.size > 1) return `${anchor.node.op} would be computed ${tuples.size} times`;
    const [tuple] = tuples.values();
    const free = new Map<string, LoopVar>();
    for (const i of tuple)
      for (const t of i.terms) {
        if (t.atom.kind === "data") return `${anchor.node.op} is read at indices that are data`;
        collect(i, free);
      }
    const points = dims.product([...free.values()].map((v) => v.extent));
    if (points !== dims.product(anchor.type.shape)) return `${anchor.node.op} would be computed for ${points} elements, not its ${dims.product(anchor.type.shape)}`;
    // a fold is completed before the test of a guard around it, for indices that the guard keeps out too
    if (this.expander.metUnderGuard.has(anchor) && !tuple.every((i, k) => isInside(i, anchor.type.shape[k]))) return `${anchor.node.op} would be computed outside its elements`;
    return undefined;
  }

  /** Products in a chain are computed row by row, once for all that a row needs of them; folds of a row once. */
  private checkInChain(anchor: Value, tuples: ReadonlyMap<string, readonly Index[]>): string | undefined {
    if (!isProduct(anchor.node as AnyNode)) return this.checkOnce(anchor, tuples);
    return [...tuples].map((tuple) => this.checkOnce(anchor, new Map([tuple]))).find((problem) => problem !== undefined);
  }

  /** A product keeps its kernel to itself: it is tiled over the loops of the stores, and no other fold runs beside it. */
  private checkProduct(dot: Value, domain: readonly LoopVar[]): string | undefined {
    if (this.expander.met.size > 1) return "a product shares its kernel with no other fold";
    const free = new Map<string, LoopVar>();
    for (const tuple of this.expander.met.get(dot)!.values()) tuple.forEach((i) => collect(i, free));
    return domain.every((v) => free.has(v.name)) && free.size === domain.length ? undefined : "a product is not computed over the kernel's own loops";
  }

  private storeOf({ root, start }: Piece, w: Value, { domain, index, expr }: { domain: readonly LoopVar[]; index: readonly Index[]; expr: Expr }): StoreSpec {
    const { index: ix } = this.pool, inRoot = start ? index.map((x, i) => (i === start.axis ? ix.shift(x, start.at) : x)) : index;
    return { arg: this.loads.length + root, domain, index: ix.shift(ix.linear(inRoot, w.type.shape), this.outside.offsetOf(w)), value: unrounded(w.type.dtype, expr), mode: "set" };
  }
}

function collect(i: Index, into: Map<string, LoopVar>): void {
  for (const { atom } of i.terms)
    if (atom.kind === "var") into.set(atom.var.name, atom.var);
    else if (atom.kind !== "data") collect(atom.of, into);
}
