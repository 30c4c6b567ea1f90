import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const folder = fileURLToPath(new URL("golden/", import.meta.url));

/**
 * Compares a text with `test/golden/<path>`, line by line in the failure. `UPDATE=1` writes the file instead;
 * a file that does not exist fails, so that a forgotten one is noticed.
 */
export function golden(path: string, text: string): void {
  const file = join(folder, path);
  if (process.env.UPDATE) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  expect(existsSync(file), `there is no test/golden/${path}: run with UPDATE=1 to write it, and read what it says`).toBe(true);
  expect(text, `differs from test/golden/${path}; if the new text is right, run with UPDATE=1`).toBe(readFileSync(file, "utf8"));
}
