import { checkBuild, type GpuMaker } from "./device.ts";
import { adoptGpu, requestGpu } from "./webgpu/gpu.ts";
import type { WebGpuKernels } from "./webgpu/kernels.ts";
import { ModelOnGpu } from "./webgpu/model.ts";

/** The models of an artifact on a GPU: of a device of the engine's, or of the caller's. */
export function webGpu(kernels: () => WebGpuKernels | Promise<WebGpuKernels>): GpuMaker {
  return async (spec, device, seed, initial) => {
    const gpu = device ? adoptGpu(device as GPUDevice) : await requestGpu();
    if (typeof gpu === "string") return { unavailable: gpu };
    const found = await kernels();
    checkBuild(found.build, spec, ".wgsl.js");
    try {
      return await ModelOnGpu.create(spec, found, gpu, seed, initial);
    } catch (e) {
      // what a device of the caller's lacks is the caller's to know; another may do instead of one of the engine's
      if (device) throw e;
      return { unavailable: e instanceof Error ? e.message : String(e) };
    }
  };
}
