import { diagnose, DiagnosticError } from "../frontend/index.ts";

/** Runs a compiler pass on a model of `file`; what it throws is told with the user's line. */
export async function guarded<T>(file: string, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (e) {
    throw new DiagnosticError(await diagnose(e, file));
  }
}
