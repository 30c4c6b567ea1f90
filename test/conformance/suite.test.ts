import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FileTensor, TensorCase } from "./format.ts";
import { opsText, reportOf } from "./report.ts";
import { runSeeds } from "./seeds/suite.ts";
import { targetNamed } from "./targets.ts";
import { runTorch } from "./torch/suite.ts";

/** That the suites tell right from wrong: cases with one thing changed at a time. */
const interpret = targetNamed("interpret")!;

const encode = (bytes: ArrayBufferView): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
const f32 = (...data: number[]): FileTensor => ({ dtype: "float32", shape: [data.length], data: encode(Float32Array.from(data)) });
const f64 = (...data: number[]): FileTensor => ({ dtype: "float64", shape: [data.length], data: encode(Float64Array.from(data)) });
const i64 = (...data: bigint[]): FileTensor => ({ dtype: "int64", shape: [data.length], data: encode(BigInt64Array.from(data)) });

/** relu of [-1, 2], with its gradient: a case that passes. */
const relu: Omit<TensorCase, "id"> = {
  op: "torch.relu", args: [{ ref: "x" }], kwargs: {}, inputs: { x: f32(-1, 2) }, outputs: [f32(0, 2)],
  cotangents: [f32(3, 4)], grads: { x: f32(0, 4) }, tol: { rtol: 1e-5, atol: 1e-6 },
};

async function outcomesOf(changes: Readonly<Record<string, Partial<TensorCase>>>) {
  const dir = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    const cases = Object.entries(changes).map(([name, change]) => ({ ...relu, id: `family/${name}/1`, ...change }));
    writeFileSync(join(dir, "family.json"), JSON.stringify({ format: "tensor-conformance-v1", family: "family", cases }));
    const results = await runTorch(dir, { target: interpret, symbolic: "none" });
    return { results, of: (name: string) => results.find((r) => r.id === `family/${name}/1`)! };
  } finally { rmSync(dir, { recursive: true }); }
}

test("a case passes only as it is: value, gradient, dtype and shape count", async () => {
  const { of } = await outcomesOf({
    asItIs: {},
    method: { op: "torch.Tensor.relu" },
    value: { outputs: [f32(0, 2.1)] },
    gradient: { grads: { x: f32(0, 4.1) } },
    dtype: { outputs: [f64(0, 2)] },
    shape: { outputs: [{ ...f32(0, 2), shape: [1, 2] }] },
    outputs: { outputs: [f32(0, 2), f32(0, 2)], cotangents: [f32(3, 4), null] },
    second: { second: { v: { x: f32(1, 1) }, grads: { x: f32(0, 5) }, grad_cotangents: [f32(0, 1)], tol: relu.tol } },
    cotangent: { second: { v: { x: f32(1, 1) }, grads: { x: f32(0, 0) }, grad_cotangents: [f32(1, 1)], tol: relu.tol } },
    jvp: { jvp: { tangents: { x: f32(1, 1) }, outputs: [f32(1, 1)] } },
    broken: { args: [{ ref: "y" }] },
  });
  expect(of("asItIs")).toEqual({ id: "family/asItIs/1", op: "torch.relu", outcome: "passed", reason: null });
  expect(of("method").outcome).toBe("passed");
  const reasons = Object.fromEntries(["value", "gradient", "dtype", "shape", "outputs", "second", "cotangent", "jvp", "broken"].map((name) => [name, `${of(name).outcome}: ${of(name).reason}`]));
  expect(reasons).toMatchObject({
    value: "failed: output 0[1] is 2, not 2.0999999046325684",
    gradient: "failed: gradient of x[1] is 4, not 4.099999904632568",
    dtype: "failed: output 0 is f32[2], not f64[2]",
    shape: "failed: output 0 is f32[2], not f32[1,2]",
    outputs: "failed: the number of outputs is 1, not 2",
    second: "failed: second gradient of x[1] is 0, not 5",
    cotangent: "failed: gradient of cotangent 0[0] is 0, not 1",
    jvp: "failed: jvp of output 0[0] is 0, not 1",
  });
  expect(reasons.broken).toMatch(/^failed: .*"y"/);
});

test("what chainrule does not have is unsupported, by name", async () => {
  const { of, results } = await outcomesOf({
    op: { op: "torch.fft.fft" },
    linalg: { op: "torch.linalg.eig" },
    argument: { kwargs: { out: 1 } },
    value: { op: "torch.clamp", kwargs: { min: "low" } },
    wide: { inputs: { x: i64(2n ** 40n, 0n) } },
    module: { op: "torch.nn.FractionalMaxPool2d", kwargs: { kernel_size: 2 } },
  });
  expect(results.filter((r) => r.outcome !== "unsupported")).toEqual([]);
  expect(of("op").reason).toBe("torch.fft.fft");
  expect(of("argument").reason).toBe("torch.relu with out");
  expect(of("value").reason).toBe('torch.clamp with min = "low" (chainrule takes a tensor or a number)');
  expect(of("wide").reason).toBe("64-bit integers: 1099511627776 does not fit an i32");
  expect(opsText(reportOf(results))).toMatch(/total\s+0 passed\s+0 failed\s+6 unsupported$/);
});

test("a mistake while the graph is built or run is a failure, not a lack of support", async () => {
  const { of } = await outcomesOf({
    build: { op: "torch.reshape", args: [{ ref: "x" }, [3]] },
    run: { op: "torch.index_select", args: [{ ref: "x" }, 0, { ref: "i" }], inputs: { x: f32(-1, 2), i: i64(0n, 7n) } },
  });
  expect(of("build")).toMatchObject({ outcome: "failed", reason: expect.stringMatching(/GraphError.*cannot reshape/) as string });
  expect(of("run")).toMatchObject({ outcome: "failed", reason: expect.stringMatching(/7 is out of range/) as string });
});

test("an item of the tutorials fails where a quantity is wrong, and where one is never computed", async () => {
  const dir = mkdtempSync(join(tmpdir(), "conformance-"));
  const item = (change: object, id = "seed0/tensor_add") => ({
    id, seed_file: "", feature: "add", description: "", inputs: { tensor1: f32(1, 2), tensor2: f32(3, 4) }, expected: { result: f32(4, 6), ...change }, tolerance: { rtol: 0, atol: 0 },
  });
  try {
    const file = join(dir, "seeds.json");
    writeFileSync(file, JSON.stringify({ format: "tensor-conformance-seeds-v1", items: [item({}), item({ result: f32(4, 7) }), item({ sum: 10 }), item({}, "seed0/unknown")] }));
    const results = await runSeeds(file, { target: interpret, symbolic: "none" });
    expect(results.map((r) => `${r.outcome}: ${r.reason}`)).toEqual([
      "passed: null", "failed: result[1] is 6, not 7", "failed: never compared: sum", "unsupported: no program is written for seed0/unknown",
    ]);
  } finally { rmSync(dir, { recursive: true }); }
});

test("a file of another format is refused", async () => {
  const dir = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    writeFileSync(join(dir, "other.json"), JSON.stringify({ format: "other-v2", cases: [] }));
    await expect(runTorch(dir, { target: interpret, symbolic: "none" })).rejects.toThrow('is of format "other-v2"');
  } finally { rmSync(dir, { recursive: true }); }
});
