import type { GpuMemory } from "./memory.ts";
import type { Recorder } from "./recorder.ts";
import { readMode } from "./usage.ts";

/** Bytes of a report: how many indices were out of range, and of the first its note, value and size. */
export const reportBytes = 16;

/** Calls whose reports are read together, at most. */
const most = 64;

/** Reports of queued calls, side by side in a buffer that the host can read. */
interface Log {
  readonly staging: GPUBuffer;
  readonly calls: { readonly name: string; readonly call: number }[];
}

/**
 * What queued calls find out of range. Nobody waits for these calls, so their reports stay on the device until
 * something else is waited for; the first that is bad is then told to who calls or reads next, once.
 */
export class FaultLog {
  private readonly memory: GpuMemory;
  private readonly errorOf: (name: string, report: Int32Array) => Error | undefined;
  private log: Log | undefined;
  private reading: Promise<void> | undefined;
  /** What nobody has been told of. */
  private untold: Error | undefined;
  /** The last call that has failed. */
  private failed: { readonly call: number; readonly error: Error } | undefined;

  constructor(memory: GpuMemory, errorOf: (name: string, report: Int32Array) => Error | undefined) {
    this.memory = memory;
    this.errorOf = errorOf;
  }

  /** Whether nothing is to be read. */
  get isRead(): boolean { return !this.log && !this.reading; }

  /** Records a copy of the report of a call. It is to be submitted before anything is waited for. */
  add(fault: GPUBuffer, name: string, call: number, recorder: Recorder): void {
    if (this.log?.calls.length === most) void this.read();
    const { staging, calls } = (this.log ??= { staging: this.memory.staging(most * reportBytes), calls: [] });
    recorder.copy(fault, staging, reportBytes, calls.length * reportBytes);
    calls.push({ name, call });
  }

  /** Waits for all queued calls so far. */
  read(): Promise<void> {
    if (this.log) {
      const all: Promise<void> = Promise.all([this.reading, this.take(this.log)]).then(() => { if (this.reading === all) this.reading = undefined; });
      this.log = undefined;
      this.reading = all;
    }
    return this.reading ?? Promise.resolve();
  }

  private async take({ staging, calls }: Log): Promise<void> {
    try {
      await staging.mapAsync(readMode);
    } catch {
      return; // a device that is lost says so itself
    }
    const reports = new Int32Array(staging.getMappedRange());
    calls.forEach(({ name, call }, i) => {
      const error = this.errorOf(name, reports.subarray(4 * i, 4 * i + 4));
      if (!error) return;
      this.failed = { call, error };
      this.untold ??= error;
    });
    staging.unmap();
    this.memory.giveBack(staging);
  }

  /** Throws what is known and nobody has been told of; or, again, that the call failed whose results are asked for. */
  tell(call?: number): void {
    const error = this.untold ?? (this.failed?.call === call ? this.failed?.error : undefined);
    this.untold = undefined;
    if (error) throw error;
  }
}
