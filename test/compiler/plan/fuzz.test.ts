import fc from "fast-check";
import { expect, test } from "vitest";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { lower } from "../../../compiler/fuse/index.ts";
import { planMemory } from "../../../compiler/plan/index.ts";
import { simplify } from "../../../compiler/simplify/index.ts";
import type { GraphFunction } from "../../../ir/graph/index.ts";
import { interpret, type NdArray } from "../../../ir/interpret/index.ts";
import { isFloat } from "../../../ir/types/index.ts";
import { bindings, programs, randomInputs } from "../../fuzz/programs.ts";
import { checkPlan } from "./check.ts";
import { runProgram } from "../fuse/run.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const inputSeed = fc.nat(1000);

for (const [name, options] of [["a random program", {}], ["a random program with gradients", { differentiable: true, depth: 10 }]] as const)
  for (const [how, prepare] of [["", expandDerivatives], [", simplified", (fn: GraphFunction) => simplify(expandDerivatives(fn))]] as const)
    test(`${name}${how} computes in shared memory what the interpreter does`, () => {
      fc.assert(fc.property(programs({ ...options, float: "f64" }), bindings, inputSeed, (declared, binding, seed) => {
        const fn = prepare(declared);
        const env = randomInputs(declared, binding, seed);
        const want = interpret(fn, env);
        const planned = planMemory(lower(fn));
        checkPlan(planned);
        const got = runProgram(planned, env.inputs, env.variables, binding);
        for (const [k, w] of Object.entries(want.outputs)) same(k, got.outputs[k], w);
        for (const [k, w] of Object.entries(want.updates)) same(k, got.variables[k], w);
      }), { numRuns: numRuns / 2 });
    });

function same(what: string, got: Float64Array, want: NdArray): void {
  expect(got.length, what).toBe(want.data.length);
  for (const [i, x] of want.data.entries()) {
    // both are in double precision: only the order of sums differs
    if (isFloat(want.dtype) && Math.abs(got[i] - x) <= 1e-9 * Math.max(1, Math.abs(x))) continue;
    expect(got[i], `${what}[${i}]`).toBe(x);
  }
}
