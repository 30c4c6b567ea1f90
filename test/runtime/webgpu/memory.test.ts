import { expect, test } from "vitest";
import { GpuMemory } from "../../../runtime/webgpu/memory.ts";
import { sharedGpu, whyNoGpu } from "../../webgpu/gpu.ts";

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): nothing is tested of the memory of one !!!\n`);

test.skipIf(why)("buffers that results came in are used again; of sizes that did not come for long, they are given up", async () => {
  const memory = new GpuMemory(await sharedGpu());
  const get = (size: number): GPUBuffer => {
    const [a, b] = [memory.staging(16 * size), memory.staging(16 * size)];
    memory.giveBack(a);
    memory.giveBack(b);
    return b;
  };
  const all = Array.from({ length: 100 }, (_, i) => get(i + 1));
  expect(all.map((b) => memory.has(b))).toEqual(all.map((_, i) => i >= 36));
  get(37);
  expect(memory.created).toBe(200);
  get(101);
  expect([36, 37, 38].map((i) => memory.has(all[i]))).toEqual([true, false, true]);
  expect(memory.created).toBe(202);
  memory.destroy();
});
