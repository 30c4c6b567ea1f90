import { requestAdapter } from "./adapter.ts";
import { matrixFeature } from "./matrices.ts";

/** Finds a device, or takes the caller's. */

/** Features and limits that kernels use where the device has them. */
const wantedLimits = ["maxStorageBufferBindingSize", "maxBufferSize", "maxComputeInvocationsPerWorkgroup", "maxComputeWorkgroupSizeX", "maxComputeWorkgroupStorageSize"] as const;
const wantedFeatures = ["timestamp-query", "subgroups", "shader-f16", matrixFeature] as readonly GPUFeatureName[];

/** What to request a device with, so that models that share it run on it as on one of their own. */
export const deviceFor = (adapter: Pick<GPUAdapter, "limits" | "features">): GPUDeviceDescriptor => ({
  requiredLimits: Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]])),
  requiredFeatures: wantedFeatures.filter((f) => adapter.features.has(f)),
});

export interface Gpu {
  readonly device: GPUDevice;
  /** What is known of its adapter. A device may know less of that than the adapter does. */
  readonly info: GPUAdapterInfo | undefined;
  /** What the adapter is called, for people. */
  readonly name: string;
  /** Whether it was made for this model, and goes with it. */
  readonly isOwn: boolean;
}

/** A device of the best adapter there is; or the reason why there is none. */
export async function requestGpu(): Promise<Gpu | string> {
  const adapter = await requestAdapter();
  if (adapter === undefined) return "this engine has no WebGPU";
  if (!adapter) return "there is no WebGPU adapter";
  try {
    const device = await adapter.requestDevice(deviceFor(adapter));
    return { device, info: adapter.info, name: nameOf(adapter.info), isOwn: true };
  } catch (e) {
    return `the WebGPU adapter gives no device: ${e instanceof Error ? e.message : String(e)}`;
  }
}

export function adoptGpu(device: GPUDevice): Gpu {
  const { adapterInfo: info } = device as Partial<Pick<GPUDevice, "adapterInfo">>;
  return { device, info, name: nameOf(info), isOwn: false };
}

const nameOf = (info: GPUAdapterInfo | undefined): string =>
  info ? [info.vendor, info.architecture, info.device, info.description].filter((part) => part).join(" ") || "unknown adapter" : "unknown adapter";
