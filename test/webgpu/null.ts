import { deviceFor } from "../../runtime/webgpu/gpu.ts";

/**
 * A device that computes nothing, but has every feature that Dawn knows: it says whether a shader is valid for a device
 * that has them too. Undefined where the package `webgpu` cannot be loaded.
 */
export async function nullGpu(features: readonly string[]): Promise<GPUDevice | undefined> {
  let dawn: { create(flags: string[]): GPU; globals: object };
  try {
    dawn = await import("webgpu") as typeof dawn;
  } catch {
    return undefined;
  }
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create(["backend=null", "enable-dawn-features=allow_unsafe_apis"]);
  const adapter = (await gpu.requestAdapter())!;
  const device = await adapter.requestDevice({ ...deviceFor(adapter), requiredFeatures: features as GPUFeatureName[] });
  // what made it must stay, or it goes away
  kept.push(gpu, device);
  return device;
}

const kept: unknown[] = [];

/**
 * What Tint says of shaders for a device with more room than such a device has: it takes every shader, keeps its text, and
 * rejects those that are none where they are to run.
 */
export function validating(device: GPUDevice): { readonly device: GPUDevice; readonly codes: readonly string[] } {
  const codes: string[] = [];
  const roomy = new Proxy(device, {
    get(on, key) {
      if (key === "limits") return { maxComputeWorkgroupStorageSize: 65536, maxComputeInvocationsPerWorkgroup: 1024, maxComputeWorkgroupSizeX: 1024 };
      if (key === "createShaderModule") return (d: GPUShaderModuleDescriptor) => { codes.push(d.code); return on.createShaderModule(d); };
      if (key === "createComputePipelineAsync") return async ({ compute: { module } }: GPUComputePipelineDescriptor) => {
        const { messages } = await module.getCompilationInfo();
        if (messages.some((m) => m.type === "error")) throw new Error("no shader");
        return {};
      };
      const value: unknown = Reflect.get(on, key);
      return typeof value === "function" ? (value.bind(on) as unknown) : value;
    },
  });
  return { device: roomy, codes };
}
