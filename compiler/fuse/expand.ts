import type { AnyNode, Value } from "../../ir/graph/index.ts";
import { freeAxes, identityOf, isScalarName, scalarRow, wholeAxes } from "../../ir/ops/index.ts";
import { dims, isHalf, mathType, roundTo, type Dim, type Shape } from "../../ir/types/index.ts";
import type { Expr, Index, LoopVar, Test } from "../loops/ir.ts";
import type { ExprPool } from "../loops/pool.ts";
import { isChecked, noteOf } from "./checks.ts";
import { converted, hasJumps, held } from "./halves.ts";
import { costOf, isAnchor } from "./kinds.ts";
import { firstPosition, guarded, placeByPlace, pooledAxes, spatialAxes, tripsOf, windowElement, windowExtents, type PoolNode } from "./window.ts";

/** How an expansion meets the outside: which values are buffers, and which loop variables folds run over. */
export interface Surroundings {
  readonly pool: ExprPool;
  /** Kernel argument that holds a value, where it is loaded and not computed. */
  argOf(v: Value): number | undefined;
  /** First element of a value within the buffer behind its argument: other than 0 for a row of a scanned tensor. */
  offsetOf(v: Value): Dim;
  /** A value that is an integer the program counts, not data: the step of a scan. */
  counterOf(v: Value): Dim | undefined;
  /** Loop variables for the reduced axes of an anchor, in the order of {@link reducedExtents}. */
  varsOf(anchor: AnyNode): readonly LoopVar[];
}

/** Sizes an anchor folds over. */
export function reducedExtents(n: AnyNode): Shape {
  switch (n.op) {
    case "reduce": return n.attrs.axes.map((a) => n.inputs[0].type.shape[a]);
    case "argReduce": return [n.inputs[0].type.shape[n.attrs.axis]];
    case "dot": return n.attrs.contract.map(([i]) => n.inputs[0].type.shape[i]);
    case "conv": case "reduceWindow": case "argReduceWindow": case "unpool": return windowExtents(n);
    default: return [];
  }
}

/**
 * Writes values as scalar expressions of an index: movement ops become index arithmetic, elementwise ops become
 * scalar ops, reductions and products become folds. Nothing is decided here; what to load and what to compute is
 * the caller's choice.
 */
export class Expander {
  private readonly around: Surroundings;
  private readonly done = new Map<Value, Map<string, { at: readonly Index[]; expr: Expr }>>();
  /** The index tuples at which each computed anchor was met. One tuple: computed once. Several: more than once. */
  readonly met = new Map<Value, Map<string, readonly Index[]>>();
  /** Computed anchors that were met under a guard: at indices that may be outside, where the guard does not hold. */
  readonly metUnderGuard = new Set<Value>();
  private guards = 0;

  constructor(around: Surroundings) { this.around = around; }

  expand(v: Value, index: readonly Index[]): Expr {
    const key = index.map((i) => i.key).join(" | ");
    let byIndex = this.done.get(v);
    if (!byIndex) this.done.set(v, (byIndex = new Map()));
    let e = byIndex.get(key)?.expr;
    if (!e) {
      e = this.compute(v, index);
      byIndex.set(key, { at: index, expr: e });
      if (isAnchor(v.node as AnyNode) && this.around.argOf(v) === undefined) {
        if (!this.met.has(v)) this.met.set(v, new Map());
        this.met.get(v)!.set(key, index);
        if (this.guards > 0) this.metUnderGuard.add(v);
      }
    }
    return e;
  }

  /** A value as it would be in memory: of halves, rounded. */
  private expandExactly(v: Value, index: readonly Index[]): Expr {
    return held(this.around.pool, v.type.dtype, this.expand(v, index));
  }

  /** A value that is used only where some tests hold. */
  private expandUnder(tests: readonly Test[], v: Value, index: readonly Index[]): Expr {
    if (tests.length === 0) return this.expand(v, index);
    this.guards++;
    const e = this.expand(v, index);
    this.guards--;
    return e;
  }

  /** The index tuples at which a value was computed. */
  tuplesOf(v: Value): readonly (readonly Index[])[] {
    return [...(this.done.get(v)?.values() ?? [])].map((d) => d.at);
  }

  /** Cost of computing values at more than one place, per element. */
  repeatedCost(): number {
    let cost = 0;
    for (const [v, tuples] of this.done) if (this.around.argOf(v) === undefined) cost += (tuples.size - 1) * costOf(v.node as AnyNode);
    return cost;
  }

