import fc from "fast-check";
import { expect, test } from "vitest";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { simplify } from "../../../compiler/simplify/index.ts";
import type { GraphFunction } from "../../../ir/graph/index.ts";
import { interpret, type Environment, type NdArray } from "../../../ir/interpret/index.ts";
import { printFunction } from "../../../ir/text/index.ts";
import { isFloat, sameType } from "../../../ir/types/index.ts";
import { verify } from "../../../ir/verify/index.ts";
import { bindings, programs, randomInputs } from "../../fuzz/programs.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const inputSeed = fc.nat(1000);

// f64 first: there nothing is rounded but the order of sums. In f32, constants that are folded are rounded too.
for (const [float, tolerance] of [["f64", 1e-9], [undefined, 1e-3]] as const) {
  const name = float ?? "mixed floats";
  test(`a random program of ${name} computes the same before and after`, () => {
    fc.assert(fc.property(programs({ float }), bindings, inputSeed, (fn, binding, seed) => {
      const expanded = expandDerivatives(fn);
      compare(expanded, checked(expanded), randomInputs(fn, binding, seed), tolerance);
    }), { numRuns });
  });

  test(`so does one of ${name} with its gradients`, () => {
    fc.assert(fc.property(programs({ float, differentiable: true, depth: 8 }), bindings, inputSeed, (fn, binding, seed) => {
      const expanded = expandDerivatives(fn);
      compare(expanded, checked(expanded), randomInputs(fn, binding, seed), tolerance);
    }), { numRuns: numRuns / 2 });
  });
}

/** The simplified function: well-formed, of the same types, no larger, and as simple as it gets. */
function checked(fn: GraphFunction): GraphFunction {
  const simple = simplify(fn);
  verify(simple);
  for (const [i, o] of fn.outputs.entries()) expect(sameType(o.value.type, simple.outputs[i].value.type)).toBe(true);
  const text = printFunction(simple);
  expect(printFunction(simplify(simple))).toBe(text);
  return simple;
}

function compare(before: GraphFunction, after: GraphFunction, env: Environment, tolerance: number): void {
  const expected = interpret(before, env), got = interpret(after, env);
  for (const kind of ["outputs", "updates"] as const)
    for (const [name, want] of Object.entries(expected[kind])) close(name, want, got[kind][name], tolerance);
}

/** Equal to within a part of the largest element. */
function close(name: string, want: NdArray, got: NdArray, tolerance: number): void {
  expect(got.shape).toEqual(want.shape);
  const scale = want.data.reduce((m, x) => Math.max(m, Number.isFinite(x) ? Math.abs(x) : 0), 1);
  for (const [i, x] of want.data.entries()) {
    const y = got.data[i];
    if (!isFloat(want.dtype) || !Number.isFinite(x)) expect(y, `${name}[${i}]`).toBe(x);
    else expect(Math.abs(x - y), `${name}[${i}] is ${y}, was ${x}`).toBeLessThanOrEqual(tolerance * scale);
  }
}
