import fc from "fast-check";
import { expect, test } from "vitest";
import { arrayType, dtypes, roundTo, storedArray, type DType } from "../../../ir/types/index.ts";
import { readSafetensors, writeSafetensors, type NamedTensor } from "../../../compiler/interop/safetensors.ts";
import * as runtime from "../../../runtime/index.ts";

const tensor: fc.Arbitrary<NamedTensor> = fc.record({ dtype: fc.constantFrom(...dtypes), shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), bytes: fc.infiniteStream(fc.integer({ min: 0, max: 255 })) })
  .map(({ dtype, shape, bytes }) => {
    const data = new arrayType[dtype](shape.reduce((a, b) => a * b, 1));
    for (let i = 0; i < data.length; i++) data[i] = dtype === "bool" ? bytes.next().value! % 2 : roundTo(dtype, (bytes.next().value! - 128) * 1.25);
    return { dtype, shape, data };
  });
const tensors = fc.dictionary(fc.string({ minLength: 1 }).filter((s) => s !== "__metadata__" && s !== "__proto__"), tensor, { maxKeys: 6 }).map((d) => new Map(Object.entries(d)));

test("compiler and runtime read what either writes", () => {
  fc.assert(fc.property(tensors, (all) => {
    const files = [writeSafetensors(all, { made: "here" }), runtime.writeSafetensors(Object.fromEntries([...all].map(([name, t]) => [name, { ...t, data: storedArray(t.dtype, t.data) }])) as never, { made: "here" })];
    expect(Buffer.from(files[1])).toEqual(Buffer.from(files[0]));
    for (const file of files) {
      expect(readSafetensors(file)).toEqual(all);
      const back = runtime.readSafetensors(file);
      expect([...back.keys()].sort()).toEqual([...all.keys()].sort());
      for (const [name, t] of all) expect(back.get(name)).toEqual(expect.objectContaining({ ...t, data: storedArray(t.dtype, t.data) }));
    }
  }), { numRuns: 100 });
});

/** A file with one tensor `x` of a dtype of the format, from its bytes. */
function file(dtype: string, shape: number[], bytes: ArrayBufferView, offsets?: [number, number]): Uint8Array {
  const header = JSON.stringify({ x: { dtype, shape, data_offsets: offsets ?? [0, bytes.byteLength] } });
  const out = Buffer.alloc(8 + header.length + bytes.byteLength);
  out.writeBigUInt64LE(BigInt(header.length));
  out.write(header, 8);
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).copy(out, 8 + header.length);
  return out;
}
const read = (dtype: string, bytes: ArrayBufferView, size: number): [DType, number[]] => {
  const t = readSafetensors(file(dtype, [size], bytes)).get("x")!;
  return [t.dtype, [...t.data]];
};

test("dtypes of others become those that a model has", () => {
  expect(read("F16", Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x3555), 8)).toEqual(["f16", [1, -2, 2 ** -24, 65504, Infinity, -Infinity, NaN, Math.fround(0.333251953125)]]);
  expect(read("BF16", Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x0001), 4)).toEqual(["bf16", [1, -2, Infinity, 9.183549615799121e-41]]);
  expect(read("I8", Int8Array.of(-128, 127), 2)).toEqual(["i32", [-128, 127]]);
  expect(read("I16", Int16Array.of(-32768, 5), 2)).toEqual(["i32", [-32768, 5]]);
  expect(read("U16", Uint16Array.of(65535), 1)).toEqual(["i32", [65535]]);
  expect(read("I64", BigInt64Array.of(-5n, 2147483647n), 2)).toEqual(["i32", [-5, 2147483647]]);
  expect(read("U64", BigUint64Array.of(7n), 1)).toEqual(["i32", [7]]);
  expect(() => read("I64", BigInt64Array.of(2147483648n), 1)).toThrow("the value 2147483648 does not fit in i32");
  expect(() => read("F8_E5M2", Uint8Array.of(1), 1)).toThrow('the safetensors file: "x" has dtype F8_E5M2, which nothing here can hold');
});

test("damaged files", () => {
  const good = file("F32", [2], Float32Array.of(1, 2));
  expect(() => readSafetensors(good.subarray(0, 5))).toThrow("the safetensors file is damaged: it has 5 bytes");
  expect(() => readSafetensors(good.subarray(0, 20))).toThrow("its header should end at byte");
  expect(() => readSafetensors(good.subarray(0, good.length - 1))).toThrow('"x" is cut short');
  expect(() => readSafetensors(file("F32", [3], Float32Array.of(1, 2)))).toThrow('"x" is cut short or has another size than its shape');
  expect(() => readSafetensors(file("F32", [2], Float32Array.of(1, 2), [4, 12]))).toThrow('"x" is cut short');
  const noJson = good.slice();
  noJson[8] = 0x5b;
  expect(() => readSafetensors(noJson, "w.safetensors")).toThrow("w.safetensors is damaged: its header is no JSON");
});
