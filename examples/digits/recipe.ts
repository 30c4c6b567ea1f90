import { evaluate, fit, split, takeRows, type FitOptions, type History, type Step } from "chainrule/runtime";
import { digits } from "./data.ts";

type Data = ReturnType<typeof digits>;

/** What training needs of the compiled model. */
export interface Trainable extends NonNullable<FitOptions["model"]> {
  readonly train: Step<Data>;
  readonly evaluate: Step<Data>;
}

export interface Trained {
  readonly history: History;
  /** Of the held-out images. */
  readonly accuracy: number;
  readonly test: Data;
}

/**
 * Trains on four fifths of the images, a tenth of these kept to judge by when to stop. The held-out fifth is looked at
 * once, at the end. The seed decides the order of the batches; which images are held out is always the same.
 */
export async function trainDigits(model: Trainable, { seed, epochs = 40, progress = "auto" }: { readonly seed: number } & Pick<Partial<FitOptions>, "epochs" | "progress">): Promise<Trained> {
  const [seen, test] = split(digits(), 0.8, { seed: 1 });
  const [data, validation] = split(seen, 0.9, { seed: 1 });
  const history = await fit({
    step: model.train, data, epochs, seed, model, progress,
    validation: { step: model.evaluate, data: validation },
    earlyStopping: { monitor: "val_loss", patience: 10 },
  });
  const { accuracy } = await evaluate(model.evaluate, test);
  return { history, accuracy, test };
}
