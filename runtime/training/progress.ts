import type { EpochRecord, Metrics } from "./history.ts";
import { sparkline } from "./plot.ts";

/** Where progress is shown: a writer of text makes it show lines there. */
export type ProgressOption = "auto" | "bar" | "lines" | "none" | ((text: string) => void);

export interface Progress {
  batch(epoch: number, batch: number, metrics: Metrics): void;
  epoch(record: EpochRecord): void;
  end(): void;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Node's standard error, where there is one: a browser has none. */
const terminal = (): Terminal | undefined => (globalThis as { process?: { stderr?: Terminal } }).process?.stderr;

export function progressTo(option: ProgressOption, epochs: number, batches: number): Progress {
  const out = terminal();
  if (typeof option === "function") return new Lines(option, epochs);
  if (option === "none" || !out) return silent;
  if (option === "bar" || (option === "auto" && out.isTTY)) return new Bar(out, epochs, batches);
  return new Lines((text) => out.write(text), epochs);
}

const silent: Progress = { batch() {}, epoch() {}, end() {} };

/** `loss 0.0312  val_accuracy 0.9861`. */
export const metricsText = (metrics: Metrics): string =>
  Object.entries(metrics).map(([name, value]) => `${name} ${Math.abs(value) >= 1e-3 || value === 0 ? value.toFixed(4) : value.toExponential(2)}`).join("  ");

const epochText = (r: EpochRecord, epochs: number): string =>
  `epoch ${String(r.epoch).padStart(String(epochs).length)}/${epochs}  ${metricsText(r.metrics)}  ${r.seconds.toFixed(2)} s`;

/** A line for each epoch. */
class Lines implements Progress {
  private readonly write: (text: string) => void;
  private readonly epochs: number;
  constructor(write: (text: string) => void, epochs: number) {
    this.write = write;
    this.epochs = epochs;
  }
  batch(): void {}
  epoch(record: EpochRecord): void { this.write(`${epochText(record, this.epochs)}\n`); }
  end(): void {}
}

/** One line that is drawn again and again: a bar, the metrics so far, and the losses of the epochs before. */
class Bar implements Progress {
  private readonly out: Terminal;
  private readonly epochs: number;
  private readonly batches: number;
  private readonly losses: number[] = [];
  private drawn = 0;

  constructor(out: Terminal, epochs: number, batches: number) {
    this.out = out;
    this.epochs = epochs;
    this.batches = batches;
  }

  batch(epoch: number, batch: number, metrics: Metrics): void {
    const now = performance.now();
    if (now - this.drawn < 50 && batch < this.batches) return; // a terminal is slow
    this.drawn = now;
    const filled = Math.round((batch / this.batches) * 20);
    this.draw(`epoch ${epoch}/${this.epochs} ${"█".repeat(filled)}${"░".repeat(20 - filled)} ${metricsText(metrics)}`);
  }

  epoch(record: EpochRecord): void {
    if ("loss" in record.metrics) this.losses.push(record.metrics["loss"]);
    this.draw(`${epochText(record, this.epochs)}  ${sparkline(this.losses, 24)}`);
  }

  end(): void { this.out.write("\n"); }

  private draw(text: string): void {
    this.out.write(`\r\x1b[2K${text.slice(0, (this.out.columns ?? 120) - 1)}`);
  }
}
