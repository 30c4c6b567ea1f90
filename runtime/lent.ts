import type { TypedArray } from "./types.ts";

/**
 * The memory of a model that callers have seen: by views of outputs, or by buffers. What they pass back of it has to be
 * copied before a call, which would overwrite or move it while it is read.
 */
export class Lent {
  private readonly blocks = new WeakSet<ArrayBufferLike>();
  /** Grows with what was lent. */
  count = 0;

  /** Gives what `view` gives, and notes it: each array once, as to ask one for its buffer takes longer than a small call. */
  lend<T extends TypedArray>(view: () => T): () => T {
    let last: T | undefined;
    return () => {
      const data = view();
      if (data !== last) this.add((last = data));
      return data;
    };
  }

  add(data: TypedArray): void {
    if (this.has(data)) return;
    this.blocks.add(data.buffer);
    this.count++;
  }

  has(data: TypedArray): boolean { return this.count > 0 && this.blocks.has(data.buffer); }
}
