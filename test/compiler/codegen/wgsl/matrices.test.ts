import { describe, expect, test } from "vitest";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { compile } from "../../../../compiler/pipeline.ts";
import { sharedGpu, whyNoGpu } from "../../../webgpu/gpu.ts";
import { configOf, emulatedMatrices, type MatrixConfig } from "../../../webgpu/matrices.ts";
import { cases, exactly, expectExactly, modelOf } from "./halfProducts.ts";

// Products of halves on devices whose subgroups multiply matrices. No device here has any: what Tint says of the shaders
// is asked of a device that computes nothing, and what they compute is computed by another, on which matrices are emulated.

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): no matrices are emulated on one !!!\n`);

const configs: readonly MatrixConfig[] = [configOf("f16", 16, 16, 16), configOf("f16", 8, 16, 32), configOf("f32", 8, 8, 8)];

describe.skipIf(why)("what kernels compute that multiply matrices, emulated", () => {
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      const expected = exactly(c), compiled = compile(modelOf(c), { target: "webgpu" });
      for (const config of configs) {
        const { device, codes } = emulatedMatrices(await sharedGpu(), [config]), net = await instantiate(compiled, { device });
        expect(codes.filter((code) => code.includes("fn k_f") && code.includes("subgroup_matrix_left")).length).toBeGreaterThan(0);
        await expectExactly(net, expected);
        net.destroy();
      }
    });
});
