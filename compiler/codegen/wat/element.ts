import { isFloat, isHalf, type MathType } from "../../../ir/types/index.ts";
import type { Reducer } from "../../../ir/ops/index.ts";
import { combining } from "../../loops/combining.ts";
import type { Atom, Expr, Index, Test } from "../../loops/ir.ts";
import type { KernelContext } from "./context.ts";
import { bitsOf, numberOf } from "./half.ts";
import { mathFunction } from "./math.ts";
import { scalarSpelling, type Spelling } from "./ops.ts";
import { address } from "./streams.ts";
import { constant, extract, loadOf, numberType, wrap } from "./types.ts";

/** Prints one element of an expression; in a loop that steps in vectors, that of lane `q`. */
export function element(cx: KernelContext, e: Expr, q = 0): string {
  switch (e.kind) {
    case "const": return constant(e.dtype, e.value);
    case "size": return convert(cx, "i32", e.dtype, cx.size(e.dim));
    case "index": return convert(cx, "i32", e.dtype, index(cx, e.index, q));
    case "ref": return cx.vectors.has(e.name) || cx.splats.has(e.name) ? extract(e.dtype, `(local.get ${cx.out.local(e.name, "v128")})`, q) : `(local.get ${cx.out.local(e.name, numberType[e.dtype])})`;
    case "load": return loaded(cx, e.arg, address(cx, e.arg, e.index, q));
    case "scalar": return applyOp(cx, e, e.args.map((a) => element(cx, a, q)));
    case "select": return select(cx, e, q);
    case "convert": return convert(cx, e.arg.dtype, e.dtype, element(cx, e.arg, q));
    case "guard": return `(if (result ${numberType[e.dtype]}) ${tests(cx, e.tests, q)} (then ${element(cx, e.inside, q)}) (else ${element(cx, e.outside, q)}))`;
    case "across": return across(cx, e);
    default: return cx.fail(`has a ${e.kind} that no loop was made for`);
  }
}

/** One of two numbers. To select an f32 x64 has no instruction, and engines branch, which goes wrong where data decides: a lane they can select. */
function select(cx: KernelContext, e: Extract<Expr, { kind: "select" }>, q: number): string {
  const [a, b, pred] = [e.a, e.b, e.pred].map((x) => element(cx, x, q));
  if (e.dtype !== "f32") return `(select ${a} ${b} ${pred})`;
  return `(f32x4.extract_lane 0 (v128.bitselect (f32x4.splat ${a}) (f32x4.splat ${b}) (i32x4.splat (i32.sub (i32.const 0) ${pred}))))`;
}

/** What is at an address of an argument. */
function loaded(cx: KernelContext, arg: number, at: string): string {
  const { dtype } = cx.kernel.args[arg], element = `(${loadOf(dtype)} ${at})`;
  return isHalf(dtype) ? numberOf(cx, dtype, element) : element;
}

/** An element as it is stored in an argument. */
export function stored(cx: KernelContext, arg: number, value: string): string {
  const { dtype } = cx.kernel.args[arg];
  return isHalf(dtype) ? bitsOf(cx, dtype, value) : value;
}

/** A scalar op on the text of its operands. */
export function applyOp(cx: KernelContext, e: Extract<Expr, { kind: "scalar" }>, operands: readonly string[]): string {
  const dtype = e.args[0].dtype;
  const spelling = scalarSpelling(e.op, dtype);
  if (spelling) return wrap(e.dtype, spell(cx, spelling, operands));
  // the function that vectors take, so that an element has the same bits wherever a loop puts it
  const math = dtype === "f32" ? mathFunction(e) : undefined;
  if (math) return `(f32x4.extract_lane 0 (call $${cx.module.math(math)} ${operands.map((x) => `(f32x4.splat ${x})`).join(" ")}))`;
  const call = (list: readonly string[]): string => `(call $${cx.module.imported(e.op, dtype)} ${list.join(" ")})`;
  if (!isFloat(dtype)) return wrap(e.dtype, call(operands));
  const result = call(operands.map((x) => (dtype === "f32" ? `(f64.promote_f32 ${x})` : x)));
  return e.dtype === "f32" ? `(f32.demote_f64 ${result})` : result;
}

