import { scalarRow } from "../../../ir/ops/index.ts";
import { dims, isFloat, type Dim, type MathType } from "../../../ir/types/index.ts";
import { isAbove } from "../../loops/guards.ts";
import type { Atom, Expr, Index, Kernel, LoopVar, Test } from "../../loops/ir.ts";
import { forEachExpr } from "../../loops/pool.ts";
import { Names } from "../js/names.ts";
import { isOfHalves } from "./storage.ts";
import { bare } from "./text.ts";
import { literal, valueType } from "./types.ts";
import { reservedWords } from "./words.ts";

/** What messages about an index out of range say it was for, by number; shared by the kernels of a model. */
export class Notes {
  readonly list: string[] = [];
  /** From 1 up: 0 is "no fault". */
  numberOf(note: string): number {
    const at = this.list.indexOf(note);
    return at >= 0 ? at + 1 : this.list.push(note);
  }
}

/**
 * Prints the expressions and indices of one kernel. What must not be evaluated everywhere (the sides of a guard) is
 * put in statements of its own, added to `lines` before the statement that uses it.
 */
export class Expressions {
  readonly kernel: Kernel;
  readonly names: Names = new Names(reservedWords);
  private readonly notes: Notes;
  /** Statements that must come before the one being printed. */
  lines: string[] = [];
  /** Bindings that are repeated where they are used, in place of a name. */
  private readonly inlined = new Map<string, Expr>();

  constructor(kernel: Kernel, notes: Notes) {
    this.kernel = kernel;
    this.notes = notes;
    // buffers first, so that they keep their names
    kernel.args.forEach((_, i) => this.arg(i));
  }

  /** The name of an argument, or of a row that invocations keep. */
  arg(arg: number): string { return this.names.of("arg", String(arg), (arg < 0 ? this.kernel.rows![-1 - arg] : this.kernel.args[arg]).name.replace(/\$/g, "_")); }
  /** What an argument has at a place: an element, or a vector where that is what it is accessed in. */
  element(arg: number, at: string): string { return this.isHalves(arg) ? `${this.reader(arg)}(${at})` : `${this.arg(arg)}[${at}]`; }
  /** The statement that puts it there. */
  put(arg: number, at: string, value: string): string { return this.isHalves(arg) ? `${this.writer(arg)}(${at}, ${value});` : `${this.arg(arg)}[${at}] = ${value};`; }
  private isHalves(arg: number): boolean { return arg >= 0 && isOfHalves(this.kernel.args[arg]); }
  reader(arg: number): string { return this.names.of("reader", String(arg), `read_${this.arg(arg)}`); }
  writer(arg: number): string { return this.names.of("writer", String(arg), `write_${this.arg(arg)}`); }
  local(name: string): string { return this.names.of("local", name); }
  variable(v: LoopVar): string { return this.names.of("var", v.name); }

  /** Values that have a name by now. */
  private named = new Map<Expr, string>();

  /** Uses a name for a value from here on; or, for all that have one, no more. */
  name(e: Expr, as: string): void { this.named.set(e, as); }
  forgetNames(): void { this.named = new Map(); }

  /** Arguments that are read as vectors of four elements. */
  readonly vectors: Set<number> = new Set();
  readVectors(arg: number): void { this.vectors.add(arg); }

  /** Gives bindings their names back. */
  forget(): void { this.inlined.clear(); }

  /** Repeats the value of a binding wherever it is used. */
  inline(name: string, value: Expr): void { this.inlined.set(name, value); }

  dim(d: Dim): string {
    if (typeof d === "number") return d < 0 ? `(${d})` : String(d);
    const terms = dims.terms(d).map(({ coefficient, atoms }) => ({
      negative: coefficient < 0,
      text: [...(Math.abs(coefficient) === 1 && atoms.length > 0 ? [] : [String(Math.abs(coefficient))]), ...atoms.map((a) => (typeof a === "string" ? this.symbol(a) : `(${this.dim(a.num)} / ${this.dim(a.den)})`))].join(" * "),
    }));
    return sumOf(terms.sort((a, b) => Number(a.negative) - Number(b.negative)));
  }

  /** A symbolic dimension or a counter, from the uniform buffer. */
  private symbol(name: string): string { return `sizes.${symbolField(name)}`; }

