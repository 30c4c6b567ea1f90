import fc from "fast-check";
import { expect, test } from "vitest";
import { Affine } from "../../../compiler/loops/affine.ts";
import type { Atom, Index } from "../../../compiler/loops/ir.ts";
import { dims, type Dim } from "../../../ir/types/index.ts";

const affine = new Affine(() => { throw new Error("no data in these"); });

/** An index as a target computes it: division truncates, and a remainder has the sign of what is divided. */
function valueOf(x: Index, vars: Readonly<Record<string, number>>): number {
  const atom = (a: Atom): number => {
    switch (a.kind) {
      case "var": return vars[a.var.name];
      case "div": return Math.trunc(valueOf(a.of, vars) / dims.evaluate(a.by, vars));
      case "mod": return valueOf(a.of, vars) % dims.evaluate(a.by, vars);
      case "data": throw new Error("no data in these");
    }
  };
  return x.terms.reduce((sum, t) => sum + atom(t.atom) * dims.evaluate(t.stride, vars), dims.evaluate(x.offset, vars)) + 0;
}

const strides: fc.Arbitrary<Dim> = fc.oneof(fc.integer({ min: -6, max: 12 }), fc.constantFrom("T", "2*T", "3*T+1", "-T"));
const offsets: fc.Arbitrary<Dim> = fc.oneof(fc.integer({ min: -12, max: 20 }), fc.constantFrom("T", "-T", "-T-4", "2*T-1"));
const divisors: fc.Arbitrary<Dim> = fc.oneof(fc.integer({ min: 2, max: 6 }), fc.constantFrom("T", "T+1", "2*T"));

test("quotient and remainder are right wherever the index is not negative", () => {
  fc.assert(fc.property(fc.array(strides, { minLength: 1, maxLength: 3 }), offsets, divisors, fc.constantFrom<Dim>("div", "mod"), (steps, offset, by, op) => {
    const vars = steps.map((_, k) => ({ name: "ijk"[k], extent: 3 + k }));
    const x = affine.shift(affine.add(affine.constant(0), ...vars.map((v, k) => affine.scale(affine.variable(v), steps[k]))), offset);
    const result = op === "div" ? affine.div(x, by) : affine.mod(x, by);
    for (const T of [1, 2, 5])
      for (let i = 0; i < 3; i++) for (let j = 0; j < 4; j++) for (let k = 0; k < 5; k++) {
        const at = { i, j, k, T }, n = valueOf(x, at), d = dims.evaluate(by, { T });
        if (n >= 0) expect(valueOf(result, at), `(${x.key}) ${op} ${by} is ${result.key}, at ${JSON.stringify(at)}`).toBe(op === "div" ? Math.floor(n / d) : n % d);
      }
  }), { numRuns: 1000 });
});

test("terms that the divisor divides leave the quotient's atom, also from below zero", () => {
  const i = affine.variable({ name: "i", extent: 8 }), j = affine.variable({ name: "j", extent: 4 });
  const x = affine.add(affine.scale(i, 4), j);
  expect(affine.div(x, 4).key).toBe("0 + 1·i");
  expect(affine.mod(x, 4).key).toBe("0 + 1·j");
  expect(affine.div(affine.shift(x, -4), 4).key).toBe("-1 + 1·i");
  expect(affine.mod(affine.shift(x, -5), 4).key).toBe("0 + 1·((3 + 1·j) % 4)");
  expect(affine.mod(affine.shift(x, "-T"), 4).key).toBe("0 + 1·((-T + 4·i + 1·j) % 4)"); // j - T may be negative
});
