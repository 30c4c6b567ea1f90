import { describe, expect, test } from "vitest";
import type { DType } from "../../ir/types/index.ts";
import { expectClose, expectEqual, expectNumber } from "./compare.ts";
import { readTensor, type FileTensor, type TorchDType } from "./format.ts";
import { Mismatch, resultOf, Unsupported } from "./outcome.ts";

const array = (dtype: DType, shape: number[], data: number[]) => ({ dtype, shape, data: Float64Array.from(data) });
const tol = { rtol: 1e-3, atol: 1e-6 };
const check = (got: ReturnType<typeof array>, want: ReturnType<typeof array>) => () => expectClose("y", got, want, tol);

describe("a result is accepted", () => {
  test.each([
    ["equal", [1, 2], [1, 2]],
    ["inside rtol", [1.0009, -2.0019], [1, -2]],
    ["inside atol at 0", [1e-6, -1e-6], [0, 0]],
    ["NaN where NaN is expected", [NaN, 1], [NaN, 1]],
    ["infinities of the right sign", [Infinity, -Infinity], [Infinity, -Infinity]],
    ["-0 for 0", [-0, 0], [0, -0]],
  ])("%s", (_, got, want) => {
    expect(check(array("f32", [2], got), array("f32", [2], want))).not.toThrow();
  });
  test("with no elements", () => {
    expect(check(array("f32", [0, 3], []), array("f32", [0, 3], []))).not.toThrow();
  });
});

describe("a result is refused", () => {
  test.each([
    ["a wrong value", [1, 2.1], [1, 2]],
    ["just outside rtol", [1.0011, 2], [1, 2]],
    ["just outside atol at 0", [1.1e-6, 0], [0, 0]],
    ["NaN for a number", [NaN, 1], [0, 1]],
    ["a number for NaN", [0, 1], [NaN, 1]],
    ["infinity of the wrong sign", [Infinity, 1], [-Infinity, 1]],
    ["a large number for infinity", [1e308, 1], [Infinity, 1]],
    ["infinity for a large number", [Infinity, 1], [1e38, 1]],
  ])("%s", (_, got, want) => {
    expect(check(array("f32", [2], got), array("f32", [2], want))).toThrow(Mismatch);
  });
  test("an integer that is off by one, whatever the tolerance", () => {
    expect(() => expectClose("y", array("i32", [1], [1000001]), array("i32", [1], [1000000]), { rtol: 1, atol: 1 })).toThrow("y[0] is 1000001, not 1000000");
  });
  test("another dtype", () => {
    expect(check(array("f64", [2], [1, 2]), array("f32", [2], [1, 2]))).toThrow("y is f64[2], not f32[2]");
  });
  test("another shape with the same elements", () => {
    expect(check(array("f32", [2, 1], [1, 2]), array("f32", [2], [1, 2]))).toThrow("y is f32[2,1], not f32[2]");
    expect(check(array("f32", [1, 2], [1, 2]), array("f32", [2, 1], [1, 2]))).toThrow(Mismatch);
    expect(check(array("f32", [], [1]), array("f32", [1], [1]))).toThrow(Mismatch);
  });
  test("missing elements", () => {
    expect(check(array("f32", [2], [1]), array("f32", [2], [1, 2]))).toThrow("1 elements");
  });
  test("the worst element is named by its index", () => {
    expect(check(array("f32", [2, 2], [1, 2, 3.1, 5]), array("f32", [2, 2], [1, 2, 3, 4]))).toThrow("y[1,1] is 5, not 4 (the worst of 2 wrong of 4)");
  });
});

test("numbers and plain values", () => {
  expect(() => expectNumber("n", 1.0005, 1, tol)).not.toThrow();
  expect(() => expectNumber("n", 1.01, 1, tol)).toThrow("n is 1.01, not 1");
  expect(() => expectEqual("shape", [1, 2], [1, 2])).not.toThrow();
  expect(() => expectEqual("shape", [1, 2], [2, 1])).toThrow("shape is [1,2], not [2,1]");
});

describe("tensors of a file", () => {
  const file = (dtype: TorchDType, shape: number[], bytes: ArrayBufferView): FileTensor => ({
    dtype, shape, data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  });
  test("every dtype is read", () => {
    expect(readTensor(file("float32", [2], Float32Array.of(1.5, NaN)))).toEqual(array("f32", [2], [1.5, NaN]));
    expect(readTensor(file("float64", [1, 1], Float64Array.of(0.1)))).toEqual(array("f64", [1, 1], [0.1]));
    expect(readTensor(file("int32", [1], Int32Array.of(-7)))).toEqual(array("i32", [1], [-7]));
    expect(readTensor(file("uint8", [1], Uint8Array.of(200)))).toEqual(array("u8", [1], [200]));
    expect(readTensor(file("bool", [2], Uint8Array.of(0, 1)))).toEqual(array("bool", [2], [0, 1]));
    expect(readTensor(file("int64", [2], BigInt64Array.of(-5n, 2147483647n)))).toEqual(array("i32", [2], [-5, 2147483647]));
    expect(readTensor(file("float32", [0, 4], new Float32Array(0)))).toEqual(array("f32", [0, 4], []));
  });
  test("an int64 outside i32 is unsupported, by name", () => {
    expect(() => readTensor(file("int64", [1], BigInt64Array.of(2147483648n)))).toThrow(Unsupported);
    expect(() => readTensor(file("int64", [1], BigInt64Array.of(-2147483649n)))).toThrow("-2147483649");
  });
  test("data of another size is an error", () => {
    expect(() => readTensor(file("float32", [3], new Float32Array(2)))).toThrow("8 bytes of data, not 12");
  });
});

test("only Unsupported makes a case unsupported; every other exception fails it", async () => {
  const run = (e?: Error) => resultOf("a/b/1", "torch.b", async () => { if (e) throw e; });
  expect(await run()).toEqual({ id: "a/b/1", op: "torch.b", outcome: "passed", reason: null });
  expect(await run(new Unsupported("b"))).toMatchObject({ outcome: "unsupported", reason: "b" });
  expect(await run(new Mismatch("y is 1, not 2"))).toMatchObject({ outcome: "failed", reason: "y is 1, not 2" });
  expect((await run(new TypeError("x.f is not a function"))).outcome).toBe("failed");
});
