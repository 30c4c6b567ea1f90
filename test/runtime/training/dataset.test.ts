import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { batches, rowsOf, split, takeRows, tensor, type TensorLike, type TypedArray } from "chainrule/runtime";
import { permutation, randomStream } from "../../../runtime/training/batches.ts";

/** Rows that tell where they come from: `x` of shape [n, 2] with 10·row and 10·row + 1, `label` with the row. */
const numbered = (n: number) => ({
  x: tensor(Float32Array.from({ length: 2 * n }, (_, i) => 10 * (i >> 1) + (i & 1)), [-1, 2]),
  label: tensor(Int32Array.from({ length: n }, (_, i) => i), [-1]),
});
const labels = (parts: Iterable<{ label: TensorLike }>): number[][] => [...parts].map((p) => Array.from(p.label.data));

describe("tensor", () => {
  test("the array says the dtype", () => {
    const dtypes = [new Float32Array(2), new Float64Array(2), new Int32Array(2), new Uint32Array(2), new Uint8Array(2)].map((a: TypedArray) => tensor(a, [2]).dtype);
    expect(dtypes).toEqual(["f32", "f64", "i32", "u32", "u8"]);
    expect(tensor(new Uint8Array(2), [2], "bool").dtype).toBe("bool");
  });
  test("one size is worked out", () => {
    expect(tensor(new Float32Array(12), [-1, 4]).shape).toEqual([3, 4]);
    expect(tensor(new Float32Array(12), [2, -1, 3]).shape).toEqual([2, 2, 3]);
    expect(tensor(new Float32Array(1), []).shape).toEqual([]);
  });
  test("what does not fit is refused", () => {
    const five = new Float32Array(5);
    for (const shape of [[2, 3], [-1, 2], [-1, 0], [-1, -1], [-5, -1], [2.5, 2], []])
      expect(() => tensor(five, shape), String(shape)).toThrow(`5 elements do not fit the shape [${shape.join(", ")}]`);
    expect(() => tensor(new Int16Array(2) as never, [2])).toThrow("no dtype has its elements in Int16Array; there are Float32Array,");
    expect(() => tensor(five as never, [5], "bool")).toThrow("a bool tensor has its elements in Uint8Array, not Float32Array");
  });
  test("its type tells dtype and shape", () => {
    expectTypeOf(tensor(new Float32Array(12), [-1, 4])).toEqualTypeOf<TensorLike<"f32", readonly [number, 4]>>();
    expectTypeOf(tensor(new Uint8Array(1), [1], "bool")).toEqualTypeOf<TensorLike<"bool", readonly [1]>>();
    expectTypeOf(takeRows({ x: tensor(new Int32Array(12), [3, 4]) }, [0])).toEqualTypeOf<{ readonly x: TensorLike<"i32", readonly [number, 4]> }>();
  });
});

describe("rows", () => {
  test("of a data set that has some", () => { expect(rowsOf(numbered(7))).toBe(7); });
  test("of one that is none", () => {
    const f32 = (data: number[], shape: number[]): TensorLike => ({ dtype: "f32", shape, data: Float32Array.from(data) });
    expect(() => rowsOf({})).toThrow("the data set is empty");
    expect(() => rowsOf({ x: f32([], [0, 3]) })).toThrow("the data set has no rows");
    expect(() => rowsOf({ x: f32([1], []) })).toThrow(`"x" is a scalar: a data set needs rows`);
    expect(() => rowsOf({ x: f32([1, 2], [2]), y: f32([1, 2, 3], [3]) })).toThrow(`"x" has 2 rows and "y" 3`);
    expect(() => rowsOf({ x: f32([1, 2, 3], [2]) })).toThrow(`"x" has 3 elements, and its shape is [2]`);
  });
  test("taken at places, in their order, as copies", () => {
    const data = numbered(4), taken = takeRows(data, [3, 0, 3]);
    expect(taken.x).toEqual({ dtype: "f32", shape: [3, 2], data: Float32Array.of(30, 31, 0, 1, 30, 31) });
    expect([...taken.label.data]).toEqual([3, 0, 3]);
    taken.x.data.fill(-1);
    expect(data.x.data[6]).toBe(30);
  });
  test("taken where there are none", () => {
    for (const row of [4, -1, 0.5, NaN]) expect(() => takeRows(numbered(4), [0, row]), String(row)).toThrow(`there is no row ${row}: the data set has 4 rows`);
  });
});

describe("batches", () => {
  test("in order; the last has what is left", () => { expect(labels(batches(numbered(7), 3))).toEqual([[0, 1, 2], [3, 4, 5], [6]]); });
  test("a size that divides the rows leaves none over", () => { expect(labels(batches(numbered(6), 3))).toEqual([[0, 1, 2], [3, 4, 5]]); });
  test("one larger than the data is all of them", () => { expect(labels(batches(numbered(2), 100))).toEqual([[0, 1]]); });
  test("shuffled, every row comes once, with all that belongs to it", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 50 }), fc.nat(), (rows, size, seed) => {
      const parts = [...batches(numbered(rows), size, randomStream(seed))];
      expect(parts.map(rowsOf)).toEqual(Array.from({ length: Math.ceil(rows / size) }, (_, i) => Math.min(size, rows - i * size)));
      expect(labels(parts).flat().sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
      for (const { x, label } of parts) expect(Array.from(label.data, (r) => [10 * r, 10 * r + 1]).flat()).toEqual([...x.data]);
    }));
  });
  test("the seed says the order, and a stream goes on to another", () => {
    const order = (seed: number): number[][] => { const random = randomStream(seed); return [0, 1].map(() => labels(batches(numbered(50), 8, random)).flat()); };
    expect(order(3)).toEqual(order(3));
    expect(order(3)[0]).not.toEqual(order(3)[1]);
    expect(order(3)[0]).not.toEqual(order(4)[0]);
  });
  test("a size that is none is refused", () => {
    for (const size of [0, -1, 2.5, NaN]) expect(() => [...batches(numbered(4), size)]).toThrow(`a batch of ${size} rows`);
  });
});

test("permutations are equally likely", () => {
  const random = randomStream(1), counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) { const p = permutation(3, random).join(""); counts.set(p, (counts.get(p) ?? 0) + 1); }
  expect(counts.size).toBe(6);
  for (const n of counts.values()) expect(Math.abs(n - 1000)).toBeLessThan(150); // 5 standard deviations
});

describe("split", () => {
  test("has every row in one part, and follows the seed", () => {
    const [train, held] = split(numbered(10), 0.8, { seed: 5 });
    expect([rowsOf(train), rowsOf(held)]).toEqual([8, 2]);
    expect(labels([train, held]).flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(labels(split(numbered(10), 0.8, { seed: 5 }))).toEqual(labels([train, held]));
    expect(labels(split(numbered(10), 0.8, { seed: 6 }))).not.toEqual(labels([train, held]));
  });
  test("a fraction that leaves a part empty is refused", () => {
    for (const fraction of [0, 1, -0.5, 2, NaN]) expect(() => split(numbered(10), fraction)).toThrow(`cannot split off ${fraction} of the rows`);
    expect(() => split(numbered(10), 0.01)).toThrow("0.01 of 10 rows is 0: a part would be empty");
  });
});
