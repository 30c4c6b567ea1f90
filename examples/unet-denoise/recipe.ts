import { evaluate, fit, split, takeRows, type FitOptions, type History, type Step } from "chainrule/runtime";
import { replay, torchRun } from "../common/torch-run.ts";
import { noisyDigits } from "./data.ts";

type Data = ReturnType<typeof noisyDigits>;

/** What training needs of the compiled model. */
export interface Trainable {
  readonly train: Step<Data>;
  readonly evaluate: Step<Data>;
}

export const run = torchRun("unet-denoise");

/** The first losses of a model that was loaded with the weights of the run. */
export function firstLosses(model: Trainable): Promise<number[]> {
  const data = noisyDigits();
  return replay(run, (rows) => model.train(takeRows(data, rows)));
}

/** Peak signal-to-noise ratio in decibels, of a mean squared error of images from 0 to 1. */
export const decibels = (error: number): number => -10 * Math.log10(error);

/** Trains on four fifths of the images. The error, a mean square, is that on the others, which are always the same; the seed decides the batches. */
export async function trainUnet(model: Trainable, { seed, epochs = 15, progress = "auto" }: { readonly seed: number } & Pick<Partial<FitOptions>, "epochs" | "progress">): Promise<{ history: History; error: number; test: Data }> {
  const [data, test] = split(noisyDigits(), 0.8, { seed: 1 });
  const history = await fit({ step: model.train, data, epochs, seed, progress, validation: { step: model.evaluate, data: test, batchSize: 64 } });
  return { history, error: (await evaluate(model.evaluate, test, 64))["loss"], test };
}
