import type { ModelSpec } from "../manifest.ts";
import { sizeOf } from "../tensor.ts";
import type { Resident } from "./bound.ts";
import { FaultLog, reportBytes } from "./faults.ts";
import { requestGpu, type Gpu } from "./gpu.ts";
import type { WebGpuKernels } from "./kernels.ts";
import { GpuMemory } from "./memory.ts";
import type { Naps } from "./nap.ts";
import { makePipelines, type Pipeline } from "./pipelines.ts";
import { Recorder } from "./recorder.ts";
import { isNarrow } from "./rows.ts";
import { UploadRing } from "./ring.ts";
import { readMode, usage } from "./usage.ts";
import { bytesOf } from "./words.ts";

/** What a model has on a device, until that is lost. */
export class Session implements Resident {
  readonly gpu: Gpu;
  readonly device: GPUDevice;
  readonly memory: GpuMemory;
  readonly ring: UploadRing;
  readonly kernels: WebGpuKernels;
  readonly pipelines: readonly Pipeline[];
  readonly variables: Readonly<Record<string, GPUBuffer>>;
  readonly constants: readonly GPUBuffer[];
  /** Where kernels report an index out of range. */
  readonly fault: GPUBuffer;
  readonly faults: FaultLog;
  /** Command buffers handed to the queue so far. */
  submits = 0;
  /** Those of them that are known to be done. */
  private done = 0;
  /** Whether the device is slowed by whoever waits for it: see {@link Naps}. */
  readonly isPolled: boolean;
  /** How long the last call takes, and after how many submits calls of its function began, without others between. */
  private naps: Naps | undefined;
  private alikeFrom = 0;
  private readonly backups = new Map<string, GPUBuffer>();
  private readonly ids = new WeakMap<GPUBuffer, number>();
  private nextId = 1;
  private problem: Error | undefined;

  /** Compiles the kernels and makes room for the variables. */
  static async start(gpu: Gpu, spec: ModelSpec, kernels: WebGpuKernels): Promise<Session> {
    const memory = new GpuMemory(gpu.device);
    try {
      const pipelines = await makePipelines(gpu, kernels);
      return await watched(gpu.device, kernels, () => new Session(gpu, memory, spec, kernels, pipelines));
    } catch (e) {
      memory.destroy();
      if (gpu.isOwn) gpu.device.destroy();
      throw e;
    }
  }

