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
  const adapter = await gpu.requestAdapter();
  const device = await adapter?.requestDevice({ requiredFeatures: features as GPUFeatureName[] });
  // what made it must stay, or it goes away
  if (device) kept.push(gpu, device);
  return device;
}

const kept: unknown[] = [];
