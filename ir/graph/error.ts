import { currentLocation, type SourceLocation } from "./location.ts";

/**
 * A mistake in the user's program: what is wrong, where they wrote it, and what to do.
 * Anything else that throws inside chainrule is our bug and says "internal".
 */
export class GraphError extends Error {
  override readonly name = "GraphError";
  readonly at: SourceLocation | undefined;
  /** The message without its location and advice, for printers that lay these out themselves. */
  readonly what: string;
  readonly advice: string | undefined;

  constructor(what: string, advice?: string, at: SourceLocation | undefined = currentLocation()) {
    super(`${what}${advice ? `\n  ${advice}` : ""}${at ? `\n  at ${at.file}:${at.line}:${at.column}` : ""}`);
    this.what = what;
    this.advice = advice;
    this.at = at;
  }
}

/** Throws a {@link GraphError} unless `condition` holds. */
export function check(condition: unknown, what: string | (() => string), advice?: string): asserts condition {
  if (!condition) throw new GraphError(typeof what === "string" ? what : what(), advice);
}