  private constructor(gpu: Gpu, memory: GpuMemory, spec: ModelSpec, kernels: WebGpuKernels, pipelines: readonly Pipeline[]) {
    this.gpu = gpu;
    this.device = gpu.device;
    this.memory = memory;
    this.kernels = kernels;
    this.pipelines = pipelines;
    this.variables = Object.fromEntries(spec.variables.map((v) => [v.name, memory.storage(v.name, bytesOf(v.dtype, sizeOf(v.shape)))]));
    this.constants = kernels.constants.map((text) => memory.filled("constant", new Uint32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer)));
    this.isPolled = isNarrow(gpu.info?.subgroupMaxSize) && globalThis.process?.versions?.node !== undefined;
    this.ring = new UploadRing(memory);
    this.fault = memory.make("fault", reportBytes, usage.storage | usage.uniform | usage.copySrc | usage.copyDst);
    this.faults = new FaultLog(memory, (name, report) => {
      const fault = this.faultIn(report);
      return fault && new Error(`${spec.name}.${name}, which was queued, has done nothing: ${fault.message}`, { cause: fault });
    });
    void gpu.device.lost.then(({ reason, message }) => this.fail(new Error(`the GPU device was lost (${reason || "unknown reason"}): ${message}; recover() starts again from what was last saved`)));
    if (gpu.isOwn) gpu.device.addEventListener("uncapturederror", ({ error }) => this.fail(reported(error.message, kernels)));
  }

  /** Remembers what went wrong where nobody was waiting. */
  fail(e: unknown): void { this.problem ??= e instanceof Error ? e : new Error(String(e)); }

  /** Throws what went wrong meanwhile. */
  check(): void { if (this.problem) throw this.problem; }

  idOf(buffer: GPUBuffer): number {
    const id = this.ids.get(buffer) ?? this.nextId++;
    this.ids.set(buffer, id);
    return id;
  }

  /** Where a variable is put aside during a call that may fail; made where there is none, while {@link allocating}. */
  backupOf(name: string): GPUBuffer {
    const backup = this.backups.get(name) ?? this.memory.storage(`${name} before`, this.variables[name].size);
    this.backups.set(name, backup);
    return backup;
  }

  /** What a report says that a kernel found out of range. */
  faultIn([count, note, index, size]: Int32Array): RangeError | undefined {
    return count === 0 ? undefined : new RangeError(`${this.kernels.notes[note - 1]}: index ${index} is out of range for size ${size}`);
  }

  /** Runs what makes buffers and binds them; rejects where the device has no room or reports an error, and then all that there was before is there still. */
  async allocating<T>(make: () => T): Promise<T> {
    this.memory.begin();
    try {
      const made = await watched(this.device, this.kernels, make);
      this.memory.settle();
      return made;
    } catch (e) {
      this.memory.undo();
      this.ring.forget();
      for (const [name, backup] of this.backups) if (!this.memory.has(backup)) this.backups.delete(name);
      throw e;
    }
  }

  /** Throws what the device had against commands that were handed to it. */
  async checkCommands(recorder: Recorder): Promise<void> {
    const problem = await recorder.problem();
    this.check();
    if (problem !== undefined) throw reported(problem, this.kernels);
  }

  /** Copies buffers to the host, once everything before is done: first handed to the device, then waited for. They are one after the other in what `take` gets. Rejects where a queued call has failed that nobody was told of, or that number `call`. */
  readBack<T>(buffers: readonly GPUBuffer[], bytes: readonly number[], take: (bytes: ArrayBuffer) => T, call?: number): () => Promise<T> {
    this.check();
    const staging = this.memory.staging(bytes.reduce((a, b) => a + b, 0));
    const recorder = new Recorder(this.device, "read");
    let at = 0;
    buffers.forEach((b, i) => { recorder.copy(b, staging, bytes[i], at); at += bytes[i]; });
    recorder.submit();
    return async () => {
      const taken = await this.arrived(staging, take);
      this.faults.tell(call);
      return taken;
    };
  }

  /**
   * What `take` makes of what arrived in a staging buffer, which is free again afterwards: it must keep copies. It is
   * there when so many submits are done.
   */
  async arrived<T>(staging: GPUBuffer, take: (bytes: ArrayBuffer) => T, submits = this.submits): Promise<T> {
    try {
      await this.allDone(() => Promise.all([this.faults.read(), staging.mapAsync(readMode)]), submits);
    } catch (e) {
      this.check();
      throw e;
    }
    this.check();
    try {
      return take(staging.getMappedRange());
    } finally {
      staging.unmap();
      this.memory.giveBack(staging);
    }
  }

  /** Waits until all queued calls have reported. */
  reports(): Promise<unknown> { return this.allDone(() => this.faults.read(), this.submits); }

  /** Counts a call that was handed to the device, of a function that takes as long as `naps` says. */
  count(submits: number, naps: Naps): void {
    if (naps !== this.naps) this.alikeFrom = this.submits;
    this.naps = naps;
    this.submits += submits;
  }

  /** Waits for what is there when so many submits are done: asleep, where calls of one function are all that is waited for. */
  private async allDone(map: () => Promise<unknown>, submits: number): Promise<void> {
    const waiting = submits - this.done;
    const mapAll = (): Promise<unknown> => {
      this.ring.mapAgain();
      return map();
    };
    await (this.isPolled && waiting > 0 && this.naps && this.alikeFrom <= this.done ? this.naps.before(mapAll, waiting) : mapAll());
    this.done = Math.max(this.done, submits);
  }

  /** A bool on the device, after what was recorded. */
  async isTrue(pred: GPUBuffer, recorder: Recorder): Promise<boolean> {
    const staging = this.memory.staging(4);
    recorder.copy(pred, staging, 4);
    recorder.submit();
    const result = await this.arrived(staging, (bytes) => new Uint32Array(bytes)[0] !== 0);
    await this.checkCommands(recorder);
    return result;
  }

  /** A device in place of one that was lost. */
  async again(): Promise<Gpu> {
    if (!this.gpu.isOwn) throw new Error("the device was the caller's: load the model again, with a new one");
    this.destroy();
    const gpu = await requestGpu();
    if (typeof gpu === "string") throw new Error(gpu);
    return gpu;
  }

  destroy(): void {
    this.memory.destroy();
    if (this.gpu.isOwn) this.gpu.device.destroy();
  }
}

/** What a device reports; where that names a kernel, with the user's lines. */
function reported(message: string, { kernels }: WebGpuKernels): Error {
  const kernel = kernels.find(({ name }) => message.includes(`"${name}"`));
  return new Error(`the GPU device reports${kernel ? ` of kernel ${kernel.name} (${kernel.at})` : ""}: ${message}`);
}

/** Runs what makes things on a device; rejects with what the device has against them. */
async function watched<T>(device: GPUDevice, kernels: WebGpuKernels, make: () => T): Promise<T> {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const attempt = ((): { made: T } | { thrown: unknown } => { try { return { made: make() }; } catch (thrown) { return { thrown }; } })();
  const [invalid, tooLarge] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  if ("thrown" in attempt) throw attempt.thrown;
  // what there was no room for is invalid to use, too
  if (tooLarge) throw new Error(`out of GPU memory: ${tooLarge.message || "use smaller inputs"}`);
  if (invalid) throw reported(invalid.message, kernels);
  return attempt.made;
}
