import { GraphError } from "chainrule";

/** The message of the GraphError that `define` throws; fails where it throws none. */
export function mistake(define: () => unknown): string {
  try { define(); } catch (e) {
    if (e instanceof GraphError) return e.message;
    throw e;
  }
  throw new Error("no error was thrown");
}
