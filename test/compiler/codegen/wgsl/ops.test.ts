import { expect, test } from "vitest";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { compile } from "../../../../compiler/pipeline.ts";
import { allows } from "../../../../ir/ops/elementwise/record.ts";
import { isScalarName, scalarRecords, type ScalarName } from "../../../../ir/ops/index.ts";
import { sharedGpu, whyNoGpu } from "../../../webgpu/gpu.ts";
import { dtypes, isFloat, roundTo, storedArray, unstored, type DType } from "../../../../ir/types/index.ts";
import { defined, grid, isNear, modelOf, tuples } from "../scalars.ts";

/** A GPU has no f64. */
const gpuTypes = dtypes.filter((d) => d !== "f64");

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): no op is tested on one !!!\n`);

/** One op on flat inputs, on a GPU. */
async function evaluate(name: ScalarName | "convert", dtype: DType, columns: readonly (readonly number[])[], attrs: object): Promise<ArrayLike<number>> {
  const loaded = await instantiate(compile(modelOf(name, dtype, columns.length, attrs), { target: "webgpu" }), { device: await sharedGpu() });
  const given = Object.fromEntries(columns.map((c, k) => [`x${k}`, { dtype, shape: [c.length], data: storedArray(dtype, c) }]));
  const { y } = await loaded.functions.f(given as Parameters<typeof loaded.functions.f>[0]);
  return Array.from(y.data, (x) => unstored(y.dtype, x));
}

/** Where units in the last place are more than four: an exponential in a logarithm, with a division. */
const most: Readonly<Record<string, number>> = { softplus: 8, logaddexp: 8 };

async function compare(name: ScalarName | "convert", dtype: DType, result: DType, columns: readonly (readonly number[])[], attrs: object = {}): Promise<void> {
  const want = defined(name, dtype, result, columns, attrs), got = await evaluate(name, dtype, columns, attrs);
  expect(got.length).toBe(want.length);
  for (const [i, w] of want.entries()) {
    // a GPU may take subnormal numbers for 0
    const isTiny = (result === "f32" || result === "bf16") && Math.abs(w) < 1.1754943508222875e-38 && Math.abs(got[i]) < 1.1754943508222875e-38;
    if (!isTiny && !isNear(result, w, got[i], most[name])) expect.fail(`${name}(${columns.map((c) => c[i]).join(", ")}) on ${dtype} is ${got[i]}, not ${w}`);
  }
}

for (const name of Object.keys(scalarRecords).filter(isScalarName)) {
  const { scalar: row } = scalarRecords[name];
  test.skipIf(why)(`${name}: as its record says, at special values of every dtype`, async () => {
    for (const dtype of gpuTypes.filter((d) => (name === "threefry" ? d === "u32" : allows(row.domain, d)))) {
      const rows = tuples(grid[dtype], row.arity);
      await compare(name, dtype, row.result ?? dtype, Array.from({ length: row.arity }, (_, c) => rows.map((r) => r[c])));
    }
  });
}

for (const from of gpuTypes)
  test.skipIf(why)(`convert ${from} to every dtype`, async () => {
    const column = [...grid[from], ...(isFloat(from) ? [2147483648.5, -2147483649, 4294967296.75, 300.9, -1.9, 1e300].map((x) => roundTo(from, x)) : [])];
    for (const to of gpuTypes.filter((d) => d !== from)) await compare("convert", from, to, [column], { dtype: to });
  });
