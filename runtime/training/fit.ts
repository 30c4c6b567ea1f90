import type { TensorLike } from "../types.ts";
import { batches, randomStream } from "./batches.ts";
import { rowsOf, type Dataset, type RowsOf } from "./dataset.ts";
import { History, Means, type EpochRecord, type Metrics } from "./history.ts";
import { progressTo, type ProgressOption } from "./progress.ts";

/**
 * A function of a model that takes rows of a data set: a training step, or one that measures. Its scalar outputs become
 * metrics. Where the tensors of the data set are known by name, their types are held against its inputs.
 */
export type Step<D extends Dataset = Dataset> = (batch: string extends keyof D ? never : RowsOf<D>) => Promise<Readonly<Record<string, TensorLike>>>;

export interface EarlyStopping {
  /** Metric to watch. Default `"val_loss"` where there is validation, else `"loss"`. */
  readonly monitor?: string;
  /** Whether less is better, or more. Default `"max"` for a metric whose name ends in `accuracy`, else `"min"`. */
  readonly mode?: "min" | "max";
  /** Epochs without improvement before it stops. Default 5. */
  readonly patience?: number;
  /** Change that counts as improvement. Default 0: any. */
  readonly minDelta?: number;
  /** Puts the variables back to those of the best epoch; needs `model`. Default true where `model` is given. */
  readonly restoreBest?: boolean;
}

export interface FitOptions<D extends Dataset = Dataset, V extends Dataset = Dataset> {
  /** The compiled training step: `model.train`. */
  readonly step: Step<NoInfer<D>>;
  /** A tensor for each input of the step, with a row for each sample. */
  readonly data: D;
  readonly epochs: number;
  /** Rows of a batch; the last batch of an epoch may have fewer. Default 32. */
  readonly batchSize?: number;
  /** A new order in every epoch. Default true. */
  readonly shuffle?: boolean;
  /** Seed of the order. Default 0. */
  readonly seed?: number;
  /** A function that measures (`model.evaluate`), on data not trained on. */
  readonly validation?: { readonly step: Step<NoInfer<V>>; readonly data: V; readonly batchSize?: number };
  readonly earlyStopping?: EarlyStopping;
  /** The model, where variables are to be put back by early stopping. */
  readonly model?: { save(): Uint8Array; restore(file: Uint8Array): void };
  /** A bar on a terminal, a line for each epoch elsewhere, or nothing. Default `"auto"`: nothing in a browser. */
  readonly progress?: ProgressOption;
  readonly onBatchEnd?: (batch: { readonly epoch: number; readonly batch: number; readonly metrics: Metrics }) => void;
  /** Returning `"stop"` ends training after the epoch. */
  readonly onEpochEnd?: (record: EpochRecord, history: History) => "stop" | void | Promise<"stop" | void>;
}

/**
 * Trains: runs a compiled step over shuffled mini-batches, epoch after epoch, and measures.
 *
 * Metrics are the step's scalar outputs, averaged over the epoch by rows. Throws where a data set is malformed, and
 * where the loss becomes NaN or infinite: that training cannot recover, and the variables are lost.
 */
