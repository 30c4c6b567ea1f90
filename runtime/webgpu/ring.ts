import type { TypedArray } from "../types.ts";
import type { GpuMemory } from "./memory.ts";
import type { Recorder } from "./recorder.ts";
import { usage, writeMode } from "./usage.ts";
import { toWords } from "./words.ts";

/**
 * Bytes that a call uploads through the ring, at least and at most, and how many calls can before one has to be done.
 * Ring or `writeBuffer` made no difference to the time of a training step, awaited or four or ten of them queued, from
 * 3 kB to 4 MB (1.17 ms and 1.17 ms to 11.6 and 11.3; Dawn and Chromium, on SwiftShader). So memory decides: all
 * sizes together take 8 MiB at most, and larger inputs nothing.
 */
const least = 2 ** 10, most = 2 ** 20, depth = 4;

/** Elements, and the buffer that kernels read them from. */
export interface Upload {
  readonly data: TypedArray;
  readonly to: GPUBuffer;
}

/**
 * Uploads of calls, by buffers that the host writes into and a call's own commands copy from: all of the call is in its
 * submit. A buffer is mapped until a call takes it, and again when the call is done. Where all are taken, or what is
 * uploaded is too large for them, the queue's `writeBuffer` does as well: neither waits.
 */
export class UploadRing {
  private readonly memory: GpuMemory;
  /** Those that are mapped, by size. */
  private readonly mapped = new Map<number, GPUBuffer[]>();
  /** Those that are taken, with the commands that copy from them. */
  private taken: { readonly buffer: GPUBuffer; readonly by: Recorder }[] = [];

  constructor(memory: GpuMemory) { this.memory = memory; }

  /** Makes room for calls that upload so many bytes; while allocating. */
  reserve(bytes: number): void {
    const size = sizeFor(bytes);
    if (bytes === 0 || size > most || this.mapped.has(size)) return;
    this.mapped.set(size, Array.from({ length: depth }, () => this.memory.make("uploads", size, usage.mapWrite | usage.copySrc, true)));
  }

  /** Forgets what was made on trial. */
  forget(): void {
    for (const [size, buffers] of this.mapped) if (buffers.some((b) => !this.memory.has(b))) this.mapped.delete(size);
  }

  /** Takes elements as they are now, to be where they belong before what is recorded next: which has to be submitted. */
  upload(uploads: readonly Upload[], recorder: Recorder): void {
    const all = uploads.map(({ data, to }) => ({ words: toWords(data), to }));
    const bytes = all.reduce((sum, { words }) => sum + words.byteLength, 0);
    if (bytes === 0) return;
    const buffer = this.take(bytes);
    if (!buffer) {
      for (const { words, to } of all) this.memory.write(to, words);
      return;
    }
    const room = new Uint8Array(buffer.getMappedRange(0, bytes));
    let at = 0;
    for (const { words, to } of all) {
      room.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), at);
      recorder.copy(buffer, to, words.byteLength, 0, at);
      at += words.byteLength;
    }
    buffer.unmap();
    this.taken.push({ buffer, by: recorder });
  }

  /** The smallest that is mapped and has so many bytes. */
  private take(bytes: number): GPUBuffer | undefined {
    for (let size = sizeFor(bytes); size <= most; size *= 2) {
      const buffer = this.mapped.get(size)?.pop();
      if (buffer) return buffer;
    }
    return undefined;
  }

  /** Has buffers mapped again when the commands that they are in, if those are submitted, are done. */
  mapAgain(): void {
    this.taken = this.taken.filter(({ buffer, by }) => {
      if (by.submits === 0) return true;
      // where the device is lost, or its memory given back, there is nothing to map
      buffer.mapAsync(writeMode).then(() => this.mapped.get(buffer.size)!.push(buffer), () => {});
      return false;
    });
  }
}

const sizeFor = (bytes: number): number => Math.max(least, 2 ** Math.ceil(Math.log2(bytes)));
