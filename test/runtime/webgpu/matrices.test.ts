import { expect, test, vi } from "vitest";
import { deviceFor } from "../../../runtime/webgpu/gpu.ts";
import { hasRoom, matrixFeature, matrixUnit, type MatrixUnit } from "../../../runtime/webgpu/matrices.ts";
import { sharedGpu, whyNoGpu } from "../../webgpu/gpu.ts";
import { configOf, emulatedMatrices, type EmulatedDevice } from "../../webgpu/matrices.ts";

// Which matrices kernels use: those that the device lists, is known to have in subgroups of one size, and gets right.

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): no matrices are emulated on one !!!\n`);

const found = async ({ device }: EmulatedDevice): Promise<MatrixUnit | undefined> => matrixUnit(device, device.adapterInfo);

test("the feature is asked for where an adapter offers it", () => {
  const adapter = (features: readonly string[]): Pick<GPUAdapter, "limits" | "features"> => ({ limits: {} as GPUSupportedLimits, features: new Set(features) as unknown as GPUSupportedFeatures });
  expect(deviceFor(adapter([matrixFeature, "shader-f16"])).requiredFeatures).toEqual(["shader-f16", matrixFeature]);
  expect(deviceFor(adapter(["subgroups"])).requiredFeatures).toEqual(["subgroups"]);
});

test.skipIf(why)("of what is listed: halves before numbers, large before small, none that does not divide a tile or sums in halves", async () => {
  const device = await sharedGpu();
  const listed = [configOf("u8", 8, 8, 32, "u32"), configOf("f32", 8, 8, 8), configOf("f16", 16, 16, 16, "f16"), configOf("f16", 12, 8, 8), configOf("f16", 8, 8, 8), configOf("f16", 8, 8, 16)];
  expect(await found(emulatedMatrices(device, listed))).toEqual({ component: "f16", rows: 8, columns: 8, steps: 16, subgroup: 32 });
  expect(await found(emulatedMatrices(device, listed.slice(0, 2), 16))).toEqual({ component: "f32", rows: 8, columns: 8, steps: 8, subgroup: 16 });
  expect(await found(emulatedMatrices(device, listed.slice(2, 4)))).toBeUndefined();
});

test.skipIf(why)("where a device lists none, those of the best adapter that it gets right", async () => {
  const right = configOf("f16", 8, 8, 8), adapter = (...configs: unknown[]): GPUAdapter => ({ info: { subgroupMatrixConfigs: configs } }) as unknown as GPUAdapter;
  const asked = vi.spyOn(navigator.gpu, "requestAdapter").mockResolvedValue(adapter(configOf("f16", 8, 8, 8, "f16"), right));
  expect(await found(emulatedMatrices(await sharedGpu(), []))).toMatchObject({ component: "f16", rows: 8 });
  const spoil = (code: string): string => code.replace("alias Sums = ", "alias Sums = f8; // ");
  expect(await found(emulatedMatrices(await sharedGpu(), [], 32, spoil))).toBeUndefined();
  asked.mockResolvedValue(null);
  expect(await found(emulatedMatrices(await sharedGpu(), []))).toBeUndefined();
  asked.mockClear();
  expect(await found(emulatedMatrices(await sharedGpu(), [right]))).toBeDefined();
  expect(asked).not.toHaveBeenCalled();
  asked.mockRestore();
});

test.skipIf(why)("none where the feature was not granted, or numbers of 16 bits", async () => {
  for (const missing of [matrixFeature, "shader-f16"] as const) {
    const { device, codes } = emulatedMatrices(await sharedGpu(), [configOf("f16", 8, 8, 8)]);
    (device.features as unknown as Set<string>).delete(missing);
    expect(await matrixUnit(device, device.adapterInfo)).toBeUndefined();
    expect(codes).toEqual([]);
  }
});

test.skipIf(why)("none that computes something else", async () => {
  const wrong: Readonly<Record<string, (code: string) => string>> = {
    "operands in the other order": (code) => code.replace("fn colMajor(start: u32, stride: u32) -> vec3<u32> { return vec3(start, 1u, stride); }", "fn colMajor(start: u32, stride: u32) -> vec3<u32> { return rowMajor(start, stride); }"),
    "sums that start anew": (code) => code.replace("var sums = before;", "var sums: Sums;"),
    "a step too few": (code) => code.replace("k < matrixSteps;", "k < matrixSteps - 1;"),
    "a shader that is rejected": (code) => code.replace("alias Sums = ", "alias Sums = f8; // "),
  };
  for (const [name, spoil] of Object.entries(wrong)) expect(await found(emulatedMatrices(await sharedGpu(), [configOf("f16", 8, 8, 8)], 32, spoil)), name).toBeUndefined();
  expect(await found(emulatedMatrices(await sharedGpu(), [configOf("f16", 8, 8, 8)], 32))).toBeDefined();
});

test("a kernel runs so where there is room for its tiles, its sums and its invocations", () => {
  const unit: MatrixUnit = { component: "f16", rows: 16, columns: 16, steps: 16, subgroup: 32 };
  const device = (bytes: number, invocations: number): Pick<GPUDevice, "limits"> => ({ limits: { maxComputeWorkgroupStorageSize: bytes, maxComputeInvocationsPerWorkgroup: invocations, maxComputeWorkgroupSizeX: 1024 } as GPUSupportedLimits });
  const kernel = { subgroups: 8, elements: 7680 };
  expect(hasRoom(unit, kernel, device(23552, 256))).toBe(true);
  expect(hasRoom(unit, kernel, device(23551, 256))).toBe(false);
  expect(hasRoom(unit, kernel, device(23552, 255))).toBe(false);
  expect(hasRoom({ ...unit, component: "f32" }, kernel, device(38912, 256))).toBe(true);
  expect(hasRoom({ ...unit, component: "f32" }, kernel, device(38911, 256))).toBe(false);
});
