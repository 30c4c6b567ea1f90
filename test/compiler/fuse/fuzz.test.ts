import fc from "fast-check";
import { expect, test } from "vitest";
import { interpret } from "../../../ir/interpret/index.ts";
import { isFloat } from "../../../ir/types/index.ts";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { lower } from "../../../compiler/fuse/index.ts";
import { scalarLoops } from "../../../compiler/loops/tile.ts";
import { bindings, programs, randomInputs } from "../../fuzz/programs.ts";
import { runProgram } from "./run.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 200);
const seeds = fc.nat(1000);

for (const [name, options] of [["", {}], [" with gradients", { differentiable: true }]] as const)
  test(`random programs${name}: kernels compute what the interpreter does`, () => {
    fc.assert(fc.property(programs(options), bindings, seeds, (declared, binding, seed) => {
      const fn = expandDerivatives(declared);
      const env = randomInputs(fn, binding, seed);
      const want = interpret(fn, env);
      const got = runProgram(lower(fn, scalarLoops), env.inputs, env.variables);
      const same = (what: string, g: Float64Array, w: (typeof want.outputs)[string]): void => {
        expect(g.length, what).toBe(w.data.length);
        w.data.forEach((x, i) => {
          // both are in double precision: only the order of sums differs
          if (isFloat(w.dtype)) { if (!(Math.abs(g[i] - x) <= 1e-9 * Math.max(1, Math.abs(x)))) expect(g[i], `${what}[${i}]`).toBe(x); }
          else expect(g[i], `${what}[${i}]`).toBe(x);
        });
      };
      for (const [k, w] of Object.entries(want.outputs)) same(k, got.outputs[k], w);
      for (const [k, w] of Object.entries(want.updates)) same(k, got.variables[k], w);
    }), { numRuns });
  });
