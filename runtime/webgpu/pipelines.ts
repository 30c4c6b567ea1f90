import type { GpuKernel, WebGpuKernels } from "./kernels.ts";
import { computeStage } from "./usage.ts";

/** A kernel on a device. */
export interface Pipeline {
  readonly kernel: GpuKernel;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Room that a kernel's symbols and counters take in a uniform buffer: offsets are multiples of this on every device. */
export const uniformStride = 256;

/** Compiles every kernel, all at once. Rejects with the device's message, the kernel's name and the user's lines. */
export async function makePipelines(device: GPUDevice, { library, kernels }: WebGpuKernels): Promise<readonly Pipeline[]> {
  return Promise.all(kernels.map(async (kernel): Promise<Pipeline> => {
    const layout = device.createBindGroupLayout({ label: kernel.name, entries: entriesOf(kernel) });
    const code = [...kernel.calls.map((name) => library[name]), kernel.text].join("\n");
    const module = device.createShaderModule({ label: kernel.name, code });
    try {
      const pipeline = await device.createComputePipelineAsync({
        label: kernel.name, layout: device.createPipelineLayout({ label: kernel.name, bindGroupLayouts: [layout] }), compute: { module, entryPoint: kernel.name, ...constantsFor(kernel, device) },
      });
      return { kernel, pipeline, layout };
    } catch (e) {
      const { messages } = await module.getCompilationInfo();
      const detail = messages.filter((m) => m.type === "error").map((m) => `line ${m.lineNum}: ${m.message}`).join("; ");
      throw new Error(`the device rejects kernel ${kernel.name} (${kernel.at}): ${detail || (e instanceof Error ? e.message : String(e))}`, { cause: e });
    }
  }));
}

/**
 * How many invocations share a row, where the device had better not take what the kernel says: on a processor that
 * plays a GPU, each that waits for others costs as much as its work, and what is computed at once is one small vector.
 */
function constantsFor({ text }: GpuKernel, { adapterInfo }: Partial<Pick<GPUDevice, "adapterInfo">>): { constants?: Record<string, number> } {
  const width = adapterInfo?.subgroupMaxSize;
  return text.includes("override groupSize") && width !== undefined && width > 0 && width < 16 ? { constants: { groupSize: width } } : {};
}

/** Its buffers, then the sizes it takes, then where it reports an index out of range. */
function entriesOf({ access, scalars, canFault }: GpuKernel): GPUBindGroupLayoutEntry[] {
  const buffers: GPUBufferBindingLayout[] = [...access].map((a) => ({ type: a === "r" ? "read-only-storage" : "storage" }));
  if (scalars.length > 0) buffers.push({ type: "uniform", hasDynamicOffset: true });
  if (canFault) buffers.push({ type: "storage" });
  return buffers.map((buffer, binding) => ({ binding, visibility: computeStage, buffer }));
}
