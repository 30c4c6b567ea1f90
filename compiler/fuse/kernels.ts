import { dims, type Dim } from "../../ir/types/index.ts";
import { renumberArguments } from "../loops/arguments.ts";
import type { BuiltLoops, SortStage, Stage } from "../loops/builder.ts";
import type { Kernel, KernelArg, KernelKind, Origin, Stmt } from "../loops/ir.ts";
import { forEachStmt, loadsIn } from "../loops/statements.ts";
import { symbolsIn } from "../loops/symbols.ts";
import type { BufferId, Step } from "../plan/program.ts";
import type { Buffers } from "./buffers.ts";

/** What a kernel does: one body, or several kernels one after the other. */
export type Work = Pick<BuiltLoops, "body"> & Partial<Omit<BuiltLoops, "body">>;

/** What a kernel is called with: buffers in the order of its arguments, first those it loads, then those it stores. */
export interface Calling {
  readonly kind: KernelKind;
  readonly reads: readonly BufferId[];
  readonly writes: readonly BufferId[];
  readonly origins: readonly Origin[];
  readonly sort?: Kernel["sort"];
}

/** The kernels of a program under construction, with readable unique names. */
export class Kernels {
  readonly list: Kernel[] = [];
  private readonly names = new Set<string>();
  private readonly program: string;
  private readonly buffers: Buffers;

  constructor(program: string, buffers: Buffers) {
    this.program = program;
    this.buffers = buffers;
  }

  /** Adds a kernel (or those it takes), and gives the steps that call it. A buffer both read and written is one argument. */
  call({ body, scratch = [], stages = [] }: Work, calling: Calling): Step[] {
    const own = scratch.map((s) => this.buffers.add(s.name, { dtype: s.dtype, shape: [s.size] }, { kind: "arena", slot: null }).buffer);
    const slots = [...calling.reads, ...calling.writes, ...own];
    if (stages.length > 0) return this.inStages(stages, slots, calling);
    const unique = [...new Set(slots)];
    const args = unique.map((b): KernelArg => {
      if (own.includes(b)) return { ...this.argument(b), access: "write", scratch: true };
      const written = calling.writes.includes(b), read = calling.reads.includes(b);
      return { ...this.argument(b), access: written ? (read ? "readwrite" : "write") : "read" };
    });
    return [this.add(renumberArguments(body, slots.map((b) => unique.indexOf(b))), args, unique, calling)];
  }

  /** Each stage takes the buffers that it touches. What one hands on to the next is an ordinary buffer. */
  private inStages(stages: readonly Stage[], slots: readonly BufferId[], calling: Calling): Step[] {
    const written = new Set<BufferId>();
    return stages.map((stage) => {
      if ("sort" in stage) return this.sortStage(stage, slots, calling);
      const { body, grid, rows } = stage;
      const reads = new Set<BufferId>(), writes = new Set<BufferId>();
      for (const e of loadsIn(body)) if (e.arg >= 0) reads.add(slots[e.arg]);
      forEachStmt(body, (s) => {
        if (s.kind !== "store" || s.arg < 0) return;
        writes.add(slots[s.arg]);
        // what a stage before has written is added to, here
        if (s.mode !== "set" || written.has(slots[s.arg])) reads.add(slots[s.arg]);
      });
      for (const b of writes) written.add(b);
      const unique = [...new Set(slots)].filter((b) => reads.has(b) || writes.has(b));
      const args = unique.map((b): KernelArg => ({ ...this.argument(b), access: !writes.has(b) ? "read" : reads.has(b) ? "readwrite" : "write" }));
      return this.add(renumberArguments(body, slots.map((b) => unique.indexOf(b))), args, unique, calling, { grid, ...(rows && { rows }) });
    });
  }

  /** A sort of what a stage before has left. */
  private sortStage({ sort, args }: SortStage, slots: readonly BufferId[], calling: Calling): Step {
    const buffers = args.map((a) => slots[a]);
    const access = (i: number): Pick<KernelArg, "access" | "scratch"> => (i === 0 ? { access: "read" } : i <= 2 ? { access: "write" } : { access: "write", scratch: true });
    return this.add([], buffers.map((b, i) => ({ ...this.argument(b), ...access(i) })), buffers, { ...calling, kind: "sort", sort });
  }

  private argument(b: BufferId): { name: string; dtype: KernelArg["dtype"]; size: Dim } {
    const { name, type } = this.buffers.list[b];
    return { name, dtype: type.dtype, size: dims.product(type.shape) };
  }

  private add(body: readonly Stmt[], args: readonly KernelArg[], buffers: readonly BufferId[], { kind, origins, sort }: Calling, onGpu: Pick<Kernel, "grid" | "rows"> = {}): Step {
    const name = this.nameOf(origins, kind, buffers);
    this.list.push({ name, kind, args, scalars: symbolsIn(body, sort), origins, body, ...onGpu, ...(sort ? { sort } : {}) });
    return { kind: "kernel", kernel: this.list.length - 1, args: buffers };
  }

  /** `train_fc1_dot_tanh`: the function, the layer whose variables it touches, the ops that make it what it is. */
  private nameOf(origins: readonly Origin[], kind: KernelKind, buffers: readonly BufferId[]): string {
    const ops = [...new Set(origins.map((o) => o.op))];
    const telling = ops.filter((o) => tellingOps.has(o));
    const touched = buffers.flatMap((b) => { const { storage } = this.buffers.list[b]; return storage.kind === "variable" ? [storage.name] : []; });
    // a layer's own parameters have the shortest names with a dot; optimizer state has longer ones
    const variable = touched.sort((a, b) => Number(b.includes(".")) - Number(a.includes(".")) || a.length - b.length)[0];
    const layer = variable?.includes(".") ? variable.slice(0, variable.lastIndexOf(".")) : variable;
    const base = [this.program, layer, ...(telling.length > 0 ? telling : ops).slice(0, 3)].filter((part) => part).join("_").replace(/\W/g, "_") || kind;
    let name = base;
    for (let i = 2; this.names.has(name); i++) name = `${base}_${i}`;
    this.names.add(name);
    return name;
  }
}

/** Ops that say what a kernel is about, where it has any of them. */
const tellingOps: ReadonlySet<string> = new Set(["dot", "conv", "reduce", "argReduce", "reduceWindow", "argReduceWindow", "unpool", "exp", "log", "tanh", "erf", "gather", "scatter", "sort", "cumulative"]);
