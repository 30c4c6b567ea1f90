import type { TypedArray } from "./types.ts";

/**
 * The memory of a model that callers have seen: by views of outputs, or by buffers. What they pass back of it has to be
 * copied before a call, which would overwrite or move it while it is read.
 */
export class Lent {
  private blocks: WeakSet<ArrayBufferLike> | undefined;

  private last: TypedArray | undefined;

  add<T extends TypedArray>(view: T): T {
    // to ask an array for its buffer takes longer than a small call
    if (view !== this.last) (this.blocks ??= new WeakSet()).add((this.last = view).buffer);
    return view;
  }

  /** Says no at once where nothing was lent: to ask a small array for its buffer takes time. */
  has(data: TypedArray): boolean { return this.blocks !== undefined && this.blocks.has(data.buffer); }
}
