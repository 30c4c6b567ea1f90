import type { Reducer } from "../../../ir/ops/index.ts";
import { dims, type Dim, type MathType } from "../../../ir/types/index.ts";
import type { Expr, LoopStmt, Stmt } from "../../loops/ir.ts";
import { forEachStmt, loadsIn } from "../../loops/statements.ts";
import { bare } from "./text.ts";
import { beats, combined, combinedVectors } from "./fold.ts";
import type { Workgroup } from "./workgroup.ts";
import { literal, valueType } from "./types.ts";
import { parts, width, type VectorExpressions } from "./vector.ts";

type FoldArg = Extract<Stmt, { kind: "foldArg" }>;
type Store = Extract<Stmt, { kind: "store" }>;
type Fold = Extract<Stmt, { kind: "fold" }>;
type Acc = Extract<Stmt, { kind: "acc" }>;
type Across = Extract<Expr, { kind: "across" }>;

/** Prints lists of statements as lines. With a workgroup, loops are shared among the invocations that have a row together. */
export class Statements {
  private readonly x: VectorExpressions;

  constructor(expressions: VectorExpressions) { this.x = expressions; }

  /** Statements that one invocation runs by itself. */
  list(body: readonly Stmt[]): string[] {
    return body.flatMap((s) => this.withLines(() => (s.kind === "loop" ? this.loop(s) : this.simple(s))));
  }

