import { afterEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { evaluate, fit, tensor, type Dataset, type FitOptions, type Step, type TensorLike } from "chainrule/runtime";
import { loadTiny } from "../artifacts.ts";

const scalar = (x: number): TensorLike => ({ dtype: "f32", shape: [], data: Float64Array.of(x) as never });
const rows = (...x: number[]) => ({ x: tensor(Float32Array.from(x), [-1]) });
const ten = rows(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
/** A step that returns the given losses, one after another. */
const losses = (...values: number[]): Step => { let i = 0; return async () => ({ loss: scalar(values[i++]) }); };
/** `fit` that shows nothing. */
const train = (options: Omit<FitOptions, "epochs"> & { epochs?: number }) => fit({ epochs: 1, progress: "none", ...options });

describe("an epoch", () => {
  test("runs the step on every batch; means are weighted by rows", async () => {
    const seen: number[][] = [];
    const step = async ({ x }: typeof ten) => {
      seen.push([...x.data]);
      return { loss: scalar(x.data.reduce((a, b) => a + b, 0) / x.data.length), rows: scalar(x.data.length), y: x };
    };
    const history = await fit({ step, data: ten, epochs: 2, batchSize: 4, shuffle: false, progress: "none" });
    expect(seen).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], [0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]);
    expect(history.epochs.map((e) => e.epoch)).toEqual([1, 2]);
    expect(history.epochs[0].metrics).toEqual({ loss: 4.5, rows: (4 * 4 + 4 * 4 + 2 * 2) / 10 }); // `y` is no scalar
    expect(history.stepLosses).toEqual([1.5, 5.5, 8.5, 1.5, 5.5, 8.5]);
    expect(history.ended).toBe("finished");
  });
  test("has an order of its own that the seed determines", async () => {
    const order = async (seed?: number): Promise<number[]> => {
      const seen: number[] = [];
      await fit({ step: async ({ x }: typeof ten) => { seen.push(...x.data); return {}; }, data: ten, epochs: 2, batchSize: 3, progress: "none", ...(seed !== undefined && { seed }) });
      return seen;
    };
    const a = await order(1);
    expect(await order(1)).toEqual(a);
    expect(await order(2)).not.toEqual(a);
    expect(await order()).toEqual(await order(0));
    expect(a.slice(0, 10)).not.toEqual(a.slice(10));
    expect(a.slice(10).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
  test("is validated on other data, named val_", async () => {
    const measured: number[] = [];
    const history = await train({
      step: losses(1, 2), data: rows(0, 0), batchSize: 1,
      validation: { step: async (batch) => { const { x } = batch as typeof ten; measured.push(x.shape[0]); return { loss: scalar(x.data[0]), accuracy: scalar(1) }; }, data: rows(5, 6, 8), batchSize: 2 },
    });
    expect(measured).toEqual([2, 1]);
    expect(history.epochs[0].metrics).toEqual({ loss: 1.5, val_loss: (5 * 2 + 8) / 3, val_accuracy: 1 });
  });
  test("calls back after each batch and at its end, and a callback may stop", async () => {
    const seen: string[] = [];
    const history = await train({
      step: losses(1, 2, 3, 4, 5, 6), data: rows(0, 0), batchSize: 1, epochs: 3,
      onBatchEnd: ({ epoch, batch, metrics }) => { seen.push(`${epoch}.${batch} ${metrics.loss}`); },
      onEpochEnd: async ({ epoch, metrics }, { epochs }) => { seen.push(`${epoch} ${metrics.loss} ${epochs.length}`); return epoch === 2 ? "stop" : undefined; },
    });
    expect(seen).toEqual(["1.1 1", "1.2 2", "1 1.5 1", "2.1 3", "2.2 4", "2 3.5 2"]);
    expect(history.ended).toBe("stopped");
  });
});

test("evaluate: means over a data set, its last batch smaller", async () => {
  const step = async ({ x }: typeof ten) => ({ mean: scalar(x.data.reduce((a, b) => a + b, 0) / x.data.length), x });
  expect(await evaluate(step, ten, 4)).toEqual({ mean: 4.5 });
});

describe("early stopping", () => {
  /** A model whose one variable is the number of epochs it was trained for. */
  const counting = () => {
    let epochs = 0;
    return {
      get epochs() { return epochs; },
      step: (...values: number[]): Step => async () => ({ loss: scalar(values[epochs++]) }),
      save: () => Uint8Array.of(epochs),
      restore: (file: Uint8Array) => { [epochs] = file; },
    };
  };
  test("stops when the loss has not improved for `patience` epochs, and goes back to the best", async () => {
    const model = counting(), ends: number[] = [];
    const history = await train({ step: model.step(5, 4, 3, 6, 7, 2), data: rows(0), epochs: 6, model, earlyStopping: { patience: 2 }, onEpochEnd: ({ epoch }) => { ends.push(epoch); } });
    expect(history.ended).toBe("early");
    expect(history.series("loss")).toEqual([5, 4, 3, 6, 7]);
    expect(history.best("loss").epoch).toBe(3);
    expect(model.epochs).toBe(3);
    expect(ends).toEqual([1, 2, 3, 4, 5]);
  });
  test("goes back to the best where all epochs were run, too", async () => {
    const model = counting();
    expect((await train({ step: model.step(5, 3, 4), data: rows(0), epochs: 3, model, earlyStopping: {} })).ended).toBe("finished");
    expect(model.epochs).toBe(2);
  });
  test("leaves the variables as they are where it is told to", async () => {
    const model = counting();
    await train({ step: model.step(5, 3, 4), data: rows(0), epochs: 3, model, earlyStopping: { patience: 1, restoreBest: false } });
    expect(model.epochs).toBe(3);
  });
  test("takes an improvement by no more than minDelta for none", async () => {
    expect((await train({ step: losses(1, 0.95, 0.9, 0.85), data: rows(0), epochs: 4, earlyStopping: { patience: 2, minDelta: 0.2 } })).epochs).toHaveLength(3);
    expect((await train({ step: losses(1, 0.95, 0.9, 0.85), data: rows(0), epochs: 4, earlyStopping: { patience: 2 } })).epochs).toHaveLength(4);
  });
  test("watches the validation loss; an accuracy is better where it is greater", async () => {
    const measure = (...values: number[]): Step => { let i = 0; return async () => ({ loss: scalar(values[i]), accuracy: scalar(values[i++]) }); };
    const run = (values: number[], earlyStopping: FitOptions["earlyStopping"]) =>
      train({ step: losses(9, 8, 7, 6, 5), data: rows(0), epochs: 5, validation: { step: measure(...values), data: rows(0) }, ...(earlyStopping && { earlyStopping }) });
    expect((await run([1, 2, 3, 4, 5], { patience: 2 })).epochs).toHaveLength(3);
    expect((await run([1, 2, 3, 4, 5], { patience: 2, monitor: "val_accuracy" })).epochs).toHaveLength(5);
    expect((await run([5, 4, 3, 2, 1], { patience: 2, monitor: "val_accuracy" })).epochs).toHaveLength(3);
    expect((await run([5, 4, 3, 2, 1], { patience: 2, monitor: "val_accuracy", mode: "min" })).epochs).toHaveLength(5);
  });
  test("a validation loss that is NaN is no improvement", async () => {
    const history = await train({ step: losses(9, 8, 7), data: rows(0), epochs: 3, validation: { step: losses(1, NaN, NaN), data: rows(0) }, earlyStopping: { patience: 2 } });
    expect([history.ended, history.epochs.length]).toEqual(["early", 3]);
    expect(history.best("val_loss").epoch).toBe(1);
  });
  test("cannot watch what is not measured, nor put back what it does not have", async () => {
    await expect(train({ step: losses(1), data: rows(0), earlyStopping: { monitor: "val_loss" } })).rejects.toThrow(`early stopping watches "val_loss", which is not measured; measured are: loss`);
    await expect(train({ step: losses(1), data: rows(0), earlyStopping: { restoreBest: true } })).rejects.toThrow("earlyStopping.restoreBest needs `model`");
    await expect(train({ step: losses(1), data: rows(0), earlyStopping: { patience: 0 } })).rejects.toThrow("earlyStopping.patience is 0");
  });
});

describe("mistakes", () => {
  test.each([NaN, Infinity, -Infinity])("a loss of %s ends training with where and what to do", async (bad) => {
    await expect(train({ step: losses(1, 1, 1, bad), data: rows(0, 0), batchSize: 1, epochs: 3 })).rejects.toThrow(`the loss became ${bad} in epoch 2, batch 2: lower the learning rate`);
  });
  test("numbers that make no sense", async () => {
    await expect(train({ step: losses(1), data: ten, epochs: 0 })).rejects.toThrow("0 epochs: give a whole number from 1");
    await expect(train({ step: losses(1), data: ten, batchSize: 0 })).rejects.toThrow("a batch of 0 rows");
    await expect(train({ step: losses(1), data: {} })).rejects.toThrow("the data set is empty");
  });
  test("what the model refuses comes with its name", async () => {
    const model = await loadTiny();
    await expect(train({ step: model.functions.count as Step, data: ten })).rejects.toThrow(`tiny.count: input "label" is missing`);
  });
  test("a series that was never measured", async () => {
    const history = await train({ step: losses(1), data: rows(0) });
    expect(() => history.series("accuracy")).toThrow(`there is no metric "accuracy"; measured were: loss`);
    expect(() => history.best("accuracy")).toThrow(`there is no metric "accuracy"`);
  });
  test("data of other types than the step takes are a type error", () => {
    type Train = (inputs: { readonly x: TensorLike<"f32", readonly [number, 64]> }) => Promise<Record<string, TensorLike>>;
    const step: Train = async () => ({});
    const of = <D extends Dataset>(data: D): FitOptions<D> => ({ data, epochs: 1, step: null as never });
    expectTypeOf(step).toExtend<ReturnType<typeof of<{ x: TensorLike<"f32", readonly [100, 64]> }>>["step"]>();
    expectTypeOf(step).toExtend<ReturnType<typeof of<Dataset>>["step"]>();
    expectTypeOf(step).not.toExtend<ReturnType<typeof of<{ x: TensorLike<"f32", readonly [100, 63]> }>>["step"]>();
    expectTypeOf(step).not.toExtend<ReturnType<typeof of<{ x: TensorLike<"i32", readonly [100, 64]> }>>["step"]>();
    expectTypeOf(step).not.toExtend<ReturnType<typeof of<{ y: TensorLike<"f32", readonly [100, 64]> }>>["step"]>();
  });
});

describe("progress", () => {
  afterEach(() => { vi.restoreAllMocks(); });
  /** What is written to standard error, a terminal of 60 columns or a file. */
  const onTerminal = async (isTTY: boolean, body: () => Promise<unknown>): Promise<string> => {
    const had = { isTTY: process.stderr.isTTY, columns: process.stderr.columns };
    let text = "";
    vi.spyOn(process.stderr, "write").mockImplementation((part) => { text += String(part); return true; });
    Object.assign(process.stderr, { isTTY, columns: 60 });
    try { await body(); } finally { Object.assign(process.stderr, had); }
    return text;
  };
  const run = (progress: FitOptions["progress"], ...values: number[]) => fit({ step: losses(...values), data: rows(0, 0) as Dataset, batchSize: 1, epochs: values.length / 2, ...(progress !== undefined && { progress }) });

  test("a line for each epoch to a writer of text", async () => {
    const lines: string[] = [];
    await run((text) => { lines.push(text); }, 2, 1, 0.00002, 0.00004);
    expect(lines.map((l) => l.replace(/\d+\.\d\d s/, "T s"))).toEqual(["epoch 1/2  loss 1.5000  T s\n", "epoch 2/2  loss 3.00e-5  T s\n"]);
  });
  test("lines where standard error is no terminal", async () => {
    expect(await onTerminal(false, () => run("auto", 2, 1))).toMatch(/^epoch 1\/1 {2}loss 1\.5000 {2}\d+\.\d\d s\n$/);
  });
  test("on a terminal a bar that is drawn over, no wider than it, and a sparkline of the losses", async () => {
    const text = await onTerminal(true, () => run(undefined, 2, 2, 1, 1, 0.5, 0.5));
    const drawn = text.split("\r\x1b[2K");
    expect(drawn[0]).toBe("");
    expect(drawn[1]).toBe("epoch 1/3 ██████████░░░░░░░░░░ loss 2.0000");
    expect(drawn.at(-1)).toMatch(/^epoch 3\/3 {2}loss 0\.5000 {2}\d+\.\d\d s {2}█▃▁\n$/);
    for (const line of drawn) expect(line.trimEnd().length).toBeLessThan(60);
  });
  test("a bar ends its line when training fails", async () => {
    expect(await onTerminal(true, () => expect(run("bar", 1, NaN)).rejects.toThrow("the loss became NaN"))).toMatch(/\n$/);
  });
  test("none is none", async () => { expect(await onTerminal(true, () => run("none", 2, 1))).toBe(""); });
});
