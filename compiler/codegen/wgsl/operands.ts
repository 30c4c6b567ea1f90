import { dims } from "../../../ir/types/index.ts";
import { isAbove, isBelow } from "../../loops/guards.ts";
import type { Expr, Index, Test } from "../../loops/ir.ts";
import { forEachExpr } from "../../loops/pool.ts";
import { bare } from "./text.ts";
import { width, type VectorExpressions } from "./vector.ts";

type Load = Extract<Expr, { kind: "load" }>;
type Guard = Extract<Expr, { kind: "guard" }>;

/** Where an index is in a buffer of vectors: the vector, and the place in it. Undefined where that is not always the same. */
function vectorAt(x: Index): { readonly vector: Index; readonly place: number } | undefined {
  const terms = x.terms.map(({ atom, stride }) => ({ atom, stride: dims.divExact(stride, width) }));
  if (terms.some((t) => t.stride === undefined)) return undefined;
  for (let place = 0; place < width; place++) {
    const offset = dims.divExact(dims.sub(x.offset, place), width);
    if (offset !== undefined) return { vector: { offset, terms: terms.map(({ atom, stride }) => ({ atom, stride: stride! })), key: `vector ${offset} ${x.key}` }, place };
  }
  return undefined;
}

/** The buffers that are best read as vectors: of each, all elements of most vectors are wanted. */
export function vectorArguments(elements: readonly Expr[], isOpen: (arg: number) => boolean): Set<number> {
  const wanted = new Map<number, Set<string> | undefined>(), vectors = new Map<number, Set<string>>();
  forEachExpr(elements, (e) => {
    if (e.kind !== "load") return;
    const at = isOpen(e.arg) ? vectorAt(e.index) : undefined;
    const known = wanted.has(e.arg) ? wanted.get(e.arg) : new Set<string>();
    wanted.set(e.arg, at ? known?.add(e.index.key) : undefined);
    if (at) vectors.set(e.arg, (vectors.get(e.arg) ?? new Set()).add(keyOf(at.vector)));
  });
  return new Set([...wanted].flatMap(([arg, keys]) => (keys && keys.size >= 0.75 * width * vectors.get(arg)!.size ? [arg] : [])));
}

const keyOf = (x: Index): string => `${x.offset} ${varyingKey(x)}`;
const varyingKey = (x: Index): string => x.terms.map((t) => `${t.stride}·${atomText(t.atom)}`).join(" + ");
const atomText = (a: Index["terms"][number]["atom"]): string => (a.kind === "var" ? a.var.name : a.kind === "data" ? "data" : `${a.kind}(${a.of.key}, ${a.by})`);

/**
 * Reads the elements of operands: each once, whichever products it is in, and a vector of them at once where a buffer
 * is one of vectors. What elements have in common (the part of their indices that varies, tests) is computed once.
 */
export class OperandReader {
  private readonly x: VectorExpressions;
  private readonly vectors: ReadonlySet<number>;
  private readonly lines: string[] = [];
  private readonly bases = new Map<string, string>();
  private readonly read = new Map<string, string>();
  private readonly tests = new Map<string, string>();

  constructor(x: VectorExpressions, vectors: ReadonlySet<number>) {
    this.x = x;
    this.vectors = vectors;
  }

  /** The lines that read elements, which have names in the expressions' printer from then on. */
  readAll(elements: readonly Expr[]): string[] {
    const uses = new Map<Expr, number>();
    for (const e of elements) uses.set(e, (uses.get(e) ?? 0) + 1);
    forEachExpr(elements, (e) => {
      if (e.kind === "load") this.x.name(e, this.load(e, uses.get(e) === 1));
      else if (e.kind === "guard") this.x.name(e, this.guard(e));
      else if ((uses.get(e) ?? 0) > 1 && e.kind !== "const") this.x.name(e, this.bind("value", this.x.print(e)));
    });
    return this.lines;
  }

  private bind(name: string, value: string): string {
    const bound = this.x.names.fresh(name);
    this.lines.push(`let ${bound} = ${bare(value)};`);
    return bound;
  }

  private load(e: Load, isUsedOnce: boolean): string {
    const arg = this.x.arg(e.arg), at = this.vectors.has(e.arg) ? vectorAt(e.index) : undefined;
    if (!at) {
      const text = this.x.element(e.arg, bare(this.position(e.index)));
      return isUsedOnce && e.dtype !== "bool" ? text : this.bind(`${arg}_value`, e.dtype === "bool" ? `${text} != 0u` : text);
    }
    const key = `${e.arg} ${keyOf(at.vector)}`, known = this.read.get(key) ?? this.bind(`${arg}_vector`, this.x.element(e.arg, bare(this.position(at.vector))));
    this.read.set(key, known);
    return `${known}.${"xyzw"[at.place]}`;
  }

  /** An index: what varies of it has a name. */
  private position(x: Index): string {
    if (x.terms.length === 0) return this.x.dim(x.offset);
    const varying: Index = { ...x, offset: 0 }, key = varyingKey(x);
    const [only] = x.terms, isName = x.terms.length === 1 && only.stride === 1 && only.atom.kind === "var";
    const base = this.bases.get(key) ?? (isName ? this.x.index(varying) : this.bind("at", this.x.index(varying)));
    this.bases.set(key, base);
    if (x.offset === 0) return base;
    return typeof x.offset === "number" && x.offset < 0 ? `(${base} - ${-x.offset})` : `(${base} + ${this.x.dim(x.offset)})`;
  }

  /** A choice. Both sides may be evaluated: what is read out of bounds is some element, and not chosen. */
  private guard(e: Guard): string {
    const tests = e.tests.flatMap((t) => this.test(t));
    return this.bind("chosen", `select(${bare(this.x.print(e.outside))}, ${bare(this.x.print(e.inside))}, ${tests.join(" & ")})`);
  }

  /** What remains to be seen of a test when the kernel runs. */
  private test(t: Test): string[] {
    const position = this.position(t.index), parts: string[] = [];
    if (!isAbove(t)) parts.push(`${position} >= ${this.x.dim(t.low)}`);
    if (!isBelow(t)) parts.push(`${position} < ${this.x.dim(t.high)}`);
    if (t.step !== 1) parts.push(`(${position} - ${this.x.dim(t.low)}) % ${t.step} == 0`);
    return parts.map((text) => {
      const known = this.tests.get(text) ?? this.bind("inside", text);
      this.tests.set(text, known);
      return known;
    });
  }
}
