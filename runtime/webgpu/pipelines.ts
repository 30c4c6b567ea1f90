import type { Gpu } from "./gpu.ts";
import type { GpuKernel, WebGpuKernels } from "./kernels.ts";
import { hasRoom, matrixDeclarations, matrixUnit, type MatrixUnit } from "./matrices.ts";
import { isNarrow, rowVariant, type RowDevice } from "./rows.ts";
import { subgroupSize } from "./subgroups.ts";
import { computeStage } from "./usage.ts";

/** A kernel on a device. */
export interface Pipeline {
  readonly kernel: GpuKernel;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Rows that a workgroup has, where invocations share these; else 1. */
  readonly rows: number;
}

/** Room that a kernel's symbols and counters take in a uniform buffer: offsets are multiples of this on every device. */
export const uniformStride = 256;

/** What a device has that kernels are chosen by. */
export interface Abilities {
  readonly rows: RowDevice;
  readonly matrices: MatrixUnit | undefined;
}

async function abilitiesOf({ device, info }: HeldGpu, { kernels }: WebGpuKernels): Promise<Abilities> {
  return {
    rows: { subgroup: await subgroupSize(device), width: info?.subgroupMaxSize, most: mostInvocations(device) },
    matrices: kernels.some((k) => k.matrices) ? await matrixUnit(device, info) : undefined,
  };
}

type HeldGpu = Pick<Gpu, "device" | "info">;

/** A kernel as it suits a device: how it is run, and its text but for the functions of the library. */
function chosenFor(device: GPUDevice, { rows: on, matrices: unit }: Abilities, given: GpuKernel): { readonly kernel: GpuKernel; readonly directives: string; readonly text: string; readonly rows: number } {
  const { matrices } = given;
  if (matrices && unit && hasRoom(unit, matrices, device)) return { kernel: { ...given, groups: matrices.groups }, directives: matrixDeclarations(unit, matrices.subgroups), text: matrices.text, rows: 1 };
  const kernel = isNarrow(on.width) ? { ...given, ...given.narrow } : given;
  const row = kernel.row && rowVariant(kernel.row, on);
  const asF16 = device.features.has("shader-f16") ? kernel.halves?.f16 : undefined, halves = asF16 ?? kernel.halves?.words;
  return { kernel, directives: `${asF16 !== undefined ? "enable f16;\n" : ""}${row ? row.directives + row.declarations : ""}`, text: joined([halves, kernel.text]), rows: row?.rows ?? 1 };
}

/** Parts of a shader, without lines for those that are not there: the device tells lines by number. */
const joined = (parts: readonly (string | undefined)[]): string => parts.filter((part) => part).join("\n");

/** Compiles every kernel, all at once, for what the device has, which is found out unless it is `known`. Rejects with the device's message, the kernel's name and the user's lines. */
export async function makePipelines(gpu: HeldGpu, model: WebGpuKernels, known?: Abilities): Promise<readonly Pipeline[]> {
  const { device } = gpu, { library } = model, abilities = known ?? await abilitiesOf(gpu, model);
  return Promise.all(model.kernels.map(async (given): Promise<Pipeline> => {
    const { kernel, directives, text, rows } = chosenFor(device, abilities, given);
    const layout = device.createBindGroupLayout({ label: kernel.name, entries: entriesOf(kernel) });
    const module = device.createShaderModule({ label: kernel.name, code: joined([directives, ...kernel.calls.map((name) => library[name]), text]) });
    try {
      const pipeline = await device.createComputePipelineAsync({
        label: kernel.name, layout: device.createPipelineLayout({ label: kernel.name, bindGroupLayouts: [layout] }), compute: { module, entryPoint: kernel.name },
      });
      return { kernel, pipeline, layout, rows };
    } catch (e) {
      const { messages } = await module.getCompilationInfo();
      const detail = messages.filter((m) => m.type === "error").map((m) => `line ${m.lineNum}: ${m.message}`).join("; ");
      throw new Error(`the device rejects kernel ${kernel.name} (${kernel.at}): ${detail || (e instanceof Error ? e.message : String(e))}`, { cause: e });
    }
  }));
}

/** Invocations of a workgroup: a power of two, as rows are folded pairwise. */
const mostInvocations = ({ limits }: GPUDevice): number => 2 ** Math.floor(Math.log2(Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX)));

/** Whether a kernel has the buffer of faults, to report an index out of range there or to see that there was one. */
export const seesFaults = ({ canFault, heedsFault }: GpuKernel): boolean => canFault || heedsFault === true;

/** Its buffers, then the sizes it takes, then that of faults. */
function entriesOf(kernel: GpuKernel): GPUBindGroupLayoutEntry[] {
  const { access, scalars, canFault } = kernel;
  const buffers: GPUBufferBindingLayout[] = [...access].map((a) => ({ type: a === "r" ? "read-only-storage" : "storage" }));
  if (scalars.length > 0) buffers.push({ type: "uniform", hasDynamicOffset: true });
  if (seesFaults(kernel)) buffers.push({ type: canFault ? "storage" : "uniform" });
  return buffers.map((buffer, binding) => ({ binding, visibility: computeStage, buffer }));
}
