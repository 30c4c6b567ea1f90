import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DiagnosticError } from "../../../compiler/frontend/diagnostic.ts";
import { findModelFiles } from "../../../compiler/frontend/find.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "chainrule-find-"));
  for (const file of ["digits.model.ts", "models/linear.model.ts", "models/deep/mlp.model.mts", "models/layers.ts", "plain.ts", "notes.md", "types.d.ts", "docs/readme.md",
    "node_modules/lib/lib.model.ts", "dist/old.model.ts", ".cache/hidden.model.ts"]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const found = async (...patterns: string[]): Promise<string[]> => (await findModelFiles(patterns, root)).map((f) => relative(root, f));

test("without patterns, every model file outside node_modules, dist and hidden folders", async () => {
  expect(await found()).toEqual(["digits.model.ts", "models/deep/mlp.model.mts", "models/linear.model.ts"]);
});

test("files, folders and globs, each file once", async () => {
  expect(await found("plain.ts")).toEqual(["plain.ts"]);
  expect(await found("models")).toEqual(["models/deep/mlp.model.mts", "models/linear.model.ts"]);
  expect(await found("models/*.ts")).toEqual(["models/layers.ts", "models/linear.model.ts"]);
  expect(await found("models", "./models/linear.model.ts", "**/linear.*")).toEqual(["models/deep/mlp.model.mts", "models/linear.model.ts"]);
});

test.each([
  [["digit.model.ts"], `there is no file "digit.model.ts"`, `did you mean "digits.model.ts"?`],
  [["modles/*.model.ts"], `no file matches "modles/*.model.ts"`, "model files here are: digits.model.ts, models/deep/mlp.model.mts, models/linear.model.ts"],
  [["notes.md"], `"notes.md" is not a TypeScript module`, "name a .ts or .mts file"],
  [["types.d.ts"], `"types.d.ts" only declares types`, "name the .ts file that defines the model"],
  [["digits.model.ts", "docs"], `the folder "docs" has no model file`, "name the file itself"],
])("%j is a mistake that says what to do", async (patterns, message, advice) => {
  const error = await findModelFiles(patterns, root).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DiagnosticError);
  const [diagnostic] = (error as DiagnosticError).diagnostics;
  expect(diagnostic.message).toContain(message);
  expect(diagnostic.advice).toContain(advice);
});

test("an empty folder says how model files are named", async () => {
  const empty = mkdtempSync(join(tmpdir(), "chainrule-empty-"));
  try {
    await expect(findModelFiles([], empty)).rejects.toThrow("no model file (**/*.model.{ts,mts})");
  } finally {
    rmSync(empty, { recursive: true });
  }
});
