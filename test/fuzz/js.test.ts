import fc from "fast-check";
import { test } from "vitest";
import { instantiate } from "../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import { compile } from "../../compiler/pipeline.ts";
import type { NdArray } from "../../ir/interpret/index.ts";
import { expectAgreement } from "./agreement.ts";
import { call, modelOf } from "./compiled.ts";
import { bindings, programs, randomInputs } from "./programs.ts";

const numRuns = Number(process.env.JS_FUZZ_RUNS ?? process.env.FUZZ_RUNS ?? 140);
const timeout = 60_000 + 1_000 * numRuns;

/** Programs of whole layers take up to a hundred times as long as others. */
const ofLibrary = { numRuns: Math.ceil(numRuns / 30) };
const fewer = { numRuns: Math.ceil(numRuns / 5) };

// Two calls of different sizes: what the first leaves in memory must not show in the second.
for (const [name, options, fixed] of [["", {}], [" with gradients", { differentiable: true }], [" of halves", { halves: true }, fewer], [" of halves, with gradients", { halves: true, differentiable: true }, fewer], [" of pieces of the library", { library: true }, ofLibrary], [" of pieces of the library, with gradients", { library: true, differentiable: true }, ofLibrary]] as const)
  test(`random programs${name}: the compiled JavaScript agrees with the interpreter`, async () => {
    await fc.assert(fc.asyncProperty(programs(options), bindings, bindings, fc.nat(1000), async (fn, first, second, seed) => {
      const reference = expandDerivatives(fn);
      const model = await instantiate(compile(modelOf(fn)));
      for (const binding of [first, second]) {
        const env = randomInputs(fn, binding, seed) as { inputs: Record<string, NdArray>; variables: Record<string, NdArray> };
        expectAgreement(reference, env, call(model, fn, env));
      }
    }), fixed ?? { numRuns });
  }, timeout);
