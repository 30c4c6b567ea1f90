import { isFloat, type MathType } from "../../../ir/types/index.ts";
import type { Reducer } from "../../../ir/ops/index.ts";
import type { LoopStmt, Stmt } from "../../loops/ir.ts";
import { binary, call, literal, primary, within, level, type Code } from "./code.ts";
import { isAtomic, type Expressions } from "./expression.ts";

type Acc = Extract<Stmt, { kind: "acc" }>;
type FoldArg = Extract<Stmt, { kind: "foldArg" }>;
type Store = Extract<Stmt, { kind: "store" }>;

const accsPerLine = 8;

/** Prints lists of statements as lines, `depth` levels in. */
export class Statements {
  private readonly expressions: Expressions;
  constructor(expressions: Expressions) { this.expressions = expressions; }

  list(body: readonly Stmt[], depth: number): string[] {
    const declared = new Set<string>();
    const lines: string[] = [];
    for (let i = 0; i < body.length; i++) {
      const s = body[i];
      if (s.kind === "loop") lines.push(...this.loop(s, body.slice(i + 1), declared, depth));
      else if (s.kind !== "acc") lines.push(...this.simple(s, depth));
      else {
        let end = i + 1;
        while (body[end]?.kind === "acc") end++;
        lines.push(...this.accumulators(body.slice(i, end) as Acc[], depth));
        i = end - 1;
      }
    }
    return lines;
  }

  /** Accumulators that are declared together share lines. */
  private accumulators(accs: readonly Acc[], depth: number): string[] {
    const lines: string[] = [];
    for (let i = 0; i < accs.length; i += accsPerLine) {
      const some = accs.slice(i, i + accsPerLine).map((a) => `${this.expressions.local(a.name)} = ${literal(a.init).text}`);
      lines.push(`${indent(depth)}let ${some.join(", ")};`);
    }
    return lines;
  }

  private simple(s: Exclude<Stmt, LoopStmt | Acc>, depth: number): string[] {
    const x = this.expressions, pad = indent(depth);
    switch (s.kind) {
      case "let": {
        const value = x.print(s.value);
        x.bind(s.name, value);
        return [`${pad}const ${x.local(s.name)} = ${value.text};`];
      }
      case "fold": return [`${pad}${combineInto(x.local(s.name), s.reducer, s.dtype, x.number(s.value), false)}`];
      case "foldArg": return this.foldArg(s, depth);
      case "store": return this.store(s, depth);
    }
  }

  /** The first of equals wins, and a NaN wins for good. */
  private foldArg(s: FoldArg, depth: number): string[] {
    const x = this.expressions, pad = indent(depth);
    const best = x.local(s.best), at = x.local(s.at);
    const value = x.number(s.value);
    const candidate = isAtomic(value) ? value.text : x.local(`${s.best} candidate`);
    const beats = `${candidate} ${s.reducer === "max" ? ">" : "<"} ${best}`;
    const nan = isFloat(s.value.dtype) ? ` || (${candidate} !== ${candidate} && ${best} === ${best})` : "";
    return [
      ...(isAtomic(value) ? [] : [`${pad}const ${candidate} = ${value.text};`]),
      `${pad}if (${at} < 0 || ${beats}${nan}) {`,
      `${pad}  ${best} = ${candidate};`,
      `${pad}  ${at} = ${x.index(s.index).text};`,
      `${pad}}`,
    ];
  }

  private store(s: Store, depth: number): string[] {
    const x = this.expressions, pad = indent(depth);
    const target = x.element(s.arg, s.index).text;
    const value = x.number(s.value);
    if (s.mode === "set") return [`${pad}${target} = ${x.stored(s.arg, value).text};`];
    // the array wraps and rounds what is stored in it
    return [`${pad}${combineInto(target, s.mode, s.value.dtype, value, true)}`];
  }

  private loop(s: LoopStmt, after: readonly Stmt[], declared: Set<string>, depth: number): string[] {
    const x = this.expressions, pad = indent(depth);
    if (s.lanes !== 1) throw new Error(`internal: the loop over ${s.var.name} has vectors, which JavaScript has not`);
    const v = x.variable(s.var.name), extent = x.dim(s.var.extent);
    const resumed = after.some((t) => t.kind === "loop" && t.resume && t.var.name === s.var.name);
    const body = this.list(s.body, depth + 1);
    if (s.reverse) {
      if (s.resume || resumed) throw new Error(`internal: the loop over ${s.var.name} counts down and is resumed`);
      const last = s.step === 1 ? binary("-", extent, literal(1)) : binary("-", binary("-", extent, binary("%", extent, literal(s.step))), literal(s.step));
      return [`${pad}for (let ${v} = ${last.text}; ${v} >= 0; ${step(v, -s.step)}) {`, ...body, `${pad}}`];
    }
    const test = s.step === 1 ? `${v} < ${within(extent, level.additive)}` : `${v} + ${s.step} <= ${within(extent, level.additive)}`;
    const lines: string[] = [];
    let start = `let ${v} = 0`;
    if (s.resume) start = "";
    else if (resumed) {
      // the loop that resumes takes the variable where this one left it
      lines.push(`${pad}${declared.has(v) ? "" : "let "}${v} = 0;`);
      declared.add(v);
      start = "";
    }
    return [...lines, `${pad}for (${start}; ${test}; ${step(v, s.step)}) {`, ...body, `${pad}}`];
  }
}

export const indent = (depth: number): string => "  ".repeat(depth);

const step = (v: string, by: number): string => (by === 1 ? `${v}++` : by === -1 ? `${v}--` : by > 0 ? `${v} += ${by}` : `${v} -= ${-by}`);

/** Combines a value into a variable or an array element. `wraps`: the target does by itself what its dtype asks. */
function combineInto(target: string, reducer: Reducer, dtype: MathType, value: Code, wraps: boolean): string {
  const old = primary(target);
  const wrap = (result: Code): string => {
    if (wraps || isFloat(dtype) || dtype === "bool") return `${target} = ${result.text};`;
    return `${target} = ${(dtype === "i32" ? binary("|", result, literal(0)) : dtype === "u32" ? binary(">>>", result, literal(0)) : binary("&", result, literal(255))).text};`;
  };
  switch (reducer) {
    case "sum": return wraps || isFloat(dtype) ? `${target} += ${value.text};` : wrap(binary("+", old, value));
    case "prod":
      if (isFloat(dtype)) return `${target} *= ${value.text};`;
      return dtype === "i32" ? `${target} = ${call("Math.imul", old, value).text};` : wrap(call("Math.imul", old, value));
    case "max": return `${target} = ${call("Math.max", old, value).text};`;
    case "min": return `${target} = ${call("Math.min", old, value).text};`;
    case "any": return `${target} |= ${value.text};`;
    case "all": return `${target} &= ${value.text};`;
  }
}
