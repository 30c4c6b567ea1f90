/** What one epoch measured, by name: means over its batches, those of the validation set with `val_` before the name. */
export type Metrics = Readonly<Record<string, number>>;

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Wall-clock time of the epoch, in seconds. */
  readonly seconds: number;
  readonly metrics: Metrics;
}

/** A record of training. */
export class History {
  readonly epochs: EpochRecord[] = [];
  /** Loss of every training step, in order. */
  readonly stepLosses: number[] = [];
  /** Why training ended: all epochs were run, it stopped improving, or a callback said so. */
  ended: "finished" | "early" | "stopped" = "finished";

  /** One metric over the epochs. Throws where it was never measured. */
  series(name: string): number[] {
    const found = this.epochs.filter((e) => name in e.metrics).map((e) => e.metrics[name]);
    if (found.length === 0) throw new Error(`there is no metric "${name}"; measured were: ${this.names().join(", ") || "none"}`);
    return found;
  }

  /** The epoch at which a metric was best. */
  best(name: string, mode: "min" | "max" = "min"): EpochRecord {
    this.series(name);
    return this.epochs.filter((e) => name in e.metrics).reduce((a, b) => ((mode === "min" ? b.metrics[name] < a.metrics[name] : b.metrics[name] > a.metrics[name]) ? b : a));
  }

  names(): string[] { return [...new Set(this.epochs.flatMap((e) => Object.keys(e.metrics)))]; }
}

/** Means of metrics over batches, each weighted by its rows. */
export class Means {
  private readonly sums = new Map<string, number>();
  private rows = 0;

  add(metrics: Metrics, rows: number): void {
    this.rows += rows;
    for (const [name, value] of Object.entries(metrics)) this.sums.set(name, (this.sums.get(name) ?? 0) + value * rows);
  }

  get(): Metrics { return Object.fromEntries([...this.sums].map(([name, sum]) => [name, sum / this.rows])); }
}
