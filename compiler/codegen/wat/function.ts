import { dims, type Dim } from "../../../ir/types/index.ts";
import { Names } from "../js/names.ts";
import type { LocalType } from "./types.ts";

/** A function while it is written: its locals, and lines of text at a depth. */
export class FunctionText {
  private readonly names = new Names();
  private readonly typeOf = new Map<string, LocalType>();
  private readonly sizes = new Map<string, string>();
  /** New locals in use, and those that may be taken again, by what they are for. */
  private readonly taken: { readonly key: string; readonly local: string }[] = [];
  private readonly free = new Map<string, string[]>();
  private readonly entry: string[] = [];
  private entryLine = 0;
  private lines: string[] = [];
  private depth = 2;

  line(text: string): void { this.lines.push(`${"  ".repeat(this.depth)}${text}`); }

  /** `open`, what `body` writes one level further in, and `close` at the end of its last line. */
  block(open: string, body: () => void, close: string): void {
    this.line(open);
    this.depth++;
    body();
    this.depth--;
    this.lines[this.lines.length - 1] += close;
  }

  /** Runs `body`, and puts what `before` then says ahead of everything it wrote; `before` gives these lines as they are to be. */
  withPreamble(body: () => void, before: (written: readonly string[]) => readonly string[]): void {
    const outer = this.lines;
    this.lines = [];
    body();
    const lines = this.lines;
    this.lines = [];
    const written = before(lines);
    this.lines = [...outer, ...this.lines, ...written];
  }

  /** What `body` gives, with the lines that it writes ahead of it: for text that is only run under a condition. */
  within(body: () => string): string {
    const outer = this.lines;
    this.lines = [];
    const value = body(), written = this.lines;
    this.lines = outer;
    return [...written.map((line) => line.trim()), value].join(" ");
  }

  /** Writes a value to a new local, before what is being printed; gives the text that reads it. */
  readonly bind = (value: string): string => {
    const local = this.fresh("t", "v128");
    this.line(`(local.set ${local} ${value})`);
    return `(local.get ${local})`;
  };

  /** A parameter, as its identifier. */
  parameter(kind: string, name: string): string { return `$${this.names.of(kind, name)}`; }

  /** A local of its own until the end of the {@link scope} around it. */
  fresh(wanted: string, type: LocalType): string {
    const key = `${wanted} ${type}`;
    const local = this.free.get(key)?.pop() ?? this.declare(wanted, type);
    this.taken.push({ key, local });
    return local;
  }

  /**
   * What `body` writes; the new locals of it may be taken again afterwards, by their names. So loops that are alike
   * have the same text, which is what compression looks for.
   */
  scope(body: () => void): void {
    const before = this.taken.length;
    body();
    for (const { key, local } of this.taken.splice(before).reverse()) this.free.set(key, [...(this.free.get(key) ?? []), local]);
  }

  private declare(wanted: string, type: LocalType): string {
    const local = `$${this.names.fresh(wanted)}`;
    this.typeOf.set(local, type);
    return local;
  }

  /** The local of a name, spelled like `wanted`: a scalar and a vector of one name are two. */
  local(name: string, type: LocalType, wanted = name): string {
    const local = `$${type === "v128" ? this.names.of("vector", name, `${wanted}_v`) : this.names.of(type, name, wanted)}`;
    this.typeOf.set(local, type);
    return local;
  }

  /** Sizes are computed after the lines so far, rather than before all. */
  sizesFollow(): void { this.entryLine = this.lines.length; }

  label(wanted: string): string { return `$${this.names.fresh(wanted)}`; }

  /** A dimension: a constant, a parameter, or a local computed once on entry. `symbol` gives the identifier of a symbol. */
  size(d: Dim, symbol: (name: string) => string): string {
    if (typeof d === "number") return `(i32.const ${d})`;
    if (/^\w+$/.test(d)) return `(local.get ${symbol(d)})`;
    let local = this.sizes.get(d);
    if (!local) {
      const text = sizeText(d, (x) => this.size(x, symbol));
      local = this.declare("size", "i32");
      this.entry.push(`    (local.set ${local} ${text}) ;; ${d}`);
      this.sizes.set(d, local);
    }
    return `(local.get ${local})`;
  }

  /** Declarations of the locals, a line for each type; then what is computed on entry; then the lines. */
  print(): string[] {
    const byType = new Map<LocalType, string[]>();
    for (const [local, type] of this.typeOf) byType.set(type, [...(byType.get(type) ?? []), `(local ${local} ${type})`]);
    const lines = [...this.lines];
    lines.splice(this.entryLine, 0, ...this.entry);
    return [...[...byType.values()].map((list) => `    ${list.join(" ")}`), ...lines];
  }
}

/** A dimension in i32 arithmetic. Sizes are not negative where they are divided, so rounding down is truncation. */
export function sizeText(d: Dim, part: (d: Dim) => string): string {
  const terms = dims.terms(d).map(({ coefficient, atoms }) => {
    const factors = atoms.map((a) => (typeof a === "string" ? part(a) : `(i32.div_s ${part(a.num)} ${part(a.den)})`));
    if (coefficient !== 1 || factors.length === 0) factors.unshift(`(i32.const ${coefficient})`);
    return factors.reduce((a, b) => `(i32.mul ${a} ${b})`);
  });
  return terms.length === 0 ? "(i32.const 0)" : terms.reduce((a, b) => `(i32.add ${a} ${b})`);
}
