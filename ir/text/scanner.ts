import { GraphError } from "../graph/error.ts";
import type { SourceLocation } from "../graph/location.ts";
import { dims, dtypes, isDType, type Dim, type TensorType } from "../types/index.ts";
import { numberOf, numberPattern } from "./number.ts";

/** Reads the tokens of the textual IR. Spaces, line breaks and comments separate, and mean nothing else. */
export class Scanner {
  readonly #text: string;
  readonly #file: string;
  /** Where each line starts. */
  readonly #lines: readonly number[];
  #at = 0;

  /** `file` is what errors call the text. */
  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
    this.#lines = [0, ...[...text.matchAll(/\n/g)].map((m) => m.index + 1)];
  }

  /** Line and column of the next token. */
  get location(): SourceLocation {
    const at = this.#next();
    let low = 0, high = this.#lines.length; // the line is in [low, high)
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#lines[middle] <= at) low = middle;
      else high = middle;
    }
    return { file: this.#file, line: low + 1, column: at - this.#lines[low] + 1 };
  }

  get done(): boolean { return this.#next() === this.#text.length; }

  fail(what: string, at: SourceLocation = this.location): never {
    throw new GraphError(what, undefined, at);
  }

  /** Whether the next token is this punctuation or word. */
  sees(token: string): boolean {
    const at = this.#next();
    if (!this.#text.startsWith(token, at)) return false;
    return !/\w$/.test(token) || !/\w/.test(this.#text[at + token.length] ?? "");
  }
  seesDigit(): boolean { return /\d/.test(this.#text[this.#next()] ?? ""); }

  /** Moves past the token if it is next. */
  accepts(token: string): boolean {
    if (!this.sees(token)) return false;
    this.#at = this.#next() + token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.accepts(token)) this.fail(`expected "${token}", found ${this.#found()}`);
  }

  /** Items between brackets, separated by commas. */
  list<T>(open: string, item: () => T, close: string): T[] {
    this.expect(open);
    const items: T[] = [];
    if (this.accepts(close)) return items;
    do items.push(item()); while (this.accepts(","));
    this.expect(close);
    return items;
  }

  word(what = "a word"): string { return this.#match(/[A-Za-z_]\w*/y, what); }
  /** A name as {@link nameText} writes it: a word with dots, or anything in quotes. */
  name(what = "a name"): string {
    const text = this.#match(/"(?:[^"\\]|\\.)*"|[\w.]+/y, what);
    return text.startsWith('"') ? (JSON.parse(text) as string) : text;
  }
  /** The name of a variable, with its sign. */
  variable(): string {
    this.expect("@");
    return this.name("the name of a variable");
  }
  /**
   * The name of a value, with its sign: the number of a result, or the name of an input. An input whose name is
   * not a word keeps its quotes, so that `%"0"` is not `%0`.
   */
  value(): string {
    this.expect("%");
    const text = this.#match(/"(?:[^"\\]|\\.)*"|[\w.]+/y, "the name of a value");
    return text.startsWith('"') ? inputText(JSON.parse(text) as string) : text;
  }
  integer(): number { return Number(this.#match(/-?\d+/y, "a whole number")); }
  number(): number { return numberOf(this.#match(numberPattern, "a number")); }

  /** A dimension: a comma, colon, bracket or brace ends it. */
  dim(): Dim {
    const at = this.location;
    const text = this.#match(/[\w+\-*/() ]+/y, "a dimension").trim();
    try {
      return /^\d+$/.test(text) ? Number(text) : dims.dim(text);
    } catch (e) {
      return this.fail((e as Error).message, at);
    }
  }

  type(): TensorType {
    const at = this.location;
    const dtype = this.word("a type such as f32[B,64]");
    if (!isDType(dtype)) this.fail(`"${dtype}" is no dtype; they are ${dtypes.join(", ")}`, at);
    return { dtype, shape: this.list("[", () => this.dim(), "]") };
  }

  /** The source line that a comment at the end of this line names, if one does. */
  trailingLocation(): SourceLocation | undefined {
    const m = this.#exec(/[ \t]*\/\/ *(\S+):(\d+)(?=\s|$)/y, this.#at);
    return m ? { file: m[1], line: Number(m[2]), column: 1 } : undefined;
  }

  #match(pattern: RegExp, what: string): string {
    return this.#exec(pattern, this.#next())?.[0] ?? this.fail(`expected ${what}, found ${this.#found()}`);
  }

  /** Matches a sticky pattern at a position, and moves past what it matched. */
  #exec(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    const m = pattern.exec(this.#text);
    if (m) this.#at = pattern.lastIndex;
    return m;
  }

  /** Where the next token starts. */
  #next(): number {
    const blank = /(?:\s+|\/\/[^\n]*)*/y;
    blank.lastIndex = this.#at;
    blank.exec(this.#text);
    return blank.lastIndex;
  }

  #found(): string { return this.done ? "the end" : `"${/\S{1,20}/y.exec(this.#text.slice(this.#next()))![0]}"`; }
}

/** A name as text: bare where it is a word with dots, else in quotes. */
export const nameText = (name: string): string => (/^[\w.]+$/.test(name) ? name : JSON.stringify(name));

/** The name of an input as text: in quotes also where it starts with a digit, as results do. */
export const inputText = (name: string): string => (/^\d/.test(name) ? JSON.stringify(name) : nameText(name));
