import { expect, test } from "vitest";
import type { Inputs } from "../../runtime/index.ts";
import { loadTiny } from "./artifacts.ts";

const x = Float32Array.of(1, 2, 3, 4, 5, 6), label = Int32Array.of(0, 1, 1), on = Uint8Array.of(1);

test("typed arrays, nested arrays and tensors mean the same", async () => {
  const { functions: { count } } = await loadTiny();
  const flat = await count({ x, label, on });
  expect(flat.rows.toNested()).toEqual([3, 7, 11]);
  expect(flat.total.item()).toBe(21);
  expect(await count({ x: [[1, 2], [3, 4], [5, 6]], label: [0, 1, 1], on: true })).toEqual(flat);
  expect(await count({ x: [Float32Array.of(1, 2), [3, 4], [5, 6]], label: [0, true, 1], on: 1 } as unknown as Inputs)).toEqual(flat);
  expect(await count({ x: { data: x, shape: [3, 2], dtype: "f32" }, label: { data: label, shape: [3], dtype: "i32" }, on: { data: on, shape: [], dtype: "bool" } })).toEqual(flat);
  expect(await count({ x: (await count({ x, label, on })).rows.toNested() as never, label, on }).catch((e: Error) => e.message)).toContain("x is f32[B,2], which has 2 axes; its shape here is [3]");
});

test("results are the caller's own", async () => {
  const model = await loadTiny();
  const first = await model.functions.count({ x, label, on });
  const kept = [...first.rows.data];
  await model.functions.count({ x: x.map((v) => v + 100), label, on });
  expect([...first.rows.data]).toEqual(kept);
  const many = { x: new Float32Array(80).fill(1), label: new Int32Array(40), on }, long = model.sync.count(many);
  model.sync.count({ ...many, x: new Float32Array(80) });
  expect([...long.rows.data]).toEqual(new Array(40).fill(2));
  const { scale } = await model.functions.nothing();
  scale.data[0] = 99;
  expect(model.read("w.scale").data[0]).toBe(1);
});

test("functions are on the model too, and return at once under sync", async () => {
  const model = await loadTiny();
  expect((model as unknown as { count: unknown }).count).toBe(model.functions.count);
  expect(model.sync.count({ x, label, on }).total.item()).toBe(21);
  expect(() => model.sync.count({ x, label })).toThrow('tiny.count: input "on" is missing');
  await expect(model.functions.count({ x, label })).rejects.toThrow('tiny.count: input "on" is missing; it takes x, label, on');
});

const refusals: readonly [string, Record<string, unknown>, string][] = [
  ["an unexpected name", { x, lable: label, on }, 'tiny.count: there is no input "lable"; did you mean "label"? (it takes x, label, on)'],
  ["an unexpected name that is like none", { x, label, on, temperature: 1 }, 'there is no input "temperature" (it takes x, label, on)'],
  ["the wrong typed array", { x: Float64Array.from(x), label, on }, "x is f32[B,2] and takes a Float32Array, not a Float64Array"],
  ["the wrong typed array, u8", { x, label, on: new Int8Array(1) }, "on is bool[] and takes a Uint8Array, not an Int8Array"],
  ["a tensor of another dtype", { x: { data: Float64Array.from(x), shape: [3, 2], dtype: "f64" }, label, on }, "x is f32[B,2], not f64: convert it first"],
  ["a tensor that is too short for its shape", { x: { data: x, shape: [4, 2], dtype: "f32" }, label, on }, "x: a tensor of shape [4,2] cannot have 6 elements"],
  ["a tensor whose data is no array", { x: { data: [1, 2], shape: [1, 2], dtype: "f32" }, label, on }, "x is f32[B,2] and takes a Float32Array, not an Array"],
  ["a flat array of a length that no B gives", { x: Float32Array.of(1, 2, 3), label: [0, 1], on }, "x is f32[B,2] with B = 2 (by label) and cannot have 3 elements"],
  ["two sizes for one symbol", { x: [[1, 2], [3, 4]], label: [0, 1, 1], on }, "B is 2 by x and 3 by label"],
  ["two sizes for one symbol, flat", { x, label: Int32Array.of(0), on }, "label is i32[B] with B = 3 (by x) and cannot have 1 elements"],
  ["the wrong fixed dimension", { x: [[1, 2, 3]], label: [0], on }, "x is f32[B,2]; its shape here is [1,3], and axis 1 cannot be 3"],
  ["the wrong number of axes", { x: [1, 2], label: [0], on }, "x is f32[B,2], which has 2 axes; its shape here is [2]"],
  ["ragged rows", { x: [[1, 2], [3]], label: [0, 1], on }, "x is f32[B,2]: x[1] has 1 elements where x[0] has 2"],
  ["a number where a row should be", { x: [[1, 2], 3], label: [0, 1], on }, "x is f32[B,2]: x[1] has no elements where x[0] has 2"],
  ["a row where a number should be", { x: [[1, [2]]], label: [0], on }, "x is f32[B,2]: x[0][1] is an array, which f32 cannot hold"],
  ["a string", { x: [["1", 2]], label: [0], on }, 'x[0][0] is "1", which f32 cannot hold'],
  ["nothing at all", { x: null, label: [0], on }, "x is f32[B,2]: x is null, which f32 cannot hold"],
  ["a fraction among integers", { x: [[1, 2]], label: [0.5], on }, "label[0] is 0.5, which i32 cannot hold"],
  ["NaN among integers", { x: [[1, 2]], label: [NaN], on }, "label[0] is NaN, which i32 cannot hold"],
  ["an integer out of range", { x: [[1, 2]], label: [2 ** 31], on }, "label[0] is 2147483648, which i32 cannot hold"],
  ["a tensor without elements", { x: { data: undefined, shape: [3, 2], dtype: "f32" }, label, on }, "x is f32[B,2] and takes a Float32Array, not an Undefined"],
  ["a bool that is none", { x, label, on: Uint8Array.of(2) }, "on is bool[]: element 0 is 2; a bool is 0 or 1"],
  ["a symbol below its range", { x: new Float32Array(0), label: [], on }, "B is 0 (by label); it must be from 1 to 1000"],
  ["a symbol above its range", { x: new Float32Array(2002), label: new Int32Array(1001), on }, "B is 1001 (by x); it must be from 1 to 1000"],
];

