import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../compiler/cli/run.ts";

/**
 * What the README shows is what the tools print. Each block has a name in a comment above it; `UPDATE=1` writes anew
 * what is printed.
 */
const file = new URL("../README.md", import.meta.url);
const blockOf = (name: string): RegExp => new RegExp(`(<!-- ${name} -->\n\`\`\`\\w*\n)(.*?)(\`\`\`\n)`, "s");

function block(name: string): string {
  const found = blockOf(name).exec(readFileSync(file, "utf8"));
  expect(found, `the README has no block "${name}"`).not.toBeNull();
  return found![2];
}

function hold(name: string, printed: string, like: (text: string) => string = (text) => text): void {
  const text = `${printed.trimEnd()}\n`;
  if (process.env.UPDATE) writeFileSync(file, readFileSync(file, "utf8").replace(blockOf(name), (_, head: string, __, tail: string) => head + text + tail));
  expect(like(block(name)), "run with UPDATE=1 to write what is printed now").toBe(like(text));
}

/** A text without its sizes, which any change to the compiler changes a little. */
const anySize = (text: string): string => text.replace(/ +[\d.]+ k?B/g, " # kB");

let cwd = "";
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "chainrule-readme-"));
  writeFileSync(join(cwd, "digits.model.ts"), block("model"));
});
afterAll(() => { rmSync(cwd, { recursive: true }); });

/** Runs `chainrule …` in the folder with the README's model. */
async function chainrule(command: string): Promise<{ status: number; out: string; err: string }> {
  let out = "", err = "";
  const status = await run(command.split(" "), { cwd, color: false, out: (text) => { out += text; }, err: (text) => { err += text; } });
  return { status, out, err };
}

test("building the model, and the kernel of its softmax", async () => {
  const { out, err } = await chainrule("build digits.model.ts");
  expect(err).toBe("");
  hold("build", `$ npx chainrule build digits.model.ts\n${out}`, anySize);
  const kernels = readFileSync(join(cwd, "dist/digits/digits.kernels.js"), "utf8");
  const softmax = /^\/\/ [^\n]*\nfunction predict_reduce\w*\(.*?^}\n/ms.exec(kernels);
  expect(softmax).not.toBeNull();
  hold("kernel", softmax![0]);
}, 60_000);

test("the mistake", async () => {
  writeFileSync(join(cwd, "digits.model.ts"), block("model").replace("nn.linear(128, 10)", "nn.linear(100, 10)"));
  try {
    const { status, out, err } = await chainrule("build digits.model.ts --out elsewhere");
    expect([status, out]).toEqual([1, ""]);
    hold("mistake", err);
  } finally { writeFileSync(join(cwd, "digits.model.ts"), block("model")); }
}, 60_000);

test("the graph", async () => {
  hold("inspect", `$ npx chainrule inspect digits.model.ts --function predict --stage simplify\n${(await chainrule("inspect digits.model.ts --function predict --stage simplify")).out}`);
}, 60_000);

test("the map: every folder and file it names is there", () => {
  let top = "";
  const named = block("map").split("\n").flatMap((line) => {
    const [, indent, names] = /^( *)(.*?)(?:  .*)?$/.exec(line)!;
    if (indent === "") { top = names.split(" ")[0]; return [top]; }
    return names.split(", ").filter((name) => /^\w+\/?$/.test(name)).map((name) => top + name);
  }).filter((name) => name !== "");
  expect(named.length).toBeGreaterThan(25);
  for (const name of named) expect([name, `${name}.ts`].some((path) => existsSync(new URL(`../${path}`, import.meta.url))), name).toBe(true);
});
