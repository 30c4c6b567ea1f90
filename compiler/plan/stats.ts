import { byteSize, dims, isFloat, type Dim } from "../../ir/types/index.ts";
import type { Expr, Index, Kernel, LoopStmt, Stmt } from "../loops/ir.ts";
import { forEachExpr } from "../loops/pool.ts";
import { visitIndex } from "../loops/affine.ts";
import type { PlannedProgram, Step } from "./program.ts";
import { variablesAtRisk } from "./risk.ts";
import { bytesOf } from "./slots.ts";

export interface PlanStats {
  /** Kernel calls in the program's text: one in a loop counts once. */
  readonly kernels: number;
  /** Scalar operations on floats: an addition, an `exp` and a comparison are one each, a multiply-add two. */
  readonly flops: number;
  /**
   * Bytes that kernels and copies read and write. A kernel reads an element once, however often it looks at it.
   * Variables that a call puts aside, in case it fails ({@link variablesAtRisk}), are copied.
   */
  readonly bytesMoved: number;
  /** Bytes of all slots together. */
  readonly arenaBytes: number;
}

/** A size for every symbolic dimension (and loop counter) in scope. */
export type Binding = Readonly<Record<string, number>>;

/**
 * What running a planned program costs, counted from its loops under a binding of its symbols. The body of a `while`,
 * whose trips nobody knows, counts once; of a `cond`, the dearer branch.
 */
export function planStats(planned: PlannedProgram, binding: Binding): PlanStats {
  const { flops, bytesMoved } = plus(costOfSteps(planned.steps, planned, binding), costOfPuttingAside(planned, binding));
  const arenaBytes = planned.slots.reduce((sum, slot) => sum + Math.max(0, ...slot.bytes.map((d) => dims.evaluate(d, binding))), 0);
  return { kernels: countKernels(planned.steps), flops, bytesMoved, arenaBytes };
}

function countKernels(steps: readonly Step[]): number {
  return steps.reduce((n, s) => {
    switch (s.kind) {
      case "kernel": return n + 1;
      case "copy": return n;
      case "cond": return n + countKernels(s.then) + countKernels(s.otherwise);
      case "while": return n + countKernels(s.test) + countKernels(s.body);
      case "for": return n + countKernels(s.body);
    }
  }, 0);
}

/** What one run of a kernel costs. */
export type Cost = Pick<PlanStats, "flops" | "bytesMoved">;
const none: Cost = { flops: 0, bytesMoved: 0 };
const plus = (a: Cost, b: Cost): Cost => ({ flops: a.flops + b.flops, bytesMoved: a.bytesMoved + b.bytesMoved });

function costOfPuttingAside(planned: PlannedProgram, binding: Binding): Cost {
  const atRisk = new Set(variablesAtRisk(planned));
  const variables = planned.buffers.filter(({ storage }) => storage.kind === "variable" && atRisk.has(storage.name));
  return { flops: 0, bytesMoved: variables.reduce((sum, b) => sum + 2 * dims.evaluate(bytesOf(b.type), binding), 0) };
}

function costOfSteps(steps: readonly Step[], planned: PlannedProgram, binding: Binding): Cost {
  return steps.map((s) => costOfStep(s, planned, binding)).reduce(plus, none);
}

function costOfStep(s: Step, planned: PlannedProgram, binding: Binding): Cost {
  const of = (steps: readonly Step[]): Cost => costOfSteps(steps, planned, binding);
  switch (s.kind) {
    case "kernel": return kernelCost(planned.kernels[s.kernel], binding);
    case "copy": return { flops: 0, bytesMoved: 2 * dims.evaluate(bytesOf(planned.buffers[s.to].type), binding) };
    case "cond": {
      const then = of(s.then), otherwise = of(s.otherwise);
      return { flops: Math.max(then.flops, otherwise.flops), bytesMoved: Math.max(then.bytesMoved, otherwise.bytesMoved) };
    }
    case "while": return plus(of(s.test), of(s.body));
    case "for": {
      const length = dims.evaluate(s.length, binding);
      // what a trip does may depend on the counter (a triangle of a matrix): the middle one stands for all
      const trip = costOfSteps(s.body, planned, { ...binding, [s.counter]: Math.floor(length / 2) });
      return { flops: trip.flops * length, bytesMoved: trip.bytesMoved * length };
    }
  }
}