  private compute(v: Value, index: readonly Index[]): Expr {
    const { pool } = this.around;
    const dtype = mathType(v.type.dtype);
    const arg = this.around.argOf(v);
    if (arg !== undefined) {
      return pool.make({ kind: "load", dtype, arg, index: pool.index.shift(pool.index.linear(index, v.type.shape), this.around.offsetOf(v)), ...(isHalf(v.type.dtype) && { half: v.type.dtype }) });
    }
    const counter = this.around.counterOf(v);
    if (counter !== undefined) return pool.make({ kind: "size", dtype, dim: counter });
    const n = v.node as AnyNode;
    const from = (k: number, at: readonly Index[]): Expr => this.expand(n.inputs[k], at);
    if (isScalarName(n.op)) {
      const isExact = hasJumps(scalarRow(n.op));
      return pool.make({ kind: "scalar", dtype, op: n.op, args: n.inputs.map((x) => (isExact ? this.expandExactly(x, index) : this.expand(x, index))) });
    }
    switch (n.op) {
      case "constant":
        if (typeof n.attrs.data !== "number") throw new Error("internal: a dense constant is not a buffer");
        return pool.make({ kind: "const", dtype, value: roundTo(v.type.dtype, n.attrs.data) });
      case "iota": return pool.make({ kind: "index", dtype, index: index[n.attrs.axis] });
      case "dimension": return typeof n.attrs.size === "number"
        ? pool.make({ kind: "const", dtype, value: n.attrs.size })
        : pool.make({ kind: "size", dtype, dim: n.attrs.size });
      case "select": return pool.make({ kind: "select", dtype, pred: from(0, index), a: from(1, index), b: from(2, index) });
      case "convert": return converted(pool, n.inputs[0].type.dtype, n.attrs.dtype, this.expandExactly(n.inputs[0], index));
      case "reduce": case "argReduce": case "dot": return this.fold(n, index);
      case "conv": return this.conv(n, index);
      case "reduceWindow": case "argReduceWindow": case "unpool": return this.pool(n, index);
      case "cumulative": {
        const at = index[n.attrs.axis].terms[0]?.atom;
        if (!at) return from(0, index); // an axis of size 1: nothing accumulates
        if (at.kind !== "var") throw new Error("internal: cumulative at an index that is no loop variable");
        return pool.make({ kind: "prefix", dtype, reducer: n.attrs.reducer, reverse: n.attrs.reverse, var: at.var, body: from(0, index) });
      }
      case "gather": return this.gather(n, index);
      default: return this.move(n, index);
    }
  }

  private fold(n: Extract<AnyNode, { op: "reduce" | "argReduce" | "dot" }>, index: readonly Index[]): Expr {
    const { pool } = this.around;
    const dtype = mathType(n.outputs[0].type.dtype);
    const vars = this.around.varsOf(n);
    const over = vars.map((x) => pool.index.variable(x));
    if (n.op === "dot") {
      const nb = n.attrs.batch.length, na = freeAxes(n.inputs[0].type.shape.length, 0, n.attrs).length;
      const operand = (side: 0 | 1): Expr => {
        const x = n.inputs[side], at = new Array<Index>(x.type.shape.length);
        n.attrs.batch.forEach((p, k) => { at[p[side]] = index[k]; });
        n.attrs.contract.forEach((p, k) => { at[p[side]] = over[k]; });
        freeAxes(at.length, side, n.attrs).forEach((axis, k) => { at[axis] = index[nb + (side === 0 ? 0 : na) + k]; });
        return this.expand(x, at);
      };
      const body = pool.make({ kind: "scalar", dtype, op: "mul", args: [operand(0), operand(1)] });
      if (vars.length === 0) return body; // an outer product: nothing is summed
      return pool.make({ kind: "reduce", dtype, reducer: "sum", vars, body });
    }
    const axes = n.op === "reduce" ? n.attrs.axes : [n.attrs.axis];
    const rest = [...index];
    const at = n.inputs[0].type.shape.map((_, i) => (axes.includes(i) ? over[axes.indexOf(i)] : rest.shift()!));
    const body = n.op === "reduce" ? this.expand(n.inputs[0], at) : this.expandExactly(n.inputs[0], at);
    if (vars.length === 0) return body;
    return n.op === "reduce"
      ? pool.make({ kind: "reduce", dtype, reducer: n.attrs.reducer, vars, body })
      : pool.make({ kind: "argReduce", dtype, reducer: n.attrs.reducer, var: vars[0], body });
  }

