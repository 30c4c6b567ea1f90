import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadModels, showDiagnostics } from "../../../compiler/frontend/index.ts";
import { reachable } from "../../../ir/graph/index.ts";
import { defineModel } from "../../../ir/index.ts";

const fixture = (name: string): string => new URL(`./fixtures/${name}`, import.meta.url).pathname;
const cwd = fixture("");

async function mistakes(...names: string[]): Promise<string> {
  const { models, diagnostics } = await loadModels(names.map(fixture));
  expect(models).toEqual([]);
  return showDiagnostics(diagnostics, { cwd, color: false });
}

test("models are the default and the named exports, each once", async () => {
  const { models, diagnostics } = await loadModels([fixture("several.model.ts")]);
  expect(diagnostics).toEqual([]);
  expect(models.map(({ model }) => model.name)).toEqual(["exponential", "negative"]);
  expect(models[0].file).toBe(fixture("several.model.ts"));
});

test("a model file imports other TypeScript files; those and tsconfig.json are its sources", async () => {
  const { models, sources } = await loadModels([fixture("helper.model.ts")]);
  const [fn] = models[0].model.functions;
  expect(reachable(fn.outputs.map((o) => o.value)).map((n) => n.op)).toContain("mul");
  const root = new URL("../../../", import.meta.url).pathname;
  expect([...sources].sort()).toEqual([fixture("helper.model.ts"), fixture("layers.ts"), `${root}tsconfig.json`]);
});

test("nodes know the TypeScript line they were written on", async () => {
  const { models } = await loadModels([fixture("helper.model.ts")]);
  const [fn] = models[0].model.functions;
  const square = fn.outputs[0].value.node;
  expect(square.at).toEqual({ file: fixture("layers.ts"), line: 4, column: expect.any(Number) as number });
  expect(fn.inputs[0].node.at).toMatchObject({ file: fixture("helper.model.ts"), line: 5 });
});

test("a model file runs on the chainrule of the compiler", async () => {
  const before = defineModel("before", (m) => { m.fn("f", {}, () => ({ y: m.param("w", [1]) })); });
  const { models } = await loadModels([fixture("linear.model.ts")]);
  const id = (model: typeof before) => model.functions[0].outputs[0].value.node.id;
  // ids grow through both, as they come from one counter; and the classes are the same
  expect(id(models[0].model)).toBeGreaterThan(id(before));
  expect(models[0].model.functions[0].outputs[0].value.constructor).toBe(before.functions[0].outputs[0].value.constructor);
});

test("a type error is shown where the editor shows it, with both shapes", async () => {
  const text = await mistakes("type-error.model.ts");
  expect(text).toMatch(/^type-error\.model\.ts:5:\d+ - error TS\d+: /);
  expect(text).toContain("5     const c = a.matmul(b);\n");
  expect(text).toMatch(/\n +~+\n/);
  expect(text).toMatch(/3[^]*4/);
  expect(text).toContain("Found 1 error in type-error.model.ts:5");
});

test("a mistake that only the graph shows: the same place, frame, and both shapes", async () => {
  const text = await mistakes("shape-error.model.ts");
  expect(text).toContain("shape-error.model.ts:7:29 - error chainrule: cannot matmul f32[B,3] with f32[4,5]");
  expect(text).toContain("7     return { c: left.add(1).matmul(right) };\n                              ~~~~~~~~~~~~~\n");
  expect(text).toContain("Found 1 error in shape-error.model.ts:7");
});

test("a mistake in a helper shows the line that called it", async () => {
  const text = await mistakes("helper-error.model.ts");
  expect(text).toContain("layers.ts:8:12 - error chainrule: cannot reshape");
  expect(text).toContain("8   return x.reshape([-1, 7]);\n             ~~~~~~~~~~~~~~~~\n");
  expect(text).toContain("helper-error.model.ts:6:8\n    6     y: bySeven(x),\n             ~~~~~~~~~~\n    called from here");
});

test("what the file throws itself", async () => {
  const text = await mistakes("throws.model.ts");
  expect(text).toContain("throws.model.ts:6:34 - error chainrule: RangeError: no widths were given");
  expect(text).toContain("~".repeat('new RangeError("no widths were given")'.length));
});