/** Counts what one run of a kernel does by walking its loops. Both sides of a `select` or a guard count. */
export function kernelCost(kernel: Kernel, binding: Binding): Cost {
  const size = (d: Dim): number => dims.evaluate(d, binding);
  const bytes = (arg: number, elements: number): number => Math.min(elements, size(kernel.args[arg].size)) * byteSize[kernel.args[arg].dtype];
  if (kernel.sort) {
    const n = size(kernel.sort.length), rows = size(kernel.sort.outer) * size(kernel.sort.inner);
    const comparisons = rows * n * Math.ceil(Math.log2(Math.max(n, 2)));
    return { flops: isFloat(kernel.args[0].dtype) ? comparisons : 0, bytesMoved: kernel.args.reduce((sum, _, i) => sum + bytes(i, Infinity), 0) };
  }
  const counter = new Counter(size);
  counter.statements(kernel.body, []);
  const moved = [...counter.read, ...counter.written].reduce((sum, [arg, byIndex]) => sum + bytes(arg, [...byIndex.values()].reduce((a, b) => a + b, 0)), 0);
  return { flops: counter.flops, bytesMoved: moved };
}

interface Around {
  readonly loop: LoopStmt;
  readonly trips: number;
}

/** Adds up what statements do. */
class Counter {
  flops = 0;
  /** Elements read and written, by argument and index: the same index is the same elements. */
  readonly read = new Map<number, Map<string, number>>();
  readonly written = new Map<number, Map<string, number>>();
  readonly #size: (d: Dim) => number;

  constructor(size: (d: Dim) => number) { this.#size = size; }

  statements(body: readonly Stmt[], loops: readonly Around[]): void {
    const done = new Map<string, number>(); // where each loop variable was left, for the loop that goes on
    for (const s of body) {
      if (s.kind !== "loop") { this.#statement(s, loops); continue; }
      const extent = this.#size(s.var.extent), start = s.resume ? (done.get(s.var.name) ?? 0) : 0;
      // nobody knows when a loop ends that ends early: it counts as the body of a `while` does
      const trips = s.while ? 1 : Math.max(0, (s.isPadded ? Math.ceil : Math.floor)((extent - start) / s.step));
      done.set(s.var.name, start + trips * s.step);
      this.statements(s.body, [...loops, { loop: s, trips }]);
    }
  }

  #statement(s: Exclude<Stmt, LoopStmt>, loops: readonly Around[]): void {
    const times = loops.reduce((n, { loop, trips }) => n * trips * loop.lanes, 1);
    switch (s.kind) {
      case "acc": return;
      case "let": return this.#expressions([s.value], times, loops);
      case "fold": case "foldArg":
        this.#flops(s.value, times);
        return this.#expressions([s.value], times, loops);
      case "store":
        if (s.mode !== "set") this.#flops(s.value, times);
        if (s.arg >= 0) this.#touch(this.written, s.arg, s.index, times, loops);
        return this.#expressions([s.value, { kind: "index", dtype: "i32", index: s.index }], times, loops);
    }
  }

  /** Operations on `operand`: flops where it is a float. */
  #flops(operand: Expr, times: number): void { if (isFloat(operand.dtype)) this.flops += times; }

  #expressions(roots: readonly Expr[], times: number, loops: readonly Around[]): void {
    forEachExpr(roots, (e) => {
      if (e.kind === "scalar") this.#flops(e.args[0], times);
      if (e.kind === "select") this.#flops(e, times);
      if (e.kind === "load" && e.arg >= 0) this.#touch(this.read, e.arg, e.index, times, loops);
    });
  }

  /** An index reaches as many elements as the loops it depends on have trips: all of them, where it is read from data. */
  #touch(map: Map<number, Map<string, number>>, arg: number, index: Index, times: number, loops: readonly Around[]): void {
    const vars = new Set<string>();
    let isData = false;
    visitIndex(index, (v) => vars.add(v.name), () => { isData = true; });
    const elements = isData ? times : loops.reduce((n, { loop, trips }) => (vars.has(loop.var.name) ? n * trips * loop.lanes : n), 1);
    const byIndex = map.get(arg) ?? new Map<string, number>();
    // the rest of an unrolled loop has the same index and other elements
    const key = `${index.key}@${loops.map(({ loop }) => `${loop.var.name}${loop.resume ? "+" : ""}`).filter((_, i) => vars.has(loops[i].loop.var.name)).join(",")}`;
    byIndex.set(key, elements);
    map.set(arg, byIndex);
  }
}
