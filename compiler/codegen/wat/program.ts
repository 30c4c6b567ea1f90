import { byteSize, dims, dtypes, sizeOf, type Dim } from "../../../ir/types/index.ts";
import type { Buffer, BufferId, Step } from "../../plan/program.ts";
import { usedBuffers } from "../js/program.ts";
import { FunctionText } from "./function.ts";
import { fixedAddress, type Layout, type Table } from "./layout.ts";

/**
 * Prints a program as an exported function: it reads its table and calls its kernels. `kernelName` gives the function
 * that a kernel of the program became.
 */
export function printProgram(table: Table, layout: Layout, kernelName: (index: number) => string, name: string): string {
  return new ProgramPrinter(table, layout, kernelName).print(name);
}

class ProgramPrinter {
  private readonly table: Table;
  private readonly layout: Layout;
  private readonly kernelName: (index: number) => string;
  private readonly out = new FunctionText();
  private readonly buffers: ReadonlyMap<BufferId, Buffer>;

  constructor(table: Table, layout: Layout, kernelName: (index: number) => string) {
    this.table = table;
    this.layout = layout;
    this.kernelName = kernelName;
    this.buffers = new Map(table.program.buffers.map((b) => [b.id, b]));
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
    this.steps(program.steps);
    return [`  (func $${name} (export ${exportName(program.name)})`, ...this.out.print(), "  )"].join("\n");
  }

  private readonly symbol = (s: string): string => this.out.local(`symbol ${s}`, "i32", s);
  private local(b: Buffer): string { return this.out.local(`buffer ${b.id}`, "i32", b.name); }
  private buffer(id: BufferId): string { return `(local.get ${this.local(this.buffers.get(id)!)})`; }
  private size(d: Dim): string { return this.out.size(d, this.symbol); }

  private steps(list: readonly Step[]): void {
    const { out } = this;
    for (const s of list)
      switch (s.kind) {
        case "kernel": this.call(s); break;
        case "copy": {
          const { type } = this.buffers.get(s.to)!;
          out.line(`(memory.copy ${this.buffer(s.to)} ${this.buffer(s.from)} ${this.size(dims.mul(sizeOf(type), byteSize[type.dtype]))})`);
          break;
        }
        case "cond":
          out.block(`(if (i32.load8_u ${this.buffer(s.pred)})`, () => {
            this.branch("then", s.then);
            if (s.otherwise.length > 0) this.branch("else", s.otherwise);
          }, ")");
          break;
        case "while": {
          const label = out.label("while");
          out.block(`(loop ${label}`, () => {
            this.steps(s.test);
            out.block(`(if (i32.load8_u ${this.buffer(s.pred)}) (then`, () => {
              this.steps(s.body);
              out.line(`(br ${label})`);
            }, "))");
          }, ")");
          break;
        }
        case "for": this.counted(s); break;
      }
  }

  private branch(word: "then" | "else", list: readonly Step[]): void {
    if (list.length === 0) this.out.line(`(${word})`);
    else this.out.block(`(${word}`, () => this.steps(list), ")");
  }

  private call({ kernel, args }: Extract<Step, { kind: "kernel" }>): void {
    const { sort, scalars, args: parameters } = this.table.program.kernels[kernel];
    const buffers = args.map((id) => this.buffer(id));
    if (sort) {
      const sizes = [sort.outer, sort.length, sort.inner].map((d) => this.size(d));
      this.out.line(`(call $sort ${[...buffers, ...sizes].join(" ")} (i32.const ${dtypes.indexOf(parameters[0].dtype)}) (i32.const ${Number(sort.descending)}))`);
    } else this.out.line(`(call $${this.kernelName(kernel)} ${[...buffers, ...scalars.map((s) => `(local.get ${this.symbol(s)})`)].join(" ")})`);
  }

  private counted(s: Extract<Step, { kind: "for" }>): void {
    const { out } = this, i = this.symbol(s.counter), get = `(local.get ${i})`, n = this.size(s.length);
    out.line(`(local.set ${i} ${s.reverse ? `(i32.sub ${n} (i32.const 1))` : "(i32.const 0)"})`);
    const more = s.reverse ? `(i32.ge_s ${get} (i32.const 0))` : `(i32.lt_s ${get} ${n})`;
    const label = out.label("for");
    out.block(`(if ${more} (then (loop ${label}`, () => {
      this.steps(s.body);
      out.line(`(local.set ${i} (i32.add ${get} (i32.const ${s.reverse ? -1 : 1})))`);
      out.line(`(br_if ${label} ${more})`);
    }, ")))");
  }
}

/** A name as a WebAssembly string: whatever is not plain ASCII by its bytes. */
export const exportName = (name: string): string =>
  `"${Array.from(new TextEncoder().encode(name), (b) => (b >= 0x20 && b < 0x7f && b !== 0x22 && b !== 0x5c ? String.fromCharCode(b) : `\\${b.toString(16).padStart(2, "0")}`)).join("")}"`;
