import { evaluate, fit, split, takeRows, type FitOptions, type History, type Step } from "chainrule/runtime";
import { replay, torchRun } from "../common/torch-run.ts";
import { iris } from "./data.ts";

/** What training needs of the compiled model. */
export interface Trainable {
  readonly train: Step<ReturnType<typeof iris>>;
  readonly evaluate: Step<ReturnType<typeof iris>>;
}

export const run = torchRun("iris");

/** The first losses of a model that was loaded with the weights of the run. */
export const firstLosses = (model: Trainable): Promise<number[]> => replay(run, (rows) => model.train(takeRows(iris(), rows)));

/** Trains on 105 flowers. The accuracy is that on the other 45, which are always the same; the seed decides the batches. */
export async function trainIris(model: Trainable, { seed, epochs = 30, progress = "auto" }: { readonly seed: number } & Pick<Partial<FitOptions>, "epochs" | "progress">): Promise<{ history: History; accuracy: number }> {
  const [data, test] = split(iris(), 0.7, { seed: 3 });
  const history = await fit({ step: model.train, data, epochs, batchSize: 15, seed, progress, validation: { step: model.evaluate, data: test } });
  return { history, accuracy: (await evaluate(model.evaluate, test))["accuracy"] };
}
