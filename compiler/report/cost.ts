import { byteSize, dims, isFloat, type Dim } from "../../ir/types/index.ts";
import type { Expr, Index, Kernel, Stmt } from "../loops/ir.ts";
import { childrenOf, indicesOf } from "../loops/pool.ts";

/** A size for every symbolic dimension (and scan counter) that is in scope. */
export type Binding = Readonly<Record<string, number>>;

/** What one run of a kernel costs. */
export interface KernelCost {
  /** Scalar operations on floats: an addition, an `exp` and a comparison count 1 each, a multiply-add 2. */
  readonly flops: number;
  /** Bytes that must cross memory at least: each element of an argument that is read or written counts once. */
  readonly bytesMoved: number;
}

/**
 * Counts a kernel's work under a binding of its symbols, by walking its loops: exact for what is executed always;
 * both sides of a `select` or a guard count.
 */
export function kernelCost(kernel: Kernel, binding: Binding): KernelCost {
  const counter = new Counter(kernel, binding);
  if (kernel.sort) return counter.sort(kernel.sort);
  counter.statements(kernel.body, 1);
  return counter.cost();
}

class Counter {
  private readonly kernel: Kernel;
  private readonly binding: Binding;
  private flops = 0;
  /** Times each argument is read and written. */
  private readonly reads: number[];
  private readonly writes: number[];

  constructor(kernel: Kernel, binding: Binding) {
    this.kernel = kernel;
    this.binding = binding;
    this.reads = kernel.args.map(() => 0);
    this.writes = kernel.args.map(() => 0);
  }

  private size(d: Dim): number { return dims.evaluate(d, this.binding); }

  /** What a list of statements does when it runs `times` times. */
  statements(body: readonly Stmt[], times: number): void {
    const ended = new Map<string, number>(); // where the loop before left its variable, for one that resumes
    for (const s of body) {
      switch (s.kind) {
        case "acc": break;
        case "let": this.expressions([s.value], times); break;
        case "fold": case "foldArg":
          this.expressions([s.value], times);
          if (isFloat(s.value.dtype)) this.flops += times;
          break;
        case "store":
          this.expressions([s.value], times, [s.index]);
          this.writes[s.arg] += times;
          if (s.mode !== "set") {
            this.reads[s.arg] += times;
            if (isFloat(s.value.dtype)) this.flops += times;
          }
          break;
        case "loop": {
          const from = s.resume ? ended.get(s.var.name) ?? 0 : 0;
          const trips = Math.max(0, Math.floor((this.size(s.var.extent) - from) / s.step));
          ended.set(s.var.name, from + trips * s.step);
          // a vector statement does the work of its lanes
          if (trips > 0) this.statements(s.body, times * trips * s.lanes);
        }
      }
    }
  }

  /** Evaluates expressions, a shared one once. */
  private expressions(roots: readonly Expr[], times: number, indices: readonly Index[] = []): void {
    const seen = new Set<Expr>();
    const visit = (e: Expr): void => {
      if (seen.has(e)) return;
      seen.add(e);
      if (e.kind === "scalar" && e.args.some((a) => isFloat(a.dtype))) this.flops += times;
      if (e.kind === "load") this.reads[e.arg] += times;
      childrenOf(e).forEach(visit);
      indicesOf(e).forEach(index);
    };
    const index = (x: Index): void => {
      for (const { atom } of x.terms) {
        if (atom.kind === "data") visit(atom.value);
        else if (atom.kind !== "var") index(atom.of);
      }
    };
    roots.forEach(visit);
    indices.forEach(index);
  }

  cost(): KernelCost {
    const bytesMoved = this.kernel.args.reduce((sum, { dtype, size }, i) => {
      const elements = this.size(size);
      return sum + byteSize[dtype] * (Math.min(elements, this.reads[i]) + Math.min(elements, this.writes[i]));
    }, 0);
    return { flops: this.flops, bytesMoved };
  }

  /** A sort compares `n log₂ n` times a row, and reads and writes everything once. */
  sort({ outer, length, inner }: NonNullable<Kernel["sort"]>): KernelCost {
    const n = this.size(length), rows = this.size(outer) * this.size(inner);
    const bytesMoved = this.kernel.args.reduce((sum, { dtype, size }) => sum + byteSize[dtype] * this.size(size), 0);
    return { flops: isFloat(this.kernel.args[0].dtype) ? rows * Math.ceil(n * Math.log2(Math.max(n, 1))) : 0, bytesMoved };
  }
}
