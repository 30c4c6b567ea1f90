import { computeStage, readMode, usage } from "./usage.ts";

const known = new WeakMap<GPUDevice, Promise<number | undefined>>();

/**
 * Invocations of a subgroup, where a device has subgroups that kernels can share rows in: all of one size, and made
 * of neighbouring invocations of a workgroup. No specification says that they are; so the device is asked.
 */
export function subgroupSize(device: GPUDevice): Promise<number | undefined> {
  let size = known.get(device);
  if (!size) known.set(device, (size = ask(device)));
  return size;
}

const invocations = 128;

const probe = `enable subgroups;
@group(0) @binding(0) var<storage, read_write> seen: array<vec2<u32>>;
@compute @workgroup_size(${invocations})
fn main(@builtin(local_invocation_index) i: u32, @builtin(subgroup_size) size: u32, @builtin(subgroup_invocation_id) at: u32) {
  seen[i] = vec2(size, at);
}`;

async function ask(device: GPUDevice): Promise<number | undefined> {
  const { subgroupMinSize: least, subgroupMaxSize: most } = (device as Partial<Pick<GPUDevice, "adapterInfo">>).adapterInfo ?? {};
  if (!device.features.has("subgroups") || !most || least !== most) return undefined;
  const bytes = 8 * invocations;
  const seen = device.createBuffer({ label: "subgroups", size: bytes, usage: usage.storage | usage.copySrc });
  const staging = device.createBuffer({ label: "subgroups", size: bytes, usage: usage.mapRead | usage.copyDst });
  try {
    const layout = device.createBindGroupLayout({ entries: [{ binding: 0, visibility: computeStage, buffer: { type: "storage" } }] });
    const pipeline = await device.createComputePipelineAsync({ label: "subgroups", layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }), compute: { module: device.createShaderModule({ code: probe }), entryPoint: "main" } });
    const encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: seen } }] }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(seen, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(readMode);
    const found = new Uint32Array(staging.getMappedRange());
    return Array.from({ length: invocations }, (_, i) => found[2 * i] === most && found[2 * i + 1] === i % most).every((ok) => ok) ? most : undefined;
  } catch {
    return undefined; // a device that says it has them, and rejects what uses them, is used without
  } finally {
    seen.destroy();
    staging.destroy();
  }
}
