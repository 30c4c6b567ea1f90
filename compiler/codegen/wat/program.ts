import { byteSize, dims, dtypes, sizeOf, type Dim } from "../../../ir/types/index.ts";
import type { Buffer, BufferId, Step } from "../../plan/program.ts";
import type { Sharing } from "../../loops/share.ts";
import { usedBuffers } from "../js/program.ts";
import { FunctionText } from "./function.ts";
import { fixedAddress, scratchBytes, type Layout, type Table } from "./layout.ts";
import { Pending, StepsByThread, type Effects } from "./sync.ts";

/** What the kernels of a program became. */
export interface KernelFunctions {
  /** The function of a kernel. */
  name(index: number): string;
  /** How threads share it, if they do. */
  sharing(index: number): Sharing | undefined;
}

/** Prints a program as an exported function: it reads its table and calls its kernels. */
export function printProgram(table: Table, layout: Layout, kernels: KernelFunctions, name: string): string {
  return new ProgramPrinter(table, layout, kernels).print(name);
}

class ProgramPrinter {
  private readonly table: Table;
  private readonly layout: Layout;
  private readonly kernels: KernelFunctions;
  private readonly out = new FunctionText();
  private readonly buffers: ReadonlyMap<BufferId, Buffer>;
  private readonly threads: StepsByThread;
  private pending = new Pending();

  constructor(table: Table, layout: Layout, kernels: KernelFunctions) {
    this.table = table;
    this.layout = layout;
    this.kernels = kernels;
    this.buffers = new Map(table.program.buffers.map((b) => [b.id, b]));
    this.threads = new StepsByThread(table.program, (i) => kernels.sharing(i));
  }

  print(name: string): string {
    const { program, address, cells } = this.table, used = usedBuffers(program);
    const word = (i: number): string => `(i32.load offset=${address + 4 * i} (i32.const 0))`;
    for (const [i, s] of program.symbols.entries()) this.out.line(`(local.set ${this.symbol(s)} ${word(cells.length + i)})`);
    this.out.sizesFollow();
    for (const b of program.buffers) {
      const cell = this.table.cellOf(b), fixed = fixedAddress(this.layout, b);
      if (used.has(b.id)) this.out.line(`(local.set ${this.local(b)} ${cell !== undefined ? word(cell) : `(i32.const ${fixed})`})`);
    }
    if (program.steps.every((s) => this.threads.isAlone(s))) this.alone(program.steps);
    else this.shared(program.steps);
    return [`  (func $${name} (export ${exportName(program.name)})`, ...this.out.print(), "  )"].join("\n");
  }

  private readonly symbol = (s: string): string => this.out.local(`symbol ${s}`, "i32", s);
  private local(b: Buffer): string { return this.out.local(`buffer ${b.id}`, "i32", b.name); }
  private buffer(id: BufferId): string { return `(local.get ${this.local(this.buffers.get(id)!)})`; }
  private size(d: Dim): string { return this.out.size(d, this.symbol); }

  /** Steps that one thread runs, one after the other. */
  private alone(list: readonly Step[]): void {
    for (const s of list) this.step(s, (inner) => this.alone(inner));
  }

  /** Steps of which some are shared: all threads wait for each other where one needs what others did. */
  private shared(list: readonly Step[]): void {
    for (const { alone, steps } of this.threads.runs(list)) {
      if (alone) {
        this.ready(this.threads.effects(steps), true);
        this.out.block("(if (i32.eqz (global.get $thread)) (then", () => this.alone(steps), "))");
      } else this.sharedStep(steps[0]);
    }
  }

  private sharedStep(s: Step): void {
    switch (s.kind) {
      case "kernel": case "copy": this.ready(this.threads.effects([s]), false); break;
      case "cond": {
        this.ready(this.threads.reading(s.pred), false);
        const before = this.pending, after = before.copy();
        this.step(s, (branch) => {
          this.pending = before.copy();
          this.shared(branch);
          after.merge(this.pending);
        });
        this.pending = after;
        return;
      }
      // a trip begins where the one before it ended: nothing pending
      case "while": {
        this.sync();
        let afterTest: Pending | undefined;
        this.step(s, (inner) => {
          this.shared(inner);
          if (afterTest) return this.sync();
          this.ready(this.threads.reading(s.pred), false);
          afterTest = this.pending.copy();
        });
        this.pending = afterTest!;
        return;
      }
      case "for":
        this.sync();
        this.step(s, (inner) => { this.shared(inner); this.sync(); });
        return;
    }
    this.step(s, (inner) => this.shared(inner));
  }

