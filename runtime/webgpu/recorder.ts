import type { Command } from "./bound.ts";

/** A command that the device runs by itself. */
type PlainCommand = Extract<Command, { kind: "dispatch" | "copy" }>;

/** Gives commands one after the other to `run`; where the host has to look at a condition, those that it chooses. */
export async function inTurn(commands: readonly Command[], isTrue: (pred: GPUBuffer) => Promise<boolean>, run: (command: PlainCommand) => void | Promise<void>): Promise<void> {
  for (const c of commands) {
    if (c.kind === "cond") await inTurn(await isTrue(c.pred) ? c.then : c.otherwise, isTrue, run);
    else if (c.kind === "while") {
      for (;;) {
        await inTurn(c.test, isTrue, run);
        if (!await isTrue(c.pred)) break;
        await inTurn(c.body, isTrue, run);
      }
    } else await run(c);
  }
}

/** Records commands in one command buffer: dispatches in a compute pass, copies between passes. */
export class Recorder {
  private readonly device: GPUDevice;
  private encoder: GPUCommandEncoder | undefined;
  private pass: GPUComputePassEncoder | undefined;
  private readonly label: string;
  private readonly isWatched: boolean;
  private readonly problems: Promise<string | undefined>[] = [];
  /** Command buffers handed to the queue. */
  submits = 0;

  /** `isWatched`: what the device has against the commands is asked for, as they are on buffers that others may destroy. */
  constructor(device: GPUDevice, label: string, isWatched = false) {
    this.device = device;
    this.label = label;
    this.isWatched = isWatched;
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

  /** `offset` is where in `to`, and `start` where in `from`. */
  copy(from: GPUBuffer, to: GPUBuffer, bytes: number, offset = 0, start = 0): void {
    if (bytes === 0 || from === to) return;
    this.endPass();
    this.encode().copyBufferToBuffer(from, start, to, offset, bytes);
  }

  clear(buffer: GPUBuffer): void {
    this.endPass();
    this.encode().clearBuffer(buffer);
  }

  /** Hands what was recorded to the queue. */
  submit(): void {
    this.endPass();
    if (!this.encoder) return;
    if (this.isWatched) this.device.pushErrorScope("validation");
    this.device.queue.submit([this.encoder.finish()]);
    // a device that is lost says so itself
    if (this.isWatched) this.problems.push(this.device.popErrorScope().then((error) => error?.message, () => undefined));
    this.encoder = undefined;
    this.submits++;
  }

  /** What the device had against the commands so far, if they are watched: known when it has looked at them, which is before it runs them. */
  async problem(): Promise<string | undefined> {
    return (await Promise.all(this.problems)).find((message) => message !== undefined);
  }

  /** Records commands. Where the host has to look at a condition, what came before is submitted and waited for. */
  runHostDriven(commands: readonly Command[], isTrue: (pred: GPUBuffer, recorder: Recorder) => Promise<boolean>): Promise<void> {
    return inTurn(commands, (pred) => isTrue(pred, this), (c) => { this.run([c]); });
  }

  run(commands: readonly Command[]): void {
    for (const c of commands) {
      if (c.kind === "dispatch") this.dispatch(c);
      else if (c.kind === "copy") this.copy(c.from, c.to, c.bytes);
    }
  }
}
