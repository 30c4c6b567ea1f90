import { expect, test } from "vitest";
import { chainrule } from "./command.ts";

test("--version is the package's", async () => {
  const { status, out } = await chainrule("--version");
  expect(status).toBe(0);
  expect(out).toMatch(/^chainrule \d+\.\d+\.\d+\n$/);
});

test("--help names every command, and each command its options", async () => {
  const { status, out } = await chainrule("--help");
  expect(status).toBe(0);
  for (const name of ["build", "inspect", "check"]) expect(out).toContain(`\n  ${name} `);
  expect((await chainrule("build", "--help")).out).toMatch(/--out DIR +where the folders go/);
  expect((await chainrule("inspect", "-h")).out).toContain("--stage STAGE");
  expect((await chainrule("check", "--help")).out).toContain("--range label=0:10");
});

test("no command at all shows the help, and fails", async () => {
  const { status, out } = await chainrule();
  expect(status).toBe(1);
  expect(out).toContain("chainrule COMMAND --help");
});

test.each([
  [["biuld"], `there is no command "biuld"`, "did you mean: chainrule build?"],
  [["frobnicate"], `there is no command "frobnicate"`, "the commands are: build, inspect, check"],
  [["build", "--targt=js"], "build has no option --targt", "did you mean --target?"],
  [["build", "--target"], "'--target <value>' argument missing", "see: chainrule build --help"],
  [["build", "--target", "python"], `there is no target "python"`, "the targets are: cpu, all, webgpu, wasm, js"],
  [["build", "nowhere-to-be-found.model.ts"], `there is no file "nowhere-to-be-found.model.ts"`, "model files here are: "],
  [["build", "seevral.model.ts"], `there is no file "seevral.model.ts"`, `did you mean "several.model.ts"?`],
  [["inspect"], "inspect takes one model file, and got none", "chainrule inspect digits.model.ts"],
  [["inspect", "*.model.ts"], `inspect takes one model file; "*.model.ts" matches`, ""],
  [["inspect", "several.model.ts", "--stage", "fused"], `there is no stage "fused"`, "did you mean fuse?"],
  [["inspect", "several.model.ts", "--json"], "--json goes with --stats", ""],
  [["inspect", "several.model.ts", "--model", "postive"], `there is no model "postive"`, `the models are: exponential, negative`],
  [["inspect", "several.model.ts", "--function", "rnu"], `there is no function "rnu"`, `did you mean "run"?`],
  [["inspect", "several.model.ts", "--stats"], `"several.model.ts" has 2 models`, "choose one with --model: exponential, negative"],
  [["inspect", "several.model.ts", "--model", "negative", "--stats", "--bind", "B"], "--bind B: this names no value", "--bind B=64"],
  [["inspect", "several.model.ts", "--model", "negative", "--stats", "--bind", "B=-1"], `"-1" is not a size`, ""],
  [["inspect", "several.model.ts", "--model", "negative", "--stats", "--bind", "N=2"], `negative has no symbolic dimension "N"`, "its symbols are: B"],
  [["check", "wrong-derivative.model.ts", "--range", "x=1"], `"1" is not a range`, "--range label=0:10"],
  [["check", "wrong-derivative.model.ts", "--range", "y=0:1"], `no function has an input "y"`, "the inputs are: x"],
  [["check", "wrong-derivative.model.ts", "--samples", "none"], `"none" is not a whole number`, "--samples 32"],
])("%j is refused, with what to do", async (argv, message, advice) => {
  const { status, err } = await chainrule(...argv);
  expect(status).toBe(1);
  expect(err).toContain(`error chainrule: `);
  expect(err).toContain(message);
  expect(err).toContain(advice);
});
