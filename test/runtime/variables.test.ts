import { expect, test } from "vitest";
import { readSafetensors, writeSafetensors } from "../../runtime/index.ts";
import { loadTiny } from "./artifacts.ts";

const x = Float32Array.of(1, 2, 3, 4), label = Int32Array.of(0, 1), on = true;

test("the seed decides the initial values", async () => {
  const model = await loadTiny();
  expect([...model.read("w.scale").data]).toEqual([1, 0]);
  expect([...(await loadTiny({ seed: 41 })).read("w.scale").data]).toEqual([42, 0]);
  const large = await loadTiny({ seed: 2 ** 33 + 5 });
  expect([...large.read("w.scale").data]).toEqual([6, 2]);
  large.sync.count({ x, label, on });
  large.reset(7);
  expect([...large.read("w.scale").data, large.read("seen").item()]).toEqual([8, 0, 0]);
  large.reset();
  expect([...large.read("w.scale").data]).toEqual([6, 2]);
  for (const seed of [-1, 0.5, NaN, 2 ** 60, "1" as never])
    await expect(loadTiny({ seed })).rejects.toThrow(`a seed is an integer from 0, not ${seed}`);
});

test("variables are listed, read and written", async () => {
  const model = await loadTiny();
  expect(model.variables.map((v) => [v.name, v.role, v.dtype, v.shape])).toEqual([
    ["w.scale", "parameter", "f32", [2]], ["seen", "state", "i32", []], ["counts", "state", "f64", [2]],
  ]);
  model.write("w.scale", Float32Array.of(3, 4));
  expect(model.sync.nothing().scale.toNested()).toEqual([3, 4]);
  model.write("seen", 12);
  expect(model.read("seen")).toEqual(expect.objectContaining({ dtype: "i32", shape: [], data: Int32Array.of(12) }));
  model.write("counts", { data: Float64Array.of(1, 2), shape: [2], dtype: "f64" });
  expect(model.read("counts").toNested()).toEqual([1, 2]);
  expect(() => model.read("w.scail")).toThrow('tiny has no variable "w.scail"; did you mean "w.scale"?');
  expect(() => model.write("w.scale", Float32Array.of(1))).toThrow("w.scale is f32[2], not 1 elements");
  expect(() => model.write("w.scale", [[1, 2]])).toThrow("w.scale is f32[2], not of shape [1,2]");
  expect(() => model.write("w.scale", Int32Array.of(1, 2))).toThrow("w.scale is f32[2] and takes a Float32Array, not an Int32Array");
});

test("save and restore: everything, or an error and nothing", async () => {
  const model = await loadTiny({ seed: 3 });
  model.sync.count({ x, label, on });
  const saved = model.save();
  const other = await loadTiny();
  other.restore(saved);
  expect(other.save()).toEqual(saved);
  expect(other.read("counts").toNested()).toEqual([1, 1]);
  other.restore(new Uint8Array([0, ...saved]).subarray(1)); // not aligned in memory
  other.restore(saved.buffer as ArrayBuffer);

  const f32 = (data: number[]) => ({ dtype: "f32" as const, shape: [data.length], data: Float32Array.from(data) });
  const wrong: [Uint8Array, string][] = [
    [writeSafetensors({ "w.scale": f32([9, 9]) }, {}), "the saved file lacks seen, counts"],
    [writeSafetensors({ "w.scale": f32([9, 9]), "w.bias": f32([9]) }, {}), 'the saved file has "w.bias", which is no variable of tiny'],
    [writeSafetensors({ "w.scale": f32([9, 9, 9]) }, {}), "the saved file has w.scale as f32[3]; in tiny it is f32[2]"],
    [saved.subarray(0, saved.length - 1), "the saved file is damaged"],
    [saved.subarray(0, 40), "the saved file is damaged: its header should end at byte"],
    [saved.subarray(0, 4), "the saved file is damaged: it has 4 bytes"],
    [new Uint8Array([...saved, 0]), "the saved file is damaged: it has"],
    [saved.map((b, i) => (i === 9 ? 33 : b)), "the saved file is damaged: its header is no JSON"],
  ];
  for (const [file, message] of wrong) {
    expect(() => other.restore(file)).toThrow(message);
    expect(other.save()).toEqual(saved);
  }
});

