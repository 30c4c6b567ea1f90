import { expect, test } from "vitest";
import { defineModel, f32, nn } from "chainrule";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

test("parameters as one vector, and back", () => {
  const s = new Session(defineModel("net", (m) => {
    m.fn("f", { a: f32(2, 2), b: f32("N"), v: f32("4+N") }, ({ a, b, v }) => {
      const [first, second] = nn.vectorToParameters(v, [a, b]);
      return { all: nn.parametersToVector([a, b]), first, second };
    });
  }));
  expect(s.numbers("f", { a: [[1, 2], [3, 4]], b: [5, 6, 7], v: [7, 6, 5, 4, 3, 2, 1] })).toEqual({ all: [1, 2, 3, 4, 5, 6, 7], first: [7, 6, 5, 4], second: [3, 2, 1] });
  expect(mistake(() => defineModel("m", (m) => { m.fn("f", { v: f32(3) }, ({ v }) => ({ y: nn.vectorToParameters(v, [v, v])[0] })); }))).toMatch(/vectorToParameters of f32\[3\]: the tensors have 6 elements/);
});
