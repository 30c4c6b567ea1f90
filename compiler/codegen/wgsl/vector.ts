import { scalarRow } from "../../../ir/ops/index.ts";
import { dims, isFloat, type MathType } from "../../../ir/types/index.ts";
import type { Expr, Index, LoopVar, Stmt } from "../../loops/ir.ts";
import { childrenOf, forEachExpr } from "../../loops/pool.ts";
import { rootsOf } from "../../loops/statements.ts";
import { strideOf } from "../../loops/tile.ts";
import { Expressions } from "./expression.ts";
import { bare } from "./text.ts";
import { literal, valueType, vectorSuffix } from "./types.ts";

/** Elements that one access to memory takes: those of a `vec4`. */
export const width = 4;

/** The part of a vector that each letter names. */
export const parts = ["x", "y", "z", "w"] as const;

/**
 * Prints expressions inside a loop that steps in vectors: what depends on its variable is a `vec4`, of neighbours.
 * Everything else stays one number.
 */
export class VectorExpressions extends Expressions {
  /** The loop that steps in vectors, where one is open. */
  private along: LoopVar | undefined;
  /** Names of bindings and accumulators that are vectors. */
  private readonly vectorNames = new Set<string>();
  /** Arguments that are only ever accessed in vectors. */
  private readonly whole = new Set<number>();

  /** Finds out which arguments are bound as arrays of vectors. */
  look(body: readonly Stmt[]): void {
    const apart = new Set<number>();
    const walk = (list: readonly Stmt[], along: LoopVar | undefined): void => {
      for (const s of list) {
        if (s.kind === "loop") { walk(s.body, s.lanes > 1 ? s.var : along); continue; }
        const access = (arg: number, index: Index): void => { (along && strideOf(index, along) === 1 && isAligned(index, along) ? this.whole : apart).add(arg); };
        if (s.kind === "store") access(s.arg, s.index);
        forEachExpr(rootsOf(s), (e) => { if (e.kind === "load") access(e.arg, e.index); });
      }
    };
    walk(body, undefined);
    for (const arg of apart) this.whole.delete(arg);
  }

  isWhole(arg: number): boolean { return this.whole.has(arg); }

  /** Prints with a loop open that steps in vectors, or in single steps. */
  inside<T>(v: LoopVar | undefined, print: () => T): T {
    const before = this.along;
    this.along = v ?? before;
    const out = print();
    this.along = before;
    return out;
  }

  get isInVectors(): boolean { return this.along !== undefined; }

  /** Says that a name is a vector's. */
  addVector(name: string): void { this.vectorNames.add(name); }
  hasVector(name: string): boolean { return this.vectorNames.has(name); }

  override isVector(e: Expr): boolean {
    if (e.kind === "ref") return this.vectorNames.has(e.name);
    if (!this.along) return false;
    if (e.kind === "load" || e.kind === "index") return strideOf(e.index, this.along) !== undefined;
    return childrenOf(e).some((x) => this.isVector(x));
  }

  /** A value as a vector, whatever it is. */
  override widened(e: Expr): string {
    const value = this.print(e);
    return this.isVector(e) ? value : `vec4<${valueType[e.dtype]}>(${bare(value)})`;
  }

  /** Where an index is in an argument: in vectors of it, where it has no other. */
  place(arg: number, index: Index): string {
    return arg < 0 && this.kernel.grid?.kind !== "chain" ? "part" : this.isWhole(arg) ? `${this.index(index)} >> 2u` : bare(this.index(index));
  }

  override print(e: Expr): string {
    if (e.kind === "load" && e.arg < 0) return this.element(e.arg, this.place(e.arg, e.index));
    if (!this.isVector(e)) return super.print(e);
    switch (e.kind) {
      case "load": return this.loadVector(e);
      case "index": return this.indices(e);
      case "scalar": return this.operation(e);
      case "select": return `select(${bare(this.widened(e.b))}, ${bare(this.widened(e.a))}, ${bare(this.widened(e.pred))})`;
      case "convert": return this.converted(e.arg.dtype, e.dtype, this.widened(e.arg));
      default: return super.print(e);
    }
  }

  private loadVector(e: Extract<Expr, { kind: "load" }>): string {
    const value = this.isWhole(e.arg) ? this.element(e.arg, this.place(e.arg, e.index)) : `vec4(${parts.map((_, k) => this.element(e.arg, `${bare(this.index(e.index))}${k > 0 ? ` + ${k}` : ""}`)).join(", ")})`;
    return e.dtype === "bool" ? `(${value} != vec4(0u))` : value;
  }

  private indices({ dtype, index }: Extract<Expr, { kind: "index" }>): string {
    const stride = strideOf(index, this.along!)!;
    const at = `(vec4(${bare(this.index(index))}) + vec4(0, 1, 2, 3)${stride === 1 ? "" : ` * ${this.dim(stride)}`})`;
    return this.converted("i32", dtype, at);
  }

  private operation(e: Extract<Expr, { kind: "scalar" }>): string {
    const row = scalarRow(e.op), { dtype } = e.args[0];
    const asNumbers = dtype === "bool" && !["logicalNot", "bitAnd", "bitOr", "eq", "ne"].includes(e.op);
    const operands = e.args.map((x) => (asNumbers ? `select(vec4(0u), vec4(1u), ${bare(this.widened(x))})` : this.widened(x)));
    const template = isFloat(dtype) ? row.wgsl : row.wgslInt ?? row.wgsl;
    // our own functions have a dtype in their names
    const named = template.replace(/^(\w+_(?:f32|\$T)|threefry)\(/, `$1${vectorSuffix}(`);
    const text = named.replace(/\$T/g, dtype === "i32" ? "i32" : "u32").replace(/\$(\d)/g, (_, k: string) => operands[Number(k)]);
    const value = /^\w+\(.*\)$/.test(template) ? text : `(${text})`;
    return asNumbers && e.dtype === "bool" && !row.result ? `(${value} != vec4(0u))` : value;
  }

  private converted(from: MathType, to: MathType, x: string): string {
    if (from === to) return x;
    const plain = bare(x), target = `vec4<${valueType[to]}>`;
    if (to === "bool") return from === "f32" ? `!(${plain} == vec4(0.0))` : `(${x} != vec4(${literal(from, 0)}))`;
    if (from === "bool") return `select(vec4(${literal(to, 0)}), vec4(${literal(to, 1)}), ${plain})`;
    if (isFloat(to)) return `${target}(${plain})`;
    const bits = isFloat(from) ? `wrap_u32${vectorSuffix}(${plain})` : plain;
    return `bitcast<${target}>(${bits})`;
  }
}

/** Whether an index is a multiple of a vector's width wherever its loop along memory begins a vector. */
const isAligned = (x: Index, v: LoopVar): boolean =>
  [x.offset, ...x.terms.filter(({ atom }) => !(atom.kind === "var" && atom.var.name === v.name)).map((t) => t.stride)].every((d) => dims.divExact(d, width) !== undefined);
