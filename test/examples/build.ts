import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { run } from "../../compiler/cli/run.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** `chainrule build FILES --out FOLDER`, in the project's root. */
export async function build(files: string, out: string): Promise<void> {
  let text = "";
  const write = (part: string): void => { text += part; };
  expect(await run(["build", files, "--out", out], { cwd: root, color: false, out: write, err: write }), text).toBe(0);
}
