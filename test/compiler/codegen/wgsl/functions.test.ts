import { expect, test } from "vitest";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { compile } from "../../../../compiler/pipeline.ts";
import { scalarRow, type ScalarName } from "../../../../ir/ops/index.ts";
import { sharedGpu, whyNoGpu } from "../../../webgpu/gpu.ts";
import { modelOf, sweeps, ulps } from "../scalars.ts";

/** Every function of floats that WGSL has not, or not exactly enough, over a dense sweep of all floats, on a GPU. */

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): no function is swept on one !!!\n`);

/** Functions of one number, with how many units in the last place they may be off. */
const ofOne: Partial<Record<ScalarName, number>> = {
  exp: 1, exp2: 1, expm1: 2, log: 1, log2: 2, log10: 2, log1p: 3, tanh: 2, sigmoid: 3, softplus: 3, erf: 2, erfc: 4, erfinv: 4,
  sin: 3, cos: 3, tan: 5, asin: 3, acos: 2, atan: 3, sinh: 3, cosh: 3, asinh: 3, acosh: 3, atanh: 3,
};
const ofTwo: Partial<Record<ScalarName, number>> = { pow: 5, atan2: 3, hypot: 2 };

const count = 1 << 16;
/** What a device that takes subnormal numbers for 0 may be off by: in what it is given, and in what it gives. */
const tiny = 2 ** -125;

async function evaluate(name: ScalarName, columns: readonly Float32Array[]): Promise<Float32Array> {
  const model = await instantiate(compile(modelOf(name, "f32", columns.length, {}), { target: "webgpu" }), { device: await sharedGpu() });
  const { y } = await model.functions.f(Object.fromEntries(columns.map((data, k) => [`x${k}`, { dtype: "f32", shape: [data.length], data }])) as Parameters<typeof model.functions.f>[0]);
  model.destroy();
  return y.data as unknown as Float32Array;
}

/** The largest error of a function, in units in the last place, and where that is. What is not finite, and 0 with its sign, must be exact. */
async function worstOf(name: ScalarName, columns: readonly Float32Array[]): Promise<{ readonly units: number; readonly at: string }> {
  const got = await evaluate(name, columns);
  let units = 0, at = "";
  got.forEach((y, i) => {
    const xs = columns.map((c) => c[i]), want = scalarRow(name).eval(...xs), rounded = Math.fround(want), place = `${name}(${xs.join(", ")})`;
    if (!Number.isFinite(rounded) || want === 0) {
      if (!Object.is(y, rounded)) expect(y, place).toBe(rounded);
      return;
    }
    const error = Math.abs(y - want) < tiny ? 0 : ulps(want, y);
    if (!(error <= units)) [units, at] = [error, place];
  });
  return { units, at };
}

for (const [name, most] of Object.entries(ofOne) as [ScalarName, number][])
  test.skipIf(why)(`${name}: within ${most} ulp of double precision over all floats`, async () => {
    const special = Float32Array.of(NaN, Infinity, -Infinity, 0, -0, 1, -1, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4e38, -3.4e38, 88.72283, 88.72284, -87.33654, -103.97208, 127.99999, 128, -126, 0.5);
    for (const xs of [special, ...Object.values(sweeps).map((floats) => floats(count))]) {
      const { units, at } = await worstOf(name, [xs]);
      expect(units, `worst is ${at}`).toBeLessThanOrEqual(most);
    }
  });

for (const [name, most] of Object.entries(ofTwo) as [ScalarName, number][])
  test.skipIf(why)(`${name}: within ${most} ulp of double precision over moderate numbers`, async () => {
    const floats = sweeps["moderate numbers"](count);
    const others = floats.map((_, i) => floats[Math.imul(i, 40503) & (count - 1)]);
    for (const columns of [[floats, others], [floats.map(Math.abs), others.map((x) => x % 64)]]) {
      const { units, at } = await worstOf(name, columns);
      expect(units, `worst is ${at}`).toBeLessThanOrEqual(most);
    }
  });

test.skipIf(why)("what is bounded stays within its bounds, and odd functions are odd", async () => {
  const xs = Float32Array.from({ length: count }, (_, i) => (i / count) * 20);
  for (const name of ["tanh", "erf", "sigmoid"] as const) expect((await evaluate(name, [xs])).reduce((a, b) => Math.max(a, b)), name).toBe(1);
  for (const name of ["tanh", "erf"] as const) expect(await evaluate(name, [xs.map((x) => -x)]), name).toEqual((await evaluate(name, [xs])).map((y) => -y));
});
