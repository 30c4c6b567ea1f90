import fc from "fast-check";
import { test } from "vitest";
import { instantiate } from "../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import { compile } from "../../compiler/pipeline.ts";
import type { NdArray } from "../../ir/interpret/index.ts";
import { sharedGpu, whyNoGpu } from "../webgpu/gpu.ts";
import { expectAgreement } from "./agreement.ts";
import { callLater, modelOf } from "./compiled.ts";
import { bindings, programs, randomInputs, type ProgramOptions } from "./programs.ts";

// Each program is some ten shaders to compile: fewer than on the other targets, and more through WEBGPU_FUZZ_RUNS.
const numRuns = Number(process.env.WEBGPU_FUZZ_RUNS ?? 15);

// Two calls of different sizes: what the first leaves in memory must not show in the second.
for (const [name, options] of [["", { float: "f32" } as ProgramOptions], [" with gradients", { differentiable: true, float: "f32" }], [" of halves", { halves: true }], [" of halves, with gradients", { halves: true, differentiable: true }]] as const)
  test(`random programs${name}: a GPU agrees with the interpreter`, async ({ skip }) => {
    const reason = await whyNoGpu();
    if (reason) skip(reason);
    const device = await sharedGpu();
    await fc.assert(fc.asyncProperty(programs(options), bindings, bindings, fc.nat(1000), async (fn, first, second, seed) => {
      const reference = expandDerivatives(fn);
      const model = await instantiate(compile(modelOf(fn), { target: "webgpu" }), { device });
      try {
        for (const binding of [first, second]) {
          const env = randomInputs(fn, binding, seed) as { inputs: Record<string, NdArray>; variables: Record<string, NdArray> };
          expectAgreement(reference, env, await callLater(model, fn, env));
        }
      } finally {
        model.destroy();
      }
    }), { numRuns: options.halves ? Math.ceil(numRuns / 3) : numRuns, endOnFailure: true });
  }, 120_000 + 4_000 * numRuns);
