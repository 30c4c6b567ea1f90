import type { ArenaInfo, TypedArray } from "../types.ts";
import { usage as flags } from "./usage.ts";
import { toWords } from "./words.ts";

/** Buffers are whole vectors of four words, as kernels read and write them, and none is empty. */
const vectorBytes = 16;

/** Sizes of results of which buffers are kept: those that came last. */
const keptSizes = 64;

/** Bytes of a buffer for so many. */
export const wholeVectors = (bytes: number): number => Math.max(vectorBytes, Math.ceil(bytes / vectorBytes) * vectorBytes);

/** Buffers of a model on a device: what it keeps, slots that grow, and what carries results to the host. */
export class GpuMemory {
  private readonly device: GPUDevice;
  private readonly slots: GPUBuffer[] = [];
  private readonly idle = new Map<number, GPUBuffer[]>();
  private readonly owned = new Set<GPUBuffer>();
  /** What was made since {@link begin}, and the slots that took the place of others. */
  private trial: GPUBuffer[] = [];
  private replaced: [number, GPUBuffer | undefined][] = [];
  /** Released, but commands that are still to be handed to the device may copy from them. */
  private retired: GPUBuffer[] = [];
  private slotBytes = 0;
  private allocations = 0;
  /** Buffers made so far: none after a function's first call. */
  created = 0;

  constructor(device: GPUDevice) { this.device = device; }

  get arena(): ArenaInfo { return { bytes: this.slotBytes, allocations: this.allocations }; }

  /** `mappedAtCreation`: the host may write it at once. */
  make(label: string, bytes: number, usage: number, mappedAtCreation = false): GPUBuffer {
    const { limits } = this.device;
    const most = Math.min(limits.maxBufferSize, usage & flags.storage ? limits.maxStorageBufferBindingSize : limits.maxBufferSize);
    if (bytes > most) throw new RangeError(`${label} takes ${megabytes(bytes)}, and this device allows ${megabytes(most)} for a buffer: use smaller inputs`);
    const buffer = this.device.createBuffer({ label, size: wholeVectors(bytes), usage, mappedAtCreation });
    this.created++;
    this.owned.add(buffer);
    this.trial.push(buffer);
    return buffer;
  }

  /** A buffer that kernels use. */
  storage(label: string, bytes: number): GPUBuffer {
    return this.make(label, bytes, flags.storage | flags.copySrc | flags.copyDst);
  }

  filled(label: string, data: TypedArray): GPUBuffer {
    const words = toWords(data), buffer = this.storage(label, words.byteLength);
    this.write(buffer, words);
    return buffer;
  }

  /** Uploads, between what was submitted last and what is next. */
  write(buffer: GPUBuffer, data: TypedArray): void {
    const words = toWords(data);
    if (words.length > 0) this.device.queue.writeBuffer(buffer, 0, words.buffer as ArrayBuffer, words.byteOffset, words.byteLength);
  }

  /** Slots at least as large as asked for. True where one had to be made: bindings to the old one are void, once that is settled. */
  reserve(bytes: readonly number[]): boolean {
    const grown = bytes.flatMap((size, i) => (this.slots[i] && this.slots[i].size >= size ? [] : [{ i, size }]));
    for (const { i, size } of grown) {
      const made = this.storage(`slot ${i} of the arena`, size);
      this.replaced.push([i, this.slots[i]]);
      this.slots[i] = made;
    }
    return grown.length > 0;
  }

  /** From here on, buffers are made on trial: until {@link settle}, or {@link undo}. */
  begin(): void {
    this.trial = [];
    this.replaced = [];
  }

  /** Lets go of slots that were replaced. */
  settle(): void {
    for (const [, old] of this.replaced) if (old) this.release(old);
    if (this.replaced.length > 0) {
      this.allocations++;
      this.slotBytes = this.slots.reduce((sum, slot) => sum + slot.size, 0);
    }
    this.begin();
  }

  /** Everything is as it was at the beginning. */
  undo(): void {
    for (const [i, old] of this.replaced) if (old) this.slots[i] = old; else delete this.slots[i];
    for (const b of this.trial) this.release(b);
    this.retire();
    this.begin();
  }

  slot(i: number): GPUBuffer { return this.slots[i]; }
  has(buffer: GPUBuffer): boolean { return this.owned.has(buffer); }

  /** A buffer that the host can read, for a copy of so many bytes. Those that came back are used again. */
  staging(bytes: number): GPUBuffer {
    const size = wholeVectors(bytes);
    return this.idle.get(size)?.pop() ?? this.make("results", size, flags.mapRead | flags.copyDst);
  }

  giveBack(staging: GPUBuffer): void {
    const list = this.idle.get(staging.size) ?? [];
    this.idle.delete(staging.size);
    this.idle.set(staging.size, [...list, staging]);
    if (this.idle.size <= keptSizes) return;
    const [[size, unused]] = this.idle;
    for (const b of unused) this.release(b);
    this.idle.delete(size);
  }

  /** Gives a buffer up: its memory is free once {@link retire} is called. */
  release(buffer: GPUBuffer): void {
    this.owned.delete(buffer);
    this.retired.push(buffer);
  }

  /** After commands were handed to the device: what was released before is needed no more. */
  retire(): void {
    for (const b of this.retired.splice(0)) b.destroy();
  }

  destroy(): void {
    this.retire();
    for (const b of this.owned) b.destroy();
    this.owned.clear();
  }
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
