/** A stretch of source text on one line. Lines and columns count from 1. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters to underline, from `column` on. */
  readonly length: number;
}

/**
 * A mistake in the user's program or command line, whoever found it: the type checker, the graph builder, a
 * compiler pass, or the command itself. They are all shown alike.
 */
export interface Diagnostic {
  /** `TS2345`, or `chainrule`. */
  readonly code: string;
  readonly message: string;
  /** Missing where no line of a file is to blame. */
  readonly span?: Span;
  /** What to do about it. */
  readonly advice?: string;
  /** Further places, each with what it has to do with the mistake. */
  readonly related?: readonly { readonly span: Span; readonly message: string }[];
}

/** Carries diagnostics to whoever shows them. */
export class DiagnosticError extends Error {
  override readonly name = "DiagnosticError";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => d.message).join("\n"));
    this.diagnostics = diagnostics;
  }
}

/** Stops with a mistake that is in no file: a wrong option, a pattern that matches nothing. */
export function fail(message: string, advice?: string): never {
  throw new DiagnosticError([{ code: "chainrule", message, ...(advice !== undefined && { advice }) }]);
}
