import { compile } from "chainrule/compiler";
import { instantiate } from "../../compiler/artifact/index.ts";
import { sharedGpu } from "../webgpu/gpu.ts";
import { Unavailable, type Contender } from "./contender.ts";
import { workloads } from "./workloads/index.ts";

/** chainrule on WebGPU, on the adapter that the tests have. */
export function create(): Contender {
  return async ({ id, inputs, weights }) => {
    const w = workloads.find((x) => x.id === id)!;
    const device = await sharedGpu().catch((e: Error) => { throw new Unavailable(e.message); });
    const model = await instantiate(compile(w.model(), { target: "webgpu" }), { device });
    const reset = (): void => {
      model.reset();
      for (const [name, value] of Object.entries(weights)) model.write(name, value);
    };
    reset();
    // as with its peers, inputs that do not change are on the device before the call
    const held = Object.fromEntries(Object.entries(inputs).map(([name, { dtype, shape, data }]) => {
      const buffer = device.createBuffer({ size: Math.max(16, data.byteLength), usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC });
      device.queue.writeBuffer(buffer, 0, data);
      return [name, { dtype, shape, buffer }];
    }));
    return {
      async call() { return (await model.functions[w.call](held))[w.output].data; },
      ...(w.calls > 1 && { reset }),
    };
  };
}