  /** Sums over channels and the kernel; padding is a guard around the load of the operand. */
  private conv(n: Extract<AnyNode, { op: "conv" }>, [group, batch, output, ...position]: readonly Index[]): Expr {
    const { pool } = this.around;
    const dtype = mathType(n.outputs[0].type.dtype);
    const vars = this.around.varsOf(n);
    const [channel, ...places] = vars.map((v) => pool.index.variable(v));
    const elements = spatialAxes(n).map((a, k) => placeByPlace(pool, a, position[k], places[k]));
    const tests = elements.flatMap((e) => e.tests);
    const loaded = this.expandUnder(tests, n.inputs[0], [group, batch, channel, ...elements.map((e) => e.at)]);
    const lhs = guarded(pool, tests, loaded, pool.make({ kind: "const", dtype, value: 0 }));
    const rhs = this.expand(n.inputs[1], [group, output, channel, ...elements.map((e) => e.place)]);
    return pool.make({ kind: "reduce", dtype, reducer: "sum", vars, body: pool.make({ kind: "scalar", dtype, op: "mul", args: [lhs, rhs] }) });
  }

  /** Folds a window: of the operand's elements, or, for an `unpool`, of the windows that an element lies in. */
  private pool(n: PoolNode, index: readonly Index[]): Expr {
    const { pool } = this.around;
    const dtype = mathType(n.inputs[0].type.dtype);
    const vars = isAnchor(n) ? this.around.varsOf(n) : []; // windows side by side need no loop
    const axes = pooledAxes(n), trips = tripsOf(pool, n, axes, vars);
    const elements = axes.map((a, k) => windowElement(pool, a, index[k], trips[k]));
    const at = elements.map((e) => e.at), tests = elements.flatMap((e) => e.tests);
    const reducer = n.op === "unpool" ? "sum" : n.attrs.reducer;
    const padding = pool.make({ kind: "const", dtype, value: identityOf(reducer, dtype) });
    const value = this.expandUnder(tests, n.inputs[0], at);
    const element = n.op === "argReduceWindow" ? held(pool, n.inputs[0].type.dtype, value) : value;
    if (n.op === "unpool") {
      // the windows that lead back have their elements in reverse order
      const place = pool.index.linear(axes.map((a, k) => pool.index.add(pool.index.constant(dims.sub(a.window, 1)), pool.index.scale(elements[k].place, -1))), n.attrs.window);
      const isHere = pool.make({ kind: "scalar", dtype: "bool", op: "eq", args: [this.expandUnder(tests, n.inputs[1], at), pool.make({ kind: "index", dtype: "i32", index: place })] });
      const body = guarded(pool, tests, pool.make({ kind: "select", dtype, pred: isHere, a: element, b: padding }), padding);
      return vars.length === 0 ? body : pool.make({ kind: "reduce", dtype, reducer: "sum", vars, body });
    }
    const body = guarded(pool, tests, element, padding);
    if (n.op === "reduceWindow") return vars.length === 0 ? body : pool.make({ kind: "reduce", dtype, reducer: n.attrs.reducer, vars, body });
    const zero = pool.make({ kind: "const", dtype: "i32", value: 0 });
    const found = vars.length === 0 ? zero : pool.make({ kind: "argReduce", dtype: "i32", reducer: n.attrs.reducer, var: vars[0], body });
    const first = firstPosition(pool, axes, index);
    return first ? pool.make({ kind: "scalar", dtype: "i32", op: "maximum", args: [found, first] }) : found;
  }

  private gather(n: Extract<AnyNode, { op: "gather" }>, index: readonly Index[]): Expr {
    return this.expand(n.inputs[0], this.addressed(n, n.inputs[0].type.shape, n.inputs.slice(1), n.attrs, index));
  }

  /** Operand index of a selected element, for gather and scatter. */
  addressed(n: AnyNode, operand: Shape, indices: readonly Value[], attrs: { axes: readonly number[]; batch: readonly (readonly [number, number])[] }, index: readonly Index[]): Index[] {
    const { pool } = this.around;
    const rank = indices[0].type.shape.length;
    const at = new Array<Index>(operand.length);
    attrs.axes.forEach((axis, k) => { at[axis] = this.dataIndex(indices[k], index.slice(0, rank), operand[axis], noteOf(n, indices[k])); });
    for (const [o, i] of attrs.batch) at[o] = index[i];
    wholeAxes(operand.length, attrs).forEach((axis, k) => { at[axis] = index[rank + k]; });
    return at.map((x) => x ?? pool.index.constant(0));
  }

