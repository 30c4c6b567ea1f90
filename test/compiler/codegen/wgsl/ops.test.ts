import { expect, test } from "vitest";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { compile } from "../../../../compiler/pipeline.ts";
import { emitOne, type GraphFunction, type Model, type Value } from "../../../../ir/graph/index.ts";
import { allows } from "../../../../ir/ops/elementwise/record.ts";
import { isScalarName, ops, scalarRecords, type ScalarName } from "../../../../ir/ops/index.ts";
import { sharedGpu, whyNoGpu } from "../../../webgpu/gpu.ts";
import { arrayType, dtypes, isFloat, roundTo, type DType, type TypedArray } from "../../../../ir/types/index.ts";

const floats = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -3, 7.25, 31, 32, -40, 100, -100, 710, -746, 1e-8, 1e20, -1e20, 5e-324, Infinity, -Infinity, NaN];
const grid: Record<DType, readonly number[]> = {
  f64: floats,
  f32: floats.map(Math.fround),
  i32: [0, 1, -1, 2, 3, -3, 7, -7, 31, 32, 33, 255, 46341, -46341, 65537, 2147483647, -2147483648],
  u32: [0, 1, 2, 3, 7, 31, 32, 33, 255, 65537, 2147483648, 2654435769, 4294967295],
  u8: [0, 1, 2, 3, 7, 31, 32, 33, 127, 128, 254, 255],
  bool: [0, 1],
};

/** A GPU has no f64. */
const gpuTypes = dtypes.filter((d) => d !== "f64");

/** Every tuple of `arity` values; for four operands, a thinned grid. */
function tuples(values: readonly number[], arity: number): number[][] {
  const some = arity > 2 ? values.filter((_, i) => i % 3 === 0) : values;
  let out: number[][] = [[]];
  for (let k = 0; k < arity; k++) out = out.flatMap((t) => some.map((v) => [...t, v]));
  return out;
}

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): no op is tested on one !!!\n`);

/** One op on flat inputs, on a GPU. */
async function evaluate(name: ScalarName | "convert", dtype: DType, columns: readonly (readonly number[])[], attrs: object): Promise<TypedArray> {
  const type = { dtype, shape: ["N"] };
  const inputs: Value[] = columns.map((_, k) => emitOne("input", [], { name: `x${k}`, type }));
  const value = emitOne(name as "convert", inputs, attrs as { dtype: DType });
  const fn: GraphFunction = { name: "f", inputs, outputs: [{ name: "y", value }], updates: [] };
  const model: Model = { name: "op", variables: [], symbols: { N: { min: 1 } }, functions: [fn] };
  const loaded = await instantiate(compile(model, { target: "webgpu" }), { device: await sharedGpu() });
  const given = Object.fromEntries(columns.map((c, k) => [`x${k}`, { dtype, shape: [c.length], data: arrayType[dtype].from(c) }]));
  return (await loaded.functions.f(given as Parameters<typeof loaded.functions.f>[0])).y.data;
}

/** What the op's record says, in double precision, and then as memory keeps it. */
function defined(op: ScalarName | "convert", operand: DType, result: DType, columns: readonly (readonly number[])[], attrs: object = {}): number[] {
  const type = { dtype: operand, shape: [columns[0].length] };
  const record = ops[op] as { evaluate(x: unknown, attrs: object, out: unknown): { data: Float64Array }[] };
  const [{ data }] = record.evaluate(columns.map((c) => ({ ...type, data: Float64Array.from(c) })), attrs, [{ ...type, dtype: result }]);
  return Array.from(data, (x) => roundTo(result, x));
}

/** Units in the last place of an f32. */
function ulps(want: number, got: number): number {
  if (Object.is(want, got) || want === got || (Number.isNaN(want) && Number.isNaN(got))) return 0;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(want))));
  return Math.abs(want - got) / 2 ** (exponent - 23);
}

/** Where units in the last place are more than four: an exponential in a logarithm, with a division. */
const most: Readonly<Record<string, number>> = { softplus: 8, logaddexp: 8 };

async function compare(name: ScalarName | "convert", dtype: DType, result: DType, columns: readonly (readonly number[])[], attrs: object = {}): Promise<void> {
  const want = defined(name, dtype, result, columns, attrs), got = await evaluate(name, dtype, columns, attrs);
  expect(got.length).toBe(want.length);
  for (const [i, w] of want.entries()) {
    const error = isFloat(result) ? ulps(w, got[i]) : Number(w !== got[i]);
    // a GPU may take subnormal numbers for 0
    const isTiny = result === "f32" && Math.abs(w) < 1.1754943508222875e-38 && Math.abs(got[i]) < 1.1754943508222875e-38;
    const allowed = isTiny ? Infinity : result === "f32" ? most[name] ?? 4 : 0;
    if (!(error <= allowed)) expect.fail(`${name}(${columns.map((c) => c[i]).join(", ")}) on ${dtype} is ${got[i]}, not ${w}`);
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
