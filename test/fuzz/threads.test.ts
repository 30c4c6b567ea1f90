import fc from "fast-check";
import { expect, test } from "vitest";
import { instantiate } from "../../compiler/artifact/index.ts";
import { compile } from "../../compiler/pipeline.ts";
import type { NdArray, Results } from "../../ir/interpret/index.ts";
import { call, modelOf } from "./compiled.ts";
import { bindings, programs, randomInputs } from "./programs.ts";

const numRuns = Number(process.env.THREADS_FUZZ_RUNS ?? 30);

/** The results bit by bit: −0 is not 0, and NaN is NaN. */
const bitsOf = ({ outputs, updates }: Results): Record<string, string[]> =>
  Object.fromEntries([outputs, updates].flatMap((values, i) => Object.entries(values).map(([name, { data }]) => [`${i} ${name}`, Array.from(data, (x) => (Object.is(x, -0) ? "-0" : String(x)))])));

// Whatever can be shared is, however small. That one thread is right is for other tests to say.
for (const [name, options] of [["", {}], [" of f32 with gradients", { differentiable: true, float: "f32" }]] as const)
  test(`random programs${name}: two and three threads compute the bits of one`, async () => {
    await fc.assert(fc.asyncProperty(programs(options), bindings, bindings, fc.nat(1000), async (fn, first, second, seed) => {
      const compiled = compile(modelOf(fn), { target: "wasm", grain: 1 });
      const models = [];
      for (const threads of [1, 2, 3]) models.push(await instantiate(compiled, { threads }));
      for (const binding of [first, second]) {
        const env = randomInputs(fn, binding, seed) as { inputs: Record<string, NdArray>; variables: Record<string, NdArray> };
        const [one, ...others] = models.map((m) => outcome(() => call(m, fn, env)));
        for (const other of others) expect(other).toEqual(one);
      }
    }), { numRuns });
  }, 120_000 + 3_000 * numRuns);

/** Results, or the error: an index out of range is the same one, whoever met it. */
function outcome(run: () => Results): unknown {
  try {
    return bitsOf(run());
  } catch (e) {
    return String(e);
  }
}
