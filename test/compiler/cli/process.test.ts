import { spawnSync } from "node:child_process";
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixtures } from "./command.ts";

/** The built package (`npm test` builds it), as a user's project has it installed. */
const root = new URL("../../../", import.meta.url).pathname;
const main = "node_modules/chainrule/dist/compiler/cli/main.js";
let project = "";

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "chainrule-installed-"));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(root, join(project, "node_modules/chainrule"));
  writeFileSync(join(project, "package.json"), `{ "type": "module" }`);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: { module: "NodeNext", strict: true, noEmit: true, allowImportingTsExtensions: true } }));
  for (const file of ["linear.model.ts", "shape-error.model.ts", "layers.ts"]) copyFileSync(join(fixtures, file), join(project, file));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

function chainrule(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], { cwd: project, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("the command is built and executable", () => {
  expect(() => accessSync(join(root, "dist/compiler/cli/main.js"), constants.X_OK), "run: npm run build").not.toThrow();
});

test("builds in an installed package, and the artifact runs", () => {
  expect(chainrule("build", "linear.model.ts")).toMatchObject({ status: 0, stderr: "" });
  const script = `
    import { load } from "./dist/linear/linear.js";
    const linear = await load({ device: "js", seed: 1 });
    const data = { x: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], y: [[1], [2], [3]] };
    let loss;
    for (let i = 0; i < 300; i++) ({ loss } = await linear.train(data));
    console.log(Number(loss.data?.[0] ?? loss) < 1e-3);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd: project, encoding: "utf8" });
  expect({ stdout, stderr }).toEqual({ stdout: "true\n", stderr: "" });
});

test("a mistake: status 1, the user's TypeScript line on stderr without colours, no output", () => {
  const { status, stdout, stderr } = chainrule("build", "shape-error.model.ts", "--out", "other");
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain("shape-error.model.ts:7:29 - error chainrule: ");
  expect(stderr).toContain("7     return { c: left.add(1).matmul(right) };\n                              ~~~~~~~~~~~~~\n");
  expect(stderr).not.toContain("\x1b");
  expect(existsSync(join(project, "other"))).toBe(false);
});

test("check runs the graph that the model file made", () => {
  expect(chainrule("check", "linear.model.ts")).toMatchObject({ status: 0, stdout: expect.stringContaining("all derivatives agree") as string });
});
