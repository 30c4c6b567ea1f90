import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { run } from "../../../compiler/cli/run.ts";
import { fixtures, inFolder } from "./command.ts";

test("build --watch builds again on a change, of a helper too, and goes on after mistakes", () => inFolder(async (cwd) => {
  for (const file of ["helper.model.ts", "layers.ts"]) copyFileSync(join(fixtures, file), join(cwd, file));
  let out = "", err = "";
  const stop = new AbortController();
  const ended = run(["build", "--watch", "--target", "js"], { cwd, color: false, signal: stop.signal, out: (text) => { out += text; }, err: (text) => { err += text; } });
  const builds = (): number => out.split("watching 2 files").length - 1;
  const until = (condition: () => boolean) => vi.waitFor(() => { if (!condition()) throw new Error(`not yet:\n${out}\n${err}`); }, { timeout: 20_000, interval: 50 });
  const kernels = (): string => readFileSync(join(cwd, "dist/helper/helper.kernels.js"), "utf8");

  await until(() => builds() === 1);
  expect(existsSync(join(cwd, "dist/helper/helper.js"))).toBe(true);
  expect(kernels()).not.toContain("Math.exp");

  const layers = join(cwd, "layers.ts"), source = readFileSync(layers, "utf8");
  writeFileSync(layers, source.replace("x.mul(2)", "x.exp()"));
  await until(() => builds() === 2);
  expect(kernels()).toContain("Math.exp");

  writeFileSync(layers, source.replace("x.mul(2)", "x.mul('two')"));
  await until(() => builds() === 3);
  expect(err).toMatch(/layers\.ts:4:\d+ - error TS/);
  expect(kernels()).toContain("Math.exp"); // the last good one stays

  writeFileSync(layers, source);
  await until(() => builds() === 4);
  expect(kernels()).not.toContain("Math.exp");

  stop.abort();
  expect(await ended).toBe(0);
}), 60_000);
