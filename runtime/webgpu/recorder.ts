import type { Command } from "./bound.ts";

/** Records commands in one command buffer: dispatches in a compute pass, copies between passes. */
export class Recorder {
  private readonly device: GPUDevice;
  private encoder: GPUCommandEncoder | undefined;
  private pass: GPUComputePassEncoder | undefined;
  private readonly label: string;
  /** Command buffers handed to the queue. */
  submits = 0;

  constructor(device: GPUDevice, label: string) {
    this.device = device;
    this.label = label;
  }

  private encode(): GPUCommandEncoder { return (this.encoder ??= this.device.createCommandEncoder({ label: this.label })); }

  private endPass(): void {
    this.pass?.end();
    this.pass = undefined;
  }

  dispatch({ pipeline, group, offsets, x, y }: Extract<Command, { kind: "dispatch" }>): void {
    this.pass ??= this.encode().beginComputePass({ label: this.label });
    this.pass.setPipeline(pipeline.pipeline);
    this.pass.setBindGroup(0, group, offsets as number[]);
    this.pass.dispatchWorkgroups(x, y);
  }

  copy(from: GPUBuffer, to: GPUBuffer, bytes: number, offset = 0): void {
    if (bytes === 0 || from === to) return;
    this.endPass();
    this.encode().copyBufferToBuffer(from, 0, to, offset, bytes);
  }

  clear(buffer: GPUBuffer): void {
    this.endPass();
    this.encode().clearBuffer(buffer);
  }

  /** Hands what was recorded to the queue. */
  submit(): void {
    this.endPass();
    if (!this.encoder) return;
    this.device.queue.submit([this.encoder.finish()]);
    this.encoder = undefined;
    this.submits++;
  }

  /** Records commands. Where the host has to look at a condition, what came before is submitted and waited for. */
  async runHostDriven(commands: readonly Command[], isTrue: (pred: GPUBuffer, recorder: Recorder) => Promise<boolean>): Promise<void> {
    for (const c of commands) {
      if (c.kind === "cond") await this.runHostDriven(await isTrue(c.pred, this) ? c.then : c.otherwise, isTrue);
      else if (c.kind === "while") {
        for (;;) {
          await this.runHostDriven(c.test, isTrue);
          if (!await isTrue(c.pred, this)) break;
          await this.runHostDriven(c.body, isTrue);
        }
      } else this.run([c]);
    }
  }

  run(commands: readonly Command[]): void {
    for (const c of commands) {
      if (c.kind === "dispatch") this.dispatch(c);
      else if (c.kind === "copy") this.copy(c.from, c.to, c.bytes);
    }
  }
}
