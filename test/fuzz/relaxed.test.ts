import { setFlagsFromString } from "node:v8";
import fc from "fast-check";
import { expect, test } from "vitest";
import { instantiate } from "../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import { compile } from "../../compiler/pipeline.ts";
import type { NdArray } from "../../ir/interpret/index.ts";
import { hasRelaxedSimd } from "../../runtime/variants.ts";
import { expectAgreement } from "./agreement.ts";
import { call, modelOf } from "./compiled.ts";
import { bindings, programs, randomInputs } from "./programs.ts";

// Node 20 has relaxed SIMD behind a flag; newer ones have no such flag
if (!hasRelaxedSimd()) setFlagsFromString("--experimental-wasm-relaxed-simd");

const numRuns = Number(process.env.WASM_FUZZ_RUNS ?? 20);

for (const vectorBits of [128, 256] as const) test(`random programs: WebAssembly that multiplies and adds in one step, in tiles for vectors of ${vectorBits} bits, agrees with the interpreter`, async () => {
  expect(hasRelaxedSimd()).toBe(true);
  await fc.assert(fc.asyncProperty(programs({ differentiable: true, float: "f32", library: true }), bindings, fc.nat(1000), async (fn, binding, seed) => {
    const model = await instantiate(compile(modelOf(fn), { target: "wasm", vectorBits }));
    const env = randomInputs(fn, binding, seed) as { inputs: Record<string, NdArray>; variables: Record<string, NdArray> };
    expectAgreement(expandDerivatives(fn), env, call(model, fn, env));
  }), { numRuns });
}, 120_000 + 2_000 * numRuns);
