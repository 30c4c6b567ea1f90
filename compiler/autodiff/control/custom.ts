import type { Node } from "../../../ir/graph/index.ts";
import { inline, placeholder, rewire, substitute } from "../rewrite.ts";
import type { Maybe, Pass, Rule } from "../rule.ts";
import { uniform, zeros } from "../values.ts";

type Custom = Node<"custom">;

/**
 * The user's own derivative, in place of the one that the function's body would have. A derivative that is zero (null in
 * the user's function) goes no further: it could meet a division by zero there.
 */
function vjp({ inputs, outputs, regions: [, backward] }: Custom, given: readonly Maybe[]): readonly Maybe[] {
  const cotangents = inline(backward, [...inputs, ...outputs, ...outputs.map((v, i) => given[i] ?? zeros(v.type))]);
  return cotangents.map((ct) => (uniform(ct) === 0 ? undefined : ct));
}

/**
 * The user gives a derivative for one direction only: a linear map of cotangents. Its transpose, taken by the
 * chain rule, is the map of tangents, so both modes agree whatever the user wrote.
 */
function jvp({ inputs, outputs, regions: [, backward] }: Custom, tangents: readonly Maybe[], pass: Pass): readonly Maybe[] {
  const cotangents = outputs.map((v) => placeholder(v.type));
  const mapped = inline(backward, [...inputs, ...outputs, ...cotangents]);
  const { values, superseded } = pass.reverse(mapped, tangents, cotangents);
  const found = rewire(values.filter((v) => v !== undefined), superseded);
  // a linear map has the same transpose at every cotangent: at zero too
  const transposed = substitute(found, new Map(cotangents.map((c) => [c, zeros(c.type)])));
  let next = 0;
  return values.map((v) => v && transposed[next++]);
}

export const custom: Rule<"custom"> = { vjp, jvp };
