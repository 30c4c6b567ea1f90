/**
 * What becomes of a case. `unsupported` is a decision, taken where a case asks for something that chainrule does
 * not have; any other exception is a failure.
 */
export type Outcome = "passed" | "failed" | "unsupported";

export interface CaseResult {
  readonly id: string;
  readonly op: string;
  readonly outcome: Outcome;
  /** Why it failed or is unsupported; null where it passed. */
  readonly reason: string | null;
}

/** Thrown where a case asks for something that chainrule does not have: says what, by name. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/** Runs one case: it passes unless it throws. */
export async function resultOf(id: string, op: string, body: () => Promise<void>): Promise<CaseResult> {
  try {
    await body();
    return { id, op, outcome: "passed", reason: null };
  } catch (e) {
    if (e instanceof Unsupported) return { id, op, outcome: "unsupported", reason: e.message };
    return { id, op, outcome: "failed", reason: e instanceof Mismatch ? e.message : errorText(e) };
  }
}

/** Thrown where a result differs from the expected one. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
}

/** An exception with the frame it came from: what one needs to find it. */
function errorText(e: unknown): string {
  if (!(e instanceof Error)) return String(e);
  const frame = e.stack?.split("\n").find((line) => line.trim().startsWith("at ") && !line.includes("node:"))?.trim() ?? "";
  return `${e.name}: ${e.message}${frame ? ` (${frame})` : ""}`;
}
