import fc from "fast-check";
import { test } from "vitest";
import { instantiate } from "../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import { compile } from "../../compiler/pipeline.ts";
import type { NdArray } from "../../ir/interpret/index.ts";
import { expectAgreement } from "./agreement.ts";
import { call, modelOf } from "./compiled.ts";
import { bindings, programs, randomInputs } from "./programs.ts";

// Assembling takes most of a run, so there are fewer of them than on the other targets.
const numRuns = Number(process.env.WASM_FUZZ_RUNS ?? 40);

/** Programs of whole layers take up to a hundred times as long as others. */
const ofLibrary = { numRuns: Math.ceil(numRuns / 2) };
const fewer = { numRuns: Math.ceil(numRuns / 4) };

// Two calls of different sizes: what the first leaves in memory must not show in the second. Programs of f32 alone step
// in vectors; f64 does not.
for (const [name, options, fixed] of [["", {}], [" of f32", { float: "f32" }], [" with gradients", { differentiable: true }], [" of halves", { halves: true }, fewer], [" of halves, with gradients", { halves: true, differentiable: true }, fewer], [" of f32 with gradients", { differentiable: true, float: "f32" }], [" of pieces of the library", { library: true, float: "f32" }, ofLibrary], [" of pieces of the library, with gradients", { library: true, differentiable: true, float: "f32" }, ofLibrary]] as const)
  test(`random programs${name}: the compiled WebAssembly agrees with the interpreter`, async () => {
    await fc.assert(fc.asyncProperty(programs(options), bindings, bindings, fc.nat(1000), async (fn, first, second, seed) => {
      const reference = expandDerivatives(fn);
      const model = await instantiate(compile(modelOf(fn), { target: "wasm" }));
      for (const binding of [first, second]) {
        const env = randomInputs(fn, binding, seed) as { inputs: Record<string, NdArray>; variables: Record<string, NdArray> };
        expectAgreement(reference, env, call(model, fn, env));
      }
    }), fixed ?? { numRuns });
  }, 120_000 + 2_000 * numRuns);
