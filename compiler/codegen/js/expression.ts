import { scalarRow } from "../../../ir/ops/index.ts";
import { dims, isFloat, isHalf, isInteger, type Dim, type MathType } from "../../../ir/types/index.ts";
import type { Atom, Expr, Index, Kernel, Test } from "../../loops/ir.ts";
import { binary, call, conditional, instantiate, level, literal, primary, template, type Code } from "./code.ts";
import { printDim, sumOf } from "./dims.ts";
import type { Helpers } from "./helpers.ts";
import type { Names } from "./names.ts";

/**
 * A value in generated code. Floats are JavaScript numbers in double precision (a store rounds), integers are wrapped
 * after each op, and a bool is either a number, 0 or 1, as it is in memory, or a JavaScript boolean, as a comparison
 * gives it: `isBoolean` tells which.
 */
export interface Typed extends Code {
  readonly isBoolean?: true;
}

const boolean = (code: Code): Typed => ({ ...code, isBoolean: true });

/** A bool as 0 or 1; anything else as it is. */
const asNumber = (v: Typed): Code => (v.isBoolean ? conditional(v, literal(1), literal(0)) : v);

/** Keeps a JavaScript number within an integer dtype, as memory would. */
function wrap(dtype: MathType, value: Code): Code {
  switch (dtype) {
    case "i32": return binary("|", value, literal(0));
    case "u32": return binary(">>>", value, literal(0));
    case "u8": return binary("&", value, literal(255));
    default: return value;
  }
}

/** Helpers between the halves' numbers and their bits. */
const numberOfBits = { f16: "f16OfBits", bf16: "bf16OfBits" } as const, bitsOfNumber = { f16: "bitsOfF16", bf16: "bitsOfBF16" } as const;

/** Whether a template's result is a 32-bit signed integer already. */
function isInt32(js: string): boolean {
  const outermost = template(js).level;
  return (outermost >= level.bitOr && outermost <= level.bitAnd) || js.startsWith("~") || js.startsWith("Math.imul(");
}

/** Prints the expressions and indices of one kernel. */
export class Expressions {
  private readonly kernel: Kernel;
  private readonly names: Names;
  private readonly helpers: Helpers;
  /** Names bound by `let` to a JavaScript boolean. */
  private readonly booleans = new Set<string>();

  constructor(kernel: Kernel, names: Names, helpers: Helpers) {
    this.kernel = kernel;
    this.names = names;
    this.helpers = helpers;
  }

  /** Identifier of argument `arg`. */
  arg(arg: number): string { return this.names.of("arg", String(arg), this.kernel.args[arg].name); }
  /** Identifier of a `let`, an accumulator, a loop variable or a symbolic dimension. */
  local(name: string): string { return this.names.of("local", name); }
  variable(name: string): string { return this.names.of("var", name); }
  readonly symbol = (name: string): string => this.names.of("scalar", name);

  /** Notes that a `let` holds a JavaScript boolean, if its value is one. */
  bind(name: string, value: Typed): void {
    if (value.isBoolean) this.booleans.add(name);
  }

  dim(d: Dim): Code { return printDim(d, this.symbol); }

  /** An expression as a number. */
  number(e: Expr): Code { return asNumber(this.print(e)); }

  print(e: Expr): Typed {
    switch (e.kind) {
      case "const": return literal(e.value);
      case "size": return this.integerAs(e.dtype, this.dim(e.dim));
      case "index": return this.integerAs(e.dtype, this.index(e.index));
      case "load": return this.loaded(e.arg, e.index);
      case "ref": return this.booleans.has(e.name) ? boolean(primary(this.local(e.name))) : primary(this.local(e.name));
      case "scalar": return this.scalar(e);
      case "select": return conditional(this.print(e.pred), this.number(e.a), this.number(e.b));
      case "convert": return this.convert(e);
      case "guard": return conditional(this.tests(e.tests), this.number(e.inside), this.number(e.outside));
      case "reduce": case "argReduce": case "prefix": case "across":
        throw new Error(`internal: kernel ${this.kernel.name} has a ${e.kind} that no loop was made for`);
      case "across": throw new Error(`internal: kernel ${this.kernel.name} has vectors, which JavaScript has not`);
    }
  }

  /** What an element of an argument is: `x[i]`, or the number whose bits that has. */
  private loaded(arg: number, index: Index): Code {
    const element = this.element(arg, index), { dtype } = this.kernel.args[arg];
    return isHalf(dtype) ? call(this.helpers.use(numberOfBits[dtype]), element) : element;
  }

  /** A number as an element of an argument. */
  stored(arg: number, value: Code): Code {
    const { dtype } = this.kernel.args[arg];
    return isHalf(dtype) ? call(this.helpers.use(bitsOfNumber[dtype]), value) : value;
  }

  /** `x[i]`. */
  element(arg: number, index: Index): Code { return primary(`${this.arg(arg)}[${this.index(index).text}]`); }

  /** A size or an index, which is below 2³¹, as a value of a dtype. */
  private integerAs(dtype: MathType, value: Code): Typed {
    if (dtype === "bool") return boolean(binary("!==", value, literal(0)));
    return dtype === "u8" ? wrap(dtype, value) : value;
  }

