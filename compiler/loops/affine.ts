import { dims, type Dim } from "../../ir/types/index.ts";
import type { Atom, Expr, Index, LoopVar } from "./ir.ts";

/**
 * Arithmetic on index maps. Everything is kept in affine normal form, so that composing a reshape with a
 * transpose with a slice simplifies as it is built, and a load shows its strides.
 */

const make = (offset: Dim, terms: readonly { atom: Atom; stride: Dim }[], keys: ReadonlyMap<Atom, string>): Index => {
  const sorted = terms.filter((t) => t.stride !== 0).sort((a, b) => (keys.get(a.atom)! < keys.get(b.atom)! ? -1 : 1));
  return { offset, terms: sorted, key: [offset, ...sorted.map((t) => `${t.stride}·${keys.get(t.atom)}`)].join(" + ") };
};

/** Text that is equal exactly for equal atoms. Data atoms are told apart by `exprKey`. */
function atomKey(a: Atom, exprKey: (e: Expr) => string): string {
  switch (a.kind) {
    case "var": return a.var.name;
    case "div": return `((${a.of.key}) / ${a.by})`;
    case "mod": return `((${a.of.key}) % ${a.by})`;
    case "data": return `data(${exprKey(a.value)})`;
  }
}

/** Index arithmetic for one kernel; `exprKey` names its expressions. */
export class Affine {
  private readonly exprKey: (e: Expr) => string;
  constructor(exprKey: (e: Expr) => string) { this.exprKey = exprKey; }

  constant(offset: Dim): Index { return { offset, terms: [], key: String(offset) }; }
  variable(v: LoopVar): Index { return this.ofAtom({ kind: "var", var: v }); }
  data(value: Expr, size: Dim, note?: string): Index { return this.ofAtom({ kind: "data", value, size, note }); }

  ofAtom(atom: Atom): Index { return make(0, [{ atom, stride: 1 }], new Map([[atom, this.key(atom)]])); }
  private key(atom: Atom): string { return atomKey(atom, this.exprKey); }

  add(...parts: readonly Index[]): Index {
    if (parts.length === 1) return parts[0];
    let offset: Dim = 0;
    const strides = new Map<string, { atom: Atom; stride: Dim }>();
    for (const p of parts) {
      offset = dims.add(offset, p.offset);
      for (const t of p.terms) {
        const k = this.key(t.atom), before = strides.get(k);
        strides.set(k, { atom: t.atom, stride: before ? dims.add(before.stride, t.stride) : t.stride });
      }
    }
    return this.recombine(offset, strides);
  }

  /** `(x / n)·n·s + (x % n)·s` is `x·s`: undoes a reshape that another one split. */
  private recombine(offset: Dim, strides: Map<string, { atom: Atom; stride: Dim }>): Index {
    for (const { atom, stride } of strides.values()) {
      if (atom.kind !== "mod" || stride === 0) continue;
      const quotient = this.key({ kind: "div", of: atom.of, by: atom.by });
      const other = strides.get(quotient);
      if (!other || other.stride !== dims.mul(stride, atom.by)) continue;
      strides.delete(quotient);
      strides.delete(this.key(atom));
      return this.add(this.fromTerms(offset, strides), this.scale(atom.of, stride));
    }
    return this.fromTerms(offset, strides);
  }

  private fromTerms(offset: Dim, strides: ReadonlyMap<string, { atom: Atom; stride: Dim }>): Index {
    const keys = new Map<Atom, string>();
    for (const [k, t] of strides) keys.set(t.atom, k);
    return make(offset, [...strides.values()], keys);
  }

  scale(x: Index, by: Dim): Index {
    if (by === 1) return x;
    return this.fromTerms(dims.mul(x.offset, by), new Map(x.terms.map((t) => [this.key(t.atom), { atom: t.atom, stride: dims.mul(t.stride, by) }])));
  }

  shift(x: Index, by: Dim): Index { return by === 0 ? x : this.add(x, this.constant(by)); }

  /**
   * Splits into `quotient · by + rest`, moving every term that `by` divides into the quotient. What a target does to
   * a negative rest is not what it does to `x`: where the rest may be negative, nothing is moved.
   */
  private split(x: Index, by: Dim): { quotient: Index; rest: Index } {
    const inner = new Map<string, { atom: Atom; stride: Dim }>(), outer = new Map<string, { atom: Atom; stride: Dim }>();
    for (const t of x.terms) {
      const q = dims.divExact(t.stride, by);
      if (q !== undefined) outer.set(this.key(t.atom), { atom: t.atom, stride: q });
      else inner.set(this.key(t.atom), t);
    }
    const exact = dims.divExact(x.offset, by) ?? (typeof x.offset === "number" && typeof by === "number" ? Math.floor(x.offset / by) : 0);
    for (const q of exact === 0 ? [0] : [exact, 0]) {
      const rest = this.fromTerms(dims.sub(x.offset, dims.mul(q, by)), inner), least = lowest(rest);
      if (least !== undefined && dims.atLeast(least, 0) === true) return { quotient: this.fromTerms(q, outer), rest };
    }
    return { quotient: this.constant(0), rest: x };
  }

  /** `x / by` rounded down, for `x` that is never negative. */
  div(x: Index, by: Dim): Index {
    if (by === 1) return x;
    const { quotient, rest } = this.split(x, by);
    return below(rest, by) ? quotient : this.add(quotient, this.ofAtom({ kind: "div", of: rest, by }));
  }

