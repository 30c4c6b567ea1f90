import type { Reducer } from "../../../ir/ops/index.ts";
import { isFloat, type MathType } from "../../../ir/types/index.ts";
import type { LoopStmt, Stmt } from "../../loops/ir.ts";
import { forEachStmt } from "../../loops/statements.ts";
import { bare, type Expressions } from "./expression.ts";
import type { Workgroup } from "./workgroup.ts";
import { literal, valueType } from "./types.ts";

type FoldArg = Extract<Stmt, { kind: "foldArg" }>;
type Store = Extract<Stmt, { kind: "store" }>;
type Acc = Extract<Stmt, { kind: "acc" }>;

/** Prints lists of statements as lines. With a workgroup, loops are shared among its invocations. */
export class Statements {
  private readonly x: Expressions;

  constructor(expressions: Expressions) { this.x = expressions; }

  /** Statements that one invocation runs by itself. */
  list(body: readonly Stmt[]): string[] {
    return body.flatMap((s) => this.withLines(() => (s.kind === "loop" ? this.loop(s) : this.simple(s))));
  }

  /** Statements at a point of the grid that a workgroup has for itself: it shares the loops among them. */
  shared(body: readonly Stmt[], group: Workgroup): string[] {
    const accs = new Map(body.flatMap((s): [string, Acc][] => (s.kind === "acc" ? [[s.name, s]] : [])));
    return body.flatMap((s) => this.withLines(() => {
      if (s.kind === "store") return ["if (lane == 0u) {", ...this.indented(this.withLines(() => this.store(s))), "}"];
      if (s.kind !== "loop") return this.simple(s);
      return [...this.laneLoop(s, group), ...this.combined(s, accs, group)];
    }));
  }

  /** What printing an expression put before its statement, then the statement. */
  private withLines(print: () => string[]): string[] {
    const before = this.x.lines;
    this.x.lines = [];
    const own = print(), lines = [...this.x.lines, ...own];
    this.x.lines = before;
    return lines;
  }

  private indented(lines: readonly string[]): string[] { return lines.map((l) => `  ${l}`); }

  // ---- loops

  /** Loops directly inside each other are one, as long as they are all of the same kind: more to share out. */
  private laneLoop(s: LoopStmt, group: Workgroup): string[] {
    const vars = [s.var];
    let { body } = s;
    while (body.length === 1 && body[0].kind === "loop" && body[0].parallel === s.parallel && !body[0].reverse) {
      vars.push(body[0].var);
      body = body[0].body;
    }
    const { x } = this, size = typeof group.size === "number" ? group.size : `i32(${group.size})`;
    if (vars.length === 1) {
      const v = x.variable(s.var);
      return [`for (var ${v} = i32(lane); ${v} < ${x.dim(s.var.extent)}; ${v} += ${size}) {`, ...this.indented(this.list(body)), "}"];
    }
    const q = x.names.fresh("step");
    const extent = vars.map((v) => x.dim(v.extent)).join(" * ");
    return [`for (var ${q} = i32(lane); ${q} < ${extent}; ${q} += ${size}) {`, ...this.indented([...unravel(q, vars.map((v) => ({ name: x.variable(v), extent: x.dim(v.extent) }))), ...this.list(body)]), "}"];
  }

  /** After a loop that was shared: what its invocations have each folded, combined, so that all of them know it. */
  private combined(loop: LoopStmt, accs: ReadonlyMap<string, Acc>, group: Workgroup): string[] {
    const lines = new Map<string, string>();
    forEachStmt(loop.body, (t) => {
      if (t.kind === "fold" && accs.has(t.name)) {
        const name = this.x.local(t.name);
        lines.set(t.name, `${name} = ${group.combine(t.reducer, t.dtype)}(${name}, lane);`);
      }
      if (t.kind === "foldArg" && accs.has(t.at)) {
        const best = this.x.local(t.best), at = this.x.local(t.at), type = t.value.dtype;
        const bits = type === "bool" ? `select(0u, 1u, ${best})` : `bitcast<u32>(${best})`;
        lines.set(t.at, `${at} = ${group.combineArg(t.reducer, type)}(${bits}, ${at}, lane);`);
      }
    });
    return [...lines.values()];
  }

