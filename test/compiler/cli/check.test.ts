import { expect, test } from "vitest";
import { chainrule } from "./command.ts";

test("a wrong derivative of a custom op fails, and its worst entry is named", async () => {
  const { status, out } = await chainrule("check", "wrong-derivative.model.ts");
  expect(status).toBe(1);
  expect(out).toMatch(/train: grad of f32\[\] at wrong-derivative\.model\.ts:13\n/);
  expect(out).toMatch(/\n +w +3 +\S+ +6\.7e-1 +wrong: 3 of 3\n/); // a factor of 3 is missing
  expect(out).toMatch(/\n +b +3 +\S+ +\S+ +ok\n/);
  expect(out).toMatch(/worst: w\[\d\] is -?[\d.e-]+ by the model, -?[\d.e-]+ by differences\n/);
  expect(out).toMatch(/\n1 derivative disagrees with finite differences\n$/);
});

test("grad, vjp, jvp, second derivatives, loops, accumulation and held values agree", async () => {
  const { status, out } = await chainrule("check", "derivatives.model.ts");
  expect(out).toMatch(/all derivatives agree with finite differences\n$/);
  expect(status).toBe(0);
  for (const head of ["classify: grad", "accumulate: grad", "held: grad", "second: grad", "products: vjp", "products: jvp", "loop: grad"]) expect(out).toContain(head);
  expect(out).toMatch(/\n +fc\.weight +12 +\S+ +\S+ +ok\n/);
});

test("indices keep to what they index, or to the range given", async () => {
  const lookup = (...more: string[]) => chainrule("check", "derivatives.model.ts", "--function", "lookup", "--bind", "B=50", ...more);
  expect((await lookup()).status).toBe(0);
  expect((await lookup("--range", "ids=1:3")).status).toBe(0);
  const { status, err } = await lookup("--range", "ids=3:4");
  expect(status).toBe(1);
  expect(err).toMatch(/derivatives\.model\.ts:13:\d+ - error chainrule: .*index 3 is out of range/);
});

test("the same seed gives the same table; few samples are entries of many", async () => {
  const args = ["check", "derivatives.model.ts", "--function", "classify", "--samples", "5", "--bind", "B=2"];
  const first = await chainrule(...args);
  expect(first.out).toContain("5 of 12");
  expect(await chainrule(...args)).toEqual(first);
  expect((await chainrule(...args, "--seed", "1")).out).not.toBe(first.out);
});

test("a model without derivatives has nothing to check", async () => {
  expect(await chainrule("check", "several.model.ts")).toEqual({ status: 0, err: "", out: "no function takes a derivative: there is nothing to check\n" });
});
