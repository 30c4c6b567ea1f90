import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chainrule, inFolder } from "./command.ts";

test("each model becomes a folder with its module, types, manifest and report", () => inFolder(async (out) => {
  const { status, out: said, err } = await chainrule("build", "several.model.ts", "helper.model.ts", "--out", out);
  expect(err).toBe("");
  expect(status).toBe(0);
  expect(readdirSync(out).sort()).toEqual(["exponential", "helper", "negative"]);
  expect(readdirSync(join(out, "helper"))).toEqual(expect.arrayContaining(["helper.js", "helper.d.ts", "helper.wasm", "helper.wat", "helper.wasm.js", "helper.kernels.js", "manifest.json", "report.html", "runtime.js"]));
  expect(said).toMatch(/helper: helper\.model\.ts -> \S+helper\n +square +1 kernel +arena [\d.]+ \w?B +at B=64\n +[\d.]+ kB of WebAssembly and JavaScript minified with its runtime, [\d.]+ kB gzipped, of which a page loads [\d.]+ kB \(wasm\) or [\d.]+ kB \(js\)\n/);
}));

test("--target says what is generated", () => inFolder(async (out) => {
  for (const [target, devices] of [["js", ["js"]], ["wasm", ["wasm"]], ["cpu", ["wasm", "js"]], ["all", ["webgpu", "wasm", "js"]]] as const) {
    expect((await chainrule("build", "helper.model.ts", "--out", out, "--target", target)).status).toBe(0);
    const files = readdirSync(join(out, "helper"));
    expect([files.includes("helper.wasm"), files.includes("helper.kernels.js"), files.includes("helper.wgsl.js")]).toEqual([target !== "js", target !== "wasm", target === "all"]);
    expect((JSON.parse(readFileSync(join(out, "helper/manifest.json"), "utf8")) as { devices: string[] }).devices).toEqual(devices);
  }
}));

test("--standalone and --minify reach the artifact", () => inFolder(async (out) => {
  expect((await chainrule("build", "helper.model.ts", "--out", out, "--standalone", "--minify")).status).toBe(0);
  const files = readdirSync(join(out, "helper"));
  expect(files).toContain("helper.js");
  expect(files).not.toContain("runtime.js");
  expect(readFileSync(join(out, "helper/helper.js"), "utf8").split("\n").length).toBeLessThan(20);
}));

test.each(["type-error.model.ts", "shape-error.model.ts", "syntax-error.model.ts", "throws.model.ts"])("%s: status 1, the place, and no output for any model", (name) => inFolder(async (out) => {
  const { status, err } = await chainrule("build", "helper.model.ts", name, "--out", join(out, "dist"));
  expect(status).toBe(1);
  expect(err).toMatch(new RegExp(`^${name}:\\d+:\\d+ - error (TS\\d+|chainrule): `));
  expect(existsSync(join(out, "dist"))).toBe(false);
}));

test("a failed build leaves the artifact of the one before as it was", () => inFolder(async (out) => {
  await chainrule("build", "helper.model.ts", "--out", out);
  const before = readFileSync(join(out, "helper/manifest.json"), "utf8");
  expect((await chainrule("build", "helper.model.ts", "shape-error.model.ts", "--out", out)).status).toBe(1);
  expect(readdirSync(out)).toEqual(["helper"]);
  expect(readFileSync(join(out, "helper/manifest.json"), "utf8")).toBe(before);
}));

test("what is in the way is not overwritten", () => inFolder(async (out) => {
  writeFileSync(join(out, "helper"), "mine"); // not even a folder
  const file = await chainrule("build", "helper.model.ts", "--out", out);
  expect(file).toMatchObject({ status: 1, err: expect.stringMatching(/^error chainrule: the artifact cannot be written to .*helper: ENOTDIR/) as string });
  expect(readFileSync(join(out, "helper"), "utf8")).toBe("mine");

  mkdirSync(join(out, "more/helper"), { recursive: true });
  writeFileSync(join(out, "more/helper/notes.txt"), "mine");
  const folder = await chainrule("build", "helper.model.ts", "--out", join(out, "more"));
  expect(folder).toMatchObject({ status: 1, err: expect.stringMatching(/^error chainrule: .*helper has files in it and is no artifact[^]*choose another folder/) as string });
  expect(readdirSync(join(out, "more/helper"))).toEqual(["notes.txt"]);
}));
