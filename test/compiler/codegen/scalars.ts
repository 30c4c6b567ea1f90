import { emitOne, type GraphFunction, type Model, type Value } from "../../../ir/graph/index.ts";
import { ops, type ScalarName } from "../../../ir/ops/index.ts";
import { finfo, isFloat, isHalf, roundTo, type DType } from "../../../ir/types/index.ts";

/** What the tests of every target's scalar ops share: operands, and what the ops' records say of them. */

const floats = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -3, 7.25, 31, 32, -40, 100, -100, 710, -746, 1e-8, 1e20, -1e20, 5e-324, Infinity, -Infinity, NaN];
/** Values of each dtype that ops are likely to get wrong. */
export const grid: Record<DType, readonly number[]> = {
  f64: floats,
  f32: floats.map(Math.fround),
  f16: floats.map((x) => roundTo("f16", x)),
  bf16: floats.map((x) => roundTo("bf16", x)),
  i32: [0, 1, -1, 2, 3, -3, 7, -7, 31, 32, 33, 255, 46341, -46341, 65537, 2147483647, -2147483648],
  u32: [0, 1, 2, 3, 7, 31, 32, 33, 255, 65537, 2147483648, 2654435769, 4294967295],
  u8: [0, 1, 2, 3, 7, 31, 32, 33, 127, 128, 254, 255],
  bool: [0, 1],
};

/** Every tuple of `arity` values; for four operands, a thinned grid. */
export function tuples(values: readonly number[], arity: number): number[][] {
  const some = arity > 2 ? values.filter((_, i) => i % 3 === 0) : values;
  let out: number[][] = [[]];
  for (let k = 0; k < arity; k++) out = out.flatMap((t) => some.map((v) => [...t, v]));
  return out;
}

/** What the op's record says, in double precision, and then as memory keeps it. */
export function defined(op: ScalarName | "convert", operand: DType, result: DType, columns: readonly (readonly number[])[], attrs: object = {}): number[] {
  const type = { dtype: operand, shape: [columns[0].length] };
  const record = ops[op] as { evaluate(x: unknown, attrs: object, out: unknown): { data: Float64Array }[] };
  const [{ data }] = record.evaluate(columns.map((c) => ({ ...type, data: Float64Array.from(c) })), attrs, [{ ...type, dtype: result }]);
  return Array.from(data, (x) => roundTo(result, x));
}

/** Floats by their bits: all magnitudes alike; and, of both signs, those from 2^−12 to 2^8, where functions bend. */
export const sweeps: Readonly<Record<string, (count: number) => Float32Array<ArrayBuffer>>> = {
  "all magnitudes and signs": (count) => floats32(count, (i, step) => i * step + scatter(i) % step),
  "moderate numbers": (count) => floats32(count, (i, _, step = Math.floor((40 * 2 ** 23) / count)) => (i & 1 ? 0x80000000 : 0) + (115 << 23) + (i >> 1) * step + scatter(i) % step),
};
const floats32 = (count: number, bits: (i: number, step: number) => number): Float32Array<ArrayBuffer> =>
  new Float32Array(Uint32Array.from({ length: count }, (_, i) => bits(i, 2 ** 32 / count)).buffer);
const scatter = (i: number): number => Math.imul(i, 2654435761) >>> 0;

/** Units in the last place of an f32. */
export function ulps(want: number, got: number): number {
  if (Object.is(want, got) || want === got || (Number.isNaN(want) && Number.isNaN(got))) return 0;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(want))));
  return Math.abs(want - got) / 2 ** (exponent - 23);
}

/**
 * Whether a result is what an op's record says, as memory keeps it, or near enough: f32 functions in vectors are not always
 * the nearest number, and where one is so many `units` off, a half may round to its neighbour. What is exact must be.
 */
export function isNear(dtype: DType, want: number, got: number, units = 4): boolean {
  if (!isHalf(dtype)) return (isFloat(dtype) ? ulps(want, got) : Number(want !== got)) <= (dtype === "f32" ? units : 0);
  const { eps, smallestSubnormal } = finfo[dtype];
  return ulps(want, got) === 0 || Math.abs(want - got) <= Math.max(Math.abs(want) * eps, smallestSubnormal);
}

/** A model whose function `f` is one op on flat inputs `x0`, `x1`, …. */
export function modelOf(name: ScalarName | "convert", dtype: DType, arity: number, attrs: object): Model {
  const type = { dtype, shape: ["N"] };
  const inputs: Value[] = Array.from({ length: arity }, (_, k) => emitOne("input", [], { name: `x${k}`, type }));
  const value = emitOne(name as "convert", inputs, attrs as { dtype: DType });
  const fn: GraphFunction = { name: "f", inputs, outputs: [{ name: "y", value }], updates: [] };
  return { name: "op", variables: [], symbols: { N: { min: 1 } }, functions: [fn] };
}
