import { expect, test } from "vitest";
import { ops, isScalarName, type StructuralName } from "../../../ir/ops/index.ts";
import type { Rules } from "../../../compiler/autodiff/rule.ts";
import { source } from "../../../compiler/autodiff/source.ts";
import { control } from "./cases/control.ts";
import { indexing, ordered } from "./cases/data.ts";
import { movement, reductions } from "./cases/shape.ts";
import { windowed } from "./cases/window.ts";
import { checkDerivatives, type Case } from "./support.ts";

/** Every op that is no scalar op: its cases, or why it has none. An op without an entry does not compile, nor pass. */
const cases: { readonly [K in StructuralName]: Readonly<Record<string, Case>> | string } = {
  ...movement, ...reductions, ...indexing, ...ordered, ...windowed, ...control,
  input: "no operands", variable: "no operands", parameter: "no operands", constant: "no operands", iota: "no operands", dimension: "no operands",
  argReduce: "gives an integer; see conventions.test.ts", argReduceWindow: "gives an integer",
  stopGradient: "zero by definition; see expand.test.ts",
  grad: "expanded before; see expand.test.ts", vjp: "expanded before", jvp: "expanded before",
};

test("every op of the table is here", () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(ops).filter((name) => !isScalarName(name)).sort());
});

test("a table that lacks a rule does not compile", () => {
  // @ts-expect-error a rule for every structural op is missing but those of sources
  const incomplete: Rules<StructuralName> = { ...source };
  expect(Object.keys(incomplete)).not.toContain("dot");
});

for (const [op, named] of Object.entries(cases)) {
  if (typeof named === "string") continue;
  for (const [name, c] of Object.entries(named)) test(`${op}: ${name}`, () => checkDerivatives(c));
}