test("weights at load: every parameter, state or not", async () => {
  const parameters = writeSafetensors({ "w.scale": { dtype: "f32", shape: [2], data: Float32Array.of(5, 6) } }, {});
  expect((await loadTiny({ weights: parameters })).read("w.scale").toNested()).toEqual([5, 6]);
  expect((await loadTiny({ weights: `data:application/octet-stream;base64,${Buffer.from(parameters).toString("base64")}` })).read("w.scale").toNested()).toEqual([5, 6]);
  const state = writeSafetensors({ seen: { dtype: "i32", shape: [], data: Int32Array.of(5) } }, {});
  await expect(loadTiny({ weights: state })).rejects.toThrow("weights lacks w.scale");
  await expect(loadTiny({ weights: "/nowhere/w.safetensors" })).rejects.toThrow("there is no file /nowhere/w.safetensors");
  await expect(loadTiny({ weights: new URL("file:///nowhere/w.safetensors") })).rejects.toThrow("there is no file file:///nowhere/w.safetensors");
});

test("safetensors: every dtype survives, aligned by element size", () => {
  const tensors = {
    flag: { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) }, byte: { dtype: "u8", shape: [1], data: Uint8Array.of(255) },
    int: { dtype: "i32", shape: [2, 1], data: Int32Array.of(-1, 2 ** 31 - 1) }, word: { dtype: "u32", shape: [], data: Uint32Array.of(2 ** 32 - 1) },
    single: { dtype: "f32", shape: [2], data: Float32Array.of(NaN, -0) }, double: { dtype: "f64", shape: [0], data: new Float64Array() },
    half: { dtype: "f16", shape: [3], data: Uint16Array.of(0x3c00, 0x8000, 0x7e00) }, brain: { dtype: "bf16", shape: [1], data: Uint16Array.of(0x3f80) },
    double2: { dtype: "f64", shape: [1], data: Float64Array.of(Math.PI) },
  } as const;
  const file = writeSafetensors(tensors, { note: "é" });
  const back = readSafetensors(file);
  for (const [name, t] of Object.entries(tensors)) expect(back.get(name)).toEqual(expect.objectContaining(t));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + new DataView(file.buffer).getUint32(0, true)))) as Record<string, { data_offsets: number[] }>;
  expect(header.double2.data_offsets[0] % 8).toBe(0);
  expect((8 + new DataView(file.buffer).getUint32(0, true)) % 8).toBe(0);
  const text = new TextEncoder().encode('{"h":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}  ');
  const f8 = new Uint8Array(8 + text.length + 2);
  f8[0] = text.length;
  f8.set(text, 8);
  expect(() => readSafetensors(f8)).toThrow('the safetensors file has "h" in F8_E4M3, which no variable can be: convert it to F32');
});

test("64-bit integers of PyTorch's are read where they fit, and refused where they do not", async () => {
  const { readSafetensors } = await import("../../runtime/safetensors.ts");
  const file = (...numbers: bigint[]): Uint8Array => {
    const text = new TextEncoder().encode(JSON.stringify({ n: { dtype: "I64", shape: [numbers.length], data_offsets: [0, 8 * numbers.length] } }).padEnd(80));
    return new Uint8Array([...new Uint8Array(BigUint64Array.of(80n).buffer), ...text, ...new Uint8Array(BigInt64Array.from(numbers).buffer)]);
  };
  expect([...readSafetensors(file(3n, -5n, 2147483647n, -2147483648n)).get("n")!.data]).toEqual([3, -5, 2147483647, -2147483648]);
  expect(() => readSafetensors(file(1n, 2n ** 31n))).toThrow(/has numbers in "n" that do not fit an i32/);
  expect(() => readSafetensors(file(-(2n ** 40n)))).toThrow(/do not fit/);
});
