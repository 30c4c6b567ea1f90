import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../compiler/cli/run.ts";

/** Where the model files of these tests are. */
export const fixtures = new URL("../frontend/fixtures", import.meta.url).pathname;

export interface Finished {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `chainrule …` in this process, in the folder of the fixtures. */
export async function chainrule(...argv: string[]): Promise<Finished> {
  let out = "", err = "";
  const status = await run(argv, { cwd: fixtures, color: false, out: (text) => { out += text; }, err: (text) => { err += text; } });
  return { status, out, err };
}

/** Runs `body` with an empty folder that is removed afterwards. */
export async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-test-"));
  try { await body(folder); } finally { rmSync(folder, { recursive: true, force: true }); }
}