  /** `x % by`, for `x` that is never negative. */
  mod(x: Index, by: Dim): Index {
    if (by === 1) return this.constant(0);
    const { rest } = this.split(x, by);
    return below(rest, by) ? rest : this.ofAtom({ kind: "mod", of: rest, by });
  }

  /** Row-major position of an index tuple in a shape. */
  linear(index: readonly Index[], shape: readonly Dim[]): Index {
    let stride: Dim = 1;
    const parts: Index[] = [this.constant(0)];
    for (let k = shape.length - 1; k >= 0; k--) {
      parts.push(this.scale(index[k], stride));
      stride = dims.mul(stride, shape[k]);
    }
    return this.add(...parts);
  }

  /** The index tuple in a shape of a row-major position. */
  delinear(position: Index, shape: readonly Dim[]): Index[] {
    const out = new Array<Index>(shape.length);
    for (let k = shape.length - 1, rest = position; k >= 0; k--) {
      // a unit axis is always 0; the outermost axis of more takes what is left, with no remainder to form
      const outermost = shape.slice(0, k).every((d) => d === 1);
      out[k] = shape[k] === 1 ? this.constant(0) : outermost ? rest : this.mod(rest, shape[k]);
      rest = this.div(rest, shape[k]);
    }
    return out;
  }

  /** Replaces loop variables by indices, and data atoms' expressions by `onExpr` of them. */
  substitute(x: Index, byName: ReadonlyMap<string, Index>, onExpr: (e: Expr) => Expr): Index {
    return this.add(this.constant(x.offset), ...x.terms.map((t) => this.scale(this.substituteAtom(t.atom, byName, onExpr), t.stride)));
  }

  private substituteAtom(a: Atom, byName: ReadonlyMap<string, Index>, onExpr: (e: Expr) => Expr): Index {
    switch (a.kind) {
      case "var": return byName.get(a.var.name) ?? this.variable(a.var);
      case "div": return this.div(this.substitute(a.of, byName, onExpr), a.by);
      case "mod": return this.mod(this.substitute(a.of, byName, onExpr), a.by);
      case "data": return this.data(onExpr(a.value), a.size, a.note);
    }
  }
}

/** Number of values an atom can take: it lies in 0 … extent−1. Undefined where that is not known. */
function extentOf(a: Atom): Dim | undefined {
  switch (a.kind) {
    case "var": return a.var.extent;
    case "div": {
      const top = highest(a.of);
      return top === undefined ? undefined : dims.ceilDiv(dims.add(top, 1), a.by);
    }
    case "mod": return a.by;
    case "data": return a.size;
  }
}

/** A value that an index never exceeds, or undefined. What has a negative stride is largest at 0. */
export function highest(x: Index): Dim | undefined {
  let top: Dim | undefined = x.offset;
  for (const t of x.terms) {
    const extent = extentOf(t.atom);
    if (dims.atLeast(0, t.stride) === true) continue;
    if (extent === undefined || dims.atLeast(t.stride, 0) !== true) return undefined;
    top = dims.add(top, dims.mul(t.stride, dims.sub(extent, 1)));
  }
  return top;
}

/** A value that an index never falls below, or undefined. */
export function lowest(x: Index): Dim | undefined {
  let bottom: Dim | undefined = x.offset;
  for (const t of x.terms) {
    if (dims.atLeast(t.stride, 0) === true) continue;
    const extent = extentOf(t.atom);
    if (extent === undefined || dims.atLeast(0, t.stride) !== true) return undefined;
    bottom = dims.add(bottom, dims.mul(t.stride, dims.sub(extent, 1)));
  }
  return bottom;
}

/** Whether an index provably lies in 0 … limit−1. */
export function below(x: Index, limit: Dim): boolean {
  if (dims.atLeast(x.offset, 0) !== true || x.terms.some((t) => dims.atLeast(t.stride, 0) !== true)) return false;
  const top = highest(x);
  return top !== undefined && dims.atLeast(limit, dims.add(top, 1)) === true;
}

/** Whether an index provably lies in 0 … size−1 wherever its loops run, under a guard or not: no quotient in it is of a negative number. */
export function isInside(x: Index, size: Dim): boolean {
  const top = highest(x);
  return isNatural(x) && top !== undefined && dims.atLeast(size, dims.add(top, 1)) === true;
}

function isNatural(x: Index): boolean {
  const bottom = lowest(x);
  return bottom !== undefined && dims.atLeast(bottom, 0) === true
    && x.terms.every(({ atom }) => (atom.kind !== "div" && atom.kind !== "mod") || isNatural(atom.of));
}

/** The single loop variable an index consists of, if it is one and nothing else. */
export function plainVar(x: Index): LoopVar | undefined {
  const [t] = x.terms;
  return x.offset === 0 && x.terms.length === 1 && t.stride === 1 && t.atom.kind === "var" ? t.atom.var : undefined;
}

/** Calls `visit` for every loop variable and every data expression in an index. */
export function visitIndex(x: Index, onVar: (v: LoopVar) => void, onExpr: (e: Expr) => void): void {
  for (const { atom } of x.terms)
    if (atom.kind === "var") onVar(atom.var);
    else if (atom.kind === "data") onExpr(atom.value);
    else visitIndex(atom.of, onVar, onExpr);
}