  print(e: Expr): string {
    const name = this.named.get(e);
    if (name !== undefined) return name;
    switch (e.kind) {
      case "const": return literal(e.dtype, e.value);
      case "size": return this.integerAs(e.dtype, this.dim(e.dim));
      case "index": return this.integerAs(e.dtype, this.index(e.index));
      case "load": return this.loaded(e.dtype, this.element(e.arg, isBelowZero(e.index) ? "0" : bare(this.index(e.index))));
      case "ref": {
        const value = this.inlined.get(e.name);
        return value ? this.print(value) : this.local(e.name);
      }
      case "scalar": return this.scalar(e);
      case "select": return `select(${bare(this.print(e.b))}, ${bare(this.print(e.a))}, ${bare(this.print(e.pred))})`;
      case "convert": return this.convert(e.arg.dtype, e.dtype, this.print(e.arg));
      case "guard": return this.guard(e);
      case "reduce": case "argReduce": case "prefix": case "across":
        throw new Error(`internal: kernel ${this.kernel.name} has a ${e.kind} that no loop was made for`);
    }
  }

  private loaded(dtype: MathType, element: string): string { return dtype === "bool" ? `(${element} != 0u)` : element; }

  /** A value as it is stored. */
  stored(e: Expr): string {
    const value = this.print(e);
    return e.dtype === "bool" ? `select(0u, 1u, ${bare(value)})` : bare(value);
  }

  private integerAs(dtype: MathType, value: string): string {
    switch (dtype) {
      case "i32": return value;
      case "bool": return `(${value} != 0)`;
      case "u8": return `(u32(${bare(value)}) & 255u)`;
      default: return `${valueType[dtype]}(${bare(value)})`;
    }
  }

  private scalar(e: Extract<Expr, { kind: "scalar" }>): string {
    const row = scalarRow(e.op), { dtype } = e.args[0];
    // ops that WGSL has not for bool are done on 0 and 1
    const asNumbers = dtype === "bool" && !["logicalNot", "bitAnd", "bitOr", "eq", "ne"].includes(e.op);
    const operands = e.args.map((x) => (asNumbers ? `select(0u, 1u, ${bare(this.print(x))})` : this.print(x)));
    const template = isFloat(dtype) ? row.wgsl : row.wgslInt ?? row.wgsl;
    const type = dtype === "i32" ? "i32" : "u32";
    const text = template.replace(/\$T/g, type).replace(/\$(\d)/g, (_, k: string) => operands[Number(k)]);
    const value = /^\w+\(.*\)$/.test(template) ? text : `(${text})`;
    if (e.dtype === "bool") return asNumbers && !row.result ? `(${value} != 0u)` : value;
    return e.dtype === "u8" ? `(${value} & 255u)` : value;
  }

  convert(from: MathType, to: MathType, x: string): string {
    if (from === to) return x;
    const plain = bare(x);
    if (to === "bool") return from === "f32" ? `!(${plain} == 0.0)` : `(${x} != ${literal(from, 0)})`;
    if (from === "bool") return `select(${literal(to, 0)}, ${literal(to, 1)}, ${plain})`;
    if (isFloat(to)) return `f32(${plain})`;
    const integer = isFloat(from) ? `wrap_u32(${plain})` : x;
    const isUnsigned = isFloat(from) || from !== "i32";
    if (to === "i32") return isUnsigned ? `bitcast<i32>(${bare(integer)})` : integer;
    const unsigned = isUnsigned ? integer : `bitcast<u32>(${bare(integer)})`;
    return to === "u8" && from !== "u8" ? `(${unsigned} & 255u)` : unsigned;
  }

  /** Whether a value is a vector: never, where each is one number. */
  isVector(_e: Expr): boolean { return false; }
  /** A value as a vector, for what needs one. */
  widened(e: Expr): string { return this.print(e); }

  /** A choice: by `select` where both sides may be evaluated, else by an `if`. */
  private guard(e: Extract<Expr, { kind: "guard" }>): string {
    const test = this.tests(e.tests);
    const isVector = this.isVector(e), on = (x: Expr): string => bare(isVector ? this.widened(x) : this.print(x));
    if (!isVector && isTruth(e.inside, 1) && isTruth(e.outside, 0)) return test;
    if (isHarmless(e.inside) && isHarmless(e.outside)) return `select(${on(e.outside)}, ${on(e.inside)}, ${bare(test)})`;
    const name = this.names.fresh("chosen");
    const before = this.lines;
    const branch = (x: Expr): string[] => {
      this.lines = [];
      const value = on(x);
      return [...this.lines, `${name} = ${value};`].map((line) => `  ${line}`);
    };
    const inside = branch(e.inside), outside = branch(e.outside);
    this.lines = before;
    this.lines.push(`var ${name}: ${isVector ? `vec4<${valueType[e.dtype]}>` : valueType[e.dtype]};`, `if (${bare(test)}) {`, ...inside, "} else {", ...outside, "}");
    return name;
  }

