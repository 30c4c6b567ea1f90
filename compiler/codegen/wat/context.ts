import type { ScalarName } from "../../../ir/ops/index.ts";
import { dims, type Dim, type DType } from "../../../ir/types/index.ts";
import { visitIndex } from "../../loops/affine.ts";
import type { Expr, Index, Kernel, LoopStmt, LoopVar } from "../../loops/ir.ts";
import { childrenOf, indicesOf } from "../../loops/pool.ts";
import { FunctionText } from "./function.ts";
import type { LibraryName } from "./library.ts";
import type { Stream } from "./streams.ts";

/** What a kernel's text calls in the module around it; each gives the identifier to call. */
export interface ModuleScope {
  library(name: LibraryName): string;
  /** A vector function of `math.ts`. */
  math(name: string): string;
  /** An op in JavaScript, for operands of a dtype. */
  imported(op: ScalarName, operands: DType): string;
  /** The address of a number that is in each lane of a constant vector. */
  number(shape: string, lane: string): number;
  /** Number of a note, for the error of an index that is out of range. */
  note(text: string): number;
}

/** The part of a loop that a thread runs: locals with where it begins and ends. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

/** How a loop collects the largest or smallest of vectors. */
export interface Extreme {
  /** What is to be done before the loop. */
  readonly start: readonly string[];
  /** What is to be done with a vector, given the text that reads it. */
  fold(value: string): readonly string[];
  /** What is to be done after the loop. */
  readonly end: string;
}

/** Lanes that are all alike. */
const none = [0, 0, 0, 0];

/** A kernel while it is printed: where its text goes, and what is around the place that is being printed. */
export class KernelContext {
  readonly kernel: Kernel;
  readonly module: ModuleScope;
  readonly out = new FunctionText();
  /** The loop stepping in vectors, if we are in one. */
  lane: LoopVar | undefined;
  /** Lets and accumulators that hold vectors. */
  readonly vectors = new Set<string>();
  /** Lets that hold one number in all lanes. */
  readonly splats = new Set<string>();
  /** Pointers that step with the innermost loop, by what they point to. */
  streams: ReadonlyMap<string, Stream> = new Map();
  /** Vectors that came out of transposes, by the loads that they stand for. */
  transposed = new Map<string, string>();
  /** Vectors computed before the innermost loop, by their text: what does not change in it. */
  hoisted: { readonly changing: ReadonlySet<string>; readonly vectors: Map<string, string> } | undefined;

  /** Largest and smallest values that the innermost loop collects, by their accumulator. */
  extremes: ReadonlyMap<string, Extreme> = new Map();

  /** Loops of which each thread runs a part. */
  readonly ranges = new Map<LoopStmt, Range>();

  constructor(kernel: Kernel, module: ModuleScope) {
    this.kernel = kernel;
    this.module = module;
    for (const a of kernel.args) this.out.parameter("arg", a.name);
    for (const s of kernel.scalars) this.symbol(s);
  }

  /** Identifier of the pointer to argument `i`. */
  pointer(i: number): string { return this.out.parameter("arg", this.kernel.args[i].name); }
  readonly symbol = (name: string): string => this.out.parameter("symbol", name);
  size(d: Dim): string { return this.out.size(d, this.symbol); }

  /** Whether an expression differs from lane to lane. */
  isVector(e: Expr): boolean {
    if (!this.lane) return false;
    if (e.kind === "ref") return this.vectors.has(e.name);
    return indicesOf(e).some((i) => this.isVectorIndex(i)) || childrenOf(e).some((c) => this.isVector(c));
  }

  isVectorIndex(x: Index): boolean {
    let found = false;
    visitIndex(x, (v) => { found ||= v.name === this.lane?.name; }, (e) => { found ||= this.isVector(e); });
    return found;
  }

  /** How far an index steps from lane to lane; undefined where it does not step evenly. */
  laneStride(x: Index): Dim | undefined {
    let stride: Dim = 0;
    for (const { atom, stride: s } of x.terms) {
      if (atom.kind === "var") { if (atom.var.name === this.lane?.name) stride = s; }
      else if (atom.kind === "data" ? this.isVector(atom.value) : this.isVectorIndex(atom.of)) return undefined;
    }
    return stride;
  }

  /**
   * How far each lane's index is from that of lane 0, where that is the same in every step of the loop. Vectors begin at
   * multiples of four, so the quotient and remainder by a power of two of what starts evenly are among them.
   */
  laneOffsets(x: Index): readonly number[] | undefined {
    const sum = [0, 0, 0, 0];
    for (const { atom, stride } of x.terms) {
      const steps = atom.kind === "var" ? (atom.var.name === this.lane?.name ? [0, 1, 2, 3] : none)
        : atom.kind === "data" ? (this.isVector(atom.value) ? undefined : none)
        : this.isVectorIndex(atom.of) ? this.partOffsets(atom.kind, atom.of, atom.by) : none;
      if (!steps || (steps !== none && typeof stride !== "number")) return undefined;
      if (steps !== none) for (const [q, s] of steps.entries()) sum[q] += s * (stride as number);
    }
    return sum;
  }

  /** The same for a quotient or remainder: known where lane 0 is at a multiple of the divisor. */
  private partOffsets(kind: "div" | "mod", of: Index, by: Dim): readonly number[] | undefined {
    const stride = this.laneStride(of);
    if (typeof by !== "number" || typeof stride !== "number" || stride < 0 || dims.divExact(of.offset, by) === undefined) return undefined;
    const isEven = of.terms.every((t) => dims.divExact(t.atom.kind === "var" && t.atom.var.name === this.lane?.name ? dims.mul(t.stride, 4) : t.stride, by) !== undefined);
    return isEven ? [0, 1, 2, 3].map((q) => (kind === "div" ? Math.floor((q * stride) / by) : (q * stride) % by)) : undefined;
  }

  fail(what: string): never { throw new Error(`internal: kernel ${this.kernel.name} ${what}`); }
}
