import { evaluate, fit, takeRows, type FitOptions, type History, type Step } from "chainrule/runtime";
import { windows } from "../common/shakespeare.ts";
import { replay, torchRun } from "../common/torch-run.ts";

type Data = ReturnType<typeof windows>["data"];

/** What training needs of the compiled model. */
export interface Trainable {
  readonly train: Step<Data>;
  readonly evaluate: Step<Data>;
}

export const run = torchRun("lstm-text");
/** Characters that the model is trained on at once. */
export const length = 48;

/** The first losses of a model that was loaded with the weights of the run. */
export function firstLosses(model: Trainable): Promise<number[]> {
  const { data } = windows(length);
  return replay(run, (rows) => model.train(takeRows(data, rows)));
}

/** Trains on nine tenths of the text. The loss, in nats a character, is that on the rest; the seed decides the batches. */
export async function trainLstm(model: Trainable, { seed, epochs = 10, progress = "auto" }: { readonly seed: number } & Pick<Partial<FitOptions>, "epochs" | "progress">): Promise<{ history: History; loss: number }> {
  const { data, validation } = windows(length);
  const history = await fit({ step: model.train, data, epochs, batchSize: 16, seed, progress, validation: { step: model.evaluate, data: validation } });
  return { history, loss: (await evaluate(model.evaluate, validation))["loss"] };
}