  /** Statements at a point of the grid that several invocations have together: they share the loops among them. */
  shared(body: readonly Stmt[], group: Workgroup): string[] {
    const accs = new Map(body.flatMap((s): [string, Acc][] => (s.kind === "acc" && !s.lanes ? [[s.name, s]] : [])));
    return body.flatMap((s) => this.withLines(() => {
      if (s.kind === "store") return ["if (lane == 0u) {", ...this.indented(this.withLines(() => this.store(s))), "}"];
      // what each has in its own vector, then what all have
      if (s.kind === "fold" && s.value.kind === "across") return [...this.simple(s), this.combine(s, group)];
      if (s.kind !== "loop") return this.simple(s);
      return [...this.laneLoop(s), ...this.combined(s, accs, group)];
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
  private laneLoop(s: LoopStmt): string[] {
    const loops = [s];
    let { body } = s;
    while (body.length === 1 && body[0].kind === "loop" && body[0].parallel === s.parallel && !body[0].reverse) {
      loops.push(body[0]);
      body = body[0].body;
    }
    const { x } = this, inside = (): string[] => this.bodyOf(loops.at(-1)!, body);
    if (loops.length > 1) {
      const q = x.names.fresh("step");
      const extent = loops.map((l) => x.dim(stepsOf(l))).join(" * ");
      return [`for (var ${q} = i32(lane); ${q} < ${extent}; ${q} += rowLanes) {`, ...this.indented([...unravel(q, this.positions(loops)), ...inside()]), "}"];
    }
    const v = x.variable(s.var), by = s.step === 1 ? "" : ` * ${s.step}`, extent = x.dim(s.var.extent);
    if (!keepsRow(body)) return [`for (var ${v} = i32(lane)${by}; ${v} < ${extent}; ${v} += rowLanes${by}) {`, ...this.indented(inside()), "}"];
    // in as many steps as an invocation has parts of the row, whether or not the last is there: a device can write them out
    const steps = x.dim(stepsOf(s));
    return [
      `for (var part = 0; part < ${partsOfRow(steps)}; part++) {`,
      `  let ${v} = (part * rowLanes + i32(lane))${by};`,
      `  if (${steps} % rowLanes == 0 || ${v} < ${extent}) {`, ...this.indented(this.indented(inside())), "  }",
      "}",
    ];
  }

  /** Loops by name, with what their variables go up to, and by how much at a time. */
  positions(loops: readonly LoopStmt[]): { name: string; extent: string; step: number }[] {
    return loops.map((l) => ({ name: this.x.variable(l.var), extent: this.x.dim(stepsOf(l)), step: l.step }));
  }

  /** Statements inside a loop, which may step in vectors. */
  bodyOf(loop: LoopStmt | undefined, body: readonly Stmt[]): string[] {
    return this.x.inside(loop && loop.lanes > 1 ? loop.var : undefined, () => this.list(body));
  }

  /** After a loop that was shared: what its invocations have each folded, combined, so that all of them know it. */
  private combined(loop: LoopStmt, accs: ReadonlyMap<string, Acc>, group: Workgroup): string[] {
    const lines = new Map<string, string>();
    forEachStmt(loop.body, (t) => {
      if (t.kind === "fold" && accs.has(t.name)) lines.set(t.name, this.combine(t, group));
      if (t.kind === "foldArg" && accs.has(t.at)) {
        const best = this.x.local(t.best), at = this.x.local(t.at), type = t.value.dtype;
        const bits = type === "bool" ? `select(0u, 1u, ${best})` : `bitcast<u32>(${best})`;
        lines.set(t.at, `${at} = i32(${group.combinePlace(t.reducer, type)}(vec2(${bits}, bitcast<u32>(${at})), lane).y);`);
      }
    });
    return [...lines.values()];
  }

  private combine({ name, reducer, dtype }: Fold, group: Workgroup): string {
    const acc = this.x.local(name), f = group.combine(reducer, dtype);
    return dtype === "bool" ? `${acc} = ${f}(select(0u, 1u, ${acc}), lane) != 0u;` : `${acc} = ${f}(${acc}, lane);`;
  }

  private loop(s: LoopStmt): string[] {
    const { x } = this, v = x.variable(s.var), extent = x.dim(s.var.extent);
    if (s.resume || s.step !== s.lanes || (s.lanes !== 1 && s.lanes !== width)) throw new Error(`internal: the loop over ${s.var.name} is for another target`);
    const head = s.reverse ? `var ${v} = ${extent} - 1; ${v} >= 0; ${v}--` : `var ${v} = 0; ${v} < ${extent}; ${s.step === 1 ? `${v}++` : `${v} += ${s.step}`}`;
    const end = s.while ? this.withLines(() => [`if (!${x.tests(s.while!)}) { break; }`]) : [];
    return [`for (${head}) {`, ...this.indented([...end, ...this.bodyOf(s, s.body)]), "}"];
  }

  // ---- simple statements

  simple(s: Exclude<Stmt, LoopStmt>): string[] {
    const { x } = this;
    switch (s.kind) {
      case "acc": {
        const init = bare(literal(s.dtype, s.init));
        if (!s.lanes && !x.isInVectors) return [`var ${x.local(s.name)} = ${init};`];
        x.addVector(s.name);
        return [`var ${x.local(s.name)} = vec4<${valueType[s.dtype]}>(${init});`];
      }
      case "let": {
        const value = x.print(s.value);
        if (x.isVector(s.value)) x.addVector(s.name);
        return [`let ${x.local(s.name)} = ${bare(value)};`];
      }
      case "fold": return [this.fold(s)];
      case "foldArg": return this.foldArg(s);
      case "store": return this.store(s);
    }
  }

  private fold({ name, reducer, dtype, value }: Fold): string {
    const { x } = this, acc = x.local(name);
    if (x.hasVector(name)) return `${acc} = ${combinedVectors(reducer, dtype, acc, x.widened(value))};`;
    return `${acc} = ${combined(reducer, dtype, acc, value.kind === "across" ? this.across(value) : x.print(value))};`;
  }

  /** The parts of a vector, folded pairwise. */
  private across({ name, reducer, dtype }: Across): string {
    const vector = this.x.local(name), [a, b, c, d] = parts.map((p) => `${vector}.${p}`);
    return `(${combined(reducer, dtype, `(${combined(reducer, dtype, a, b)})`, `(${combined(reducer, dtype, c, d)})`)})`;
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
    if (s.arg < 0) return [x.put(s.arg, x.place(s.arg, s.index), bare(x.isInVectors ? x.widened(s.value) : x.print(s.value)))];
    const lines = x.isInVectors ? this.storeVector(s) : this.storeNumber(s);
    if (!s.only) return lines;
    const test = x.tests(s.only);
    return [`if (${bare(test)}) {`, ...this.indented(lines), "}"];
  }

  private storeNumber({ arg, index, value, mode }: Store): string[] {
    const { x } = this, at = bare(x.index(index));
    return [x.put(arg, at, mode === "set" ? x.stored(value) : this.combinedWith(x.element(arg, at), mode, value.dtype, x.print(value)))];
  }

  private storeVector(s: Store): string[] {
    const { x } = this, { arg, index, value: { dtype } } = s, own = x.widened(s.value);
    const plain = s.mode === "set" ? own : combinedVectors(s.mode, dtype, x.print({ kind: "load", dtype, arg, index }), own);
    const value = dtype === "bool" ? `select(vec4(0u), vec4(1u), ${bare(plain)})` : bare(plain);
    if (x.isWhole(s.arg)) return [x.put(s.arg, x.place(s.arg, s.index), value)];
    const name = x.names.fresh("four");
    return [`let ${name} = ${value};`, ...parts.map((p, k) => x.put(s.arg, `${bare(x.index(s.index))}${k > 0 ? ` + ${k}` : ""}`, `${name}.${p}`))];
  }

  private combinedWith(before: string, reducer: Reducer, dtype: MathType, value: string): string {
    if (dtype !== "bool") return bare(combined(reducer, dtype, before, value));
    return `select(0u, 1u, ${bare(combined(reducer, dtype, `(${before} != 0u)`, value))})`;
  }
}

/** Steps that a loop takes, the last of which may reach past its end. */
export const stepsOf = ({ var: { extent }, step }: LoopStmt): Dim => dims.ceilDiv(extent, step);

/** Parts of a row that an invocation keeps, where the row has so many. */
export const partsOfRow = (steps: string): string => `(${steps} + rowLanes - 1) / rowLanes`;

const keepsRow = (body: readonly Stmt[]): boolean => {
  let found = loadsIn(body).some((e) => e.arg < 0);
  forEachStmt(body, (s) => { found ||= s.kind === "store" && s.arg < 0; });
  return found;
};

/** Variables of nested loops from a position in all of them, the last the fastest. */
export function unravel(position: string, vars: readonly { readonly name: string; readonly extent: string; readonly step?: number }[]): string[] {
  // where there is nothing, there is no position either, but a constant 0 may be no divisor
  const divisor = (extent: string): string => (extent === "0" ? "1" : extent);
  return vars.map(({ name, extent: size, step = 1 }, k) => {
    const extent = divisor(size), inner = vars.slice(k + 1).map((v) => divisor(v.extent));
    const quotient = inner.length === 0 ? position : `${position} / ${inner.length === 1 ? inner[0] : `(${inner.join(" * ")})`}`;
    const at = k === 0 ? quotient : `${inner.length === 0 ? quotient : `(${quotient})`} % ${extent}`;
    return `let ${name} = ${step === 1 ? at : `${k === 0 && inner.length === 0 ? at : `(${at})`} * ${step}`};`;
  });
}