for (const [what, inputs, message] of refusals)
  test(`refused: ${what}`, async () => {
    const model = await loadTiny();
    await expect(model.functions.count(inputs as Inputs)).rejects.toThrow(message);
    expect(model.read("seen").item()).toBe(0);
  });

// a call like the last one takes a shorter way: what is unlike it must not
const likeThese: readonly Inputs[] = [
  { x, label, on },
  { x: { data: x, shape: [3, 2], dtype: "f32" }, label: { data: label, shape: [3], dtype: "i32" }, on: { data: on, shape: [], dtype: "bool" } },
  { x: [[1, 2], [3, 4], [5, 6]], label: [0, 1, 1], on: true },
];
for (const [what, inputs, message] of refusals)
  test(`refused after calls that were not: ${what}`, async () => {
    for (const good of likeThese) {
      const model = await loadTiny();
      for (let i = 0; i < 3; i++) model.sync.count(good);
      expect(() => model.sync.count(inputs as Inputs)).toThrow(message);
      expect(model.read("seen").item()).toBe(9);
      expect(model.sync.count(good).rows.toNested()).toEqual([3, 7, 11]);
    }
  });

test("each way to pass the inputs follows each other", async () => {
  const model = await loadTiny();
  for (const first of likeThese) for (const second of likeThese) for (const inputs of [first, first, second, second]) {
    expect(model.sync.count(inputs).rows.toNested()).toEqual([3, 7, 11]);
    expect(model.sync.count({ ...inputs, x: x.map((v) => 2 * v) }).rows.toNested()).toEqual([6, 14, 22]);
  }
  expect(() => model.sync.count({ ...likeThese[1], x: { data: x, shape: [2, 3], dtype: "f32" } })).toThrow("B is 2 by x and 3 by label");
});

test("inputs may come in any order, and change it", async () => {
  const model = await loadTiny(), orders: readonly Inputs[] = [{ x, label, on }, { on, label, x }, { label, x, on }];
  for (const first of orders) for (const second of orders) for (const inputs of [first, first, second, second])
    expect(model.sync.count(inputs).rows.toNested()).toEqual([3, 7, 11]);
});

test("an array that was passed before and has been given away since is refused", async () => {
  const model = await loadTiny(), lost = x.slice();
  for (let i = 0; i < 3; i++) model.sync.count({ x: lost, label, on });
  structuredClone(lost, { transfer: [lost.buffer] });
  expect(() => model.sync.count({ x: lost, label, on })).toThrow("label is i32[B] with B = 0 (by x) and cannot have 3 elements");
});

test("inputs that are no object are refused", async () => {
  const model = await loadTiny();
  await expect(model.functions.count(null as never)).rejects.toThrow("tiny.count: inputs are an object of named tensors, not null; it takes x, label, on");
  await expect(model.functions.nothing({ x } as Inputs)).rejects.toThrow('tiny.nothing: there is no input "x" (it takes none)');
});

test("an error inside carries the function's name and its cause, and leaves the variables as they were", async () => {
  const model = await loadTiny();
  model.sync.count({ x, label, on });
  const before = model.save();
  const error = await model.functions.count({ x, label: Int32Array.of(1, 0, 5), on }).catch((e: Error) => e) as Error;
  expect(error.message).toBe("tiny.count: scatter (tiny.model.ts:9): index 5 is out of range for size 2");
  expect(error.cause).toBeInstanceOf(RangeError);
  expect(model.save()).toEqual(before);
  model.sync.count({ x, label, on });
  expect(model.read("seen").item()).toBe(6);
});

test("memory is made once, and again only for larger inputs", async () => {
  const model = await loadTiny();
  const call = (rows: number) => model.sync.count({ x: new Float32Array(2 * rows), label: new Int32Array(rows), on });
  expect(model.arena).toEqual({ bytes: 0, allocations: 0 }); // $init needs none
  call(3);
  expect(model.arena).toEqual({ bytes: 24, allocations: 1 }); // 12 bytes, rounded up to where an f64 may begin, and 8
  for (const rows of [3, 2, 1, 3, 2]) call(rows);
  expect(model.arena).toEqual({ bytes: 24, allocations: 1 });
  call(100);
  expect(model.arena).toEqual({ bytes: 408, allocations: 2 });
  expect(call(3).rows.shape).toEqual([3]);
  for (let rows = 1; rows <= 100; rows++) call(rows);
  expect(model.arena.allocations).toBe(2);
  expect(call(50).rows.toNested()).toEqual(new Array(50).fill(0));
});

test("tensors", async () => {
  const { sync } = await loadTiny();
  const { rows } = sync.count({ x, label, on });
  expect(() => rows.item()).toThrow("item() needs a tensor of one element; this is f32[3]");
  expect(rows.dtype).toBe("f32");
});
