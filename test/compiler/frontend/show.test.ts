import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { showDiagnostics } from "../../../compiler/frontend/show.ts";
import { underline } from "../../../compiler/frontend/underline.ts";

let cwd = "", file = "";
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "chainrule-show-"));
  file = join(cwd, "a.ts");
  writeFileSync(file, ["const a = f(", "\tx.matmul(w, 1).relu(),", "  new Error('no'),", ");", ""].join("\n"));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const shown = (column: number, length: number, more = {}) =>
  showDiagnostics([{ code: "TS1", message: "no", span: { file, line: 2, column, length }, ...more }], { cwd, color: false });

test("as tsc --pretty: place, code, message, frame, count", () => {
  expect(shown(4, 6)).toBe("a.ts:2:4 - error TS1: no\n\n2  x.matmul(w, 1).relu(),\n     ~~~~~~\n\nFound 1 error in a.ts:2\n");
});

test("an underline ends with its line", () => {
  expect(shown(4, 500)).toContain(`\n     ${"~".repeat(20)}\n`);
});

test("advice and related places follow", () => {
  const text = shown(4, 6, { advice: "do this\nor that", related: [{ span: { file, line: 3, column: 3, length: 3 }, message: "called from here" }] });
  expect(text).toContain("~~~~~~\n\n  do this\n  or that\n\n  a.ts:3:3\n    3   new Error('no'),\n        ~~~\n    called from here\n\nFound");
});

test("several mistakes are counted by file", () => {
  const at = (line: number) => ({ code: "TS1", message: "no", span: { file, line, column: 1, length: 1 } });
  expect(showDiagnostics([at(1), at(3)], { cwd, color: false })).toContain("Found 2 errors in the same file, starting at a.ts:1\n");
  expect(showDiagnostics([at(1), { ...at(4), span: { ...at(4).span, file: join(cwd, "b.ts") } }], { cwd, color: false })).toContain("Found 2 errors in 2 files: a.ts:1, b.ts:4\n");
  expect(showDiagnostics([{ code: "chainrule", message: "no" }], { cwd, color: false })).toBe("error chainrule: no\n\nFound 1 error.\n");
  expect(showDiagnostics([], { cwd, color: false })).toBe("");
});

test("colours only where they are asked for", () => {
  const diagnostic = { code: "TS1", message: "no", span: { file, line: 1, column: 1, length: 1 } };
  expect(showDiagnostics([diagnostic], { cwd, color: true })).toContain("\x1b[36ma.ts\x1b[39m:\x1b[33m1\x1b[39m");
  expect(showDiagnostics([diagnostic], { cwd, color: false })).not.toContain("\x1b");
});

test.each([
  ["the name of a method: the call with its arguments", 2, 4, 12],
  ["a function called over several lines: to the end of the line", 1, 11, 2],
  ["a method further along the chain", 2, 17, 6],
  ["a new", 3, 3, 15],
  ["an operand: the token", 2, 2, 1],
  ["a line that is not there: one character", 99, 1, 1],
])("a stack position is underlined: %s", (_, line, column, length) => {
  expect(underline({ file, line, column })).toEqual({ file, line, column, length });
});

test("a file that is not there is no error of its own", () => {
  const missing = { file: join(cwd, "missing.ts"), line: 1, column: 1 };
  expect(underline(missing).length).toBe(1);
  expect(showDiagnostics([{ code: "TS1", message: "no", span: { ...missing, length: 3 } }], { cwd, color: false })).toContain("missing.ts:1:1 - error TS1: no\n\nFound");
});