  /** Waits if steps with these effects must. */
  private ready(effects: Effects, alone: boolean): void {
    if (this.pending.conflicts(effects, alone)) this.sync();
    this.pending.add(effects, alone);
  }

  private sync(): void {
    if (this.pending.isEmpty()) return;
    this.out.line("(call $sync)");
    this.pending.clear();
  }

  private step(s: Step, steps: (list: readonly Step[]) => void): void {
    const { out } = this;
    switch (s.kind) {
      case "kernel": this.call(s); break;
      case "copy": {
        const { type } = this.buffers.get(s.to)!;
        out.line(`(memory.copy ${this.buffer(s.to)} ${this.buffer(s.from)} ${this.size(dims.mul(sizeOf(type), byteSize[type.dtype]))})`);
        break;
      }
      case "cond":
        out.block(`(if (i32.load8_u ${this.buffer(s.pred)})`, () => {
          this.branch("then", s.then, steps);
          if (s.otherwise.length > 0) this.branch("else", s.otherwise, steps);
        }, ")");
        break;
      case "while": {
        const label = out.label("while");
        out.block(`(loop ${label}`, () => {
          steps(s.test);
          out.block(`(if (i32.load8_u ${this.buffer(s.pred)}) (then`, () => {
            steps(s.body);
            out.line(`(br ${label})`);
          }, "))");
        }, ")");
        break;
      }
      case "for": this.counted(s, steps); break;
    }
  }

  private branch(word: "then" | "else", list: readonly Step[], steps: (list: readonly Step[]) => void): void {
    if (list.length === 0) this.out.line(`(${word})`);
    else this.out.block(`(${word}`, () => steps(list), ")");
  }

  private call({ kernel, args }: Extract<Step, { kind: "kernel" }>): void {
    const { sort, scalars, args: parameters } = this.table.program.kernels[kernel];
    const sharing = this.kernels.sharing(kernel);
    const buffers = args.map((id, i) => (sharing?.own.has(i) ? this.ownCopy(id) : this.buffer(id)));
    if (sort) {
      const sizes = [sort.outer, sort.length, sort.inner].map((d) => this.size(d));
      this.out.line(`(call $sort ${[...buffers, ...sizes].join(" ")} (i32.const ${dtypes.indexOf(parameters[0].dtype)}) (i32.const ${Number(sort.descending)}))`);
    } else this.out.line(`(call $${this.kernels.name(kernel)} ${[...buffers, ...scalars.map((s) => `(local.get ${this.symbol(s)})`)].join(" ")})`);
  }

  /** Of scratch there is a copy for each thread, side by side. */
  private ownCopy(id: BufferId): string {
    return `(i32.add ${this.buffer(id)} (i32.mul (global.get $thread) ${scratchBytes(this.buffers.get(id)!, (d) => this.size(d))}))`;
  }

  private counted(s: Extract<Step, { kind: "for" }>, steps: (list: readonly Step[]) => void): void {
    const { out } = this, i = this.symbol(s.counter), get = `(local.get ${i})`, n = this.size(s.length);
    out.line(`(local.set ${i} ${s.reverse ? `(i32.sub ${n} (i32.const 1))` : "(i32.const 0)"})`);
    const more = s.reverse ? `(i32.ge_s ${get} (i32.const 0))` : `(i32.lt_s ${get} ${n})`;
    const label = out.label("for");
    out.block(`(if ${more} (then (loop ${label}`, () => {
      steps(s.body);
      out.line(`(local.set ${i} (i32.add ${get} (i32.const ${s.reverse ? -1 : 1})))`);
      out.line(`(br_if ${label} ${more})`);
    }, ")))");
  }
}

/** A name as a WebAssembly string: whatever is not plain ASCII by its bytes. */
export const exportName = (name: string): string =>
  `"${Array.from(new TextEncoder().encode(name), (b) => (b >= 0x20 && b < 0x7f && b !== 0x22 && b !== 0x5c ? String.fromCharCode(b) : `\\${b.toString(16).padStart(2, "0")}`)).join("")}"`;
