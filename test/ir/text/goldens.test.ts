import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseFunction, parseModel, printFunction, printModel } from "../../../ir/text/index.ts";
import { verify } from "../../../ir/verify/index.ts";

const folder = fileURLToPath(new URL("../../golden/", import.meta.url));
const goldens = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".txt"))
  .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));

/** Functions of textual IR, with the variables declared before each, wherever they stand in a text. */
const functionsIn = (text: string): string[] => text.match(/(?:^variable @.*\n)*^fn @.*\{\n(?:.*\n)*?^\}\n/gm) ?? [];

const files = goldens.filter(({ text }) => !text.startsWith("model ")).map(({ path, text }) => ({ path, functions: functionsIn(text) })).filter((f) => f.functions.length > 0);

test("there are golden texts of passes to read", () => {
  for (const pass of ["autodiff", "simplify"]) expect(files.map((f) => f.path.split("/")[0])).toContain(pass);
});

test.each(files)("every function in golden/$path is well-formed, and prints as it reads", ({ functions }) => {
  for (const text of functions) {
    const fn = parseFunction(text);
    verify(fn);
    expect(printFunction(fn)).toBe(text);
  }
});

test.each(goldens.filter(({ text }) => text.startsWith("model ")))("the model in golden/$path prints as it reads", ({ text }) => {
  expect(printModel(parseModel(text))).toBe(text);
});