  /** An index tensor's element as an index; an iota among them is a loop variable again. That needs no check, nor does what has had one. */
  private dataIndex(v: Value, index: readonly Index[], size: Shape[number], note: string): Index {
    const { pool } = this.around;
    const e = this.expand(v, index);
    if (e.kind === "index" && e.index.terms.every((t) => t.atom.kind === "var") && isWithin(e.index, size)) return e.index;
    if (e.kind === "const" && typeof size === "number" && e.value >= 0 && e.value < size) return pool.index.constant(e.value);
    return isChecked(v, size) ? pool.index.data(e, size) : pool.index.data(e, size, note);
  }

  /**
   * The index tuple in a shape of an index tuple in another with the same elements. Axes are taken from the end, as few
   * at a time as have the same product: an axis that stays as it is needs no quotient, nor do axes of size 1 that come
   * and go.
   */
  private regroup(index: readonly Index[], from: Shape, to: Shape): Index[] {
    const { index: ix } = this.around.pool;
    // axes of a tensor without elements need not correspond
    if (from.includes(0)) return ix.delinear(ix.linear(index, from), to);
    const at = new Array<Index>(to.length);
    let i = from.length, k = to.length;
    while (k > 0) {
      const [iEnd, kEnd] = [i, k];
      let before: Dim = i > 0 ? from[--i] : 1, after: Dim = to[--k];
      while (before !== after) {
        const isShort = typeof before === "number" && typeof after === "number" ? before < after : i > 0 && dims.divExact(after, before) !== undefined;
        if (isShort && i > 0) before = dims.mul(from[--i], before);
        else if (k > 0) after = dims.mul(to[--k], after);
        else before = dims.mul(from[--i], before);
      }
      // what is left in front is axes of size 1
      if (k === 0) i = 0;
      const part = ix.delinear(ix.linear(index.slice(i, iEnd), from.slice(i, iEnd)), to.slice(k, kEnd));
      for (const [j, x] of part.entries()) at[k + j] = x;
    }
    return at;
  }

  private move(n: AnyNode, index: readonly Index[]): Expr {
    const { pool } = this.around;
    const ix = pool.index;
    const x = n.inputs[0];
    switch (n.op) {
      case "reshape": return this.expand(x, this.regroup(index, n.attrs.shape, x.type.shape));
      case "transpose": {
        const at = new Array<Index>(index.length);
        n.attrs.perm.forEach((p, k) => { at[p] = index[k]; });
        return this.expand(x, at);
      }
      case "broadcast": return this.expand(x, n.attrs.axes.map((a) => index[a]));
      case "slice": return this.expand(x, index.map((i, k) => ix.shift(ix.scale(i, n.attrs.step[k]), n.attrs.start[k])));
      case "reverse": return this.expand(x, index.map((i, k) => (n.attrs.axes.includes(k) ? ix.add(ix.constant(dims.sub(x.type.shape[k], 1)), ix.scale(i, -1)) : i)));
      case "pad": {
        const tests: Test[] = [];
        const at = index.map((i, k) => {
          const low = n.attrs.low[k], step = n.attrs.interior[k] + 1;
          if (low === 0 && n.attrs.high[k] === 0 && step === 1) return i;
          const high = dims.add(low, dims.add(dims.mul(dims.sub(x.type.shape[k], 1), step), 1));
          tests.push({ index: i, low, high, step });
          return ix.div(ix.shift(i, dims.sub(0, low)), step);
        });
        return guarded(pool, tests, this.expandUnder(tests, x, at), this.expand(n.inputs[1], []));
      }
      case "concat": {
        const { axis } = n.attrs;
        let start = n.outputs[0].type.shape[axis];
        let out: Expr | undefined;
        for (const part of [...n.inputs].reverse()) { // from the last part, so that the first is tested first
          const end = start;
          start = dims.sub(start, part.type.shape[axis]);
          const at = index.map((i, k) => (k === axis ? ix.shift(i, dims.sub(0, start)) : i));
          // the last part is chosen where no other is: no test of its own, and yet not everywhere
          const tests = [{ index: index[axis], low: start, high: end, step: 1 }];
          const inside = n.inputs.length > 1 ? this.expandUnder(tests, part, at) : this.expand(part, at);
          out = out ? guarded(pool, tests, inside, out) : inside;
        }
        return out!;
      }
      default: throw new Error(`internal: ${n.op} cannot be computed inside a kernel`);
    }
  }
}

/** Whether a sum of plain loop variables stays below `size`: true for an iota along an axis of that size. */
function isWithin(x: Index, size: Shape[number]): boolean {
  return x.terms.length === 1 && x.offset === 0 && x.terms[0].stride === 1 && x.terms[0].atom.kind === "var"
    && dims.atLeast(size, x.terms[0].atom.var.extent) === true;
}
