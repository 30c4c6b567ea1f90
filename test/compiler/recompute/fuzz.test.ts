import fc from "fast-check";
import { expect, test } from "vitest";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { lower } from "../../../compiler/fuse/index.ts";
import { planMemory } from "../../../compiler/plan/index.ts";
import type { PlannedProgram } from "../../../compiler/plan/program.ts";
import { fitMemory } from "../../../compiler/recompute/index.ts";
import { simplify } from "../../../compiler/simplify/index.ts";
import { GraphError, type GraphFunction } from "../../../ir/graph/index.ts";
import { interpret, type NdArray } from "../../../ir/interpret/index.ts";
import { isFloat } from "../../../ir/types/index.ts";
import { verify } from "../../../ir/verify/index.ts";
import { bindings, programs, randomInputs } from "../../fuzz/programs.ts";
import { runProgram } from "../fuse/run.ts";
import { checkPlan } from "../plan/check.ts";

// each plans a program many times over
const numRuns = Number(process.env.FUZZ_RUNS ?? 20);
const plan = (fn: GraphFunction): PlannedProgram => planMemory(lower(fn));

test("random programs with gradients compute in less memory what the interpreter does", () => {
  let smaller = 0;
  fc.assert(fc.property(programs({ differentiable: true, depth: 12, float: "f64" }), bindings, fc.nat(1000), (declared, binding, seed) => {
    const simple = simplify(expandDerivatives(declared));
    const { fit: { before } } = fitMemory(simple, plan, Infinity, binding);
    // as small as it goes: halfway to nothing, or what the error says is possible
    let fitted: ReturnType<typeof fitMemory>;
    try {
      fitted = fitMemory(simple, plan, before / 2, binding);
    } catch (e) {
      if (!(e instanceof GraphError)) throw e;
      const least = Number(/and (\d+) with/.exec(e.message)![1]);
      fitted = fitMemory(simple, plan, least, binding);
      expect(fitted.fit.after).toBeLessThanOrEqual(least);
    }
    const { fn, fit } = fitted;
    if (fit.after < before) smaller++;
    verify(fn);
    const env = randomInputs(declared, binding, seed), want = interpret(simple, env);
    const planned = plan(fn);
    checkPlan(planned);
    const got = runProgram(planned, env.inputs, env.variables, binding);
    for (const [k, w] of Object.entries(want.outputs)) same(k, got.outputs[k], w);
    for (const [k, w] of Object.entries(want.updates)) same(k, got.variables[k], w);
  }), { numRuns });
  expect(smaller, "programs that got smaller").toBeGreaterThan(numRuns / 10);
}, 60_000 + 3_000 * numRuns);

function same(what: string, got: Float64Array, want: NdArray): void {
  expect(got.length, what).toBe(want.data.length);
  for (const [i, x] of want.data.entries()) {
    // both are in double precision: only the order of sums differs
    if (isFloat(want.dtype) && Math.abs(got[i] - x) <= 1e-9 * Math.max(1, Math.abs(x))) continue;
    expect(got[i], `${what}[${i}]`).toBe(x);
  }
}
