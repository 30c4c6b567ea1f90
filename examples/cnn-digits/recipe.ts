import { evaluate, fit, split, takeRows, type FitOptions, type History, type Step } from "chainrule/runtime";
import { replay, torchRun } from "../common/torch-run.ts";
import { digits } from "../digits/data.ts";

type Data = ReturnType<typeof digits>;

/** What training needs of the compiled model. */
export interface Trainable {
  readonly train: Step<Data>;
  readonly evaluate: Step<Data>;
}

export const run = torchRun("cnn-digits");

/** The first losses of a model that was loaded with the weights of the run. */
export const firstLosses = (model: Trainable): Promise<number[]> => replay(run, (rows) => model.train(takeRows(digits(), rows)));

/** Trains on four fifths of the images. The accuracy is that on the others, which are always the same; the seed decides the batches. */
export async function trainCnn(model: Trainable, { seed, epochs = 25, progress = "auto" }: { readonly seed: number } & Pick<Partial<FitOptions>, "epochs" | "progress">): Promise<{ history: History; accuracy: number; test: Data }> {
  const [data, test] = split(digits(), 0.8, { seed: 1 });
  const history = await fit({ step: model.train, data, epochs, seed, progress, validation: { step: model.evaluate, data: test, batchSize: 359 } });
  return { history, accuracy: (await evaluate(model.evaluate, test))["accuracy"], test };
}