  private scalar(e: Extract<Expr, { kind: "scalar" }>): Typed {
    const row = scalarRow(e.op);
    const dtype = e.args[0].dtype;
    const js = isInteger(dtype) && row.jsInt !== undefined ? row.jsInt : row.js;
    const parsed = template(js);
    // `!`, `&`, `|` and `^` mean the same on booleans as on 0 and 1; nothing else is asked to
    const takesBoolean = dtype === "bool" && (row.domain === "logic" || row.domain === "bool");
    const isRounded = isEquality(e);
    const operands = e.args.map((a) => (takesBoolean ? this.print(a) : isRounded && !isHeld(a) ? call("Math.fround", this.number(a)) : this.number(a)));
    const mustBind = operands.some((x, k) => (parsed.uses[k] ?? 0) > 1 && !isAtomic(x));
    const value = mustBind
      ? call(this.helpers.fromTemplate(js === row.jsInt ? `${e.op}Int` : e.op, js, row.arity), ...operands)
      : instantiate(parsed, operands);
    this.helpers.useCalledIn(js);
    if (e.dtype === "bool") return isComparison(js) ? boolean(value) : value;
    // minimum and maximum give one of their operands; bit operations give 32 bits with a sign
    if (row.domain === "any" || (e.dtype === "i32" && isInt32(js))) return value;
    return wrap(e.dtype, value);
  }

  private convert(e: Extract<Expr, { kind: "convert" }>): Typed {
    const from = e.arg.dtype, x = this.print(e.arg);
    if (from === e.dtype) return x;
    if (e.dtype === "bool") return boolean(binary("!==", x, literal(0)));
    const value = asNumber(x);
    if (from === "f64" && e.dtype === "f32") return call("Math.fround", value);
    const fits = isFloat(e.dtype) || from === "bool" || (from === "u8" && e.dtype !== "u8");
    return fits ? value : wrap(e.dtype, value);
  }

  private tests(tests: readonly Test[]): Code {
    return tests.flatMap((t) => {
      const i = this.index(t.index), low = this.dim(t.low);
      const parts = [binary(">=", i, low), binary("<", i, this.dim(t.high))];
      if (t.step !== 1) parts.push(binary("===", binary("%", t.low === 0 ? i : binary("-", i, low), literal(t.step)), literal(0)));
      return parts;
    }).reduce((a, b) => binary("&&", a, b));
  }

  // ---- indices

  /** `i * 64 + k`. */
  index(x: Index): Code {
    const terms = x.terms.map(({ atom, stride }) => {
      const negative = isNegative(stride);
      const by = negative ? dims.mul(stride, -1) : stride;
      return { negative, code: by === 1 ? this.atom(atom) : binary("*", this.atom(atom), this.dim(by)) };
    });
    if (x.offset === 0) return sumOf(terms);
    const negative = isNegative(x.offset);
    const offset = { negative, code: this.dim(negative ? dims.mul(x.offset, -1) : x.offset) };
    // "B - 1 - i" rather than "-i + B - 1"
    return sumOf(terms[0]?.negative ? [offset, ...terms] : [...terms, offset]);
  }

  private atom(a: Atom): Code {
    switch (a.kind) {
      case "var": return primary(this.variable(a.var.name));
      // quotients of integers below 2³¹ are exact enough in double precision to be cut off
      case "div": return binary("|", binary("/", this.index(a.of), this.dim(a.by)), literal(0));
      // counted as binding like a sum: few know how % and * mix
      case "mod": return { ...binary("%", this.index(a.of), this.dim(a.by)), level: level.additive };
      case "data":
        if (a.note === undefined) return this.number(a.value);
        return call(this.helpers.use("checkIndex"), this.number(a.value), this.dim(a.size), primary(JSON.stringify(a.note)));
    }
  }
}

/** Whether the text of a template is a comparison or negation, which give JavaScript booleans. */
const isComparison = (js: string): boolean => /[<>=!]==?|[<>]|^!|^Number\.is/.test(js);

/** Whether a dimension is better written with its sign in front. */
const isNegative = (d: Dim): boolean => (typeof d === "number" ? d < 0 : d.startsWith("-"));

/** Whether a value may be repeated in the text: it costs nothing and calls nothing. */
export const isAtomic = (code: Code): boolean => /^-?[\w$.]+$/.test(code.text);

/**
 * Whether two f32 values are asked to be the same. JavaScript computes them with the digits of a double, of which memory keeps
 * fewer: what is equal to its maximum in one kernel must be so in another that reads the maximum from memory.
 */
const isEquality = ({ op, args }: Extract<Expr, { kind: "scalar" }>): boolean =>
  (op === "eq" || op === "ne") && args[0].dtype === "f32" && args.every((a) => a.kind !== "const");

/** Whether a value has no more digits than memory keeps. */
function isHeld(e: Expr): boolean {
  switch (e.kind) {
    case "load": return true;
    case "const": return Math.fround(e.value) === e.value;
    case "select": return isHeld(e.a) && isHeld(e.b);
    default: return false;
  }
}
