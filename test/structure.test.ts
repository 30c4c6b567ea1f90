import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

/** The map of the project, held: which folder may import which, and what ships without dependencies. */

const root = resolve(import.meta.dirname, "..");

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((f) => f.isFile() && f.name.endsWith(".ts"))
    .map((f) => relative(root, join(f.parentPath, f.name)));
}

interface Import { readonly file: string; readonly from: string; readonly typeOnly: boolean }

/** Every import and re-export of a file, with paths relative to the root. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const found: Import[] = [];
  for (const m of text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/gm))
    found.push({ file, typeOnly: m[1] !== undefined, from: m[2].startsWith(".") ? relative(root, resolve(root, dirname(file), m[2])) : m[2] });
  for (const m of text.matchAll(/\bimport\(\s*(?:\/\*.*?\*\/\s*)?["']([^"']+)["']/g))
    found.push({ file, typeOnly: false, from: m[1].startsWith(".") ? relative(root, resolve(root, dirname(file), m[1])) : m[1] });
  return found;
}

const all = (folder: string): Import[] => sources(folder).flatMap(importsOf);
const text = (i: Import): string => `${i.file} imports ${i.from}`;

describe("imports point one way", () => {
  test("ir imports nothing of the compiler or the runtime, and no package", () => {
    expect(all("ir").filter((i) => !i.from.startsWith("ir/")).map(text)).toEqual([]);
  });
  test("the runtime imports nothing of the others, and no package; Node's modules only on demand", () => {
    expect(all("runtime").filter((i) => !i.from.startsWith("runtime/") && !i.from.startsWith("node:")).map(text)).toEqual([]);
    const upFront = sources("runtime").flatMap((file) => [...readFileSync(join(root, file), "utf8").matchAll(/^import (?!type).*"(node:[^"]+)"/gm)].map((m) => `${file} imports ${m[1]}`));
    expect(upFront).toEqual([]);
  });
  test("the compiler imports ir, and of the runtime what its artifacts are made of", () => {
    const outside = all("compiler").filter((i) => i.from.startsWith("runtime/") && !i.typeOnly && !i.file.startsWith("compiler/artifact/") && !i.file.startsWith("compiler/interop/"));
    expect(outside.map(text)).toEqual([]);
    expect(all("compiler").filter((i) => i.from.startsWith("test/") || i.from.startsWith("examples/")).map(text)).toEqual([]);
  });
  test("the scan sees what it should", () => {
    expect(all("compiler").some((i) => i.from.startsWith("ir/"))).toBe(true);
    expect(importsOf("test/structure.test.ts").map((i) => i.from)).toContain("vitest");
  });
});

test("files are of a few hundred lines", () => {
  const long = ["ir", "compiler", "runtime"].flatMap(sources)
    .map((file) => [file, readFileSync(join(root, file), "utf8").split("\n").length] as const)
    .filter(([, lines]) => lines > 500);
  expect(long).toEqual([]);
});