export const spell = (cx: KernelContext, spelling: Spelling, operands: readonly string[]): string =>
  typeof spelling === "function" ? spelling(...operands) : `(call $${cx.module.library(spelling.calls)} ${operands.join(" ")})`;

export function convert(cx: KernelContext, from: MathType, to: MathType, x: string): string {
  if (from === to) return x;
  const f = numberType[from];
  switch (to) {
    case "bool": return `(${f}.ne ${x} (${f}.const 0))`;
    case "f32": return f === "f64" ? `(f32.demote_f64 ${x})` : `(f32.convert_i32_${from === "u32" ? "u" : "s"} ${x})`;
    case "f64": return f === "f32" ? `(f64.promote_f32 ${x})` : `(f64.convert_i32_${from === "u32" ? "u" : "s"} ${x})`;
    default:
      if (f === "i32") return wrap(to, x);
      return wrap(to, `(call $${cx.module.library("toInt32")} ${f === "f32" ? `(f64.promote_f32 ${x})` : x})`);
  }
}

export function tests(cx: KernelContext, list: readonly Test[], q: number): string {
  return list.map((t) => {
    const at = index(cx, t.index, q), low = cx.size(t.low), high = cx.size(t.high);
    // as unsigned numbers, one comparison sees both bounds
    const bounds = t.low === 0 ? `(i32.lt_u ${at} ${high})` : `(i32.and (i32.ge_s ${at} ${low}) (i32.lt_s ${at} ${high}))`;
    return t.step === 1 ? bounds : `(i32.and ${bounds} (i32.eqz (i32.rem_s (i32.sub ${at} ${low}) (i32.const ${t.step}))))`;
  }).reduce((a, b) => `(i32.and ${a} ${b})`);
}

/** An index as an i32. */
export function index(cx: KernelContext, x: Index, q = 0): string {
  const parts = x.terms.map(({ atom, stride }) => {
    const at = atomText(cx, atom, q);
    return stride === 1 ? at : `(i32.mul ${at} ${cx.size(stride)})`;
  });
  if (x.offset !== 0 || parts.length === 0) parts.push(cx.size(x.offset));
  return parts.reduce((a, b) => `(i32.add ${a} ${b})`);
}

function atomText(cx: KernelContext, a: Atom, q: number): string {
  switch (a.kind) {
    case "var": {
      const v = `(local.get ${cx.out.local(a.var.name, "i32")})`;
      return q > 0 && a.var.name === cx.lane?.name ? `(i32.add ${v} (i32.const ${q}))` : v;
    }
    case "div": return `(i32.div_u ${index(cx, a.of, q)} ${cx.size(a.by)})`;
    case "mod": return `(i32.rem_u ${index(cx, a.of, q)} ${cx.size(a.by)})`;
    case "data":
      if (a.note === undefined) return element(cx, a.value, q);
      return `(call $${cx.module.library("check")} ${element(cx, a.value, q)} ${cx.size(a.size)} (i32.const ${cx.module.note(a.note)}))`;
  }
}

/** The lanes of a vector folded into one, as a tree. */
function across(cx: KernelContext, e: Extract<Expr, { kind: "across" }>): string {
  const v = `(local.get ${cx.out.local(e.name, "v128")})`;
  if (e.dtype === "f32" && e.reducer === "sum") {
    // neighbours are added in pairs: two instructions instead of four
    const pairs = cx.out.bind(`(f32x4.add ${v} (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11 ${v} ${v}))`);
    return `(f32.add ${extract(e.dtype, pairs, 0)} ${extract(e.dtype, pairs, 2)})`;
  }
  const [a, b, c, d] = [0, 1, 2, 3].map((q) => extract(e.dtype, v, q));
  return combine(cx, e.reducer, e.dtype, combine(cx, e.reducer, e.dtype, a, b), combine(cx, e.reducer, e.dtype, c, d));
}

/** One step of a fold. */
export function combine(cx: KernelContext, reducer: Reducer, dtype: MathType, a: string, b: string): string {
  const spelling = scalarSpelling(combining[reducer], dtype) ?? cx.fail(`folds ${dtype} with ${reducer}`);
  return wrap(dtype, spell(cx, spelling, [a, b]));
}
