import { computeStage, readMode, usage } from "./usage.ts";

/**
 * Runs one workgroup of a shader, whose `main` writes so many bytes to its only binding, and returns them: what a device
 * does, where no specification says so. Undefined where it rejects the shader.
 */
export async function probe(device: GPUDevice, label: string, code: string, bytes: number): Promise<ArrayBuffer | undefined> {
  const seen = device.createBuffer({ label, size: bytes, usage: usage.storage | usage.copySrc });
  const staging = device.createBuffer({ label, size: bytes, usage: usage.mapRead | usage.copyDst });
  try {
    const layout = device.createBindGroupLayout({ entries: [{ binding: 0, visibility: computeStage, buffer: { type: "storage" } }] });
    device.pushErrorScope("validation");
    const making = device.createComputePipelineAsync({ label, layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }), compute: { module: device.createShaderModule({ label, code }), entryPoint: "main" } });
    void device.popErrorScope().catch(() => {});
    const pipeline = await making;
    const encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: seen } }] }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(seen, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(readMode);
    return staging.getMappedRange().slice(0);
  } catch {
    return undefined; // a device that says it has something, and rejects what uses it, is used without
  } finally {
    seen.destroy();
    staging.destroy();
  }
}
