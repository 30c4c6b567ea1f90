import { expect, test } from "vitest";
import { chainrule, inFolder } from "./command.ts";

const deep = "../../recompute/deep.model.ts";

test("build --memory keeps to it, and says what it took", () => inFolder(async (out) => {
  const { status, out: said, err } = await chainrule("build", deep, "--target", "js", "--out", out, "--memory", "30 kB", "--at", "B=32");
  expect(err).toBe("");
  expect(status).toBe(0);
  const [, before, after] = /train +\d+ kernels +arena ([\d.]+) kB -> ([\d.]+) kB, computing again: .*deep\.model\.ts:\d+.* +at B=32\n/.exec(said)!;
  expect(Number(before)).toBeGreaterThan(30);
  expect(Number(after)).toBeLessThanOrEqual(30);
}));

test("inspect --memory shows the plan that it makes, and what it costs", async () => {
  const plan = (...more: string[]) => chainrule("inspect", deep, "--stage", "plan", ...more);
  expect((await plan("--memory", "30kB", "--at", "B=32")).out).toMatch(/^arena [\d.]+ kB -> [\d.]+ kB, computing again: /);
  expect((await plan("--memory", "1MiB")).out).toMatch(/^arena [\d.]+ kB, within the budget as it is\n/);
  const { out } = await chainrule("inspect", deep, "--stats", "--json", "--bind", "B=32", "--memory", "30kB", "--at", "B=32");
  expect((JSON.parse(out) as { functions: { train: { arenaBytes: number } } }).functions.train.arenaBytes).toBeLessThanOrEqual(30e3);
});

test("what does not fit is an error at the model's line", async () => {
  const { status, err } = await chainrule("build", deep, "--memory", "100B", "--at", "B=32");
  expect(status).toBe(1);
  expect(err).toMatch(/deep\.model\.ts:\d+:\d+ - error chainrule: train does not fit in 100 bytes of memory at B=32: it needs \d+, and \d+ with everything/);
});

test.each([
  [["--memory", "much"], '"much" is no amount of memory'],
  [["--memory", "64XB"], '"64XB" is no amount of memory'],
  [["--at", "B=3"], "--at goes with --memory"],
  [["--memory", "1MB", "--at", "B=x"], '"x" is not a size'],
  [["--memory", "1MB", "--at", "Q=3"], 'deep has no symbolic dimension "Q"'],
])("%j is a mistake", async (options, message) => {
  const { status, err } = await chainrule("build", deep, ...options);
  expect(status).toBe(1);
  expect(err).toContain(message);
});

test("inspect --memory with a stage before memory is planned is a mistake", async () => {
  expect((await chainrule("inspect", deep, "--stage", "simplify", "--memory", "1MB")).err).toContain("the stages from fuse on");
});