  /**
   * Whether tests all hold. `&&` is a branch, and some compilers take far longer the more there are (SwiftShader's, half as
   * long again for each in a loop): it is for what costs something to look at.
   */
  tests(tests: readonly Test[]): string {
    const parts = tests.flatMap((t) => {
      const i = this.index(t.index), low = this.dim(t.low);
      const own = [...(isAbove(t) ? [] : [`${i} >= ${low}`]), `${i} < ${this.dim(t.high)}`];
      if (t.step !== 1) own.push(`(${t.low === 0 ? i : `(${i} - ${low})`} % ${t.step}) == 0`);
      return own;
    });
    if (parts.length === 1 || tests.some((t) => hasData(t.index))) return `(${parts.join(" && ")})`;
    return `(${parts.map((p) => `(${p})`).join(" & ")})`;
  }

  // ---- indices: i32

  index(x: Index): string {
    const terms = x.terms.map(({ atom, stride }) => {
      const negative = isNegative(stride), by = negative ? dims.mul(stride, -1) : stride;
      return { negative, text: by === 1 ? this.atom(atom) : `${this.atom(atom)} * ${this.dim(by)}` };
    });
    if (x.offset !== 0) {
      const negative = isNegative(x.offset), term = { negative, text: this.dim(negative ? dims.mul(x.offset, -1) : x.offset) };
      if (terms[0]?.negative) terms.unshift(term);
      else terms.push(term);
    }
    return sumOf(terms);
  }

  private atom(a: Atom): string {
    switch (a.kind) {
      case "var": return this.variable(a.var);
      case "div": return `(${this.index(a.of)} / ${this.dim(a.by)})`;
      case "mod": return `(${this.index(a.of)} % ${this.dim(a.by)})`;
      case "data": {
        const index = this.convert(a.value.dtype, "i32", this.print(a.value));
        if (a.note === undefined) return index;
        return `checkIndex(${bare(index)}, ${bare(this.dim(a.size))}, ${this.notes.numberOf(a.note)}u)`;
      }
    }
  }
}

/** `a + b - c` in parentheses, unless it is one term that binds tightly. */
function sumOf(terms: readonly { readonly negative: boolean; readonly text: string }[]): string {
  if (terms.length === 0) return "0";
  const [first, ...rest] = terms;
  const text = rest.reduce((sum, t) => `${sum} ${t.negative ? "-" : "+"} ${t.text}`, first.negative ? `-(${first.text})` : first.text);
  return rest.length === 0 && /^[\w.]+$|^\w+\([^()]*\)$/.test(text) ? text : `(${text})`;
}

const isNegative = (d: Dim): boolean => (typeof d === "number" ? d < 0 : d.startsWith("-"));

/** The field of the uniform buffer that has a symbol: no letters outside ASCII, nothing that WGSL keeps for itself. */
export const symbolField = (name: string): string => `n_${name.replace(/\W/g, "_")}`;

/** Whether a value may be computed where it is not wanted: few loads, at most one, and no index that is checked. */
function isHarmless(e: Expr): boolean {
  let loads = 0, isCostly = false;
  forEachExpr([e], (x) => {
    if (x.kind === "load") {
      loads++;
      isCostly ||= hasData(x.index);
    }
    if (x.kind === "index") isCostly ||= hasData(x.index);
    if (x.kind === "guard" || (x.kind === "scalar" && (scalarRow(x.op).cost ?? 1) > 8)) isCostly = true;
  });
  return !isCostly && loads <= 1;
}

const isTruth = (e: Expr, value: number): boolean => e.kind === "const" && e.dtype === "bool" && e.value === value;

/** Whether an index is a negative number: behind a test that never holds, and nothing that a device would compile. */
const isBelowZero = (x: Index): boolean => x.terms.length === 0 && typeof x.offset === "number" && x.offset < 0;

const hasData = (x: Index): boolean => x.terms.some(({ atom }) => atom.kind === "data" || (atom.kind !== "var" && hasData(atom.of)));