test("a syntax error, and nothing of what follows from it", async () => {
  const text = await mistakes("syntax-error.model.ts");
  expect(text).toMatch(/^syntax-error\.model\.ts:4:54 - error TS1135: Argument expression expected\./);
  expect(text).toContain("Found 1 error in ");
});

test("a file without a model, two models of one name", async () => {
  expect(await mistakes("no-model.ts")).toContain("no-model.ts:1:1 - error chainrule: this file exports no model, only layers, name\n");
  expect(await mistakes("clash.model.ts")).toContain(`two models are named "same", both in`);
});

test("no file is run while one has type errors; mistakes of all files are told", async () => {
  const text = await mistakes("throws.model.ts", "type-error.model.ts", "syntax-error.model.ts");
  expect(text).not.toContain("RangeError");
  expect(text).toMatch(/Found 2 errors in 2 files: .*syntax-error\.model\.ts:4/);
  expect(await mistakes("throws.model.ts", "shape-error.model.ts", "several.model.ts")).toContain("Found 2 errors in 2 files: throws.model.ts:6, shape-error.model.ts:7");
});

test("in a project without tsconfig.json or chainrule installed; import.meta and packages work", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-project-"));
  try {
    symlinkSync(new URL("../../../node_modules", import.meta.url).pathname, join(folder, "node_modules"));
    writeFileSync(join(folder, "size.json"), "3");
    const file = join(folder, "own.model.mts");
    writeFileSync(file, `import { readFileSync } from "node:fs";
import pc from "picocolors";
import { defineModel, f32 } from "chainrule";
const size = Number(readFileSync(new URL("./size.json", import.meta.url), "utf8"));
export const m = defineModel(\`own\${size}\${typeof pc.red}\`, (m) => { m.fn("f", { x: f32("B") }, ({ x }) => ({ y: x.exp() })); });
`);
    const { models, diagnostics } = await loadModels([file]);
    expect(diagnostics).toEqual([]);
    expect(models.map(({ model }) => model.name)).toEqual(["own3function"]);
    writeFileSync(file, `export const strict: string = undefined;\n`);
    expect((await loadModels([file])).diagnostics).toMatchObject([{ code: "TS2322", span: { line: 1, column: 14 } }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a changed file is checked and run anew", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-change-"));
  try {
    const file = join(folder, "a.model.ts");
    const write = (name: string, more = "") => writeFileSync(file, `import { defineModel, f32 } from "chainrule";\nexport default defineModel("${name}", (m) => { m.fn("f", { x: f32(1) }, ({ x }) => ({ x })); });\n${more}`);
    write("one");
    expect((await loadModels([file])).models[0].model.name).toBe("one");
    write("two", "export const n: number = 'no';");
    expect((await loadModels([file])).diagnostics).toMatchObject([{ code: "TS2322", span: { line: 3 } }]);
    write("three");
    expect((await loadModels([file])).models[0].model.name).toBe("three");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the nearest tsconfig.json says how strictly files are checked; a broken one is a mistake with a place", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-config-"));
  try {
    const file = join(folder, "a.model.ts"), config = join(folder, "tsconfig.json");
    writeFileSync(file, `import { defineModel, f32 } from "chainrule";
export const url = import.meta.url, f = (x) => x;
export default defineModel("a", (m) => { m.fn("f", { x: f32(1) }, ({ x }) => ({ x })); });
`);
    const options = (compilerOptions: object): void => writeFileSync(config, JSON.stringify({ include: ["elsewhere"], compilerOptions }));
    options({ module: "NodeNext", strict: true });
    expect((await loadModels([file])).diagnostics).toMatchObject([{ code: "TS7006", span: { file, line: 2, column: 42 } }]);
    options({ module: "NodeNext", strict: false });
    const loaded = await loadModels([file]);
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.sources).toEqual([file, config]);
    writeFileSync(config, `{\n  "compilerOptions": { "strict" true }\n}`);
    expect((await loadModels([file])).diagnostics).toMatchObject([{ code: "TS1005", span: { file: config, line: 2 } }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("wrong arguments outside of a model are told as those inside are", async () => {
  expect(await mistakes("outside.model.ts")).toMatch(/outside\.model\.ts:4:15[^]*bartlettWindow cannot use what it is given: .*null[^]*check the kinds and the order of its arguments/);
});