export async function fit<D extends Dataset, V extends Dataset>(options: FitOptions<D, V>): Promise<History> {
  const { data, epochs, batchSize = 32, shuffle = true, seed = 0, validation, onBatchEnd, onEpochEnd } = options;
  if (!Number.isInteger(epochs) || epochs < 1) throw new Error(`${epochs} epochs: give a whole number from 1`);
  const random = shuffle ? randomStream(seed) : undefined;
  const count = Math.ceil(rowsOf(data) / batchSize);
  const history = new History();
  const progress = progressTo(options.progress ?? "auto", epochs, count);
  const stopping = options.earlyStopping && new Stopping(options.earlyStopping, options.model, validation ? "val_loss" : "loss");
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const start = performance.now();
      const means = new Means();
      let batch = 0;
      for (const rows of batches(data, batchSize, random)) {
        const metrics = scalarsOf(await call(options.step, rows));
        checkLoss(metrics, epoch, batch);
        if ("loss" in metrics) history.stepLosses.push(metrics["loss"]);
        means.add(metrics, rowsOf(rows));
        batch++;
        onBatchEnd?.({ epoch, batch, metrics });
        progress.batch(epoch, batch, means.get());
      }
      const measured = validation ? await evaluate(validation.step, validation.data, validation.batchSize ?? batchSize) : {};
      const metrics = { ...means.get(), ...Object.fromEntries(Object.entries(measured).map(([k, v]) => [`val_${k}`, v])) };
      const record: EpochRecord = { epoch, seconds: (performance.now() - start) / 1000, metrics };
      history.epochs.push(record);
      progress.epoch(record);
      const isOver = stopping?.isOver(record) ?? false;
      const isStopped = (await onEpochEnd?.(record, history)) === "stop";
      if (isOver || isStopped) {
        history.ended = isOver ? "early" : "stopped";
        break;
      }
    }
  } finally {
    progress.end(); // an error is shown below the bar, not on it
  }
  stopping?.finish();
  return history;
}

/** Means of a function's scalar outputs over a data set. */
export async function evaluate<D extends Dataset>(step: Step<NoInfer<D>>, data: D, batchSize = 256): Promise<Metrics> {
  const means = new Means();
  for (const rows of batches(data, batchSize)) means.add(scalarsOf(await call(step, rows)), rowsOf(rows));
  return means.get();
}

/** A data set of tensors whose names are not known to the type checker is checked by the function that is called. */
const call = <D extends Dataset>(step: Step<D>, rows: RowsOf<D>) => step(rows as Parameters<Step<D>>[0]);

const scalarsOf = (outputs: Readonly<Record<string, TensorLike>>): Metrics =>
  Object.fromEntries(Object.entries(outputs).filter(([, t]) => t.shape.length === 0).map(([name, t]) => [name, t.data[0]]));

function checkLoss(metrics: Metrics, epoch: number, batch: number): void {
  const { loss } = metrics;
  if (loss !== undefined && !Number.isFinite(loss))
    throw new Error(`the loss became ${loss} in epoch ${epoch}, batch ${batch + 1}: lower the learning rate, clip the gradients, or look for bad values in the data`);
}

/** Watches a metric, and keeps the variables of its best epoch. */
class Stopping {
  private readonly monitor: string;
  private readonly sign: number;
  private readonly patience: number;
  private readonly minDelta: number;
  private readonly model: FitOptions["model"];
  private best = Infinity;
  private saved: Uint8Array | undefined;
  private waited = 0;

  constructor({ monitor, mode, patience = 5, minDelta = 0, restoreBest }: EarlyStopping, model: FitOptions["model"], usual: string) {
    if (restoreBest && !model) throw new Error("earlyStopping.restoreBest needs `model`, to put its variables back");
    if (!Number.isInteger(patience) || patience < 1) throw new Error(`earlyStopping.patience is ${patience}: give a whole number of epochs from 1`);
    this.monitor = monitor ?? usual;
    this.sign = (mode ?? (this.monitor.endsWith("accuracy") ? "max" : "min")) === "min" ? 1 : -1;
    this.patience = patience;
    this.minDelta = minDelta;
    this.model = restoreBest === false ? undefined : model;
  }

  isOver({ metrics }: EpochRecord): boolean {
    const value = metrics[this.monitor];
    if (value === undefined) throw new Error(`early stopping watches "${this.monitor}", which is not measured; measured are: ${Object.keys(metrics).join(", ")}`);
    if (this.sign * value < this.best - this.minDelta) {
      this.best = this.sign * value;
      this.waited = 0;
      this.saved = this.model?.save();
      return false;
    }
    return ++this.waited >= this.patience;
  }

  finish(): void { if (this.saved) this.model?.restore(this.saved); }
}

