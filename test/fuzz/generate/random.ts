/** Numbers drawn from a seed: the same seed, the same numbers, so that a failing program can be made again. */
export class Random {
  #state: number;
  constructor(seed: number) { this.#state = seed >>> 0; }

  /** In [0, 1), a multiple of 2^-24 (Mulberry32). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 8) / 2 ** 24;
  }
  /** A whole number from 0 to n−1. */
  below(n: number): number { return Math.floor(this.unit() * n); }
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number { return low + this.below(high - low + 1); }
  chance(p: number): boolean { return this.unit() < p; }
  pick<T>(items: readonly T[]): T { return items[this.below(items.length)]; }
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items], out: T[] = [];
    while (left.length > 0) out.push(...left.splice(this.below(left.length), 1));
    return out;
  }
}