  private loop(s: LoopStmt): string[] {
    const { x } = this, v = x.variable(s.var), extent = x.dim(s.var.extent);
    if (s.lanes !== 1 || s.step !== 1 || s.resume) throw new Error(`internal: the loop over ${s.var.name} is for another target`);
    const head = s.reverse ? `var ${v} = ${extent} - 1; ${v} >= 0; ${v}--` : `var ${v} = 0; ${v} < ${extent}; ${v}++`;
    return [`for (${head}) {`, ...this.indented(this.list(s.body)), "}"];
  }

  // ---- simple statements

  simple(s: Exclude<Stmt, LoopStmt>): string[] {
    const { x } = this;
    switch (s.kind) {
      case "acc": return [`var ${x.local(s.name)} = ${bare(literal(s.dtype, s.init))};`];
      case "let": {
        const value = x.print(s.value);
        return [`let ${x.local(s.name)} = ${bare(value)};`];
      }
      case "fold": return [`${x.local(s.name)} = ${combined(s.reducer, s.dtype, x.local(s.name), x.print(s.value))};`];
      case "foldArg": return this.foldArg(s);
      case "store": return this.store(s);
    }
  }

  /** The first of equals wins, and a NaN wins for good. */
  private foldArg(s: FoldArg): string[] {
    const { x } = this, best = x.local(s.best), at = x.local(s.at), type = s.value.dtype;
    const candidate = x.names.fresh(`candidate`);
    const value = x.print(s.value);
    return [
      `let ${candidate} = ${bare(value)};`,
      `if (${at} < 0 || ${beats(s.reducer, type, candidate, best)}) {`,
      `  ${best} = ${candidate};`,
      `  ${at} = ${bare(x.index(s.index))};`,
      "}",
    ];
  }

  private store(s: Store): string[] {
    const { x } = this;
    const target = `${x.arg(s.arg)}[${bare(x.index(s.index))}]`;
    const { dtype } = s.value;
    const lines = s.mode === "set" ? [`${target} = ${x.stored(s.value)};`] : this.combineInto(target, s.mode, dtype, x.print(s.value));
    if (!s.only) return lines;
    const test = x.tests(s.only);
    return [`if (${bare(test)}) {`, ...this.indented(lines), "}"];
  }

  private combineInto(target: string, reducer: Reducer, dtype: MathType, value: string): string[] {
    if (dtype !== "bool") return [`${target} = ${bare(combined(reducer, dtype, target, value))};`];
    return [`${target} = select(0u, 1u, ${bare(combined(reducer, dtype, `(${target} != 0u)`, value))});`];
  }
}

/** Variables of nested loops from a position in all of them, the last the fastest. */
export function unravel(position: string, vars: readonly { readonly name: string; readonly extent: string }[]): string[] {
  // where there is nothing, there is no position either, but a constant 0 may be no divisor
  const divisor = (extent: string): string => (extent === "0" ? "1" : extent);
  return vars.map(({ name, extent: size }, k) => {
    const extent = divisor(size), inner = vars.slice(k + 1).map((v) => divisor(v.extent));
    const quotient = inner.length === 0 ? position : `${position} / ${inner.length === 1 ? inner[0] : `(${inner.join(" * ")})`}`;
    return `let ${name} = ${k === 0 ? quotient : `${inner.length === 0 ? quotient : `(${quotient})`} % ${extent}`};`;
  });
}

/** One step of a fold. */
export function combined(reducer: Reducer, dtype: MathType, a: string, b: string): string {
  const wrap = (text: string): string => (dtype === "u8" ? `((${text}) & 255u)` : text);
  switch (reducer) {
    case "sum": return wrap(`${a} + ${b}`);
    case "prod": return wrap(`${a} * ${b}`);
    case "max": case "min":
      if (dtype === "bool") return `${a} ${reducer === "max" ? "||" : "&&"} ${b}`;
      return isFloat(dtype) ? `${reducer}_f32(${a}, ${bare(b)})` : `${reducer}(${a}, ${bare(b)})`;
    case "any": return `${a} || ${b}`;
    case "all": return `${a} && ${b}`;
  }
}

/** Whether a candidate takes the place of the best so far. */
export function beats(reducer: "max" | "min", dtype: MathType, candidate: string, best: string): string {
  const [a, b] = dtype === "bool" ? [`select(0u, 1u, ${candidate})`, `select(0u, 1u, ${best})`] : [candidate, best];
  const order = `${a} ${reducer === "max" ? ">" : "<"} ${b}`;
  return valueType[dtype] === "f32" ? `(!isNan_f32(${best}) && (isNan_f32(${candidate}) || ${order}))` : order;
}
