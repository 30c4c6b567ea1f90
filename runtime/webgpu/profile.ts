import type { KernelTime } from "../types.ts";
import type { Command } from "./bound.ts";
import { inTurn, Recorder } from "./recorder.ts";
import type { Session } from "./session.ts";
import { readMode, usage } from "./usage.ts";

/**
 * Runs commands one dispatch at a time, and measures each: by timestamps where the device has them, else by the clock
 * of the host, which counts the way to the device too.
 */
export async function profileCommands(commands: readonly Command[], session: Session): Promise<KernelTime[]> {
  const { device } = session;
  const times = new Map<string, { kernel: string; at: string; calls: number; milliseconds: number }>();
  const clock = device.features.has("timestamp-query") ? new Timestamps(device) : undefined;
  const alone = (c: Command): void => {
    const recorder = new Recorder(device, "profile");
    recorder.run([c]);
    recorder.submit();
  };
  await inTurn(commands, (pred) => session.isTrue(pred, new Recorder(device, "profile")), async (c) => {
    if (c.kind === "copy") return alone(c);
    const start = performance.now();
    const milliseconds = clock ? await clock.measure(c) : (alone(c), await device.queue.onSubmittedWorkDone(), performance.now() - start);
    const { name, at } = c.pipeline.kernel;
    const entry = times.get(name) ?? { kernel: name.replace(/^k_/, ""), at, calls: 0, milliseconds: 0 };
    times.set(name, { ...entry, calls: entry.calls + 1, milliseconds: entry.milliseconds + milliseconds });
  });
  clock?.destroy();
  return [...times.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Two timestamps around a pass. */
class Timestamps {
  private readonly device: GPUDevice;
  private readonly set: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;

  constructor(device: GPUDevice) {
    this.device = device;
    this.set = device.createQuerySet({ type: "timestamp", count: 2 });
    this.resolved = device.createBuffer({ size: 16, usage: usage.queryResolve | usage.copySrc });
    this.staging = device.createBuffer({ size: 16, usage: usage.mapRead | usage.copyDst });
  }

  async measure({ pipeline, group, offsets, x, y }: Extract<Command, { kind: "dispatch" }>): Promise<number> {
    const encoder = this.device.createCommandEncoder();
    const pass = encoder.beginComputePass({ timestampWrites: { querySet: this.set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } });
    pass.setPipeline(pipeline.pipeline);
    pass.setBindGroup(0, group, offsets as number[]);
    pass.dispatchWorkgroups(x, y);
    pass.end();
    encoder.resolveQuerySet(this.set, 0, 2, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.staging, 0, 16);
    this.device.queue.submit([encoder.finish()]);
    await this.staging.mapAsync(readMode);
    const [begin, end] = new BigUint64Array(this.staging.getMappedRange().slice(0));
    this.staging.unmap();
    return Number(end - begin) / 1e6;
  }

  destroy(): void { for (const made of [this.set, this.resolved, this.staging]) made.destroy(); }
}
