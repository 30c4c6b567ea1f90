/** Part of a wait that is slept through, and how many waits of late are remembered. */
const asleep = 7 / 8, remembered = 4;
/** Milliseconds that a timer may be late. */
const late = 1;

/**
 * How long calls took, of late, until their results came. Node's WebGPU polls as long as something is waited for, and a
 * device that is a processor is slowed by whoever polls it. So most of the shortest of the last waits is slept through
 * before that: hybrid polling, as Linux does it for fast disks (`io_poll_delay`). A wait that was too long shortens
 * the next.
 */
export class Naps {
  private readonly recent: number[] = [];

  /** Waits for so many calls, but sleeps first. */
  async before<T>(wait: () => Promise<T>, calls = 1): Promise<T> {
    const start = performance.now(), ms = this.recent.length > 0 ? Math.floor(asleep * Math.min(...this.recent) * calls - late) : 0;
    if (ms > 0) await new Promise((done) => setTimeout(done, ms));
    const result = await wait();
    this.recent.push((performance.now() - start) / calls);
    if (this.recent.length > remembered) this.recent.shift();
    return result;
  }
}
